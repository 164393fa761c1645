/* SPDX-License-Identifier: MIT
 *
 * What becomes of the pool's samples in an iteration: drawn, begun anew, wounded, run and
 * written back.  The random decisions are hashes of (seed, iteration, what for). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "shift.h"
#include "target.h"
#include "trainer.h"

/* What of an iteration is drawn; the schedule has its own. */
enum { DRAW_SAMPLES = 16, DRAW_FIRE, DRAW_DAMAGE, DRAW_AGAIN, DRAW_KIND };
/* Loss from which on a picture is not whole, or not in its place. */
static const double ASTRAY = 3e-3;
/* Times the loss that is hopeless: asked to die, it would drown all others, and run on. */
static const double RUN_AWAY = 10;

static uint64_t key_of(const NcaTrainer *t, uint64_t what, uint64_t which)
{
    return nca_hash3(nca_hash3(t->params.seed, (uint64_t)t->iteration, what), which, 0);
}

static int by_loss(const void *a, const void *b)
{
    const NcaSample *x = a, *y = b;
    if (x->start_loss != y->start_loss)
        return x->start_loss > y->start_loss ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static const NcaTarget *target_now(const NcaTrainer *t)
{
    return t->target[t->canvas.stage];
}

static double loss_before(const NcaTrainer *t, const NcaSample *s)
{
    return nca_state_loss(s->before, t->canvas.channels, nca_target_pixels(target_now(t)),
                          t->canvas.width, t->canvas.height);
}

/* How far a state lies from its place, `most` cells either way.  scratch: a state, too. */
static NcaShift find_place(const NcaTrainer *t, const float *state, float *scratch,
                           int most)
{
    const NcaCanvas *c = &t->canvas;
    for (size_t i = 0; i < (size_t)c->width * c->height; i++)
        memcpy(scratch + 4 * i, state + i * (size_t)c->channels, 4 * sizeof(float));
    return nca_shift_find(scratch, nca_target_pixels(target_now(t)), c->width, c->height,
                          most < c->padding ? most : c->padding);
}

/* A wound may have left a whole creature far aside, or two of them: no gradient could move
 * it, so it is put in its place. */
static void put_in_place(const NcaTrainer *t, NcaSample *s)
{
    const float *drawn = nca_samples_at(&t->pool, s->index);
    NcaShift shift = find_place(t, drawn, s->after, t->canvas.padding);
    nca_samples_move(s->before, drawn, &t->canvas, shift.x, shift.y);
}

static void draw_sample(const NcaTrainer *t, NcaSample *s)
{
    memcpy(s->before, nca_samples_at(&t->pool, s->index), nca_samples_size(&t->canvas));
    s->start_loss = loss_before(t, s);
    if (t->plan.put_back && s->start_loss > ASTRAY) {
        put_in_place(t, s);
        s->start_loss = loss_before(t, s);
    }
    if (!isfinite(s->start_loss))
        s->start_loss = INFINITY;
}

/* From the pool, the worst first. */
static void draw_samples(NcaTrainer *t)
{
    int index[256], batch = t->params.batch;
    nca_samples_draw(&t->pool, index, batch, key_of(t, DRAW_SAMPLES, 0));
    for (int i = 0; i < batch; i++) {
        t->sample[i].index = index[i];
        draw_sample(t, &t->sample[i]);
    }
    qsort(t->sample, (size_t)batch, sizeof(*t->sample), by_loss);
}

static NcaDamage *draw_damage(const NcaPlan *plan, uint64_t key)
{
    double kind = nca_uniform(key);
    if (kind < plan->erased)
        return nca_damage_stroke;
    if (kind < plan->erased + plan->holed)
        return nca_damage_hole;
    return plan->mixed ? nca_damage_mixed : nca_damage_disc;
}

static double hopeless_loss(const NcaTrainer *t)
{
    return t->plan.hopeless * nca_target_empty_loss(target_now(t));
}

/* What is beside the picture counts not here: one of two creatures is like it. */
static bool is_nothing_like(const NcaTrainer *t, const float *state)
{
    const float *target = nca_target_pixels(target_now(t));
    size_t cells = (size_t)t->canvas.width * t->canvas.height;
    double sum = 0;
    for (size_t i = 0; i < cells; i++, target += 4, state += t->canvas.channels)
        for (int c = 0; c < 4 && target[3] > 0; c++)
            sum += (double)(state[c] - target[c]) * (state[c] - target[c]);
    return sum / (4.0 * (double)cells) > hopeless_loss(t);
}

/* What is hopeless begins anew, unless it can be let die. */
static bool may_die(const NcaTrainer *t, const NcaSample *s)
{
    return t->plan.let_die && s->start_loss <= RUN_AWAY * hopeless_loss(t) &&
           is_nothing_like(t, s->before);
}

/* What is drawn goes on, if it can. */
static NcaFate fate_of(const NcaTrainer *t, const NcaSample *s, bool anew, bool wounded)
{
    float threshold = nca_model_shape(t->model)->alive_threshold;
    bool lost = t->plan.reseed && nca_samples_is_lost(s->before, &t->canvas, threshold);
    if (anew || lost)
        return NCA_ANEW;
    if (t->plan.reseed && s->start_loss > hopeless_loss(t))
        return may_die(t, s) ? NCA_DIES : NCA_ANEW;
    return wounded ? NCA_WOUNDED : NCA_GOES_ON;
}

/* The next larger target: what has grown is of no use for that. */
static void follow_plan(NcaTrainer *t)
{
    if (t->plan.stage == t->canvas.stage)
        return;
    t->canvas.stage = t->plan.stage;
    t->smooth = NAN;
    for (int i = 0; i < t->pool.count; i++)
        nca_samples_seed(nca_samples_at(&t->pool, i), &t->canvas);
}

void nca_batch_prepare(NcaTrainer *t)
{
    int batch = t->params.batch;
    follow_plan(t);
    if (t->pool.count)
        draw_samples(t);
    for (int i = 0; i < batch; i++) {
        NcaSample *s = &t->sample[i];
        s->damage = draw_damage(&t->plan, key_of(t, DRAW_KIND, (uint64_t)i));
        s->fate = fate_of(t, s, i < t->plan.seeds, i >= batch - t->plan.damaged);
        if (s->fate == NCA_ANEW)
            nca_samples_seed(s->before, &t->canvas);
        else if (s->fate == NCA_WOUNDED)
            s->damage(s->before, &t->canvas, key_of(t, DRAW_DAMAGE, (uint64_t)i));
        memcpy(s->after, s->before, nca_samples_size(&t->canvas));
    }
}

/* How often one is wounded again before it has healed.  Of most wounds, five of nine are the
 * only one; an eraser is seldom content with one stroke. */
static int times_again(const NcaTrainer *t, const NcaSample *s, uint64_t key)
{
    int most = s->fate == NCA_WOUNDED ? t->plan.again : 0;
    bool erased = s->damage == nca_damage_stroke;
    int times = (int)(nca_hash(key) % (uint64_t)(erased ? most + 1 : 2 * most + 1));
    return times > most ? 0 : times;
}

/* Where each wound moved it a bit, the last one is not to make good for all of them. */
static void place_again(const NcaTrainer *t, NcaSample *s)
{
    NcaShift shift = find_place(t, s->after, s->before, 2 * t->plan.aside);
    memcpy(s->before, s->after, nca_samples_size(&t->canvas));
    nca_samples_move(s->after, s->before, &t->canvas, shift.x, shift.y);
}

/* Returns false where it was stopped. */
static bool wound_again(NcaTrainer *t, int sample, int slot)
{
    NcaSample *s = &t->sample[sample];
    uint64_t key = key_of(t, DRAW_AGAIN, (uint64_t)sample);
    int pauses = t->plan.pause_most - t->plan.pause_least + 1;
    int times = times_again(t, s, key);
    for (int i = 0; i < times; i++) {
        uint64_t own = nca_hash3(key, 1, (uint64_t)i);
        NcaRolloutParams params = {
            .fire_rate = nca_model_shape(t->model)->fire_rate,
            .steps = t->plan.pause_least + (int)(nca_hash(own) % (uint64_t)pauses),
            .seed = own,
        };
        if (!nca_rollout_step(t->rollout[slot], &t->network, &params, &t->stop, s->after))
            return false;
        if (t->plan.keep_placed)
            place_again(t, s);
        s->damage(s->after, &t->canvas, nca_hash3(own, 2, 0));
    }
    if (times > 0)
        memcpy(s->before, s->after, nca_samples_size(&t->canvas));
    return true;
}

/* Before all others. */
static void add_early_loss(const NcaPlan *plan, NcaRolloutParams *p)
{
    memmove(p->loss_step + 1, p->loss_step, (size_t)p->losses * sizeof(*p->loss_step));
    memmove(p->loss_weight + 1, p->loss_weight,
            (size_t)p->losses * sizeof(*p->loss_weight));
    p->loss_step[0] = plan->early_step;
    p->loss_weight[0] = plan->early_weight;
    p->losses++;
}

bool nca_batch_run(NcaTrainer *t, int sample, int slot)
{
    NcaSample *s = &t->sample[sample];
    NcaRolloutParams params = {
        .fire_rate = nca_model_shape(t->model)->fire_rate,
        .steps = t->plan.steps,
        .losses = t->plan.losses,
        .overflow_weight = t->plan.overflow_weight,
        .stray_weight = t->plan.stray_weight,
        .place_weight = t->plan.place_weight,
        .seed = key_of(t, DRAW_FIRE, (uint64_t)sample),
        .shift_most = s->fate == NCA_WOUNDED ? t->plan.aside : 0,
    };
    memcpy(params.loss_step, t->plan.loss_step, sizeof(params.loss_step));
    memcpy(params.loss_weight, t->plan.loss_weight, sizeof(params.loss_weight));
    if (s->fate == NCA_WOUNDED && t->plan.early_weight > 0)
        add_early_loss(&t->plan, &params);
    return wound_again(t, sample, slot) &&
           nca_rollout_run(t->rollout[slot], &t->network,
                           s->fate == NCA_DIES ? NULL : nca_target_pixels(target_now(t)),
                           &params, &t->stop, s->after, s->gradient, &s->result);
}

/* What has healed aside is put back in its place. */
void nca_batch_write_back(NcaTrainer *t)
{
    for (int i = 0; t->pool.count && i < t->params.batch; i++) {
        const NcaSample *s = &t->sample[i];
        nca_samples_move(nca_samples_at(&t->pool, s->index), s->after, &t->canvas,
                         s->result.shift_x, s->result.shift_y);
    }
}
