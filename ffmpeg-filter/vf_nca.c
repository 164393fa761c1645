/* SPDX-License-Identifier: MIT
 *
 * The filter nca, which grows a creature on a video, and the source ncasrc, which grows
 * one alone.  All that concerns cells is done by libnca: here options, links and frames
 * of libavfilter are translated for it.  nca.texi is the manual of both. */
#include <string.h>

#include "libavutil/avstring.h"
#include "libavutil/opt.h"
#include "libavutil/random_seed.h"

#include "nca_compat.h"
#include "nca_context.h"

/* ----------------------------------------------------------------- options */
/* clang-format off */

#define AT(field) offsetof(NcaContext, field)
#define SET (AV_OPT_FLAG_VIDEO_PARAM | AV_OPT_FLAG_FILTERING_PARAM)
#define RUN (SET | AV_OPT_FLAG_RUNTIME_PARAM)

/* Name, help, field, default, range, flags. */
#define TEXT(n, h, f, v) {n, h, AT(f), AV_OPT_TYPE_STRING, {.str = (v)}, 0, 0, SET}
#define SIZE(n, h, f, v) {n, h, AT(f), AV_OPT_TYPE_IMAGE_SIZE, {.str = (v)}, 0, 0, SET}
#define REAL(n, h, f, v, min, max, fl) \
    {n, h, AT(f), AV_OPT_TYPE_DOUBLE, {.dbl = (v)}, min, max, fl}
#define WHOLE(n, h, f, v, min, max) \
    {n, h, AT(f), AV_OPT_TYPE_INT64, {.i64 = (v)}, min, max, SET}
#define CHOICE(n, h, f, v, min, max, fl) \
    {n, h, AT(f), AV_OPT_TYPE_INT, {.i64 = (v)}, min, max, fl, .unit = (n)}
#define VALUE(of, n, h, v, fl) \
    {n, h, 0, AV_OPT_TYPE_CONST, {.i64 = (v)}, 0, 0, fl, .unit = (of)}

#define MODEL(n) TEXT(n, "set the model, a file or an installed one", model_name, NULL)
#define SEED(n) WHOLE(n, "set the seed; -1: random", random_seed, 0, -1, UINT32_MAX)
#define VIDEO_SIZE(n) SIZE(n, "set video size", width, "512x512")
#define RATE(n) \
    {n, "set video rate", AT(rate), AV_OPT_TYPE_VIDEO_RATE, {.str = "25"}, 0, INT_MAX, \
     SET}
#define DURATION(n) \
    {n, "set video duration", AT(duration), AV_OPT_TYPE_DURATION, {.i64 = -1}, -1, \
     INT64_MAX, SET}

/* The options that both have. */
#define CREATURE \
    MODEL("model"), \
    MODEL("m"), \
    REAL("scale", "set pixels per cell; 0: as large as fits", scale, 0, 0, 10000, SET), \
    SIZE("grid", "set how many cells there are, WxH", grid_width, NULL), \
    REAL("steps", "set steps per frame", steps, 1, 0, NCA_FILM_STEPS_MAX, RUN), \
    WHOLE("warmup", "set steps before the first frame", warmup, 0, 0, \
          NCA_FILM_WARMUP_MAX), \
    TEXT("events", "set plants and wounds", events, NCA_EVENTS_DEFAULT), \
    REAL("angle", "turn, degrees counter-clockwise", angle, 0, -1e6, 1e6, RUN), \
    REAL("fire_rate", "set the share of cells that change in a step; -1: the model's", \
         fire_rate, -1, -1, 1, RUN), \
    CHOICE("edge", "set what is outside the grid", edge, -1, -1, NCA_EDGE_WRAP, SET), \
        VALUE("edge", "model", "as the model was trained", -1, SET), \
        VALUE("edge", "zero", "nothing", NCA_EDGE_ZERO, SET), \
        VALUE("edge", "wrap", "the other side", NCA_EDGE_WRAP, SET), \
    SEED("random_seed"), \
    SEED("seed"), \
    REAL("opacity", "set opacity", opacity, 1, 0, 1, RUN), \
    TEXT("x", "set where the grid's left side is", x_text, "(W-w)/2"), \
    TEXT("y", "set where the grid's top is", y_text, "(H-h)/2"), \
    CHOICE("interp", "set how cells become pixels", interp, NCA_INTERP_BILINEAR, 0, \
           NCA_INTERP_BILINEAR, SET), \
        VALUE("interp", "nearest", "crisp", NCA_INTERP_NEAREST, SET), \
        VALUE("interp", "bilinear", "smooth", NCA_INTERP_BILINEAR, SET), \
    TEXT("device", "set what computes: cpu, opencl, or opencl:N", device_name, "cpu")

