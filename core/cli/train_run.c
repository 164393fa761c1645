/* SPDX-License-Identifier: MIT
 *
 * Iterations, and beside them a progress line, a log, a preview, the model so far and a
 * checkpoint.  What cannot be written meanwhile is told and does not end the training;
 * what cannot be written at the end is a failure. */
#include "train_run.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "png_file.h"
#include "program.h"
#include "progress.h"
#include "stop.h"

enum { EVAL_SEEDS = 5 };
static const double PREVIEW_EVERY = 10, PLAIN_EVERY = 10; /* seconds */

/* ------------------------------------------------------------------ writing */

/* "pictures/lizard.bin" → "lizard" */
static void stem_of(const char *path, char *stem, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    snprintf(stem, size, "%.*s", dot && dot > base ? (int)(dot - base) : INT_MAX, base);
}

static int save_model(const TrainRun *r, const NcaModel *model)
{
    NcaError error;
    if (nca_model_save(model, r->output, NCA_FORMAT_SAFETENSORS, &error) < 0)
        return complain_error(NULL, &error);
    return EXIT_GOOD;
}

/* The model so far, the caller's, with its licence, and named where the name is text. */
static int take_model(const TrainRun *r, NcaModel **model)
{
    NcaError error;
    char stem[NAME_MAX + 1];
    stem_of(r->output, stem, sizeof(stem));
    if (nca_trainer_model(r->trainer, model, &error) < 0)
        return complain_error(r->output, &error);
    if ((is_text(stem) && nca_model_set_meta(*model, "name", stem) < 0) ||
        (r->license && nca_model_set_meta(*model, "license", r->license) < 0)) {
        nca_model_free(model);
        return complain(r->output, "out of memory");
    }
    return EXIT_GOOD;
}

static int save_checkpoint(const TrainRun *r, const char *path)
{
    NcaError error;
    if (nca_trainer_save(r->trainer, path, &error) < 0)
        return complain_error(NULL, &error);
    return EXIT_GOOD;
}

static int save_preview(const TrainRun *r)
{
    int width, height;
    nca_trainer_preview_size(r->trainer, &width, &height);
    uint8_t *rgba = calloc((size_t)width * (size_t)height, 4);
    if (!rgba)
        return complain(r->preview, "out of memory");
    nca_trainer_preview(r->trainer, rgba);
    int status = png_file_write(r->preview, rgba, width, height);
    free(rgba);
    return status;
}

static int save_all_so_far(const TrainRun *r)
{
    NcaModel *model = NULL;
    int status = take_model(r, &model);
    if (status == EXIT_GOOD)
        status = save_model(r, model);
    nca_model_free(&model);
    if (r->checkpoint && save_checkpoint(r, r->checkpoint) != EXIT_GOOD)
        status = EXIT_FAILED;
    return status;
}

/* ---------------------------------------------------------------------- log */

typedef struct Log {
    FILE *file; /* NULL: none is wanted */
    bool begun;
    int reason; /* errno of the first line that could not be written */
} Log;

static void note_reason(Log *log, bool written)
{
    if (!written && !log->reason)
        log->reason = errno;
}

static int open_log(const TrainRun *r, Log *log)
{
    if (!r->log)
        return EXIT_GOOD;
    log->file = fopen(r->log, "ae");
    if (!log->file)
        return complain(r->log, "%s", strerror(errno));
    setvbuf(log->file, NULL, _IOLBF, 0);
    return EXIT_GOOD;
}

/* At the first line, so that a run that comes to none leaves an old one as it is. */
static void begin_log(const TrainRun *r, Log *log)
{
    struct stat info;
    int file = fileno(log->file);
    bool old = fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0;
    if (old && !r->resumed)
        note_reason(log, ftruncate(file, 0) == 0);
    if (!old || !r->resumed)
        note_reason(log, fputs("iteration,loss,smooth,rate,seconds\n", log->file) != EOF);
    log->begun = true;
}

static void log_iteration(const TrainRun *r, Log *log, const NcaTrainStatus *s,
                          double seconds)
{
    if (log->file && !log->begun)
        begin_log(r, log);
    if (log->file)
        note_reason(log, fprintf(log->file, "%lld,%.6g,%.6g,%.6g,%.6g\n",
                                 (long long)s->iteration, s->loss, s->smooth_loss,
                                 s->rate, seconds) > 0);
}

static int close_log(const TrainRun *r, Log *log)
{
    if (log->file)
        note_reason(log, fclose(log->file) == 0);
    return log->reason ? complain(r->log, "%s", strerror(log->reason)) : EXIT_GOOD;
}

/* --------------------------------------------------------------- iterations */

static void show(Progress *progress, const NcaTrainStatus *s)
{
    char left[32];
    double loss = isnan(s->smooth_loss) ? s->loss : s->smooth_loss;
    double part = s->iterations > 0 ? (double)s->iteration / (double)s->iterations : 0;
    progress_show(
        progress, "%lld/%lld %d%%  side %d  loss %.2e (10^%.2f)  rate %.1e  left %s",
        (long long)s->iteration, (long long)s->iterations, (int)(part * 100), s->size,
        loss, log10(loss), s->rate, seconds_text(s->seconds_left, left, sizeof(left)));
}

/* What is due beside the iterations, and when it was last done. */
typedef struct Beside {
    Progress progress;
    double saved, drawn;
    bool told; /* that the processor took over */
} Beside;

