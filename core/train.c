/* SPDX-License-Identifier: MIT
 *
 * Batches of samples, run and carried back each by itself, their gradients added up in
 * the order of the batch: so the result does not depend on threads. */
#include "trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "batch_remote.h"
#include "clock.h"
#include "file.h"
#include "model.h"
#include "pretrained.h"
#include "random.h"
#include "status.h"
#include "target.h"
#include "world.h"

enum { SMOOTH_OVER = 50 };
static const uint64_t DRAW_WEIGHTS = 0x5745494748545321u;

/* ------------------------------------------------------------------ set-up */

static NcaStatus new_model(NcaTrainer *t, NcaError *error)
{
    NcaShape shape = nca_shape_default();
    shape.channels = t->params.channels;
    shape.hidden = t->params.hidden;
    NcaStatus status = nca_model_new(&t->model, &shape, error);
    if (status < 0)
        return status;
    /* Glorot uniform; all else is 0, so that the first steps do nothing. */
    double limit = sqrt(6.0 / (shape.bands * shape.channels + shape.hidden));
    float *w1 = nca_model_tensor_mut(t->model, NCA_W1);
    for (size_t i = 0; i < nca_model_tensor_size(t->model, NCA_W1); i++)
        w1[i] =
            (float)(limit *
                    (2 * nca_uniform(nca_hash3(t->params.seed, DRAW_WEIGHTS, i)) - 1));
    return NCA_OK;
}

/* By the size of the pictures that the model grows; 0: none yet. */
static void begin_with(NcaTrainer *t, int known)
{
    int first = nca_schedule_first(&t->params, t->target[0], known);
    t->stage_first = first < t->stage_most ? first : t->stage_most;
}

/* Weights that grow and heal, where the new model has that shape. */
static NcaStatus take_pretrained(NcaTrainer *t, NcaError *error)
{
    NcaModel *pretrained = NULL;
    NcaStatus status = nca_model_pretrained(&pretrained, error);
    if (status < 0)
        return status;
    const NcaShape *have = nca_model_shape(pretrained), *need = nca_model_shape(t->model);
    bool fits = have->channels == need->channels && have->hidden == need->hidden;
    for (int i = 0; fits && i < NCA_TENSORS; i++)
        memcpy(nca_model_tensor_mut(t->model, i), nca_model_tensor(pretrained, i),
               nca_model_tensor_size(t->model, i) * sizeof(float));
    if (fits)
        begin_with(t, nca_target_params_of(pretrained).size);
    nca_model_free(&pretrained);
    return NCA_OK;
}

static NcaStatus first_model(NcaTrainer *t, NcaError *error)
{
    bool random = t->params.from_scratch || t->params.recipe == NCA_RECIPE_PUBLISHED;
    NcaStatus status = new_model(t, error);
    begin_with(t, 0);
    return status < 0 || random ? status : take_pretrained(t, error);
}

/* What the figures of its former life were is forgotten. */
static NcaStatus copy_model(NcaTrainer *t, const NcaModel *from, NcaError *error)
{
    static const char *const stale[] = {"loss96", "loss200", "loss1000", "regrown"};
    const NcaShape *shape = nca_model_shape(from);
    if (shape->color != NCA_COLOR_PREMULTIPLIED)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "a model without transparency cannot be trained");
    NcaStatus status = nca_safetensors_check_room(from, error);
    if (status == NCA_OK)
        status = nca_model_copy(&t->model, from, error);
    for (size_t i = 0; status == NCA_OK && i < sizeof(stale) / sizeof(stale[0]); i++)
        status = nca_model_set_meta(t->model, stale[i], NULL);
    t->params.channels = shape->channels;
    t->params.hidden = shape->hidden;
    begin_with(t, nca_target_params_of(from).size);
    return status;
}

static NcaStatus new_samples(NcaTrainer *t, NcaError *error)
{
    size_t gradient = nca_gradient_size(nca_model_shape(t->model));
    size_t state = nca_samples_size(&t->canvas) / sizeof(float);
    t->sample = calloc((size_t)t->params.batch, sizeof(*t->sample));
    t->memory = calloc((size_t)t->params.batch, (gradient + 2 * state) * sizeof(float));
    if (!t->sample || !t->memory)
        return nca_fail_memory(error, "the batch");
    for (int i = 0; i < t->params.batch; i++) {
        NcaSample *s = &t->sample[i];
        s->gradient = t->memory + (size_t)i * (gradient + 2 * state);
        s->before = s->gradient + gradient;
        s->after = s->before + state;
        s->index = i;
    }
    return NCA_OK;
}