static const AVOption nca_options[] = {
    CREATURE,
    CHOICE("mode", "set what is shown", mode, NCA_BLEND_OVER, 0, NCA_BLEND_ALPHA, RUN),
        VALUE("mode", "overlay", "the creature over the video", NCA_BLEND_OVER, RUN),
        VALUE("mode", "replace", "the creature on black", NCA_BLEND_REPLACE, RUN),
        VALUE("mode", "alpha", "the creature alone, transparent", NCA_BLEND_ALPHA, RUN),
    CHOICE("wound", "set what in the video kills cells", wound, NCA_WOUND_NONE, 0,
           NCA_WOUND_ALPHA, SET),
        VALUE("wound", "none", "nothing", NCA_WOUND_NONE, SET),
        VALUE("wound", "motion", "luma that changes", NCA_WOUND_MOTION, SET),
        VALUE("wound", "dark", "low luma", NCA_WOUND_DARK, SET),
        VALUE("wound", "bright", "high luma", NCA_WOUND_BRIGHT, SET),
        VALUE("wound", "alpha", "high alpha", NCA_WOUND_ALPHA, SET),
    REAL("threshold", "set how much of it kills; -1: 0.1, 0.2, 0.8 or 0.5", threshold, -1,
         -1, 1, RUN),
    {NULL},
};

static const AVOption ncasrc_options[] = {
    CREATURE,
    VIDEO_SIZE("size"),
    VIDEO_SIZE("s"),
    RATE("rate"),
    RATE("r"),
    DURATION("duration"),
    DURATION("d"),
    {"sar", "set sample aspect ratio", AT(sar), AV_OPT_TYPE_RATIONAL, {.dbl = 1}, 0,
     INT_MAX, SET},
    {NULL},
};

AVFILTER_DEFINE_CLASS(nca);
AVFILTER_DEFINE_CLASS(ncasrc);
/* clang-format on */

/* ----------------------------------------------------------------- formats */

static int is_source(const AVFilterContext *ctx)
{
    return !ctx->nb_inputs;
}

static int query_formats(AVFilterContext *ctx)
{
    const NcaContext *s = ctx->priv;
    int needs_alpha =
        !is_source(ctx) && (s->mode == NCA_BLEND_ALPHA || s->wound == NCA_WOUND_ALPHA);
    int ret = NCA_SET_STRAIGHT_ALPHA(ctx);
    return ret < 0 ? ret
                   : ff_set_common_formats_from_list(
                         ctx, needs_alpha ? ff_nca_alpha_formats : ff_nca_formats);
}

/* ------------------------------------------------------------------ frames */

/* The frame itself where it may be written to, else a copy, in its own size; takes the
 * frame.  Hosts may push other frames than they have announced. */
static int own_frame(AVFilterLink *outlink, AVFrame **frame)
{
    AVFrame *copy;
    int ret;
    if (av_frame_is_writable(*frame))
        return 0;
    copy = ff_get_video_buffer(outlink, (*frame)->width, (*frame)->height);
    if (!copy)
        return AVERROR(ENOMEM);
    ret = av_frame_copy_props(copy, *frame);
    if (ret >= 0)
        ret = av_frame_copy(copy, *frame);
    if (ret < 0) {
        av_frame_free(&copy);
        return ret;
    }
    av_frame_free(frame);
    *frame = copy;
    return 0;
}

/* FFmpeg hands an error up, once, and to nobody below: who asks again would wait for
 * ever. */
static int end_with(AVFilterLink *outlink, AVFrame **frame, int error)
{
    ff_outlink_set_status(outlink, error, (*frame)->pts);
    av_frame_free(frame);
    return error;
}

static int filter_frame(AVFilterLink *inlink, AVFrame *frame)
{
    AVFilterContext *ctx = inlink->dst;
    const NcaContext *s = ctx->priv;
    int hidden = ctx->is_disabled, ret = 0;
    if (frame->format != inlink->format) {
        av_log(ctx, AV_LOG_ERROR, "the pixel format changed while running\n");
        ret = AVERROR(EINVAL);
    }
    if (ret >= 0 && !hidden)
        ret = own_frame(ctx->outputs[0], &frame);
    if (ret >= 0)
        ret = ff_nca_show(ctx, frame, s->mode, hidden);
    return ret < 0 ? end_with(ctx->outputs[0], &frame, ret)
                   : ff_filter_frame(ctx->outputs[0], frame);
}

