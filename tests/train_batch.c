/* SPDX-License-Identifier: MIT
 *
 * One iteration from the inside: which samples become the seed, are wounded and written
 * back, and what the preview shows of them.  What only our recipe does is in
 * train_own.c. */
#include "seed.h"
#include "target.h"
#include "trainers.h"

static uint64_t seed;
static NcaTarget *target;

/* -------------------------------------------------------------------- batches */

/* State i is the picture at a strength that its place in the pool does not tell. */
static void fill_pool(NcaTrainer *t)
{
    const float *pixels = nca_target_pixels(target);
    int channels = t->canvas.channels;
    for (int i = 0; i < t->pool.count; i++) {
        float strength =
            2 * (float)((i * 7 + 3) % t->pool.count + 1) / (float)(t->pool.count + 2);
        float *state = nca_samples_at(&t->pool, i);
        for (int cell = 0; cell < t->canvas.width * t->canvas.height; cell++)
            for (int c = 0; c < channels; c++)
                state[cell * channels + c] =
                    c < 4 ? strength * pixels[cell * 4 + c] : (float)(i + 1);
    }
}

/* How many cells of `state` are dead that live in `was`; all others must be equal. */
static int count_dead(const NcaTrainer *t, const float *state, const float *was)
{
    int dead = 0, channels = t->canvas.channels;
    for (int i = 0; i < t->canvas.width * t->canvas.height; i++) {
        const float *cell = state + i * channels;
        int zeros = 0;
        for (int c = 0; c < channels; c++)
            zeros += cell[c] == 0;
        dead += zeros == channels;
        CHECK(zeros == channels ||
              !memcmp(cell, was + i * channels, (size_t)channels * sizeof(float)));
    }
    return dead;
}

static double loss_of(const NcaTrainer *t, const float *state)
{
    return loss_against(target, t, state);
}

/* Gives how many cells a wound has killed: a small disc may lie between them. */
static int check_sample(const NcaTrainer *t, int i, const float *was,
                        const float *seed_state)
{
    const NcaSample *s = &t->sample[i];
    int dead = 0;
    CHECK(fabs(s->start_loss / loss_of(t, was) - 1) < 1e-6 && s->start_loss > 0);
    CHECK(fabs(s->result.loss / loss_of(t, s->after) - 1) < 1e-6);
    CHECK(i == 0 || s->start_loss <= t->sample[i - 1].start_loss);
    if (i < t->plan.seeds)
        CHECK(!memcmp(s->before, seed_state, state_bytes(t)));
    else if (i >= t->params.batch - t->plan.damaged)
        dead = count_dead(t, s->before, was);
    else
        CHECK(!memcmp(s->before, was, state_bytes(t)));
    CHECK(memcmp(s->after, s->before, state_bytes(t)));
    CHECK(!memcmp(nca_samples_at(&t->pool, s->index), s->after, state_bytes(t)));
    return dead;
}

/* One iteration, and the pool before and after it. */
static void test_batch(NcaRegime regime, int seeds, int damaged)
{
    NcaTrainParams p = small_params(regime, NCA_RECIPE_PUBLISHED, seed);
    NcaShape shape = nca_shape_default();
    shape.channels = shape.hidden = 8;
    p.batch = 8;
    p.pool = 21;
    NcaModel *from = random_model(&shape, 0.05, seed);
    NcaTrainer *t = new_trainer(target, &p, from);
    float *was = malloc(21 * state_bytes(t)), *seed_state = malloc(state_bytes(t));
    bool drawn[21] = {false};
    int dead = 0;
    nca_samples_seed(seed_state, &t->canvas);
    fill_pool(t);
    memcpy(was, t->pool.states, 21 * state_bytes(t));
    nca_trainer_step(t);
    CHECK(t->plan.seeds == seeds && t->plan.damaged == damaged);
    for (int i = 0; i < 8; i++) {
        int index = t->sample[i].index;
        CHECK(index >= 0 && index < 21 && !drawn[index]);
        drawn[index] = true;
        dead += check_sample(t, i, was + (size_t)index * t->pool.size, seed_state);
    }
    CHECK((dead > 0) == (damaged > 0));
    for (int i = 0; i < 21; i++)
        CHECK(drawn[i] || !memcmp(nca_samples_at(&t->pool, i),
                                  was + (size_t)i * t->pool.size, state_bytes(t)));
    free(was);
    free(seed_state);
    nca_model_free(&from);
    nca_trainer_free(&t);
}