/* A world and its gradient, cells and updates each, and a picture. */
static size_t rollout_fixed(const NcaTrainer *t)
{
    const NcaCanvas *c = &t->canvas;
    return 2 * nca_world_size(nca_model_shape(t->model), c->width, c->height) +
           (size_t)c->width * c->height * 4 * sizeof(float);
}

/* All `workers` of them, or none. */
static NcaStatus make_rollouts(NcaTrainer *t, int workers, size_t share, NcaError *error)
{
    int steps = nca_schedule_steps_max(&t->params, t->target[0]);
    NcaStatus status = NCA_OK;
    for (t->workers = 0; status == NCA_OK && t->workers < workers;) {
        status = nca_rollout_new(&t->rollout[t->workers], nca_model_shape(t->model),
                                 t->canvas.width, t->canvas.height, steps, share, error);
        t->workers += status == NCA_OK;
    }
    while (status < 0 && t->workers > 0)
        nca_rollout_free(&t->rollout[--t->workers]);
    return status;
}

/* One for each thread, or as many as the memory has room for. */
static NcaStatus new_rollouts(NcaTrainer *t, size_t memory, NcaError *error)
{
    int most = t->params.threads < t->params.batch ? t->params.threads : t->params.batch;
    size_t fixed = rollout_fixed(t);
    NcaError inner = {""};
    most = most > 1 ? most : 1;
    t->rollout = calloc((size_t)most, sizeof(*t->rollout));
    if (!t->rollout)
        return nca_fail_memory(error, "training");
    NcaStatus status = NCA_ERR_MEMORY;
    for (int workers = most; workers > 0 && status == NCA_ERR_MEMORY; workers--) {
        size_t share = memory / (size_t)workers;
        if (share > fixed)
            status = make_rollouts(t, workers, share - fixed, &inner);
    }
    if (status == NCA_ERR_MEMORY)
        return nca_fail(error, status, "%zu MiB are too little for this picture%s%s",
                        t->params.memory >> 20, *inner.text ? ": " : "", inner.text);
    return status < 0 ? nca_fail(error, status, "%s", inner.text) : status;
}

/* Half of the memory may go to the pool, which shrinks to that; never below two
 * batches. */
static NcaStatus divide_memory(NcaTrainer *t, NcaError *error)
{
    size_t state = nca_samples_size(&t->canvas), memory = t->params.memory;
    size_t batch = (size_t)t->params.batch * 2 * state, pool = 0;
    if (nca_schedule_has_pool(&t->params)) {
        size_t room = memory / 2 / state;
        int least =
            t->params.pool < 2 * t->params.batch ? t->params.pool : 2 * t->params.batch;
        if (room < (size_t)t->params.pool)
            t->params.pool = room > (size_t)least ? (int)room : least;
        pool = (size_t)t->params.pool * state;
        NcaStatus status = nca_samples_init(&t->pool, &t->canvas, t->params.pool, error);
        if (status < 0)
            return status;
    }
    return new_rollouts(t, memory > batch + pool ? memory - batch - pool : 0, error);
}

/* And the smaller ones, even with a model to start with: a checkpoint may need them.
 * Thin lines fade as they shrink, and what is too faint does not live. */
static NcaStatus copy_target(NcaTrainer *t, const NcaTarget *target, NcaError *error)
{
    const float faint = 0.3f;
    int most = nca_schedule_first(&t->params, target, 0);
    NcaStatus status = nca_target_copy(&t->target[0], target, error);
    for (int i = 1; i <= most && status == NCA_OK; i++) {
        status = nca_target_shrink(&t->target[i], target, nca_stage_part(i), error);
        if (status < 0 || nca_target_alpha_max(t->target[i]) < faint) {
            nca_target_free(&t->target[i]);
            break;
        }
        t->stage_most = i;
    }
    return status;
}

static NcaStatus fill(NcaTrainer *t, const NcaTarget *target, const NcaModel *from,
                      NcaError *error)
{
    NcaStatus status = copy_target(t, target, error);
    if (status == NCA_OK)
        status = from ? copy_model(t, from, error) : first_model(t, error);
    if (status < 0)
        return status;
    const NcaShape *shape = nca_model_shape(t->model);
    t->canvas = (NcaCanvas){nca_target_width(target), nca_target_height(target),
                            shape->channels, nca_target_padding(target), t->stage_first};
    status = nca_network_init(&t->network, shape, false, error);
    if (status == NCA_OK)
        status = nca_adam_init(&t->adam, shape, error);
    if (status == NCA_OK)
        status = new_samples(t, error);
    if (status == NCA_OK)
        status = divide_memory(t, error);
    return status == NCA_OK ? nca_batch_remote_new(t, error) : status;
}

