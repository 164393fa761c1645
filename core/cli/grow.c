/* SPDX-License-Identifier: MIT
 *
 * nca grow: pictures of a model as it grows.  The events of a step are done before the
 * picture of that step is taken: frame 0 shows the seed, and a wound its own frame. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "frames.h"
#include "options.h"
#include "program.h"
#include "progress.h"

enum { NUMBERED_MOST = 1000000 };

typedef struct Size {
    int width, height; /* 0: not given */
} Size;

typedef struct GrowOptions {
    const char *output, *events;
    int64_t steps, every;
    Size grid;
    uint64_t seed;
    float angle, fire_rate;
    int edge, zoom, threads, precision, device;
    Background background;
    bool verbose;
} GrowOptions;

static bool read_size(const char *text, void *value)
{
    Size size;
    char end;
    if (strspn(text, "0123456789x") != strlen(text) || strlen(text) > 11 ||
        sscanf(text, "%dx%d%c", &size.width, &size.height, &end) != 2)
        return false;
    if (size.width < 1 || size.height < 1 || size.width > NCA_SIDE_MAX ||
        size.height > NCA_SIDE_MAX)
        return false;
    *(Size *)value = size;
    return true;
}

#define AT(field) offsetof(GrowOptions, field)

static const Option options[] = {
    {"output", 'o', "FILE", OPTION_FILE, AT(output),
     .help = "OUT.png: the last step; OUT-%04d.png: numbered frames;\n"
             "-: raw RGBA frames on standard output"},
    {"steps", 's', "N", OPTION_INT64, AT(steps), 0, 1e12, .help = "steps to make"},
    {"every", 'e', "N", OPTION_INT64, AT(every), 1, 1e12,
     .help = "steps from frame to frame; frame 0 is the start"},
    {"grid", 'g', "WxH", OPTION_READ, AT(grid), 1, NCA_SIDE_MAX,
     "the model's, else 72x72", "cells", read_size, "WIDTHxHEIGHT, each 1 to 32768"},
    {"seed", 0, "N", OPTION_SEED, AT(seed), .help = "of the random choice of cells"},
    {"angle", 0, "DEG", OPTION_FLOAT, AT(angle), -1e6, 1e6,
     .help = "turns the creature counter-clockwise"},
    {"events", 0, "TEXT", OPTION_TEXT, AT(events),
     .help = "plants and wounds, see nca(1)"},
    {"edge", 0, "zero|wrap", OPTION_CHOICE, AT(edge), .initial = "the model's",
     .help = "what is outside the grid"},
    {"fire-rate", 0, "RATE", OPTION_FLOAT, AT(fire_rate), 0, 1, "the model's",
     "how many of the cells change in a step"},
    {"background", 'b', "COLOR", OPTION_READ, AT(background), 0, 0, "none",
     "none or #rrggbb, laid below the picture", background_read, "none or #rrggbb"},
    {"zoom", 'z', "N", OPTION_INT, AT(zoom), 1, 256, .help = "pixels to a cell"},
    {"threads", 'j', "N", OPTION_INT, AT(threads), 0, 256, "one for each processor",
     "threads"},
    {"precision", 0, "f32|bf16", OPTION_CHOICE, AT(precision),
     .help = "bf16: faster where the processor has it, and not bit-exact"},
    DEVICE_OPTION(AT(device)),
    {"verbose", 'v', NULL, OPTION_FLAG, AT(verbose),
     .help = "tell the size of the frames, and the memory"},
    {NULL},
};

static const Command command = {
    .verb = "grow",
    .operands = "MODEL -o OUT",
    .summary = "Grows a model from its seed and writes what it looks like.",
    .notes = "MODEL is a file or the name of an installed model.  With numbered or raw "
             "frames\n"
             "there are STEPS/EVERY + 1 of them; a million can be numbered.",
    .options = options,
    .least = 1,
    .most = 1,
};

/* ------------------------------------------------------------------- set up */

static int check_grid(const NcaGrid *grid, const GrowOptions *o, Progress *progress,
                      bool *told)
{
    NcaError error;
    NcaStatus status = nca_grid_device(grid, &error);
    if (status < 0 && !*told)
        progress_end(progress);
    return check_device(o->device, status, &error, told);
}

static NcaGridParams grid_params(const GrowOptions *o, const NcaModel *model,
                                 NcaPool *pool)
{
    NcaGridParams params = nca_grid_params_default();
    nca_model_trained_size(model, &params.width, &params.height);
    if (o->grid.width) {
        params.width = o->grid.width;
        params.height = o->grid.height;
    }
    params.seed = o->seed;
    params.angle = o->angle;
    params.fire_rate = o->fire_rate;
    params.precision = (NcaPrecision)o->precision;
    params.edge = o->edge;
    params.device = o->device;
    params.parallel = nca_pool_run;
    params.host = pool;
    params.threads = nca_pool_threads(pool);
    return params;
}

static int64_t frames_of(const Frames *f, const GrowOptions *o)
{
    return f->kind == FRAMES_ONE ? 1 : o->steps / o->every + 1;
}

static void tell_frames(const Frames *f, const GrowOptions *o, const NcaModel *model,
                        const NcaGridParams *p)
{
    long long frames = frames_of(f, o);
    uint64_t memory = nca_grid_memory(model, p->width, p->height) + frames_memory(f);
    fprintf(stderr, "nca: %lld frame%s of %dx%d, up to %.1f MiB for %dx%d cells\n",
            frames, frames == 1 ? "" : "s", f->width, f->height,
            (double)memory / (1 << 20), p->width, p->height);
    if (f->kind == FRAMES_PIPE)
        fprintf(
            stderr,
            "nca: read them with ffmpeg -f rawvideo -pix_fmt rgba -s %dx%d -r 25 -i -\n",
            f->width, f->height);
}