static void test_growing_batch(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_GROWING, NCA_RECIPE_PUBLISHED, seed);
    NcaTrainer *t = trained(target, &p);
    float *state = malloc(nca_samples_size(&t->canvas));
    int different = 0;
    nca_samples_seed(state, &t->canvas);
    CHECK(t->pool.count == 0);
    for (int i = 0; i < p.batch; i++) {
        CHECK(!memcmp(t->sample[i].before, state, nca_samples_size(&t->canvas)));
        different += memcmp(t->sample[i].after, t->sample[0].after,
                            nca_samples_size(&t->canvas)) != 0;
    }
    CHECK(different == p.batch - 1);
    free(state);
    nca_trainer_free(&t);
}

/* What has died or burst begins anew in our recipe; in the published one it stays. */
static void test_lost(NcaRecipe recipe, float value)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, recipe, seed);
    NcaTrainer *t = new_trainer(target, &p, NULL);
    float *state = malloc(state_bytes(t));
    nca_samples_seed(state, &t->canvas);
    for (size_t i = 0; i < (size_t)t->pool.count * t->pool.size; i++)
        t->pool.states[i] = value;
    nca_trainer_step(t);
    CHECK(t->plan.seeds < p.batch && t->iteration == 1);
    for (int i = 0; i < p.batch; i++) {
        bool is_seed = !memcmp(t->sample[i].before, state, state_bytes(t));
        CHECK(is_seed == (recipe == NCA_RECIPE_OWN || i == 0));
    }
    free(state);
    nca_trainer_free(&t);
}

/* What begins anew is not wounded, whatever the plan was. */
static void test_lost_wounded(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, seed);
    NcaTrainer *t = new_trainer(target, &p, NULL);
    float *state = malloc(state_bytes(t));
    int planned = 0;
    nca_samples_seed(state, &t->canvas);
    for (int round = 0; round < 10; round++) {
        memset(t->pool.states, 0, (size_t)t->pool.count * state_bytes(t));
        t->iteration = 19;
        t->params.seed = seed + (uint64_t)round;
        nca_trainer_step(t);
        planned += t->plan.damaged;
        for (int i = 0; i < p.batch; i++)
            CHECK(t->sample[i].fate != NCA_WOUNDED &&
                  !memcmp(t->sample[i].before, state, state_bytes(t)));
    }
    CHECK(planned > 0);
    free(state);
    nca_trainer_free(&t);
}

/* The target of each iteration, and a pool that begins anew with each. */
static void test_stages(bool from_model)
{
    NcaTarget *large = new_target(64, 2, false), *at[3] = {large};
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    NcaShape shape = nca_shape_default();
    shape.channels = shape.hidden = 4;
    p.pool = 5;
    p.rate = 1e-8f; /* stay as you are */
    NcaModel *from = random_model(&shape, 0.01, seed);
    NcaTrainer *t = new_trainer(large, &p, from);
    /* Models grow 40 cells where they do not tell otherwise. */
    CHECK(t->canvas.stage == 1 && t->stage_first == 1);
    if (!from_model)
        t->canvas.stage = t->stage_first = 2;
    for (int i = 0; i < 2; i++)
        CHECK(nca_target_shrink(&at[i + 1], large, i ? 0.5 : sqrt(0.5), NULL) == NCA_OK);
    int first = from_model ? 1 : 2;
    for (int i = 0, before = first; i < 16; i++) {
        int stage = first - i * (first + 1) / (int)p.iterations, marked = 0;
        for (int k = 0; k < p.pool; k++) /* only a step or a reset takes the mark off */
            nca_samples_at(&t->pool, k)[0] = 0.5f;
        nca_trainer_step(t);
        CHECK_MSG(t->canvas.stage == stage, "stage %d in iteration %d", t->canvas.stage,
                  i);
        for (int k = 0; k < p.batch; k++) {
            const NcaSample *s = &t->sample[k];
            double loss =
                loss_against(s->fate == NCA_DIES ? NULL : at[stage], t, s->after);
            CHECK(fabs(s->result.loss / loss - 1) < 1e-6);
        }
        for (int k = 0; k < p.pool; k++)
            marked += nca_samples_at(&t->pool, k)[0] == 0.5f;
        bool begins = stage != before;
        CHECK_MSG(marked == (begins ? 0 : p.pool - p.batch), "%d marked in %d", marked,
                  i);
        before = stage;
    }
    nca_model_free(&from);
    nca_trainer_free(&t);
    for (int i = 0; i < 3; i++)
        nca_target_free(&at[i]);
}

