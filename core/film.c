/* SPDX-License-Identifier: MIT
 *
 * After each move the events of the present step are done, so that they show at once; the
 * next move begins behind them. */
#include "nca_film.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

enum { STEP_PARTS = 1000000 };

struct NcaFilm {
    NcaGrid *grid;
    NcaEvents *events;
    float *state; /* NULL: nothing */
    int64_t due;  /* millionths of a step */
};

NcaFilmParams nca_film_params_default(void)
{
    return (NcaFilmParams){.grid = nca_grid_params_default(),
                           .events = NCA_EVENTS_DEFAULT};
}

static void begin(NcaFilm *film, int64_t warmup)
{
    if (film->state)
        nca_grid_set_state(film->grid, film->state);
    nca_grid_run(film->grid, film->events, warmup);
    nca_events_apply(film->events, film->grid);
    film->due = 0;
}

static NcaStatus copy_state(NcaFilm *film, const float *state, NcaError *error)
{
    size_t size = (size_t)nca_grid_width(film->grid) * nca_grid_height(film->grid) *
                  nca_grid_channels(film->grid) * sizeof(float);
    film->state = malloc(size);
    if (!film->state)
        return nca_fail_memory(error, "the film");
    memcpy(film->state, state, size);
    return NCA_OK;
}

static NcaStatus fill(NcaFilm *film, const NcaModel *model, const NcaFilmParams *params,
                      NcaError *error)
{
    NcaStatus status = nca_events_parse(&film->events, params->events, error);
    if (status < 0)
        return nca_fail_at(error, status, "events");
    status = nca_grid_new(&film->grid, model, &params->grid, error);
    if (status < 0 || !params->state)
        return status;
    return copy_state(film, params->state, error);
}

NcaStatus nca_film_new(NcaFilm **out, const NcaModel *model, const NcaFilmParams *params,
                       NcaError *error)
{
    if (params->warmup < 0 || params->warmup > NCA_FILM_WARMUP_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "a warm-up of %lld steps, 0 … %d",
                        (long long)params->warmup, NCA_FILM_WARMUP_MAX);
    NcaFilm *film = calloc(1, sizeof(*film));
    if (!film)
        return nca_fail_memory(error, "the film");
    NcaStatus status = fill(film, model, params, error);
    if (status < 0) {
        nca_film_free(&film);
        return status;
    }
    begin(film, params->warmup);
    *out = film;
    return NCA_OK;
}

void nca_film_free(NcaFilm **film)
{
    if (!*film)
        return;
    nca_grid_free(&(*film)->grid);
    nca_events_free(&(*film)->events);
    free((*film)->state);
    free(*film);
    *film = NULL;
}

NcaGrid *nca_film_grid(NcaFilm *film)
{
    return film->grid;
}

void nca_film_next(NcaFilm *film, double steps)
{
    film->due += llrint(fmin(fmax(steps, 0), NCA_FILM_STEPS_MAX) * STEP_PARTS);
    int64_t whole = film->due / STEP_PARTS;
    film->due %= STEP_PARTS;
    if (!whole)
        return;
    nca_grid_step(film->grid, 1);
    nca_grid_run(film->grid, film->events, whole - 1);
    nca_events_apply(film->events, film->grid);
}

void nca_film_reset(NcaFilm *film, const NcaFilmParams *params)
{
    nca_grid_reset(film->grid, params->grid.seed);
    nca_grid_set_angle(film->grid, params->grid.angle);
    nca_grid_set_fire_rate(film->grid, params->grid.fire_rate);
    begin(film,
          params->warmup < NCA_FILM_WARMUP_MAX ? params->warmup : NCA_FILM_WARMUP_MAX);
}
