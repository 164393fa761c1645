/* SPDX-License-Identifier: MIT
 *
 * plug-in-nca-grow: a model, on the place of the layer's own creature where it is that,
 * else as large as the layer, else on an image of its own. */
#include <glib/gi18n-lib.h>

#include "creature.h"
#include "film_dialog.h"
#include "frames.h"
#include "layer.h"
#include "procedures.h"

enum { SIDE_WITHOUT_LAYER = 512 }; /* pixels, about */
static const char FALLBACK[] = "lizard";

typedef struct Growing {
    Call *call;
    Creature *own; /* the layer's; NULL: it has none */
} Growing;

/* -------------------------------------------------------------------- model */

static NcaStatus find_model(const Growing *g, NcaModel **model, NcaError *error)
{
    const GrowValues *v = g->call->values;
    if (*v->model)
        return nca_model_find(model, v->model, error);
    if (g->own)
        return nca_model_copy(model, g->own->model, error);
    return nca_model_find(model, FALLBACK, error);
}

/* -------------------------------------------------------------------- place */

/* A whole grid at so many pixels per cell. */
static Place place_whole(const NcaModel *model, double scale)
{
    gint columns, rows;
    nca_model_trained_size(model, &columns, &rows);
    return (Place){.width = MAX(1, (gint)(columns * scale + 0.5)),
                   .height = MAX(1, (gint)(rows * scale + 0.5)),
                   .scale = MAX(scale, NCA_VIEW_SCALE_MIN)};
}

static Place place_alone(const NcaModel *model)
{
    gint columns, rows;
    nca_model_trained_size(model, &columns, &rows);
    return place_whole(model, MAX(1, SIDE_WITHOUT_LAYER / MAX(columns, rows)));
}

static Place place_of(const Growing *g, const NcaModel *model)
{
    const GrowValues *v = g->call->values;
    gint width, height;
    if (v->scale > 0)
        return place_whole(model, v->scale);
    if (g->call->drawable < 0)
        return place_alone(model);
    host_size(g->call->drawable, &width, &height);
    if (!*v->model && g->own && g->own->place.width == width &&
        g->own->place.height == height)
        return g->own->place;
    return place_on(model, GEGL_RECTANGLE(0, 0, width, height), width, height);
}

/* Frames of another size than the layer's lie around its centre. */
static void place_frames(const Growing *g, FramesParams *p)
{
    gint x, y, width, height;
    if (g->call->drawable < 0)
        return;
    host_offsets(g->call->drawable, &x, &y);
    host_size(g->call->drawable, &width, &height);
    p->x = x + (width - p->place.width) / 2;
    p->y = y + (height - p->place.height) / 2;
}

/* --------------------------------------------------------------- procedure */

/* While the window is open the user may delete the layer, or close the image. */
static void look_again(Call *call)
{
    if (!host_is_layer(call->drawable))
        call->drawable = -1;
    if (!host_is_image(call->image))
        call->image = -1;
}

static NcaStatus plan(gpointer user, FramesParams *p, NcaModel **model, NcaError *error)
{
    const Growing *g = user;
    Call *call = g->call;
    const GrowValues *v = call->values;
    NcaStatus status = find_model(g, model, error);
    if (status < 0)
        return status;
    look_again(call);
    *p = (FramesParams){.values = &v->film,
                        .film = frames_film(*model, &v->film),
                        .image = call->image,
                        .layer = call->drawable,
                        .show = call->mode != MODE_SCRIPT};
    p->film.grid.edge = v->edge - 1;
    p->model = *model;
    p->place = place_of(g, *model);
    p->place.interp = (NcaInterp)v->interp;
    place_frames(g, p);
    return NCA_OK;
}

static void prefer(GrowValues *values, const char *model)
{
    gchar *before = values->model;
    values->model = g_strdup(model);
    g_free(before);
}

Outcome grow_run(Call *call)
{
    GrowValues *v = call->values;
    Growing g = {.call = call};
    FilmDialogParams dialog = {.procedure = &procedure_grow,
                               .title = _("Grow a Creature"),
                               .ok = _("_Grow"),
                               .plan = {plan, &g}};
    Outcome outcome = OUTCOME_DONE;
    look_again(call);
    if (call->drawable >= 0)
        g.own = creature_of(call->drawable);
    if (g.own)
        dialog.no_model = _("This layer's own creature");
    if (call->mode == MODE_INTERACTIVE) {
        prefer(v, g.own ? "" : *v->model ? v->model : FALLBACK);
        outcome = film_dialog(call, &dialog);
    }
    if (outcome == OUTCOME_DONE)
        outcome = frames_make(&dialog.plan, call);
    creature_free(g.own);
    return outcome;
}
