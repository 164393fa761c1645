/* SPDX-License-Identifier: MIT
 *
 * Values of parameters become a film and a view of libnca, as those of libavfilter's nca
 * do. */
#include "creature.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- geometry */

static double cell_size(const Creature *c, const NcaModel *model, const Values *v)
{
    return v->scale > 0 ? v->scale
                        : nca_view_scale(model, v->grid_width, v->grid_height, c->width,
                                         c->height);
}

static NcaViewParams view_params(const Creature *c, const NcaModel *model,
                                 const NcaGrid *grid, const Values *v)
{
    NcaViewParams p = nca_view_params_default();
    p.width = c->width;
    p.height = c->height;
    p.scale = cell_size(c, model, v);
    p.x = (c->width - nca_grid_width(grid) * p.scale) * v->x;
    p.y = (c->height - nca_grid_height(grid) * p.scale) * v->y;
    p.interp = (NcaInterp)v->interp;
    return p;
}

/* -------------------------------------------------------------------- film */

static NcaFilmParams film_params(const Values *v)
{
    NcaFilmParams p = nca_film_params_default();
    p.grid.seed = (uint64_t)v->seed;
    p.grid.angle = (float)v->angle;
    p.grid.fire_rate = (float)v->fire_rate;
    p.grid.edge = v->edge;
    p.warmup = (int64_t)v->warmup;
    return p;
}

/* As many cells as cover the image, where the parameters do not say. */
static NcaStatus cover(NcaGridParams *p, const Creature *c, const NcaModel *model,
                       const Values *v, NcaError *error)
{
    p->width = v->grid_width;
    p->height = v->grid_height;
    if (v->grid_width)
        return NCA_OK;
    return nca_view_cover(model, cell_size(c, model, v), c->width, c->height, &p->width,
                          &p->height, error);
}

/* Between events ';' stands for '|' too, which parts parameters in FFmpeg. */
static NcaStatus new_film(NcaFilm **film, const Creature *c, const NcaModel *model,
                          const Values *v, NcaError *error)
{
    NcaFilmParams p = film_params(v);
    NcaStatus status = cover(&p.grid, c, model, v, error);
    if (status < 0)
        return status;
    char *events = strdup(v->events);
    if (!events)
        return NCA_ERR_MEMORY;
    for (char *at = events; (at = strchr(at, ';'));)
        *at = '|';
    p.events = events;
    status = nca_film_new(film, model, &p, error);
    free(events);
    return status;
}

NcaStatus creature_begin(Creature *c, const Values *v, NcaError *error)
{
    Creature fresh = {.width = c->width, .height = c->height, .values = *v, .frame = -1};
    *error = (NcaError){"out of memory"};
    NcaStatus status = nca_model_find(&fresh.model, v->model, error);
    if (status >= 0)
        status = new_film(&fresh.film, c, fresh.model, v, error);
    if (status >= 0) {
        const NcaGrid *grid = nca_film_grid(fresh.film);
        NcaViewParams p = view_params(c, fresh.model, grid, v);
        status = nca_view_new(&fresh.view, nca_grid_width(grid), nca_grid_height(grid),
                              &p, error);
    }
    if (status < 0) {
        creature_end(&fresh);
        return status;
    }
    fresh.values.model = fresh.values.events = NULL;
    creature_end(c);
    *c = fresh;
    return NCA_OK;
}

NcaStatus creature_change(Creature *c, const Values *v, NcaError *error)
{
    NcaGrid *grid = nca_film_grid(c->film);
    Values *now = &c->values;
    NcaViewParams p = view_params(c, c->model, grid, v);
    NcaStatus status = nca_view_set(c->view, &p, error);
    if (status < 0)
        return status;
    if (v->angle != now->angle)
        nca_grid_set_angle(grid, (float)v->angle);
    if (v->fire_rate != now->fire_rate)
        nca_grid_set_fire_rate(grid, (float)v->fire_rate);
    *now = *v;
    now->model = now->events = NULL;
    return NCA_OK;
}

void creature_end(Creature *c)
{
    nca_view_free(&c->view);
    nca_film_free(&c->film);
    nca_model_free(&c->model);
}

/* ------------------------------------------------------------------- frames */

void creature_go(Creature *c, int64_t frame)
{
    if (c->frame > frame) {
        NcaFilmParams p = film_params(&c->values);
        nca_film_reset(c->film, &p);
        c->frame = 0;
    }
    if (c->frame < 0)
        c->frame = 0;
    for (; c->frame < frame; c->frame++)
        nca_film_next(c->film, c->values.steps);
}

void creature_show(Creature *c, uint8_t *picture)
{
    const Values *v = &c->values;
    NcaGrid *grid = nca_film_grid(c->film);
    NcaPlane image[4];
    for (int i = 0; i < 4; i++)
        image[i] = (NcaPlane){picture + i, (ptrdiff_t)c->width * 4, 4};
    nca_view_wound(c->view, grid, image, (NcaWound)v->wound, v->threshold);
    nca_view_draw(c->view, grid, image, (NcaBlend)v->mode, v->opacity);
}
