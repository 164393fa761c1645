/* SPDX-License-Identifier: MIT
 *
 * Options of libavfilter become a film and a view of libnca, and its frames their
 * images. */
#include <math.h>
#include <string.h>

#include "libavutil/eval.h"

#include "nca_compat.h"
#include "nca_context.h"

/* ------------------------------------------------------------- translation */

static int status_to_averror(NcaStatus status)
{
    switch (status) {
    case NCA_ERR_MEMORY:
        return AVERROR(ENOMEM);
    case NCA_ERR_IO:
        return AVERROR(EIO);
    case NCA_ERR_FORMAT:
        return AVERROR_INVALIDDATA;
    case NCA_ERR_DEVICE:
        return AVERROR_EXTERNAL;
    default:
        return AVERROR(EINVAL);
    }
}

int ff_nca_failed(AVFilterContext *ctx, NcaStatus status, const char *what,
                  const NcaError *error)
{
    av_log(ctx, AV_LOG_ERROR, "%s%s%s\n", what ? what : "", what ? ": " : "",
           error->text);
    return status_to_averror(status);
}

typedef struct Lent {
    void (*job)(void *arg, int index);
    void *arg;
} Lent;

static int run_lent(AVFilterContext *ctx, void *arg, int index, int count)
{
    const Lent *lent = arg;
    (void)ctx;
    (void)count;
    lent->job(lent->arg, index);
    return 0;
}

/* libavfilter's slice threads, as an NcaParallel. */
static void lend_threads(void *host, void (*job)(void *arg, int index), void *arg,
                         int count)
{
    Lent lent = {job, arg};
    ff_filter_execute(host, run_lent, &lent, NULL, count);
}

static int threads_of(AVFilterContext *ctx)
{
    return FFMIN(ff_filter_get_nb_threads(ctx), NCA_THREADS_MAX);
}

/* ---------------------------------------------------------------- geometry */

/* What libavutil would log of an expression; one line says it all. */
enum { SILENT = 1000 };

static double cell_size(const NcaContext *s, int width, int height)
{
    return s->scale > 0
               ? s->scale
               : nca_view_scale(s->model, s->grid_width, s->grid_height, width, height);
}

static int evaluate(AVFilterContext *ctx, const char *name, const char *text,
                    const double *values, double *result)
{
    static const char *const names[] = {"main_w", "W",         "main_h", "H", "overlay_w",
                                        "w",      "overlay_h", "h",      NULL};
    int ret = av_expr_parse_and_eval(result, text, names, values, NULL, NULL, NULL, NULL,
                                     NULL, SILENT, ctx);
    if (ret >= 0 && isfinite(*result))
        return 0;
    av_log(ctx, AV_LOG_ERROR, "%s: \"%s\" where a place was expected\n", name, text);
    return AVERROR(EINVAL);
}

/* x and y on images of that size. */
static int place(AVFilterContext *ctx, NcaViewParams *p)
{
    const NcaContext *s = ctx->priv;
    const NcaGrid *grid = nca_film_grid(s->film);
    double w = nca_grid_width(grid) * p->scale, h = nca_grid_height(grid) * p->scale;
    double values[] = {p->width, p->width, p->height, p->height, w, w, h, h};
    int ret = evaluate(ctx, "x", s->x_text, values, &p->x);
    return ret < 0 ? ret : evaluate(ctx, "y", s->y_text, values, &p->y);
}

/* Makes the view fit for such frames. */
static int fit_view(AVFilterContext *ctx, const NcaImageKind *kind)
{
    NcaContext *s = ctx->priv;
    const NcaGrid *grid = nca_film_grid(s->film);
    NcaViewParams p = nca_view_params_default();
    NcaError error;
    NcaStatus status;
    int ret;
    if (s->view && !memcmp(&s->seen, kind, sizeof(*kind)))
        return 0;
    ff_nca_view_params(&p, kind);
    p.scale = cell_size(s, kind->width, kind->height);
    p.interp = s->interp;
    p.parallel = lend_threads;
    p.host = ctx;
    p.threads = threads_of(ctx);
    if ((ret = place(ctx, &p)) < 0)
        return ret;
    status = s->view ? nca_view_set(s->view, &p, &error)
                     : nca_view_new(&s->view, nca_grid_width(grid), nca_grid_height(grid),
                                    &p, &error);
    if (status < 0)
        return ff_nca_failed(ctx, status, NULL, &error);
    s->seen = *kind;
    return 0;
}

