/* SPDX-License-Identifier: MIT
 *
 * The host decides by pictures (fates.c), which are all that comes back from the device
 * besides weights; a sample's host states, which nothing else needs here, hold them. */
#include "batch_remote.h"

#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "fates.h"
#include "opencl/training.h"
#include "random.h"
#include "status.h"
#include "target.h"

enum { SEEN = 4 };          /* channels of a picture */
enum { FETCH_EVERY = 200 }; /* iterations */

struct NcaBatchRemote {
    NcaClBatch *batch;                /* NULL: there is none, or it failed */
    NcaError error;                   /* why */
    int stage;                        /* of the target that it has; -1: none */
    bool pool_changed, model_changed; /* the trainer's own, since it was written */
    int64_t fetched;                  /* at that iteration */
    uint8_t *killed;                  /* [height][width] */
    uint64_t *seed;                   /* [batch] */
    NcaRolloutParams *params;
};

/* ------------------------------------------------------------------ set-up */

static NcaStatus begin(NcaTrainer *t, NcaError *error)
{
    NcaBatchRemote *r = t->remote;
    const NcaShape *shape = nca_model_shape(t->model);
    NcaClBatchParams p = {
        .worlds = {.device = t->params.device,
                   .shape = *shape,
                   .edge = shape->edge,
                   .width = t->canvas.width,
                   .height = t->canvas.height,
                   .count = t->params.batch},
        .pool = t->pool.count,
        .steps_max = nca_schedule_steps_max(&t->params, t->target[0]),
        .memory = t->params.memory,
        .stop = &t->stop,
    };
    NcaStatus status = nca_cl_batch_new(&r->batch, &p, &r->error);
    bool may_fail = t->params.device == NCA_DEVICE_OPENCL;
    if (status == NCA_OK || (status == NCA_ERR_DEVICE && may_fail))
        return NCA_OK;
    return nca_fail(error, status, "%s", r->error.text);
}

NcaStatus nca_batch_remote_new(NcaTrainer *t, NcaError *error)
{
    size_t batch = (size_t)t->params.batch;
    if (t->params.device == NCA_DEVICE_CPU)
        return NCA_OK;
    NcaBatchRemote *r = t->remote = calloc(1, sizeof(*r));
    if (!r)
        return nca_fail_memory(error, "training");
    r->stage = -1;
    r->pool_changed = r->model_changed = true;
    r->killed = malloc((size_t)t->canvas.width * t->canvas.height);
    r->seed = calloc(batch, sizeof(*r->seed));
    r->params = calloc(batch, sizeof(*r->params));
    if (!r->killed || !r->seed || !r->params)
        return nca_fail_memory(error, "training");
    return begin(t, error);
}

void nca_batch_remote_free(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    if (!r)
        return;
    nca_cl_batch_free(&r->batch);
    free(r->killed);
    free(r->seed);
    free(r->params);
    free(r);
    t->remote = NULL;
}

NcaStatus nca_batch_remote_state(const NcaTrainer *t, NcaError *error)
{
    const NcaBatchRemote *r = t->remote;
    return !r || r->batch ? NCA_OK : nca_fail(error, NCA_ERR_DEVICE, "%s", r->error.text);
}

/* Notes that it failed; returns whether it did not.  What the samples' own states hold
 * are pictures, which nobody is to take for states. */
static bool good(NcaTrainer *t, NcaStatus status)
{
    if (status == NCA_OK)
        return true;
    nca_cl_batch_free(&t->remote->batch);
    for (int i = 0; i < t->params.batch; i++) {
        memset(t->sample[i].before, 0, nca_samples_size(&t->canvas));
        memset(t->sample[i].after, 0, nca_samples_size(&t->canvas));
    }
    return false;
}

/* ------------------------------------------------------ what it has and has not */

