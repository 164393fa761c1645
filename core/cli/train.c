/* SPDX-License-Identifier: MIT
 *
 * nca train: a picture in, a model out.  Options are read twice: a preset, when there is
 * one, sets the recipe in between, and what was given by name then wins over it. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "nca_train.h"
#include "options.h"
#include "program.h"
#include "stop.h"
#include "target_file.h"
#include "train_run.h"

typedef struct TrainOptions {
    NcaTrainParams train;
    NcaTargetParams target;
    const char *output, *from, *checkpoint, *resume, *log, *preview, *license;
    char beside[PATH_MAX]; /* the checkpoint of a stopped one that has no other */
    double save_every;
    int preset;
} TrainOptions;

#define PRESETS "draft|standard|best|finish"
#define AT(field) offsetof(TrainOptions, field)

static const Option options[] = {
    {"output", 'o', "FILE", OPTION_FILE, AT(output),
     .help = "the model to write, MODEL.bin"},
    {"preset", 'p', PRESETS, OPTION_CHOICE, AT(preset), .initial = "the published recipe",
     .help = "a recipe of our own: sooner, better, or what makes a good one better"},
    {"regime", 0, "growing|persistent|regenerating", OPTION_CHOICE, AT(train.regime),
     .help = "grow; stay as well; heal as well"},
    {"iterations", 'i', "N", OPTION_INT64, AT(train.iterations), 1, 1e9,
     .help = "how long to train"},
    {"minutes", 'm', "M", OPTION_DOUBLE, AT(train.minutes), 1e-3, 1e6, "no limit",
     "or: by the clock (not reproducible)"},
    {"size", 0, "N", OPTION_INT, AT(target.size), 4, 1024,
     .help = "longest side of the picture, in cells"},
    {"padding", 0, "N", OPTION_INT, AT(target.padding), 0, 256,
     .help = "cells around it"},
    {"from", 0, "MODEL", OPTION_FILE, AT(from),
     .initial = "in a preset the axolotl, which nca brings along",
     .help = "start with this model's weights"},
    {"from-scratch", 0, NULL, OPTION_FLAG, AT(train.from_scratch),
     .help = "a preset begins with random weights, not with what others know"},
    {"seed", 0, "N", OPTION_SEED, AT(train.seed), .help = "of all that is random"},
    {"channels", 0, "N", OPTION_INT, AT(train.channels), 4, NCA_CHANNELS_MAX,
     .help = "values to a cell"},
    {"hidden", 0, "N", OPTION_INT, AT(train.hidden), 1, NCA_HIDDEN_MAX,
     .help = "width of the hidden layer"},
    {"batch", 0, "N", OPTION_INT, AT(train.batch), 1, 256,
     .help = "samples an iteration"},
    {"pool", 0, "N", OPTION_INT, AT(train.pool), 1, 65536, .help = "samples in the pool"},
    {"rate", 0, "R", OPTION_FLOAT, AT(train.rate), 1e-8, 1, .help = "learning rate"},
    {"memory", 0, "SIZE", OPTION_BYTES, AT(train.memory), 1 << 20, 1e15,
     .help = "what states may take; K, M or G may follow"},
    {"checkpoint", 0, "FILE", OPTION_FILE, AT(checkpoint),
     .help = "write there all that is needed to go on"},
    {"resume", 0, "FILE", OPTION_FILE, AT(resume),
     .help = "go on from a checkpoint, and keep it up to date"},
    {"save-every", 0, "S", OPTION_DOUBLE, AT(save_every), 0, 1e6,
     .help = "seconds between saved models and checkpoints"},
    {"log", 0, "FILE", OPTION_FILE, AT(log), .help = "a line of CSV for each iteration"},
    {"preview", 0, "FILE", OPTION_FILE, AT(preview),
     .help = "a PNG of the last batch, renewed every 10 s"},
    {"license", 0, "TEXT", OPTION_TEXT, AT(license), .help = "goes into the model"},
    {"threads", 'j', "N", OPTION_INT, AT(train.threads), 0, 256, "one for each processor",
     "threads"},
    DEVICE_OPTION(AT(train.device)),
    {NULL},
};

