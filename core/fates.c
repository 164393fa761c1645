/* SPDX-License-Identifier: MIT
 *
 * Every decision is a hash of what it is for, so that it does not matter who asks, when
 * and how often: the processor and a device decide alike. */
#include "fates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "target.h"

/* What of an iteration is drawn; the schedule has its own. */
enum { DRAW_SAMPLES = 16, DRAW_FIRE, DRAW_DAMAGE, DRAW_AGAIN, DRAW_KIND };
/* Loss from which on a picture is not whole, or not in its place. */
static const double ASTRAY = 3e-3;
/* Times the loss that is hopeless: asked to die, it would drown all others, and run
 * on. */
static const double RUN_AWAY = 10;

static uint64_t key_of(const NcaTrainer *t, uint64_t what, uint64_t which)
{
    return nca_hash3(nca_hash3(t->params.seed, (uint64_t)t->iteration, what), which, 0);
}

const NcaTarget *nca_fates_target(const NcaTrainer *t)
{
    return t->target[t->canvas.stage];
}

bool nca_fates_follow(NcaTrainer *t)
{
    if (t->plan.stage == t->canvas.stage)
        return false;
    t->canvas.stage = t->plan.stage;
    t->smooth = NAN;
    return true;
}

void nca_fates_draw(NcaTrainer *t)
{
    int index[256], batch = t->params.batch;
    nca_samples_draw(&t->pool, index, batch, key_of(t, DRAW_SAMPLES, 0));
    for (int i = 0; i < batch; i++)
        t->sample[i].index = index[i];
}

double nca_fates_loss(const NcaTrainer *t, const float *cells, int channels)
{
    double loss = nca_state_loss(cells, channels, nca_target_pixels(nca_fates_target(t)),
                                 t->canvas.width, t->canvas.height);
    return isfinite(loss) ? loss : INFINITY;
}

bool nca_fates_astray(const NcaTrainer *t, const NcaSample *s)
{
    return t->plan.put_back && s->start_loss > ASTRAY;
}

NcaShift nca_fates_place(const NcaTrainer *t, const float *cells, int channels,
                         float *scratch, int most)
{
    const NcaCanvas *c = &t->canvas;
    for (size_t i = 0; i < (size_t)c->width * c->height; i++)
        memcpy(scratch + 4 * i, cells + i * (size_t)channels, 4 * sizeof(float));
    return nca_shift_find(scratch, nca_target_pixels(nca_fates_target(t)), c->width,
                          c->height, most < c->padding ? most : c->padding);
}

static int by_loss(const void *a, const void *b)
{
    const NcaSample *x = a, *y = b;
    if (x->start_loss != y->start_loss)
        return x->start_loss > y->start_loss ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

void nca_fates_rank(NcaTrainer *t)
{
    qsort(t->sample, (size_t)t->params.batch, sizeof(*t->sample), by_loss);
}

/* ------------------------------------------------------------------- fates */

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
    return t->plan.hopeless * nca_target_empty_loss(nca_fates_target(t));
}

/* What is beside the picture counts not here: one of two creatures is like it. */
static bool is_nothing_like(const NcaTrainer *t, const float *cell, int channels)
{
    const float *target = nca_target_pixels(nca_fates_target(t));
    size_t cells = (size_t)t->canvas.width * t->canvas.height;
    double sum = 0;
    for (size_t i = 0; i < cells; i++, target += 4, cell += channels)
        for (int c = 0; c < 4 && target[3] > 0; c++)
            sum += (double)(cell[c] - target[c]) * (cell[c] - target[c]);
    return sum / (4.0 * (double)cells) > hopeless_loss(t);
}

/* What is hopeless begins anew, unless it can be let die. */
static bool may_die(const NcaTrainer *t, const NcaSample *s, const float *cells,
                    int channels)
{
    return t->plan.let_die && s->start_loss <= RUN_AWAY * hopeless_loss(t) &&
           is_nothing_like(t, cells, channels);
}

static bool is_lost(const NcaTrainer *t, const float *cells, int channels)
{
    NcaCanvas seen = t->canvas;
    seen.channels = channels;
    return nca_samples_is_lost(cells, &seen, nca_model_shape(t->model)->alive_threshold);
}

/* What is drawn goes on, if it can. */
static NcaFate fate_of(const NcaTrainer *t, int sample, const float *cells, int channels)
{
    const NcaSample *s = &t->sample[sample];
    bool wounded = sample >= t->params.batch - t->plan.damaged;
    if (sample < t->plan.seeds || (t->plan.reseed && is_lost(t, cells, channels)))
        return NCA_ANEW;
    if (t->plan.reseed && s->start_loss > hopeless_loss(t))
        return may_die(t, s, cells, channels) ? NCA_DIES : NCA_ANEW;
    return wounded ? NCA_WOUNDED : NCA_GOES_ON;
}

void nca_fates_decide(const NcaTrainer *t, int sample, const float *cells, int channels)
{
    NcaSample *s = &t->sample[sample];
    s->damage = draw_damage(&t->plan, key_of(t, DRAW_KIND, (uint64_t)sample));
    s->fate = fate_of(t, sample, cells, channels);
}

/* ------------------------------------------------------------------ wounds */

uint64_t nca_fates_wound_key(const NcaTrainer *t, int sample)
{
    return key_of(t, DRAW_DAMAGE, (uint64_t)sample);
}

/* Of most wounds, five of nine are the only one; an eraser is seldom content with one
 * stroke. */
int nca_fates_again(const NcaTrainer *t, int sample)
{
    const NcaSample *s = &t->sample[sample];
    int most = s->fate == NCA_WOUNDED ? t->plan.again : 0;
    bool erased = s->damage == nca_damage_stroke;
    uint64_t key = nca_hash(key_of(t, DRAW_AGAIN, (uint64_t)sample));
    int times = (int)(key % (uint64_t)(erased ? most + 1 : 2 * most + 1));
    return times > most ? 0 : times;
}

NcaPause nca_fates_pause(const NcaTrainer *t, int sample, int which)
{
    uint64_t own = nca_hash3(key_of(t, DRAW_AGAIN, (uint64_t)sample), 1, (uint64_t)which);
    int pauses = t->plan.pause_most - t->plan.pause_least + 1;
    return (NcaPause){
        .steps = t->plan.pause_least + (int)(nca_hash(own) % (uint64_t)pauses),
        .seed = own,
        .wound_key = nca_hash3(own, 2, 0),
    };
}

/* --------------------------------------------------------------------- run */

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

NcaRolloutParams nca_fates_params(const NcaTrainer *t, int sample)
{
    bool wounded = t->sample[sample].fate == NCA_WOUNDED;
    NcaRolloutParams params = {
        .fire_rate = nca_model_shape(t->model)->fire_rate,
        .steps = t->plan.steps,
        .losses = t->plan.losses,
        .overflow_weight = t->plan.overflow_weight,
        .stray_weight = t->plan.stray_weight,
        .place_weight = t->plan.place_weight,
        .seed = key_of(t, DRAW_FIRE, (uint64_t)sample),
        .shift_most = wounded ? t->plan.aside : 0,
    };
    memcpy(params.loss_step, t->plan.loss_step, sizeof(params.loss_step));
    memcpy(params.loss_weight, t->plan.loss_weight, sizeof(params.loss_weight));
    if (wounded && t->plan.early_weight > 0)
        add_early_loss(&t->plan, &params);
    return params;
}
