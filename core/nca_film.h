/* SPDX-License-Identifier: MIT
 *
 * A film: a grid that moves on from picture to picture, with its events.  The conventions
 * of nca.h hold. */
#ifndef NCA_FILM_H
#define NCA_FILM_H

#include "nca.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NCA_FILM_STEPS_MAX 10000
#define NCA_FILM_WARMUP_MAX 100000

typedef struct NcaFilmParams {
    NcaGridParams grid;
    const char *events; /* NcaEvents' text */
    int64_t warmup;     /* steps before the first picture, 0 … NCA_FILM_WARMUP_MAX */
    const float *state; /* [height][width][channels]: what the grid holds before the first
                           event, as by nca_grid_set_state; NULL: nothing */
} NcaFilmParams;

typedef struct NcaFilm NcaFilm;

/* The defaults of a grid and of events, no warm-up, no state. */
NCA_API NcaFilmParams nca_film_params_default(void);

/* A film at its first picture: the events of a step are done before its picture is taken,
 * so it shows the seed, and a wound on the picture of its own step.  Model and state are
 * copied.  NCA_ERR_ARGUMENT for a warm-up out of range, NCA_ERR_MEMORY; else what
 * nca_events_parse (its words after "events: ") and nca_grid_new return. */
NCA_API NcaStatus nca_film_new(NcaFilm **film, const NcaModel *model,
                               const NcaFilmParams *params, NcaError *error);
NCA_API void nca_film_free(NcaFilm **film);

/* What is seen; it may be changed by hand, but not stepped. */
NCA_API NcaGrid *nca_film_grid(NcaFilm *film);

/* On to the next picture, `steps` later: 0 … NCA_FILM_STEPS_MAX, held to that.  Fractions
 * add up, in millionths. */
NCA_API void nca_film_next(NcaFilm *film, double steps);

/* Back to the first picture, from the state that the film was made with, with other
 * values of seed, angle, fire_rate and warmup, which is held to its range; what else
 * params say is ignored. */
NCA_API void nca_film_reset(NcaFilm *film, const NcaFilmParams *params);

#ifdef __cplusplus
}
#endif
#endif
