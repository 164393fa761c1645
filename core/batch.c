/* SPDX-License-Identifier: MIT
 *
 * The pool's samples in an iteration: drawn, begun anew, wounded, run and written back,
 * as fates.c decides. */
#include "batch.h"

#include <string.h>

#include "fates.h"
#include "target.h"

/* A wound may have left a whole creature far aside, or two of them: no gradient could
 * move it, so it is put in its place. */
static void put_in_place(const NcaTrainer *t, NcaSample *s)
{
    const float *drawn = nca_samples_at(&t->pool, s->index);
    NcaShift shift =
        nca_fates_place(t, drawn, t->canvas.channels, s->after, t->canvas.padding);
    nca_samples_move(s->before, drawn, &t->canvas, shift.x, shift.y);
}

static void draw_sample(const NcaTrainer *t, NcaSample *s)
{
    memcpy(s->before, nca_samples_at(&t->pool, s->index), nca_samples_size(&t->canvas));
    s->start_loss = nca_fates_loss(t, s->before, t->canvas.channels);
    if (nca_fates_astray(t, s)) {
        put_in_place(t, s);
        s->start_loss = nca_fates_loss(t, s->before, t->canvas.channels);
    }
}

/* From the pool, the worst first. */
static void draw_samples(NcaTrainer *t)
{
    nca_fates_draw(t);
    for (int i = 0; i < t->params.batch; i++)
        draw_sample(t, &t->sample[i]);
    nca_fates_rank(t);
}

void nca_batch_reseed(NcaTrainer *t)
{
    for (int i = 0; i < t->pool.count; i++)
        nca_samples_seed(nca_samples_at(&t->pool, i), &t->canvas);
}

void nca_batch_prepare(NcaTrainer *t)
{
    if (nca_fates_follow(t))
        nca_batch_reseed(t);
    if (t->pool.count)
        draw_samples(t);
    for (int i = 0; i < t->params.batch; i++) {
        NcaSample *s = &t->sample[i];
        nca_fates_decide(t, i, s->before, t->canvas.channels);
        if (s->fate == NCA_ANEW)
            nca_samples_seed(s->before, &t->canvas);
        else if (s->fate == NCA_WOUNDED)
            s->damage(s->before, &t->canvas, nca_fates_wound_key(t, i));
        memcpy(s->after, s->before, nca_samples_size(&t->canvas));
    }
}

/* Where each wound moved it a bit, the last one is not to make good for all of them. */
static void place_again(const NcaTrainer *t, NcaSample *s)
{
    NcaShift shift =
        nca_fates_place(t, s->after, t->canvas.channels, s->before, 2 * t->plan.aside);
    memcpy(s->before, s->after, nca_samples_size(&t->canvas));
    nca_samples_move(s->after, s->before, &t->canvas, shift.x, shift.y);
}

/* Before it has healed.  Returns false where it was stopped. */
static bool wound_again(NcaTrainer *t, int sample, int slot)
{
    NcaSample *s = &t->sample[sample];
    int times = nca_fates_again(t, sample);
    for (int i = 0; i < times; i++) {
        NcaPause pause = nca_fates_pause(t, sample, i);
        NcaRolloutParams params = {
            .fire_rate = nca_model_shape(t->model)->fire_rate,
            .steps = pause.steps,
            .seed = pause.seed,
        };
        if (!nca_rollout_step(t->rollout[slot], &t->network, &params, &t->stop, s->after))
            return false;
        if (t->plan.keep_placed)
            place_again(t, s);
        s->damage(s->after, &t->canvas, pause.wound_key);
    }
    if (times > 0)
        memcpy(s->before, s->after, nca_samples_size(&t->canvas));
    return true;
}

bool nca_batch_run(NcaTrainer *t, int sample, int slot)
{
    NcaSample *s = &t->sample[sample];
    NcaRolloutParams params = nca_fates_params(t, sample);
    if (s->fate != NCA_DIES)
        params.target = nca_target_pixels(nca_fates_target(t));
    return wound_again(t, sample, slot) &&
           nca_rollout_run(t->rollout[slot], &t->network, &params, &t->stop, s->after,
                           s->gradient, &s->result);
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