static int make_frame(AVFilterLink *outlink)
{
    AVFilterContext *ctx = outlink->src;
    NcaContext *s = ctx->priv;
    AVFrame *frame = ff_get_video_buffer(outlink, outlink->w, outlink->h);
    int ret;
    if (!frame) {
        ff_outlink_set_status(outlink, AVERROR(ENOMEM), s->pts);
        return AVERROR(ENOMEM);
    }
    frame->pts = s->pts++;
    NCA_DURATION(frame) = 1;
    frame->sample_aspect_ratio = outlink->sample_aspect_ratio;
    ret = ff_nca_show(ctx, frame, NCA_BLEND_ALPHA, 0);
    return ret < 0 ? end_with(outlink, &frame, ret) : ff_filter_frame(outlink, frame);
}

/* Of ncasrc, which tells when it ends. */
static int activate(AVFilterContext *ctx)
{
    AVFilterLink *outlink = ctx->outputs[0];
    const NcaContext *s = ctx->priv;
    if (ff_outlink_get_status(outlink))
        return 0; /* by an error */
    if (s->duration >= 0 &&
        av_rescale_q(s->pts, outlink->time_base, AV_TIME_BASE_Q) >= s->duration) {
        ff_outlink_set_status(outlink, AVERROR_EOF, s->pts);
        return 0;
    }
    return ff_outlink_frame_wanted(outlink) ? make_frame(outlink) : FFERROR_NOT_READY;
}

/* ------------------------------------------------------------------ commands */

static int reset(AVFilterContext *ctx, const char *arg)
{
    NcaContext *s = ctx->priv;
    uint64_t seed = s->random_seed;
    char *end;
    if (arg && *arg) {
        seed = strtoull(arg, &end, 10);
        if (!av_isdigit(*arg) || *end || seed > UINT32_MAX) {
            av_log(ctx, AV_LOG_ERROR,
                   "reset: \"%s\" where a seed of 0 … %u was expected\n", arg,
                   UINT32_MAX);
            return AVERROR(EINVAL);
        }
    }
    ff_nca_restart(ctx, seed);
    return 0;
}

/* An event now; its words may be parted by '|' too. */
static int event_command(AVFilterContext *ctx, const char *verb, const char *arg)
{
    NcaContext *s = ctx->priv;
    NcaError error;
    NcaStatus status;
    char *text = av_asprintf("%s %s", verb, arg ? arg : "");
    if (!text)
        return AVERROR(ENOMEM);
    for (char *c = text; *c; c++)
        if (*c == '|')
            *c = ' ';
    status = nca_grid_command(nca_film_grid(s->film), text, &error);
    av_free(text);
    return status < 0 ? ff_nca_failed(ctx, status, verb, &error) : 0;
}

/* A changed option reaches the grid. */
static void use_option(AVFilterContext *ctx, const char *name)
{
    const NcaContext *s = ctx->priv;
    NcaGrid *grid = nca_film_grid(s->film);
    if (!strcmp(name, "angle"))
        nca_grid_set_angle(grid, s->angle);
    if (!strcmp(name, "fire_rate"))
        nca_grid_set_fire_rate(grid, s->fire_rate);
    if (!strcmp(name, "mode") && s->mode == NCA_BLEND_ALPHA &&
        !ff_nca_has_alpha(s->seen.format))
        av_log(ctx, AV_LOG_WARNING, "the video has no alpha: the creature is on black\n");
}

static int process_command(AVFilterContext *ctx, const char *cmd, const char *arg,
                           char *res, int res_len, int flags)
{
    NcaContext *s = ctx->priv;
    int ret;
    if (!s->film)
        return AVERROR(EAGAIN);
    if (!strcmp(cmd, "reset"))
        return reset(ctx, arg);
    if (!strcmp(cmd, "plant") || !strcmp(cmd, "erase") || !strcmp(cmd, "fire"))
        return event_command(ctx, cmd, arg);
    ret = ff_filter_process_command(ctx, cmd, arg, res, res_len, flags);
    if (ret >= 0)
        use_option(ctx, cmd);
    return ret;
}