NcaStatus nca_trainer_new(NcaTrainer **trainer, const NcaTarget *target,
                          const NcaTrainParams *params, const NcaModel *from,
                          NcaError *error)
{
    NcaStatus status = nca_schedule_check(params, error);
    if (status < 0)
        return status;
    if (params->recipe == NCA_RECIPE_FINISHING && !from)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "only a model that grows the picture can be finished");
    NcaTrainer *t = calloc(1, sizeof(*t));
    if (!t)
        return nca_fail_memory(error, "training");
    t->params = *params;
    t->held = -1;
    t->loss = t->smooth = NAN;
    status = fill(t, target, from, error);
    if (status < 0)
        nca_trainer_free(&t);
    else
        *trainer = t;
    return status;
}

void nca_trainer_free(NcaTrainer **trainer)
{
    NcaTrainer *t = *trainer;
    if (!t)
        return;
    for (int i = 0; i < t->workers; i++)
        nca_rollout_free(&t->rollout[i]);
    nca_batch_remote_free(t);
    nca_file_release(&t->held);
    free(t->rollout);
    free(t->sample);
    free(t->memory);
    nca_samples_uninit(&t->pool);
    nca_adam_uninit(&t->adam);
    nca_network_uninit(&t->network);
    nca_model_free(&t->model);
    for (int i = 0; i <= NCA_STAGES_MAX; i++)
        nca_target_free(&t->target[i]);
    free(t);
    *trainer = NULL;
}

/* --------------------------------------------------------------- iteration */

static void run_some(void *arg, int slot)
{
    NcaTrainer *t = arg;
    for (int i; (i = atomic_fetch_add(&t->next, 1)) < t->params.batch;)
        if (!nca_batch_run(t, i, slot))
            return;
}

/* Whether it ran on a device. */
static bool run_batch(NcaTrainer *t)
{
    if (nca_batch_remote_run(t))
        return true;
    nca_network_pack(&t->network, t->model, 0, 1);
    nca_batch_prepare(t);
    atomic_store(&t->next, 0);
    if (t->params.parallel && t->workers > 1)
        t->params.parallel(t->params.host, run_some, t, t->workers);
    else
        run_some(t, 0);
    return false;
}

/* The batch's gradient in that of the first sample; false where it is not finite. */
static bool add_gradients(NcaTrainer *t)
{
    size_t size = t->adam.size;
    float *sum = t->sample[0].gradient, check = 0;
    for (int i = 1; i < t->params.batch; i++)
        for (size_t k = 0; k < size; k++)
            sum[k] += t->sample[i].gradient[k];
    for (size_t k = 0; k < size; k++) {
        sum[k] /= (float)t->params.batch;
        check += sum[k] * 0;
    }
    return check == 0;
}

/* From the batch; false where a device failed that had it. */
static bool learn(NcaTrainer *t, bool remote)
{
    if (remote)
        return nca_batch_remote_learn(t);
    if (add_gradients(t))
        nca_adam_step(&t->adam, t->model, t->sample[0].gradient, t->plan.rate,
                      t->plan.usual_share);
    nca_batch_write_back(t);
    return true;
}

static void note_loss(NcaTrainer *t)
{
    double sum = 0, part = 1.0 / SMOOTH_OVER;
    for (int i = 0; i < t->params.batch; i++)
        sum += t->sample[i].result.loss;
    t->loss = sum / t->params.batch;
    if (!isfinite(t->loss))
        return;
    double log = log10(fmax(t->loss, 1e-30));
    t->smooth = isnan(t->smooth) ? log : t->smooth + (log - t->smooth) * part;
}

/* How much of the training is done before that iteration, 0 … 1. */
static double progress_at(const NcaTrainer *t, int64_t iteration)
{
    if (t->params.minutes > 0)
        return nca_schedule_progress(t->target[0], t->stage_first,
                                     t->seconds / (t->params.minutes * 60));
    return fmin((double)iteration / (double)t->params.iterations, 1);
}

static double progress(const NcaTrainer *t)
{
    return progress_at(t, t->iteration);
}

