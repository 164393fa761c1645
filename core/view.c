/* SPDX-License-Identifier: MIT
 *
 * The geometry of a view, and cells as premultiplied samples.
 *
 * Bilinear sampling is separable, so all that is needed of the geometry is, for each
 * column and each row of samples, between which two cells its centre lies.  At the sides
 * of the grid the outermost cell goes on for half a cell; on a torus the other side
 * follows. */
#include "view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "model.h"
#include "picture.h"
#include "status.h"

enum { BANDS_A_THREAD = 4 };

/* Pixels or cells that are done before a thread that sleeps has begun. */
enum { AREA_A_BAND = 1 << 18 };

#define PLACE_MAX 1e6

NcaViewParams nca_view_params_default(void)
{
    return (NcaViewParams){.width = 1,
                           .height = 1,
                           .scale = 1,
                           .interp = NCA_INTERP_BILINEAR,
                           .site_x = 0.5,
                           .site_y = 0.5,
                           .kr = 0.299,
                           .kb = 0.114,
                           .threads = 1};
}

double nca_view_scale(const NcaModel *model, int grid_width, int grid_height,
                      int image_width, int image_height)
{
    int width, height;
    if (grid_width && grid_height)
        return fmin((double)image_width / grid_width, (double)image_height / grid_height);
    nca_model_trained_size(model, &width, &height);
    return (double)image_height / height;
}

static int cells_over(int pixels, double scale)
{
    return (int)lrint(fmin(fmax(pixels / scale, 1), NCA_SIDE_MAX));
}

NcaStatus nca_view_cover(const NcaModel *model, double scale, int image_width,
                         int image_height, int *width, int *height, NcaError *error)
{
    int columns = cells_over(image_width, scale), rows = cells_over(image_height, scale);
    if (nca_grid_memory(model, columns, rows) > NCA_VIEW_MEMORY_MAX ||
        nca_model_work(model, columns, rows) > NCA_WORK_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "%d×%d cells at a scale of %g are too many: set grid or scale",
                        columns, rows, scale);
    *width = columns;
    *height = rows;
    return NCA_OK;
}

/* -------------------------------------------------------------------- axes */

/* How the samples of an image lie along x or y, in pixels. */
typedef struct Samples {
    int pixels, shift; /* 2^shift pixels to a sample */
    double site;       /* the first one's centre */
    double origin;     /* the first cell's edge */
} Samples;

static NcaStatus axis_init(NcaAxis *axis, const Samples *s, int cells,
                           const NcaViewParams *p, NcaError *error)
{
    int length = (s->pixels + (1 << s->shift) - 1) >> s->shift;
    axis->length = axis->first = length;
    axis->tap = calloc((size_t)length, sizeof(*axis->tap));
    if (!axis->tap)
        return nca_fail_memory(error, "the view");
    for (int i = 0; i < length; i++) {
        double at = ((i << s->shift) + s->site - s->origin) / p->scale;
        if (!(at >= 0 && at < cells))
            continue;
        if (axis->first == length)
            axis->first = i;
        axis->last = i + 1;
        double from = p->interp == NCA_INTERP_NEAREST ? floor(at) : at - 0.5;
        axis->tap[i].cell = (int)floor(from) + 1;
        axis->tap[i].weight = (uint16_t)((from - floor(from)) * 256 + 0.5);
    }
    return NCA_OK;
}

static NcaStatus lay_axes(NcaLayout *layout, const NcaView *view, const NcaViewParams *p,
                          NcaError *error)
{
    NcaStatus status = NCA_OK;
    for (int chroma = 0; chroma <= p->yuv && status == NCA_OK; chroma++) {
        Samples x = {p->width, chroma ? p->shift_x : 0, chroma ? p->site_x : 0.5, p->x};
        Samples y = {p->height, chroma ? p->shift_y : 0, chroma ? p->site_y : 0.5, p->y};
        status = axis_init(&layout->column[chroma], &x, view->width, p, error);
        if (status == NCA_OK)
            status = axis_init(&layout->row[chroma], &y, view->height, p, error);
    }
    return status;
}

static void layout_uninit(NcaLayout *layout)
{
    for (int i = 0; i < 2; i++) {
        free(layout->column[i].tap);
        free(layout->row[i].tap);
    }
    free(layout->lines);
}