static int check_trainer(const TrainRun *r, Beside *b)
{
    NcaError error;
    NcaStatus status = nca_trainer_device(r->trainer, &error);
    if (status < 0 && !b->told)
        progress_end(&b->progress);
    return check_device(r->device, status, &error, &b->told);
}

static void look_after(const TrainRun *r, const NcaTrainStatus *s, Beside *b)
{
    double now = seconds_now();
    if (progress_due(&b->progress))
        show(&b->progress, s);
    if (now - b->saved >= r->save_every) {
        progress_end(&b->progress); /* for there may be something to complain of */
        save_all_so_far(r);
        b->saved = seconds_now();
    }
    if (r->preview && now - b->drawn >= PREVIEW_EVERY) {
        progress_end(&b->progress);
        save_preview(r);
        b->drawn = seconds_now();
    }
}

static int iterate(const TrainRun *r, Beside *b, Log *log)
{
    int status = EXIT_GOOD;
    NcaTrainStatus before = nca_trainer_status(r->trainer);
    b->saved = seconds_now();
    b->drawn = -INFINITY;
    progress_begin(&b->progress, PLAIN_EVERY);
    b->progress.last = -INFINITY;
    while (status == EXIT_GOOD && !before.done && !stop_wished()) {
        double begin = seconds_now();
        nca_trainer_step(r->trainer);
        NcaTrainStatus s = nca_trainer_status(r->trainer);
        if (s.iteration > before.iteration) {
            log_iteration(r, log, &s, seconds_now() - begin);
            look_after(r, &s, b);
        }
        before = s;
        status = check_trainer(r, b);
    }
    progress_end(&b->progress);
    if (!b->progress.terminal && before.iteration > 0)
        show(&b->progress, &before);
    return status;
}

/* ------------------------------------------------------------------ the end */

static bool show_judging(void *arg, int done, int total)
{
    Progress *progress = arg;
    if (progress_due(progress))
        progress_show(progress, "judging: run %d of %d", done, total);
    return !stop_wished();
}

static bool set_number(NcaModel *model, const char *key, double value)
{
    char text[32];
    snprintf(text, sizeof(text), "%.4g", value);
    return nca_model_set_meta(model, key, isfinite(value) ? text : NULL) == NCA_OK;
}

/* The figures go into the model and to the user. */
static int save_judged(const TrainRun *r, NcaModel *model, const NcaEval *eval)
{
    if (!set_number(model, "loss96", eval->loss96) ||
        !set_number(model, "loss200", eval->loss200) ||
        !set_number(model, "loss1000", eval->loss1000) ||
        !set_number(model, "regrown", eval->regrown))
        return complain(r->output, "out of memory");
    printf(
        "%s: loss@96 %.2e, @200 %.2e, @1000 %.2e, %d of %d cuts regrown (worst of %d)\n",
        r->output, eval->loss96, eval->loss200, eval->loss1000, eval->regrown, NCA_CUTS,
        EVAL_SEEDS);
    return save_model(r, model);
}

/* Where it is stopped the model is as good as before. */
static int judge(const TrainRun *r, NcaModel *model)
{
    NcaError error;
    NcaEval eval;
    Progress progress;
    NcaEvalParams params = {
        .seeds = EVAL_SEEDS,
        .parallel = nca_pool_run,
        .host = r->pool,
        .threads = nca_pool_threads(r->pool),
        .progress = show_judging,
        .progress_arg = &progress,
    };
    progress_begin(&progress, 0);
    NcaStatus status = nca_eval(&eval, model, r->target, &params, NULL, &error);
    progress_end(&progress);
    if (status < 0)
        return complain_error(r->output, &error);
    if (eval.seeds < EVAL_SEEDS) {
        fprintf(stderr, "nca: stopped: %s is saved, but not judged\n", r->output);
        return EXIT_GOOD;
    }
    return save_judged(r, model, &eval);
}

static int finish_done(const TrainRun *r)
{
    NcaModel *model;
    int status = save_all_so_far(r);
    if (status != EXIT_GOOD || (status = take_model(r, &model)) != EXIT_GOOD)
        return status;
    status = judge(r, model);
    nca_model_free(&model);
    return status;
}

static int finish_stopped(const TrainRun *r)
{
    TrainRun stopped = *r;
    NcaTrainStatus s = nca_trainer_status(r->trainer);
    if (!r->checkpoint)
        stopped.checkpoint = r->beside;
    int status = save_all_so_far(&stopped);
    if (status == EXIT_GOOD)
        fprintf(stderr,
                "nca: stopped after %lld of %lld iterations, %s is saved; to go on, give "
                "the same command with --resume %s\n",
                (long long)s.iteration, (long long)s.iterations, r->output,
                stopped.checkpoint);
    return status;
}

int train_run(const TrainRun *r)
{
    Log log = {.file = NULL};
    Beside beside = {.told = false};
    int64_t first = nca_trainer_status(r->trainer).iteration;
    int status = check_trainer(r, &beside);
    if (status != EXIT_GOOD || (status = open_log(r, &log)) != EXIT_GOOD)
        return status;
    int computed = iterate(r, &beside, &log);
    status = close_log(r, &log);
    NcaTrainStatus s = nca_trainer_status(r->trainer);
    if (!s.done && s.iteration == first)
        return computed != EXIT_GOOD ? computed : TRAIN_RUN_VAIN;
    if (r->preview && save_preview(r) != EXIT_GOOD)
        status = EXIT_FAILED;
    int end = computed == EXIT_GOOD && s.done ? finish_done(r) : finish_stopped(r);
    return end != EXIT_GOOD ? end : computed != EXIT_GOOD ? computed : status;
}