void nca_batch_remote_fetch(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    NcaStatus status = NCA_OK;
    if (!r || !r->batch)
        return;
    if (!r->model_changed)
        status = nca_cl_batch_means(r->batch, &t->adam, &r->error);
    int states = r->pool_changed ? 0 : t->pool.count;
    for (int i = 0; i < states && status == NCA_OK; i++)
        status = nca_cl_batch_read(r->batch, i, nca_samples_at(&t->pool, i), &r->error);
    r->fetched = t->iteration;
    good(t, status);
}

void nca_batch_remote_fetch_samples(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    NcaStatus status = NCA_OK;
    if (!r || !r->batch)
        return;
    for (int i = 0; i < t->params.batch && status == NCA_OK; i++) {
        NcaSample *s = &t->sample[i];
        status =
            nca_cl_batch_read(r->batch, nca_cl_before(r->batch, i), s->before, &r->error);
        if (status == NCA_OK)
            status = nca_cl_batch_read(r->batch, nca_cl_after(r->batch, i), s->after,
                                       &r->error);
    }
    good(t, status);
}

void nca_batch_remote_changed(NcaTrainer *t)
{
    if (!t->remote)
        return;
    t->remote->pool_changed = t->remote->model_changed = true;
    t->remote->fetched = t->iteration;
}

static NcaStatus write_model(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    NcaStatus status = nca_cl_batch_set_model(r->batch, t->model, &t->adam, &r->error);
    r->model_changed = false;
    return status;
}

static NcaStatus write_pool(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    NcaStatus status = NCA_OK;
    for (int i = 0; i < t->pool.count && status == NCA_OK; i++)
        status = nca_cl_batch_write(r->batch, i, nca_samples_at(&t->pool, i), &r->error);
    r->pool_changed = false;
    return status;
}

/* The target of the present stage, a pool for it, and what was changed. */
static NcaStatus follow(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    NcaStatus status = NCA_OK;
    if (nca_fates_follow(t)) {
        nca_batch_reseed(t);
        r->pool_changed = true;
    }
    if (r->stage != t->canvas.stage)
        status = nca_cl_batch_set_target(r->batch, nca_target_pixels(nca_fates_target(t)),
                                         &r->error);
    r->stage = t->canvas.stage;
    if (status == NCA_OK && r->model_changed)
        status = write_model(t);
    if (status == NCA_OK && r->pool_changed)
        status = write_pool(t);
    return status;
}

/* ----------------------------------------------------------------- prepare */

/* What it looks like, in s->before, there moved to its place. */
static NcaStatus draw_sample(NcaTrainer *t, NcaSample *s)
{
    NcaBatchRemote *r = t->remote;
    NcaCanvas seen = t->canvas;
    NcaStatus status = nca_cl_batch_look(r->batch, s->index, s->before, &r->error);
    s->drawn = (NcaShift){0};
    seen.channels = SEEN;
    if (status < 0)
        return status;
    s->start_loss = nca_fates_loss(t, s->before, SEEN);
    if (nca_fates_astray(t, s)) {
        s->drawn = nca_fates_place(t, s->before, SEEN, s->after, t->canvas.padding);
        memcpy(s->after, s->before, nca_samples_size(&seen));
        nca_samples_move(s->before, s->after, &seen, s->drawn.x, s->drawn.y);
        s->start_loss = nca_fates_loss(t, s->before, SEEN);
    }
    return NCA_OK;
}

/* scratch: [height][width] floats. */
static NcaStatus wound(NcaTrainer *t, int place, NcaDamage *damage, uint64_t key,
                       float *scratch)
{
    NcaBatchRemote *r = t->remote;
    NcaCanvas mask = t->canvas;
    size_t cells = (size_t)mask.width * mask.height;
    mask.channels = 1;
    for (size_t i = 0; i < cells; i++)
        scratch[i] = 1;
    damage(scratch, &mask, key);
    for (size_t i = 0; i < cells; i++)
        r->killed[i] = scratch[i] == 0;
    return nca_cl_batch_wound(r->batch, place, r->killed, &r->error);
}