/* What it will take is told before it is taken. */
static int new_grid(NcaGrid **grid, const GrowOptions *o, const NcaModel *model,
                    const char *name, NcaPool *pool, Frames *frames)
{
    NcaError error;
    NcaGridParams params = grid_params(o, model, pool);
    int status = frames_size(frames, params.width, params.height);
    if (status != EXIT_GOOD)
        return status;
    if (o->verbose)
        tell_frames(frames, o, model, &params);
    NcaStatus made = nca_grid_new(grid, model, &params, &error);
    return made == NCA_OK
               ? EXIT_GOOD
               : complain_error(made == NCA_ERR_DEVICE ? "--device" : name, &error);
}

/* --------------------------------------------------------------------- grow */

/* Steps in parts, so that progress shows, and ends early where just this device was
 * wanted and is lost; the parts change nothing. */
static void run_steps(NcaGrid *grid, const NcaEvents *events, const GrowOptions *o,
                      int64_t steps, Progress *progress)
{
    int64_t most = progress->terminal ? 16 : 4096;
    for (int64_t part; steps > 0; steps -= part) {
        part = steps > most ? most : steps;
        nca_grid_run(grid, events, part);
        if (o->device >= NCA_DEVICE_FIRST && nca_grid_device(grid, NULL) < 0)
            return;
        if (progress_due(progress))
            progress_show(progress, "step %lld of %lld", (long long)nca_grid_time(grid),
                          (long long)o->steps);
    }
}

/* nca_grid_run does the events of its first step again: they overwrite, so twice is once.
 */
static int write_frames(NcaGrid *grid, const NcaEvents *events, const GrowOptions *o,
                        Frames *frames)
{
    Progress progress;
    bool told = false;
    int64_t every = frames->kind == FRAMES_ONE ? o->steps : o->every;
    int status = EXIT_GOOD;
    progress_begin(&progress, 0);
    /* The reader of a pipe has a progress line of its own. */
    progress.terminal = progress.terminal && frames->kind != FRAMES_PIPE;
    if (!progress.terminal)
        progress.interval = INFINITY;
    if ((status = check_grid(grid, o, &progress, &told)) == EXIT_GOOD &&
        frames->kind == FRAMES_ONE)
        run_steps(grid, events, o, o->steps, &progress);
    while (status == EXIT_GOOD) {
        nca_events_apply(events, grid);
        frames_read(frames, grid);
        if ((status = check_grid(grid, o, &progress, &told)) == EXIT_GOOD)
            status = frames_write(frames);
        if (status != EXIT_GOOD || every < 1 || every > o->steps - nca_grid_time(grid))
            break;
        run_steps(grid, events, o, every, &progress);
    }
    progress_end(&progress);
    return status;
}

static int grow(const GrowOptions *o, const char *name, Frames *frames)
{
    NcaError error;
    NcaModel *model = NULL;
    NcaPool *pool = NULL;
    NcaGrid *grid = NULL;
    NcaEvents *events = NULL;
    int status = EXIT_USAGE;
    NcaStatus parsed = nca_events_parse(&events, o->events, &error);
    if (parsed < 0) {
        status = parsed == NCA_ERR_MEMORY
                     ? complain_error("--events", &error)
                     : usage_error(&command, "--events: %s", error.text);
        goto done;
    }
    if (frames->kind != FRAMES_PIPE && (status = check_writable(o->output)) != EXIT_GOOD)
        goto done;
    if ((status = load_model(&model, name)) != EXIT_GOOD ||
        (status = new_pool(&pool, o->threads)) != EXIT_GOOD ||
        (status = new_grid(&grid, o, model, name, pool, frames)) != EXIT_GOOD ||
        (status = frames_open(frames)) != EXIT_GOOD)
        goto done;
    status = write_frames(grid, events, o, frames);
done:
    frames_close(frames);
    nca_grid_free(&grid);
    nca_events_free(&events);
    nca_pool_free(&pool);
    nca_model_free(&model);
    return status;
}

int grow_main(int argc, char **argv)
{
    NcaGridParams params = nca_grid_params_default();
    GrowOptions o = {
        .events = NCA_EVENTS_DEFAULT,
        .steps = 200,
        .every = 1,
        .seed = params.seed,
        .angle = params.angle,
        .fire_rate = params.fire_rate,
        .edge = params.edge,
        .zoom = 1,
    };
    Arguments arguments;
    Frames frames = {0};
    int status = options_parse(&command, argc, argv, &o, &arguments);
    if (status != OPTIONS_GO_ON)
        return status;
    if (!o.output)
        return usage_error(&command, "-o OUT is expected");
    if (!frames_kind(o.output, &frames.kind))
        return usage_error(
            &command, "--output: \"%s\" has a %% that is not one %%d or %%04d", o.output);
    if (frames.kind == FRAMES_PIPE && isatty(STDOUT_FILENO))
        return usage_error(&command, "raw frames do not go to a terminal: pipe them on");
    if (o.precision && o.device != NCA_DEVICE_CPU)
        return usage_error(&command, "--precision bf16 is of the processor only");
    if (frames.kind == FRAMES_NUMBERED && frames_of(&frames, &o) > NUMBERED_MOST)
        return usage_error(&command, "%lld pictures, at most %d can be numbered",
                           (long long)frames_of(&frames, &o), NUMBERED_MOST);
    if (frames.kind == FRAMES_ONE && is_same_file(o.output, arguments.operand[0]))
        return usage_error(&command, "\"%s\" is the model and the output", o.output);
    frames.path = o.output;
    frames.zoom = o.zoom;
    frames.background = o.background;
    return grow(&o, arguments.operand[0], &frames);
}
