/* SPDX-License-Identifier: MIT
 *
 * plug-in-nca-regenerate: the cells that the layer was drawn from are drawn once more;
 * where the layer differs, or is selected, they are dead.  The creature then goes on
 * living, as it grew: turned like that, at that rate and with that edge. */
#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>

#include "creature.h"
#include "film_dialog.h"
#include "frames.h"
#include "layer.h"
#include "procedures.h"

/* A cell is dead where its pixels have changed by more than this, 0 … 1, in their
 * mean. */
static const double CHANGED = 0.1;
enum { FAINT = 25 }; /* of 255: less alpha than of a cell that lives by itself */

typedef struct Healing {
    Call *call;
    Creature *creature;
} Healing;

/* ------------------------------------------------------------------- wounds */

/* The greatest difference of premultiplied colours or of alpha; what is erased is so
 * however faint it was. */
static guint8 difference(const guint8 *a, const guint8 *b)
{
    int most = a[3] && !b[3] ? 255 : abs(a[3] - b[3]);
    for (int c = 0; c < 3; c++)
        most = MAX(most, abs(a[c] * a[3] - b[c] * b[3]) / 255);
    return (guint8)most;
}

/* Where the layer is not what was drawn on it, or is selected: into the alpha of
 * `drawn`. */
static void mark_changes(gint32 layer, guint8 *drawn, gsize pixels)
{
    guint8 *now = layer_read8(layer), *selected = layer_read_selection(layer);
    for (gsize i = 0; i < pixels; i++) {
        guint8 change = difference(drawn + 4 * i, now + 4 * i);
        drawn[4 * i + 3] = selected ? MAX(change, selected[i]) : change;
    }
    g_free(selected);
    g_free(now);
}

/* Where a pixel of what was drawn lies after one of the seven turns and flips. */
static gsize turned(gint turn, gint width, gint height, gint x, gint y)
{
    gint column = turn & 1 ? width - 1 - x : x, row = turn & 2 ? height - 1 - y : y;
    return turn & 4 ? (gsize)column * (gsize)width + (gsize)row /* of a square */
                    : (gsize)row * (gsize)width + (gsize)column;
}

static guint64 distance(const guint8 *drawn, const guint8 *now, const Place *p, gint turn)
{
    guint64 sum = 0;
    for (gint y = 0, i = 0; y < p->height; y++)
        for (gint x = 0; x < p->width; x++, i++)
            sum += difference(drawn + 4 * (gsize)i,
                              now + 4 * turned(turn, p->width, p->height, x, y));
    return sum;
}

/* Whether the layer is far more like what was drawn when that is turned or flipped: it
 * would all be a wound, and heal the old way round. */
static gboolean is_turned(gint32 layer, const guint8 *drawn, const Place *p)
{
    guint8 *now = layer_read8(layer);
    gsize pixels = (gsize)p->width * (gsize)p->height;
    guint64 as_it_is = distance(drawn, now, p, 0), best = as_it_is, all = 0;
    for (gsize i = 0; i < pixels; i++)
        all += drawn[4 * i + 3];
    gint turns = as_it_is < all / 10 ? 0 : p->width == p->height ? 7 : 3;
    for (gint turn = 1; turn <= turns; turn++)
        best = MIN(best, distance(drawn, now, p, turn));
    g_free(now);
    return best < as_it_is / 2;
}

static NcaStatus open_grid(const Creature *c, NcaGrid **grid, NcaView **view,
                           NcaError *error)
{
    NcaGridParams params = nca_grid_params_default();
    NcaViewParams seen = nca_view_params_default();
    params.width = c->columns;
    params.height = c->rows;
    params.edge = c->edge;
    NcaStatus status = nca_grid_new(grid, c->model, &params, error);
    if (status < 0)
        return status;
    nca_grid_set_state(*grid, c->state);
    seen.width = c->place.width;
    seen.height = c->place.height;
    seen.scale = c->place.scale;
    seen.x = c->place.x;
    seen.y = c->place.y;
    seen.interp = c->place.interp;
    return nca_view_new(view, c->columns, c->rows, &seen, error);
}

typedef struct Drawing {
    guint8 *rgba;
    gsize pixels;
    NcaPlane image[4];
} Drawing;

static Drawing new_drawing(const Place *place)
{
    Drawing d = {.pixels = (gsize)place->width * (gsize)place->height};
    d.rgba = g_malloc(4 * d.pixels);
    for (int c = 0; c < 4; c++)
        d.image[c] = (NcaPlane){d.rgba + c, 4 * (ptrdiff_t)place->width, 4};
    return d;
}

static void draw(Drawing *d, NcaView *view, const NcaGrid *grid)
{
    nca_view_draw(view, grid, d->image, NCA_BLEND_ALPHA, 1);
}

/* Cells beside the layer may shine in. */
static gboolean is_clear(const Drawing *d)
{
    for (gsize i = 0; i < d->pixels; i++)
        if (d->rgba[4 * i + 3] > FAINT)
            return FALSE;
    return TRUE;
}

