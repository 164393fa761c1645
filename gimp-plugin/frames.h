/* SPDX-License-Identifier: MIT
 *
 * A film becomes layers.  For the main thread; long work shows its progress in the host's
 * status bar. */
#ifndef NCA_GIMP_FRAMES_H
#define NCA_GIMP_FRAMES_H

#include "creature.h"
#include "host.h"
#include "nca_film.h"

typedef struct FramesParams {
    const NcaModel *model;
    NcaFilmParams film; /* its threads are ignored: GIMP's own setting counts */
    Place place;        /* of the grid on frames of place.width × place.height pixels */
    const FilmValues *values;
    gint32 image, layer; /* where new layers go: above that one; -1: nowhere */
    gint x, y;           /* of a frame's top left corner in the image */
    gboolean show;       /* a new image gets a window */
} FramesParams;

/* Why that cannot be made, a sentence to be freed; NULL: it can. */
gchar *frames_check(const FramesParams *params);

/* All frames, from the bottom up, in a new image where values->output or an indexed image
 * asks for that.  *image is where they are.  On failure a sentence to be freed. */
gchar *frames_make(const FramesParams *params, gint32 *image);

/* The last picture only: as a new layer, or with `in_place` instead of the layer's
 * own. */
gchar *frames_make_one(const FramesParams *params, gboolean in_place, gint32 *image);

/* Whether frames on that place are not too large. */
gboolean frames_fit(const Place *place);

/* The film that values ask for, of the model's trained size. */
NcaFilmParams frames_film(const NcaModel *model, const FilmValues *values);

/* An error of libnca as a sentence of GIMP's, to be freed. */
gchar *frames_sentence(const NcaError *error);

/* Tells why the processor computes, though a device was asked for. */
void frames_warn(const NcaError *error);

/* How many threads GIMP is to use. */
gint frames_threads(void);

#endif
