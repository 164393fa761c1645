/* SPDX-License-Identifier: MIT
 *
 * A film with one plant, a few steps a picture, and a hold at its end. */
#include "growth.h"

#include "canvas.h"
#include "nca_film.h"
#include "pace.h"

enum {
    STEPS = 3,      /* a picture */
    GROWN = 120,    /* steps: a grown creature, and a bit beyond what was trained */
    HELD_MOST = 12, /* pictures */
};

struct Growth {
    GtkWidget *canvas;
    CanvasPicture *picture;
    guint8 *rgba;
    NcaFilm *film; /* NULL: nothing grows */
    int held;
};

static void draw(cairo_t *cr, int width, int height, gpointer growth)
{
    canvas_picture_draw(((Growth *)growth)->picture, cr, width, height);
}

Growth *growth_new(int side)
{
    Growth *g = g_new0(Growth, 1);
    g->picture = canvas_picture_new();
    g->canvas = canvas_new(side, side, draw, g);
    return g;
}

GtkWidget *growth_widget(Growth *growth)
{
    return growth->canvas;
}

void growth_free(Growth *growth)
{
    nca_film_free(&growth->film);
    canvas_picture_free(growth->picture);
    g_free(growth->rgba);
    g_free(growth);
}

static void show(Growth *g, const guint8 *rgba, int width, int height)
{
    canvas_picture_set(g->picture, rgba, width, height);
    gtk_widget_queue_draw(g->canvas);
}

static void show_film(Growth *g)
{
    const NcaGrid *grid = nca_film_grid(g->film);
    int width = nca_grid_width(grid);
    nca_grid_read_rgba8(grid, g->rgba, (gsize)width * 4);
    show(g, g->rgba, width, nca_grid_height(grid));
}

void growth_clear(Growth *growth, int width, int height)
{
    nca_film_free(&growth->film);
    show(growth, NULL, width, height);
}

gboolean growth_over(const Growth *growth)
{
    return !growth->film || growth->held >= HELD_MOST;
}

void growth_begin(Growth *growth, const NcaModel *model, int width, int height)
{
    NcaFilmParams params = nca_film_params_default();
    NcaFilm *film = NULL;
    params.grid.width = width;
    params.grid.height = height;
    if (nca_film_new(&film, model, &params, NULL) < 0)
        return;
    nca_film_free(&growth->film);
    growth->film = film;
    growth->held = 0;
    growth->rgba = g_renew(guint8, growth->rgba, (gsize)4 * width * height);
    show_film(growth);
}

void growth_next(Growth *growth)
{
    if (!growth->film)
        return;
    if (nca_grid_time(nca_film_grid(growth->film)) >= GROWN) {
        growth->held++;
        return;
    }
    pace_film(growth->film, STEPS);
    show_film(growth);
}