/* A sentence where nothing can be healed. */
static gchar *kill_changed(Healing *h, NcaGrid *grid, NcaView *view)
{
    Drawing d = new_drawing(&h->creature->place);
    draw(&d, view, grid);
    layer_round(h->call->drawable, d.rgba);
    if (is_turned(h->call->drawable, d.rgba, &h->creature->place)) {
        g_free(d.rgba);
        return g_strdup(_("The layer was flipped or turned since its creature grew: undo "
                          "that, or use Grow."));
    }
    mark_changes(h->call->drawable, d.rgba, d.pixels);
    nca_view_wound(view, grid, d.image, NCA_WOUND_ALPHA, CHANGED);
    nca_grid_read_state(grid, h->creature->state);
    draw(&d, view, grid);
    gboolean lives = !is_clear(&d);
    g_free(d.rgba);
    return lives
               ? NULL
               : g_strdup(_("Nothing of the creature is left to grow again: undo a part "
                            "of the wound, or use Grow."));
}

static gchar *wound(Healing *h)
{
    NcaGrid *grid = NULL;
    NcaView *view = NULL;
    NcaError error;
    gchar *sentence = NULL;
    if (open_grid(h->creature, &grid, &view, &error) < 0)
        sentence = frames_sentence(&error);
    else
        sentence = kill_changed(h, grid, view);
    nca_view_free(&view);
    nca_grid_free(&grid);
    return sentence;
}

/* ---------------------------------------------------------------- creature */

/* A layer that was scaled as a whole takes its creature along. */
static gboolean fit(Place *p, gint width, gint height)
{
    double across = (double)width / p->width, down = (double)height / p->height;
    if (fabs(across - down) * MAX(p->width, p->height) > 2)
        return FALSE;
    p->scale = CLAMP(p->scale * across, NCA_VIEW_SCALE_MIN, NCA_VIEW_SCALE_MAX);
    p->x *= across;
    p->y *= down;
    p->width = width;
    p->height = height;
    return TRUE;
}

static gchar *take_creature(Healing *h)
{
    gint width, height;
    gchar *sentence = layer_check(h->call->drawable);
    if (sentence)
        return sentence;
    if (host_is_group(h->call->drawable))
        return g_strdup(_("This is a group of layers: choose a grown layer in it."));
    h->creature = creature_of(h->call->drawable);
    if (!h->creature)
        return g_strdup(_("Nothing was grown on this layer, or more than is kept with "
                          "each frame: use Train on Layer, then Grow, and erase a part "
                          "of the last frame."));
    if (!h->creature->state)
        return g_strdup(
            _("This layer was learnt, but did not grow: use Grow, and erase a "
              "part of what has grown."));
    host_size(h->call->drawable, &width, &height);
    if (!fit(&h->creature->place, width, height))
        return g_strdup(_("The layer was cropped or stretched since its creature grew: "
                          "undo that, or use Grow."));
    if (!frames_fit(&h->creature->place))
        return g_strdup(_("The layer is too large to be healed: scale it down first."));
    return wound(h);
}

/* As it lived. */
static NcaFilmParams film_of(const Creature *c, const FilmValues *values)
{
    NcaFilmParams film = frames_film(c->model, values);
    film.grid.width = c->columns;
    film.grid.height = c->rows;
    film.grid.angle += c->angle;
    film.grid.edge = c->edge;
    if (values->fire_rate < 0)
        film.grid.fire_rate = c->fire_rate;
    film.state = c->state;
    return film;
}

/* --------------------------------------------------------------- procedure */

static NcaStatus plan(gpointer user, FramesParams *p, NcaModel **model, NcaError *error)
{
    const Healing *h = user;
    const Call *call = h->call;
    const RegenerateValues *v = call->values;
    NcaStatus status = nca_model_copy(model, h->creature->model, error);
    *p = (FramesParams){.model = *model,
                        .values = &v->film,
                        .film = film_of(h->creature, &v->film),
                        .place = h->creature->place,
                        .image = call->image,
                        .layer = call->drawable,
                        .show = call->mode != MODE_SCRIPT,
                        .heals = TRUE};
    if (host_is_layer(call->drawable))
        host_offsets(call->drawable, &p->x, &p->y);
    return status;
}

Outcome regenerate_run(Call *call)
{
    Healing h = {.call = call};
    FilmDialogParams dialog = {.procedure = &procedure_regenerate,
                               .title = _("Regenerate"),
                               .ok = _("Re_generate"),
                               .plan = {plan, &h}};
    Outcome outcome = OUTCOME_DONE;
    gchar *sentence = take_creature(&h);
    if (call->mode != MODE_SCRIPT) /* it keeps the turn itself */
        options_forget(regenerate_options, call->values, "angle");
    if (sentence)
        outcome = call_fail(call, sentence);
    else if (call->mode == MODE_INTERACTIVE)
        outcome = film_dialog(call, &dialog);
    if (outcome == OUTCOME_DONE)
        outcome = frames_make(&dialog.plan, call);
    creature_free(h.creature);
    return outcome;
}