static const Command command = {
    .verb = "train",
    .operands = "TARGET.png -o MODEL.bin",
    .summary = "Trains a model that grows the picture from one cell and heals it.",
    .notes =
        "Defaults are those of the published regenerating recipe; a preset brings its "
        "own.\n"
        "Ctrl-C ends cleanly: what was learnt and a checkpoint are saved (in\n"
        "MODEL.bin.checkpoint where --checkpoint names no other), the exit status is 0.",
    .options = options,
    .least = 1,
    .most = 1,
};

/* ------------------------------------------------------------------ options */

static int apply_preset(TrainOptions *o)
{
    static const char *const names[] = {"draft", "standard", "best", "finish"};
    NcaError error;
    if (o->preset >= 0 &&
        nca_train_params_preset(&o->train, names[o->preset], &error) < 0)
        return usage_error(&command, "--preset: %s", error.text);
    o->train.threads = 0; /* all, whatever the recipe's struct says */
    return OPTIONS_GO_ON;
}

/* Nothing is written over what is read, nor two things into one file; but for a model
 * that goes on as itself. */
static int check_distinct(const TrainOptions *o, const char *target)
{
    enum { FROM, RESUME, TARGET, OUTPUT, CHECKPOINT, LOG, PREVIEW, ALL };
    const struct {
        const char *name, *path;
    } files[ALL] = {
        [FROM] = {"the model to begin with", o->from},
        [RESUME] = {"the checkpoint to go on from", o->resume},
        [TARGET] = {"the target", target},
        [OUTPUT] = {"the output", o->output},
        [CHECKPOINT] = {"the checkpoint", o->checkpoint ? o->checkpoint : o->beside},
        [LOG] = {"the log", o->log},
        [PREVIEW] = {"the preview", o->preview}};
    for (int i = OUTPUT; i < ALL; i++)
        for (int k = 0; k < i && files[i].path; k++)
            if (files[k].path && !(i == OUTPUT && k == FROM) &&
                !(i == CHECKPOINT && k == RESUME) &&
                is_same_file(files[i].path, files[k].path))
                return usage_error(&command, "\"%s\" is %s and %s", files[i].path,
                                   files[k].name, files[i].name);
    return OPTIONS_GO_ON;
}

static int check_options(TrainOptions *o, const Arguments *a)
{
    bool minutes = option_given(&command, a, "minutes");
    bool iterations = option_given(&command, a, "iterations");
    if (!o->output)
        return usage_error(&command, "-o MODEL.bin is expected");
    if (o->train.recipe == NCA_RECIPE_FINISHING && !o->from)
        return usage_error(&command, "--preset finish: --from MODEL is expected");
    if (o->from && o->train.from_scratch)
        return usage_error(&command, "--from and --from-scratch exclude each other");
    if (minutes && iterations)
        return usage_error(&command, "--iterations and --minutes exclude each other");
    if (o->from &&
        (option_given(&command, a, "channels") || option_given(&command, a, "hidden")))
        return usage_error(&command,
                           "--channels and --hidden are those of the --from model");
    if (o->train.regime != NCA_REGIME_GROWING && o->train.pool < o->train.batch)
        return usage_error(&command, "--pool: %d samples for a batch of %d",
                           o->train.pool, o->train.batch);
    if (o->license && !is_text(o->license))
        return usage_error(&command, "--license: not UTF-8 text");
    if (iterations)
        o->train.minutes = 0;
    if (!o->checkpoint)
        o->checkpoint = o->resume;
    if (snprintf(o->beside, sizeof(o->beside), "%s.checkpoint", o->output) >=
        (int)sizeof(o->beside))
        return usage_error(&command, "--output: %s", strerror(ENAMETOOLONG));
    return check_distinct(o, a->operand[0]);
}

static int read_options(TrainOptions *o, Arguments *a, int argc, char **argv)
{
    int status = options_parse(&command, argc, argv, o, a);
    if (status == OPTIONS_GO_ON)
        status = apply_preset(o);
    if (status == OPTIONS_GO_ON)
        status = options_parse(&command, argc, argv, o, a);
    return status == OPTIONS_GO_ON ? check_options(o, a) : status;
}