/* A line one cell wide: alpha falls by √2 a stage, and 1/4 after four is too faint. */
static void test_faint(void)
{
    enum { SIDE = 64 };
    uint8_t *rgba = calloc(SIDE * SIDE, 4);
    NcaTargetParams params = {SIDE, 2};
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    NcaTarget *line = NULL;
    for (int x = 0; x < SIDE; x++)
        memset(rgba + (SIDE / 2 * SIDE + x) * 4, 255, 4);
    CHECK(nca_target_new(&line, rgba, SIDE, SIDE, SIDE * 4, &params, NULL) == NCA_OK);
    CHECK(nca_schedule_first(&p, line, 0) == 4);
    NcaTrainer *t = new_trainer(line, &p, NULL);
    CHECK(t->stage_most == 3 && t->stage_first == 3 && t->canvas.stage == 3);
    CHECK(t->target[3] && !t->target[4]);
    free(rgba);
    nca_target_free(&line);
    nca_trainer_free(&t);
}

static bool is_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* A gradient that is not finite moves nothing. */
static void test_huge_weights(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, 2);
    NcaShape shape = nca_shape_default();
    shape.channels = shape.hidden = 8;
    NcaModel *from = random_model(&shape, 1e30, 2);
    NcaTrainer *t = new_trainer(target, &p, from);
    int bursts = 0, blanks = 0;
    for (int i = 0; i < p.iterations; i++) {
        int64_t time = t->adam.time;
        t->smooth = -1;
        nca_trainer_step(t);
        blanks += !isfinite(t->loss);
        CHECK(isfinite(t->loss) || t->smooth == -1);
        bool burst = !is_finite(t->sample[0].gradient, t->adam.size);
        bursts += burst;
        CHECK(t->adam.time == time + !burst && weights_equal(t->model, from));
    }
    CHECK(bursts > 0 && blanks > 0 && nca_trainer_status(t).done);
    nca_model_free(&from);
    nca_trainer_free(&t);
}

/* -------------------------------------------------------------------- preview */

static void test_preview(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_PUBLISHED, seed);
    NcaTrainer *t = new_trainer(target, &p, NULL);
    int width = 0, height = 0;
    nca_trainer_preview_size(t, &width, &height);
    CHECK(width == 4 * 16 && height == 2 * 14);
    uint8_t *rgba = malloc((size_t)width * height * 4);
    memset(rgba, 77, (size_t)width * height * 4);
    nca_trainer_preview(t, rgba);
    for (int i = 0; i < width * height * 4; i++)
        CHECK(rgba[i] == 0);
    const float before[4] = {0.25f, 0.5f, -1, 0.5f}, after[4] = {2, 0.2f, NAN, 3};
    memcpy(t->sample[2].before + (5 * 16 + 3) * 8, before, sizeof(before));
    memcpy(t->sample[3].after + (13 * 16 + 15) * 8, after, sizeof(after));
    nca_trainer_preview(t, rgba);
    uint8_t *above = rgba + (5 * width + 2 * 16 + 3) * 4,
            *last = rgba + (width * height - 1) * 4;
    CHECK(!memcmp(above, (uint8_t[]){128, 255, 0, 128}, 4));
    CHECK(!memcmp(last, (uint8_t[]){255, 51, 0, 255}, 4));
    memset(above, 0, 4);
    memset(last, 0, 4);
    for (int i = 0; i < width * height * 4; i++)
        CHECK(rgba[i] == 0);
    free(rgba);
    nca_trainer_free(&t);
}

int main(void)
{
    seed = test_seed();
    target = new_target(8, 4, false);
    test_batch(NCA_REGIME_PERSISTENT, 1, 0);
    test_batch(NCA_REGIME_REGENERATING, 1, 3);
    test_growing_batch();
    test_lost(NCA_RECIPE_PUBLISHED, NAN);
    test_lost(NCA_RECIPE_OWN, NAN);
    test_lost(NCA_RECIPE_OWN, 0);
    test_lost_wounded();
    test_stages(false);
    test_stages(true);
    test_faint();
    test_huge_weights();
    test_preview();
    nca_target_free(&target);
    return test_end();
}