/* ------------------------------------------------------ set-up and tear-down */

/* What else can be wrong is told by av_opt, or when the size is known. */
static int check_options(AVFilterContext *ctx)
{
    NcaContext *s = ctx->priv;
    NcaEvents *events = NULL;
    NcaError error;
    NcaStatus status;
    if (!s->model_name || !*s->model_name) {
        av_log(ctx, AV_LOG_ERROR,
               "model is missing: a file, or the name of an installed model\n");
        return AVERROR(EINVAL);
    }
    status = nca_device_parse(&s->device, s->device_name, &error);
    if (status < 0)
        return ff_nca_failed(ctx, status, "device", &error);
    status = nca_events_parse(&events, s->events, &error);
    nca_events_free(&events);
    return status < 0 ? ff_nca_failed(ctx, status, "events", &error) : 0;
}

static av_cold int init(AVFilterContext *ctx)
{
    NcaContext *s = ctx->priv;
    NcaError error;
    NcaStatus status;
    int ret = check_options(ctx);
    if (ret < 0)
        return ret;
    status = nca_model_find(&s->model, s->model_name, &error);
    if (status < 0)
        return ff_nca_failed(ctx, status, NULL, &error);
    if (s->random_seed < 0) {
        s->random_seed = av_get_random_seed();
        av_log(ctx, AV_LOG_INFO, "random_seed:%" PRId64 "\n", s->random_seed);
    }
    return 0;
}

static av_cold void uninit(AVFilterContext *ctx)
{
    NcaContext *s = ctx->priv;
    nca_view_free(&s->view);
    nca_film_free(&s->film);
    nca_model_free(&s->model);
}

static int config_input(AVFilterLink *inlink)
{
    return ff_nca_begin(inlink->dst, inlink->w, inlink->h, inlink->format);
}

static int config_output(AVFilterLink *outlink)
{
    const NcaContext *s = outlink->src->priv;
    outlink->w = s->width;
    outlink->h = s->height;
    outlink->sample_aspect_ratio = s->sar;
    outlink->time_base = av_inv_q(s->rate);
    NCA_FRAME_RATE(outlink) = s->rate;
    return ff_nca_begin(outlink->src, s->width, s->height, outlink->format);
}

/* ------------------------------------------------------------- registration */

static const AVFilterPad nca_inputs[] = {
    {
        .name = "default",
        .type = AVMEDIA_TYPE_VIDEO,
        .config_props = config_input,
        .filter_frame = filter_frame,
    },
};

static const AVFilterPad nca_outputs[] = {
    {
        .name = "default",
        .type = AVMEDIA_TYPE_VIDEO,
    },
};

static const AVFilterPad ncasrc_outputs[] = {
    {
        .name = "default",
        .type = AVMEDIA_TYPE_VIDEO,
        .config_props = config_output,
    },
};

const NCA_FILTER ff_vf_nca = {
    NCA_PUBLIC(name) = "nca",
    NCA_PUBLIC(description) =
        NULL_IF_CONFIG_SMALL("Grow a neural cellular automaton on the video."),
    NCA_PUBLIC(priv_class) = &nca_class,
    NCA_PUBLIC(flags) =
        AVFILTER_FLAG_SUPPORT_TIMELINE_INTERNAL | AVFILTER_FLAG_SLICE_THREADS,
    .priv_size = sizeof(NcaContext),
    .init = init,
    .uninit = uninit,
    .process_command = process_command,
    FILTER_INPUTS(nca_inputs),
    FILTER_OUTPUTS(nca_outputs),
    FILTER_QUERY_FUNC(query_formats),
};

const NCA_FILTER ff_vsrc_ncasrc = {
    NCA_PUBLIC(name) = "ncasrc",
    NCA_PUBLIC(description) = NULL_IF_CONFIG_SMALL("Grow a neural cellular automaton."),
    NCA_PUBLIC(priv_class) = &ncasrc_class,
    NCA_PUBLIC(flags) = AVFILTER_FLAG_SLICE_THREADS,
    .priv_size = sizeof(NcaContext),
    .init = init,
    .uninit = uninit,
    .activate = activate,
    .process_command = process_command,
    NCA_PUBLIC(inputs) = NULL,
    FILTER_OUTPUTS(ncasrc_outputs),
    FILTER_QUERY_FUNC(query_formats),
};