/* A device, or a link: beside those there may be no room. */
static bool is_special(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

/* Before hours are spent. */
static int check_paths(const TrainOptions *o)
{
    const char *beside = is_special(o->output) ? NULL : o->beside;
    const char *checkpoint = o->checkpoint ? o->checkpoint : beside;
    const char *const paths[] = {o->output, checkpoint, o->log, o->preview};
    int status = EXIT_GOOD;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && status == EXIT_GOOD; i++)
        status = check_writable(paths[i]);
    return status;
}

/* ----------------------------------------------------------------- training */

/* NULL until there is one. */
typedef _Atomic(NcaTrainer *) Running;

static bool wake(void *running)
{
    NcaTrainer *trainer = atomic_load((Running *)running);
    if (trainer)
        nca_trainer_interrupt(trainer);
    return trainer != NULL;
}

/* A checkpoint that is there is held before it is read: another training might still
 * write it.  One that is not there is not made before that. */
static int go_on(NcaTrainer *trainer, const TrainOptions *o)
{
    NcaError error;
    NcaStatus status = NCA_OK;
    bool there = o->checkpoint && access(o->checkpoint, F_OK) == 0;
    if (there)
        status = nca_trainer_hold(trainer, o->checkpoint, &error);
    if (status == NCA_OK && o->resume)
        status = nca_trainer_load(trainer, o->resume, &error);
    if (status == NCA_OK && o->checkpoint && !there)
        status = nca_trainer_hold(trainer, o->checkpoint, &error);
    return status < 0 ? complain_error(NULL, &error) : EXIT_GOOD;
}

static int new_trainer(NcaTrainer **trainer, TrainOptions *o, const NcaTarget *target,
                       const char *target_path, NcaPool *pool)
{
    NcaError error;
    NcaModel *from = NULL;
    if (o->from && load_model(&from, o->from) != EXIT_GOOD)
        return EXIT_FAILED;
    o->train.parallel = nca_pool_run;
    o->train.host = pool;
    o->train.threads = nca_pool_threads(pool);
    NcaStatus status = nca_trainer_new(trainer, target, &o->train, from, &error);
    nca_model_free(&from);
    if (status < 0)
        return complain_error(status == NCA_ERR_DEVICE ? "--device" : target_path,
                              &error);
    return go_on(*trainer, o);
}

static int train(TrainOptions *o, const char *target_path)
{
    NcaTarget *target = NULL;
    NcaPool *pool = NULL;
    NcaTrainer *trainer = NULL;
    Running running = NULL;
    int status;
    if ((status = target_file_read(&target, target_path, &o->target)) != EXIT_GOOD)
        goto done;
    /* Before there are threads, which take after this one.  Whoever reads what is said
     * may leave: Ctrl-C ends `tee`, too. */
    stop_block();
    signal(SIGPIPE, SIG_IGN);
    if ((status = stop_watch(wake, &running)) != EXIT_GOOD ||
        (status = new_pool(&pool, o->train.threads)) != EXIT_GOOD ||
        (status = new_trainer(&trainer, o, target, target_path, pool)) != EXIT_GOOD)
        goto done;
    atomic_store(&running, trainer);
    TrainRun run = {
        .trainer = trainer,
        .target = target,
        .pool = pool,
        .output = o->output,
        .license = o->license,
        .checkpoint = o->checkpoint,
        .beside = o->beside,
        .log = o->log,
        .preview = o->preview,
        .device = o->train.device,
        .resumed = o->resume != NULL,
        .save_every = o->save_every,
    };
    status = train_run(&run);
done:
    stop_unwatch();
    nca_trainer_free(&trainer);
    nca_pool_free(&pool);
    nca_target_free(&target);
    if (status == TRAIN_RUN_VAIN)
        stop_obey();
    return status;
}

int train_main(int argc, char **argv)
{
    TrainOptions o = {
        .train = nca_train_params_default(),
        .target = nca_target_params_default(),
        .save_every = 30,
        .preset = -1,
    };
    Arguments arguments;
    o.train.threads = 0;
    int status = read_options(&o, &arguments, argc, argv);
    if (status != OPTIONS_GO_ON)
        return status;
    if ((status = check_paths(&o)) != EXIT_GOOD)
        return status;
    return train(&o, arguments.operand[0]);
}
