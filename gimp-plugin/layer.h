/* SPDX-License-Identifier: MIT
 *
 * The pixels of layers, as libnca takes and gives them.  For the main thread. */
#ifndef NCA_GIMP_LAYER_H
#define NCA_GIMP_LAYER_H

#include "host.h"
#include "nca_train.h"

/* Straight 16-bit RGBA of a part of a layer, copied. */
typedef struct Picture {
    guint16 *rgba; /* g_free */
    gint width, height;
    GeglRectangle part; /* of the layer, in its pixels: what the picture shows */
    gint layer_width, layer_height; /* as it was then */
} Picture;

/* Why nothing can be done with a drawable, a sentence to be freed; NULL: something
 * can. */
gchar *layer_check(gint32 drawable);

/* What is selected of the layer, or all of it: pixels times selection times layer mask.
 * Of a layer of many pixels a smaller picture.  On failure a sentence to be freed. */
gchar *layer_read(gint32 layer, Picture *picture);

/* The layer's own pixels, without selection and mask, straight 8-bit RGBA, to be
 * freed. */
guint8 *layer_read8(gint32 layer);

/* What those pixels are once the layer has stored them: in place. */
void layer_round(gint32 layer, guint8 *rgba);

/* Alpha of the selection over the layer, 8-bit; NULL where nothing is selected. */
guint8 *layer_read_selection(gint32 layer);

/* Replaces the pixels of a new layer, or of an old one with its undo step. */
void layer_fill(gint32 layer, const guint8 *rgba);
void layer_change(gint32 layer, const guint8 *rgba);

#endif