static NcaStatus prepare_sample(NcaTrainer *t, int sample)
{
    NcaBatchRemote *r = t->remote;
    NcaSample *s = &t->sample[sample];
    int before = nca_cl_before(r->batch, sample);
    NcaStatus status;
    nca_fates_decide(t, sample, s->before, SEEN);
    if (s->fate == NCA_ANEW)
        return nca_cl_batch_seed(r->batch, before, &r->error);
    status =
        nca_cl_batch_move(r->batch, before, s->index, s->drawn.x, s->drawn.y, &r->error);
    if (status == NCA_OK && s->fate == NCA_WOUNDED)
        status = wound(t, before, s->damage, nca_fates_wound_key(t, sample), s->after);
    return status;
}

/* Steps and wounds the state after, moved to its place between. */
static NcaStatus pause_and_wound(NcaTrainer *t, int sample, const NcaPause *pause)
{
    NcaBatchRemote *r = t->remote;
    NcaSample *s = &t->sample[sample];
    int before = nca_cl_before(r->batch, sample), after = nca_cl_after(r->batch, sample);
    uint32_t limit = nca_fire_limit(nca_model_shape(t->model)->fire_rate);
    NcaStatus status =
        nca_cl_batch_step(r->batch, sample, pause->seed, limit, pause->steps, &r->error);
    if (status == NCA_OK && t->plan.keep_placed) {
        status = nca_cl_batch_look(r->batch, after, s->before, &r->error);
        if (status < 0)
            return status;
        NcaShift shift = nca_fates_place(t, s->before, SEEN, s->after, 2 * t->plan.aside);
        status = nca_cl_batch_move(r->batch, before, after, 0, 0, &r->error);
        if (status == NCA_OK)
            status =
                nca_cl_batch_move(r->batch, after, before, shift.x, shift.y, &r->error);
    }
    return status == NCA_OK ? wound(t, after, s->damage, pause->wound_key, s->after)
                            : status;
}

static NcaStatus wound_again(NcaTrainer *t, int sample)
{
    NcaBatchRemote *r = t->remote;
    int before = nca_cl_before(r->batch, sample), after = nca_cl_after(r->batch, sample);
    int times = nca_fates_again(t, sample);
    if (times == 0)
        return NCA_OK;
    NcaStatus status = nca_cl_batch_move(r->batch, after, before, 0, 0, &r->error);
    for (int i = 0; i < times && status == NCA_OK; i++) {
        NcaPause pause = nca_fates_pause(t, sample, i);
        status = pause_and_wound(t, sample, &pause);
    }
    return status == NCA_OK ? nca_cl_batch_move(r->batch, before, after, 0, 0, &r->error)
                            : status;
}

static NcaStatus prepare(NcaTrainer *t)
{
    NcaStatus status = follow(t);
    if (t->pool.count)
        nca_fates_draw(t);
    for (int i = 0; t->pool.count && i < t->params.batch && status == NCA_OK; i++)
        status = draw_sample(t, &t->sample[i]);
    if (t->pool.count && status == NCA_OK)
        nca_fates_rank(t);
    for (int i = 0; i < t->params.batch && status == NCA_OK; i++)
        status = prepare_sample(t, i);
    for (int i = 0; i < t->params.batch && status == NCA_OK && !t->stop; i++)
        status = wound_again(t, i);
    return status;
}

/* --------------------------------------------------------------------- run */

/* Of a picture that is moved by so many cells; what it leaves is nothing. */
static double moved_loss(const NcaTrainer *t, const float *picture, bool dies, int dx,
                         int dy)
{
    static const float nothing[SEEN];
    const float *target = nca_target_pixels(nca_fates_target(t));
    int width = t->canvas.width, height = t->canvas.height;
    double sum = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, picture += SEEN) {
            bool inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
            const float *aim = inside && !dies
                                   ? target + ((size_t)(y + dy) * width + x + dx) * SEEN
                                   : nothing;
            for (int c = 0; c < SEEN; c++)
                sum += (double)(picture[c] - aim[c]) * (picture[c] - aim[c]);
        }
    return sum / (4.0 * width * height);
}

