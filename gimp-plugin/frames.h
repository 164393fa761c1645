/* SPDX-License-Identifier: MIT
 *
 * A film becomes layers.  For the main thread; long work shows its progress in the host's
 * status bar. */
#ifndef NCA_GIMP_FRAMES_H
#define NCA_GIMP_FRAMES_H

#include "creature.h"
#include "host.h"
#include "nca_film.h"

/* What is to be made. */
typedef struct FramesParams {
    const NcaModel *model;
    NcaFilmParams film; /* its threads are ignored: GIMP's own setting counts */
    Place place;        /* of the grid on frames of place.width × place.height pixels */
    const FilmValues *values;
    gint32 image, layer; /* where new layers go: above that one; -1: nowhere */
    gint x, y;           /* of a frame's top left corner in the image */
    gboolean show;       /* a new image gets a window */
    gboolean heals;      /* the layer's creature goes on: it must be as it was */
} FramesParams;

/* How it comes to that: what is asked for, as the options and the image are now.  *model,
 * which *params has, is the caller's; what else *params points to is good until the next
 * call. */
typedef struct FramesPlan {
    NcaStatus (*plan)(gpointer user, FramesParams *params, NcaModel **model,
                      NcaError *error);
    gpointer user;
} FramesPlan;

/* Why that cannot be made, a sentence to be freed; NULL: it can. */
gchar *frames_check(const FramesPlan *plan);

/* All frames, from the bottom up, or with OUTPUT_LAYER the last one alone, which takes
 * the place of the layer's own picture where it heals.  In a new image where
 * values->output or an indexed image asks for that, and one picture also where the image
 * was closed while it grew; call->new_image is where they are. */
Outcome frames_make(const FramesPlan *plan, Call *call);

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