/* -------------------------------------------------------------------- film */

static NcaFilmParams film_params(AVFilterContext *ctx)
{
    const NcaContext *s = ctx->priv;
    NcaFilmParams p = nca_film_params_default();
    p.grid.seed = s->random_seed;
    p.grid.angle = s->angle;
    p.grid.fire_rate = s->fire_rate;
    p.grid.edge = s->edge;
    p.grid.device = s->device;
    p.grid.parallel = lend_threads;
    p.grid.host = ctx;
    p.grid.threads = threads_of(ctx);
    p.grid.sleeping = true;
    p.events = s->events;
    p.warmup = s->warmup;
    return p;
}

/* As many cells as cover the picture, where the options do not say. */
static int cover(AVFilterContext *ctx, NcaGridParams *p, const NcaImageKind *kind)
{
    const NcaContext *s = ctx->priv;
    NcaError error;
    NcaStatus status;
    p->width = s->grid_width;
    p->height = s->grid_height;
    if (s->grid_width)
        return 0;
    status = nca_view_cover(s->model, cell_size(s, kind->width, kind->height),
                            kind->width, kind->height, &p->width, &p->height, &error);
    return status < 0 ? ff_nca_failed(ctx, status, NULL, &error) : 0;
}

/* An error where just one device was asked for, else a warning, once. */
static int check_device(AVFilterContext *ctx)
{
    NcaContext *s = ctx->priv;
    NcaError error;
    NcaStatus status = nca_grid_device(nca_film_grid(s->film), &error);
    if (status == NCA_OK)
        return 0;
    if (s->device >= NCA_DEVICE_FIRST)
        return ff_nca_failed(ctx, status, "device", &error);
    if (!s->told)
        av_log(ctx, AV_LOG_WARNING, "device: %s; the processor computes\n", error.text);
    s->told = 1;
    return 0;
}

int ff_nca_begin(AVFilterContext *ctx, int width, int height, int format)
{
    NcaContext *s = ctx->priv;
    NcaFilmParams p = film_params(ctx);
    NcaImageKind kind = {.width = width, .height = height, .format = format};
    NcaError error;
    NcaStatus status;
    int ret;
    if (s->film)
        return 0;
    if ((ret = cover(ctx, &p.grid, &kind)) < 0)
        return ret;
    av_log(ctx, AV_LOG_VERBOSE, "grid:%dx%d memory:%" PRIu64 "MiB threads:%d level:%s\n",
           p.grid.width, p.grid.height,
           nca_grid_memory(s->model, p.grid.width, p.grid.height) >> 20, p.grid.threads,
           nca_cpu_level());
    status = nca_film_new(&s->film, s->model, &p, &error);
    if (status < 0)
        return ff_nca_failed(ctx, status, status == NCA_ERR_DEVICE ? "device" : NULL,
                             &error);
    if ((ret = check_device(ctx)) < 0)
        return ret;
    return fit_view(ctx, &kind);
}

void ff_nca_restart(AVFilterContext *ctx, uint64_t seed)
{
    NcaContext *s = ctx->priv;
    NcaFilmParams p = film_params(ctx);
    p.grid.seed = seed;
    nca_film_reset(s->film, &p);
    s->moving = 0;
}

/* ------------------------------------------------------------------- frames */

int ff_nca_show(AVFilterContext *ctx, AVFrame *frame, NcaBlend blend, int hidden)
{
    NcaContext *s = ctx->priv;
    NcaGrid *grid = nca_film_grid(s->film);
    NcaImageKind kind = ff_nca_image_kind(frame);
    NcaPlane image[4];
    int ret = fit_view(ctx, &kind);
    if (ret < 0)
        return ret;
    ff_nca_planes(frame, image);
    if (s->moving)
        nca_film_next(s->film, s->steps);
    s->moving = 1;
    nca_view_wound(s->view, grid, image, s->wound, s->threshold);
    if (!hidden)
        nca_view_draw(s->view, grid, image, blend, s->opacity);
    av_dict_set_int(&frame->metadata, "lavfi.nca.step", nca_grid_time(grid), 0);
    av_dict_set_int(&frame->metadata, "lavfi.nca.alive", nca_grid_alive(grid), 0);
    return check_device(ctx); /* all has been fetched from it by now */
}