static NcaStatus judge(NcaTrainer *t, int sample)
{
    NcaBatchRemote *r = t->remote;
    NcaSample *s = &t->sample[sample];
    int most = r->params[sample].shift_most;
    bool dies = s->fate == NCA_DIES;
    NcaStatus status =
        nca_cl_batch_look(r->batch, nca_cl_after(r->batch, sample), s->after, &r->error);
    s->result = (NcaRolloutResult){0};
    if (status < 0)
        return status;
    if (most > 0 && !dies) {
        NcaShift shift = nca_shift_find(s->after, nca_target_pixels(nca_fates_target(t)),
                                        t->canvas.width, t->canvas.height, most);
        s->result.shift_x = shift.x;
        s->result.shift_y = shift.y;
    }
    s->result.loss = moved_loss(t, s->after, dies, s->result.shift_x, s->result.shift_y);
    return NCA_OK;
}

/* The adjoints of rollout.c's losses, as factors. */
static NcaClLoss loss_of(const NcaTrainer *t, int sample, float weight)
{
    const NcaRolloutParams *p = &t->remote->params[sample];
    const NcaSample *s = &t->sample[sample];
    bool moved = s->result.shift_x || s->result.shift_y;
    float cells = (float)t->canvas.width * (float)t->canvas.height;
    return (NcaClLoss){
        .shift_x = s->result.shift_x,
        .shift_y = s->result.shift_y,
        .nothing = s->fate == NCA_DIES,
        .aim = weight * 2 / (4 * cells),
        .place = moved ? weight * p->place_weight * 2 / (4 * cells) : 0,
        .overflow = weight * p->overflow_weight * 2 / (cells * (float)t->canvas.channels),
        .stray = weight * p->stray_weight / cells,
    };
}

static bool losses_at(void *arg, int time, NcaClLoss *loss)
{
    const NcaTrainer *t = arg;
    bool any = false;
    for (int i = 0; i < t->params.batch; i++) {
        const NcaRolloutParams *p = &t->remote->params[i];
        for (int k = 0; k < p->losses; k++)
            if (p->loss_step[k] == time) {
                loss[i] = loss_of(t, i, p->loss_weight[k]);
                any = true;
                break;
            }
    }
    return any;
}

static NcaStatus run(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    uint32_t limit = nca_fire_limit(nca_model_shape(t->model)->fire_rate);
    for (int i = 0; i < t->params.batch; i++) {
        r->params[i] = nca_fates_params(t, i);
        r->seed[i] = r->params[i].seed;
    }
    NcaStatus status =
        nca_cl_batch_run(r->batch, r->seed, limit, t->plan.steps, &r->error);
    for (int i = 0; i < t->params.batch && status == NCA_OK && !t->stop; i++)
        status = judge(t, i);
    if (status == NCA_OK && !t->stop)
        status = nca_cl_batch_back(r->batch, losses_at, t, &r->error);
    return status;
}

bool nca_batch_remote_run(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    if (!r || !r->batch)
        return false;
    if (t->iteration - r->fetched >= FETCH_EVERY)
        nca_batch_remote_fetch(t);
    if (!r->batch)
        return false;
    NcaStatus status = prepare(t);
    if (status == NCA_OK && !t->stop)
        status = run(t);
    return good(t, status);
}

bool nca_batch_remote_learn(NcaTrainer *t)
{
    NcaBatchRemote *r = t->remote;
    NcaStatus status = nca_cl_batch_optimise(r->batch, t->model, &t->adam, t->plan.rate,
                                             t->plan.usual_share, &r->error);
    if (!good(t, status))
        return false;
    for (int i = 0; t->pool.count && i < t->params.batch && status == NCA_OK; i++) {
        const NcaSample *s = &t->sample[i];
        status = nca_cl_batch_move(r->batch, s->index, nca_cl_after(r->batch, i),
                                   s->result.shift_x, s->result.shift_y, &r->error);
    }
    good(t, status);
    return true;
}