static NcaPlan plan_at(const NcaTrainer *t, int64_t iteration, double progress)
{
    return nca_schedule_plan(&t->params, t->target[0], t->stage_first, iteration,
                             progress);
}

/* Much more than all others took, and than the one before: the process was stopped
 * meanwhile, or the machine was, and did not train.  The last of a picture's sizes takes
 * some 20 times the mean of those before it. */
static double seconds_trained(NcaTrainer *t, int64_t iterations, double seconds)
{
    double mean = iterations > 0 ? t->seconds / (double)iterations : seconds;
    double most = 30 * fmax(mean, t->last) + 0.3;
    t->last = seconds;
    return fmin(seconds, most);
}

void nca_trainer_step(NcaTrainer *t)
{
    double begin = nca_clock_now();
    int64_t before = t->iteration;
    if (progress(t) >= 1)
        return;
    t->plan = plan_at(t, t->iteration, progress(t));
    bool remote = run_batch(t);
    if (!atomic_exchange(&t->stop, false) && learn(t, remote)) {
        note_loss(t);
        t->iteration++;
    }
    t->seconds += seconds_trained(t, before, nca_clock_now() - begin);
}

NcaStatus nca_trainer_device(const NcaTrainer *t, NcaError *error)
{
    return nca_batch_remote_state(t, error);
}

void nca_trainer_interrupt(NcaTrainer *trainer)
{
    atomic_store(&trainer->stop, true);
}

/* ----------------------------------------------------------------- results */

NcaTrainStatus nca_trainer_status(const NcaTrainer *t)
{
    double part = progress(t);
    double time = nca_schedule_time(t->target[0], t->stage_first, part);
    bool clocked = t->params.minutes > 0;
    int64_t last = t->iteration > 0 ? t->iteration - 1 : 0;
    NcaTrainStatus s = {
        .iteration = t->iteration,
        .iterations = t->params.iterations,
        .loss = t->loss,
        .smooth_loss = pow(10, t->smooth),
        .size = nca_schedule_side(t->target[0], t->canvas.stage),
        .rate = plan_at(t, last, progress_at(t, last)).rate,
        .seconds = t->seconds,
        .seconds_left = t->iteration ? t->seconds / time * (1 - time) : NAN,
        .done = part >= 1,
    };
    if (clocked && t->iteration && part > 0) {
        s.seconds_left = t->params.minutes * 60 - t->seconds;
        s.iterations =
            (int64_t)fmin(ceil((double)t->iteration / part), (double)NCA_ITERATIONS_MAX);
    }
    if (s.seconds_left < 0)
        s.seconds_left = 0;
    return s;
}

static NcaStatus set_number(NcaModel *model, const char *key, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    return nca_model_set_meta(model, key, text);
}

static NcaStatus set_provenance(const NcaTrainer *t, NcaModel *model)
{
    static const char *const recipes[] = {
        [NCA_RECIPE_PUBLISHED] = "published",
        [NCA_RECIPE_OWN] = "own",
        [NCA_RECIPE_FINISHING] = "finishing",
        [NCA_RECIPE_DRAFT] = "draft",
    };
    const char *sha256 = nca_target_sha256(t->target[0]);
    NcaStatus status = set_number(model, "width", (uint64_t)t->canvas.width);
    if (status == NCA_OK)
        status = set_number(model, "height", (uint64_t)t->canvas.height);
    if (status == NCA_OK)
        status = set_number(model, "padding", (uint64_t)t->canvas.padding);
    if (status == NCA_OK)
        status = nca_model_set_meta(model, "regime", nca_regime_name(t->params.regime));
    if (status == NCA_OK)
        status = nca_model_set_meta(model, "recipe", recipes[t->params.recipe]);
    if (status == NCA_OK)
        status = set_number(model, "iterations", (uint64_t)t->iteration);
    if (status == NCA_OK)
        status = set_number(model, "seed", t->params.seed);
    if (status == NCA_OK)
        status = nca_model_set_meta(model, "target_sha256", sha256);
    return status;
}

NcaStatus nca_trainer_model(const NcaTrainer *t, NcaModel **model, NcaError *error)
{
    NcaModel *copy = NULL;
    NcaStatus status = nca_model_copy(&copy, t->model, error);
    if (status < 0)
        return status;
    if (set_provenance(t, copy) < 0) {
        nca_model_free(&copy);
        return nca_fail_memory(error, "the model");
    }
    *model = copy;
    return NCA_OK;
}
