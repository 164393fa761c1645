/* SPDX-License-Identifier: MIT
 *
 * Whatever text is taken for the options of the filter nca and the source ncasrc, inside
 * libavfilter: what is accepted makes frames.  The input is the options' text and, in
 * further lines, commands that come after the first frame, "NAME ARGUMENT".
 *
 * What asks for long work is held to a little once it has been accepted: hours of steps
 * are no finding. */
#include <string.h>

#include "libavfilter/avfilter.h"
#include "libavfilter/buffersink.h"
#include "libavutil/log.h"
#include "libavutil/opt.h"

#include "fuzz.h"

enum { LINES_MOST = 8, FRAMES = 3, CELLS_MOST = 1 << 18, PIXELS_MOST = 1 << 20 };

/* The next line of *from, which moves on; NULL: there is none. */
static char *next_line(char **from)
{
    char *line = *from, *end = line ? strchr(line, '\n') : NULL;
    if (end)
        *end = 0;
    *from = end ? end + 1 : NULL;
    return line;
}

static void hold_number(AVFilterContext *ctx, const char *name, double most)
{
    double value;
    if (av_opt_get_double(ctx->priv, name, 0, &value) >= 0 && value > most)
        MUST(av_opt_set_double(ctx->priv, name, most, 0) >= 0);
}

/* Whether an option that is a size asks for so much. */
static int is_large(AVFilterContext *ctx, const char *name, int64_t most)
{
    int width, height;
    return av_opt_get_image_size(ctx->priv, name, 0, &width, &height) >= 0 &&
           (int64_t)width * height > most;
}

/* The filter with those options, linked to a sink; NULL where that is refused. */
static AVFilterContext *make(AVFilterGraph *graph, const char *name, const char *options,
                             AVFilterContext *sink)
{
    AVFilterContext *ctx =
        avfilter_graph_alloc_filter(graph, avfilter_get_by_name(name), "creature");
    AVFilterContext *color = NULL;
    MUST(ctx);
    if (avfilter_init_str(ctx, options) < 0 || is_large(ctx, "grid", CELLS_MOST) ||
        is_large(ctx, "size", PIXELS_MOST))
        return NULL;
    hold_number(ctx, "steps", 2);
    hold_number(ctx, "warmup", 2);
    if (!strcmp(name, "nca")) {
        MUST(avfilter_graph_create_filter(&color, avfilter_get_by_name("color"), "color",
                                          "size=32x18", NULL, graph) >= 0);
        MUST(avfilter_link(color, 0, ctx, 0) >= 0);
    }
    return avfilter_link(ctx, 0, sink, 0) < 0 ? NULL : ctx;
}

static void command(AVFilterGraph *graph, char *line)
{
    char answer[64], *space = strchr(line, ' ');
    if (space)
        *space = 0;
    if (strcmp(line, "steps"))
        avfilter_graph_send_command(graph, "creature", line, space ? space + 1 : "",
                                    answer, sizeof(answer), 0);
}

static void run(AVFilterGraph *graph, AVFilterContext *sink, char *commands)
{
    AVFrame *frame = av_frame_alloc();
    MUST(frame);
    for (int i = 0; i < FRAMES && av_buffersink_get_frame(sink, frame) >= 0; i++) {
        MUST(frame->width > 0 && frame->height > 0 && frame->data[0]);
        av_frame_unref(frame);
        fuzz_accepted += i == 0;
        for (int n = 0; n < LINES_MOST && commands; n++)
            command(graph, next_line(&commands));
    }
    av_frame_free(&frame);
}

static void try(const char *name, const char *text)
{
    AVFilterGraph *graph = avfilter_graph_alloc();
    AVFilterContext *sink = NULL;
    char *copy = strdup(text), *rest = copy;
    const char *options = next_line(&rest);
    MUST(graph && copy);
    graph->nb_threads = 1;
    MUST(avfilter_graph_create_filter(&sink, avfilter_get_by_name("buffersink"), "sink",
                                      NULL, NULL, graph) >= 0);
    if (make(graph, name, options, sink) && avfilter_graph_config(graph, NULL) >= 0)
        run(graph, sink, rest);
    avfilter_graph_free(&graph);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(size + 1, 1);
    MUST(text);
    memcpy(text, data, size);
    av_log_set_level(AV_LOG_QUIET);
    try("nca", text);
    try("ncasrc", text);
    free(text);
    return 0;
}