static NcaStatus layout_init(NcaLayout *layout, const NcaView *view,
                             const NcaViewParams *p, NcaError *error)
{
    *layout = (NcaLayout){0};
    layout->bands = p->threads > 1 && p->parallel ? p->threads * BANDS_A_THREAD : 1;
    layout->lines = malloc((size_t)layout->bands * 2 * NCA_VIEW_LINES * 4 *
                           (size_t)p->width * sizeof(*layout->lines));
    NcaStatus status = layout->lines ? lay_axes(layout, view, p, error)
                                     : nca_fail_memory(error, "the view");
    if (status < 0)
        layout_uninit(layout);
    return status;
}

/* ----------------------------------------------------------------- life cycle */

static bool within(double value, double least, double most)
{
    return value >= least && value <= most;
}

static NcaStatus check_params(const NcaViewParams *p, NcaError *error)
{
    if (p->width < 1 || p->height < 1 || p->width > NCA_VIEW_SIDE_MAX ||
        p->height > NCA_VIEW_SIDE_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "an image of %d×%d pixels, 1 … %d is possible", p->width,
                        p->height, NCA_VIEW_SIDE_MAX);
    if (!within(p->scale, NCA_VIEW_SCALE_MIN, NCA_VIEW_SCALE_MAX))
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "%g pixels to a cell, %g … %g is possible", p->scale,
                        NCA_VIEW_SCALE_MIN, NCA_VIEW_SCALE_MAX);
    if (!within(p->x, -PLACE_MAX, PLACE_MAX) || !within(p->y, -PLACE_MAX, PLACE_MAX))
        return nca_fail(error, NCA_ERR_ARGUMENT, "the grid lies too far off the image");
    if (p->threads > NCA_THREADS_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "more than %d threads", NCA_THREADS_MAX);
    return NCA_OK;
}

static bool same_place(const NcaViewParams *a, const NcaViewParams *b)
{
    return a->width == b->width && a->height == b->height && a->scale == b->scale &&
           a->x == b->x && a->y == b->y;
}

NcaStatus nca_view_set(NcaView *view, const NcaViewParams *p, NcaError *error)
{
    NcaLayout layout;
    NcaStatus status = check_params(p, error);
    if (status == NCA_OK)
        status = layout_init(&layout, view, p, error);
    if (status < 0)
        return status;
    layout_uninit(&view->layout);
    view->layout = layout;
    view->luma_known = view->luma_known && same_place(&view->params, p);
    view->params = *p;
    return NCA_OK;
}

static NcaStatus make_cells(NcaView *view, NcaError *error)
{
    size_t cells = (size_t)view->width * (size_t)view->height;
    view->cells =
        calloc(((size_t)view->width + 2) * (size_t)view->height, sizeof(*view->cells));
    view->reach = calloc((size_t)view->height, sizeof(*view->reach));
    view->luma = malloc(cells * sizeof(*view->luma));
    view->killed = malloc(cells);
    return view->cells && view->reach && view->luma && view->killed
               ? NCA_OK
               : nca_fail_memory(error, "the view");
}

NcaStatus nca_view_new(NcaView **out, int width, int height, const NcaViewParams *params,
                       NcaError *error)
{
    if (width < 1 || height < 1 || width > NCA_SIDE_MAX || height > NCA_SIDE_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "a view of %d×%d cells", width, height);
    NcaView *view = calloc(1, sizeof(*view));
    if (!view)
        return nca_fail_memory(error, "the view");
    view->width = width;
    view->height = height;
    NcaStatus status = make_cells(view, error);
    if (status == NCA_OK)
        status = nca_view_set(view, params, error);
    if (status < 0)
        nca_view_free(&view);
    else
        *out = view;
    return status;
}

void nca_view_free(NcaView **view)
{
    NcaView *v = *view;
    if (!v)
        return;
    layout_uninit(&v->layout);
    free(v->cells);
    free(v->reach);
    free(v->luma);
    free(v->killed);
    free(v);
    *view = NULL;
}

/* ----------------------------------------------------------------- passes */

int nca_view_bands(const NcaView *view, int width, int height)
{
    int64_t bands = (int64_t)width * height / AREA_A_BAND;
    int most = view->layout.bands;
    return bands < 1 ? 1 : bands < most ? (int)bands : most;
}

void nca_view_run(const NcaView *view, int bands, void (*job)(void *arg, int band),
                  void *arg)
{
    if (bands > 1)
        view->params.parallel(view->params.host, job, arg, bands);
    else
        job(arg, 0);
}

void nca_view_band(int bands, int band, int count, int *first, int *last)
{
    *first = (int)((int64_t)count * band / bands);
    *last = (int)((int64_t)count * (band + 1) / bands);
}

/* ------------------------------------------------------------------- cells */

typedef struct Reading {
    NcaView *view;
    const NcaGrid *grid;
    const NcaWorld *world;
    float opacity;
    int bands;
} Reading;

static float unit(float value)
{
    return fminf(fmaxf(value, 0), 1);
}

/* R, G, B to Y', Cb, Cr as fractions of 255. */
static void to_yuv(const NcaViewParams *p, float *rgb)
{
    float kr = (float)p->kr, kb = (float)p->kb;
    float y = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2];
    float cb = (rgb[2] - y) / (2 * (1 - kb)), cr = (rgb[0] - y) / (2 * (1 - kr));
    float luma = p->full_range ? 255 : 219, chroma = p->full_range ? 255 : 224;
    rgb[0] = ((p->full_range ? 0 : 16) + luma * y) / 255;
    rgb[1] = unit((128 + chroma * cb) / 255);
    rgb[2] = unit((128 + chroma * cr) / 255);
}

static NcaPaint paint_of(const Reading *r, NcaColor color, const float *cell)
{
    float rgba[4];
    nca_picture_color(color, cell, rgba);
    if (r->view->params.yuv)
        to_yuv(&r->view->params, rgba);
    float alpha = rgba[3] * r->opacity;
    NcaPaint paint;
    for (int c = 0; c < 3; c++)
        paint.c[c] = (uint16_t)(rgba[c] * alpha * (255 * 128) + 0.5f);
    paint.c[3] = (uint16_t)(alpha * NCA_VIEW_ONE + 0.5f);
    return paint;
}

/* The words of a row that may hold anything but clear cells. */
static NcaSpan words_of(const NcaWorld *w, NcaColor color, int y)
{
    return color == NCA_COLOR_PREMULTIPLIED ? w->held[y] : (NcaSpan){0, w->words};
}

static void read_row(const Reading *r, int y)
{
    NcaView *v = r->view;
    const NcaWorld *w = r->world;
    NcaColor color = nca_model_shape(r->grid->model)->color;
    NcaPaint *row = v->cells + (size_t)y * ((size_t)v->width + 2);
    NcaSpan span = words_of(w, color, y);
    NcaReach reach = {v->width, 0};
    if (v->reach[y].last > v->reach[y].first)
        memset(row, 0, ((size_t)v->width + 2) * sizeof(*row));
    for (int x = span.first * 64; x < span.last * 64 && x < v->width; x++) {
        NcaPaint paint = paint_of(r, color, nca_world_cell(w, x, y));
        row[x + 1] = paint;
        if (!paint.c[3])
            continue;
        reach.first = x < reach.first ? x : reach.first;
        reach.last = x + 1;
    }
    bool wrap = w->edge == NCA_EDGE_WRAP;
    row[0] = row[wrap ? v->width : 1];
    row[v->width + 1] = row[wrap ? 1 : v->width];
    if (wrap && reach.first < reach.last && (reach.first == 0 || reach.last == v->width))
        reach = (NcaReach){0, v->width};
    v->reach[y] = reach;
}

static void read_band(void *arg, int band)
{
    const Reading *r = arg;
    int first, last;
    nca_view_band(r->bands, band, r->view->height, &first, &last);
    for (int y = first; y < last; y++)
        read_row(r, y);
}

void nca_view_read(NcaView *view, const NcaGrid *grid, double opacity)
{
    Reading r = {view, grid, nca_grid_world(grid), unit((float)opacity),
                 nca_view_bands(view, view->width, view->height)};
    view->edge = r.world->edge;
    nca_view_run(view, r.bands, read_band, &r);
}
