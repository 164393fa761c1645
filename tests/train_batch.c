/* SPDX-License-Identifier: MIT
 *
 * One iteration from the inside: which samples become the seed, are wounded and written
 * back, and what the preview shows of them. */
#include "random.h"
#include "seed.h"
#include "target.h"
#include "trainers.h"

static uint64_t seed;
static NcaTarget *target;

static size_t state_bytes(const NcaTrainer *t)
{
    return t->pool.size * sizeof(float);
}

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

/* Of the state as it is, beyond 0…1 too; picture NULL: nothing. */
static double loss_against(const NcaTarget *picture, const NcaTrainer *t,
                           const float *state)
{
    const float *pixels = picture ? nca_target_pixels(picture) : NULL;
    int cells = t->canvas.width * t->canvas.height;
    double sum = 0;
    for (int i = 0; i < cells * 4; i++)
        sum += pow((double)state[i / 4 * t->canvas.channels + i % 4] -
                       (pixels ? pixels[i] : 0),
                   2);
    return sum / (cells * 4);
}

static double loss_of(const NcaTrainer *t, const float *state)
{
    return loss_against(target, t, state);
}

static void check_sample(const NcaTrainer *t, int i, const float *was,
                         const float *seed_state)
{
    const NcaSample *s = &t->sample[i];
    CHECK(fabs(s->start_loss / loss_of(t, was) - 1) < 1e-6 && s->start_loss > 0);
    CHECK(fabs(s->result.loss / loss_of(t, s->after) - 1) < 1e-6);
    CHECK(i == 0 || s->start_loss <= t->sample[i - 1].start_loss);
    if (i < t->plan.seeds)
        CHECK(!memcmp(s->before, seed_state, state_bytes(t)));
    else if (i >= t->params.batch - t->plan.damaged)
        CHECK(count_dead(t, s->before, was) > 0);
    else
        CHECK(!memcmp(s->before, was, state_bytes(t)));
    CHECK(memcmp(s->after, s->before, state_bytes(t)));
    CHECK(!memcmp(nca_samples_at(&t->pool, s->index), s->after, state_bytes(t)));
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
    nca_samples_seed(seed_state, &t->canvas);
    fill_pool(t);
    memcpy(was, t->pool.states, 21 * state_bytes(t));
    nca_trainer_step(t);
    CHECK(t->plan.seeds == seeds && t->plan.damaged == damaged);
    for (int i = 0; i < 8; i++) {
        int index = t->sample[i].index;
        CHECK(index >= 0 && index < 21 && !drawn[index]);
        drawn[index] = true;
        check_sample(t, i, was + (size_t)index * t->pool.size, seed_state);
    }
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
            CHECK(!t->sample[i].wounded &&
                  !memcmp(t->sample[i].before, state, state_bytes(t)));
    }
    CHECK(planned > 0);
    free(state);
    nca_trainer_free(&t);
}

/* With a model that does nothing and is to stay so. */
static NcaTrainer *idle_trainer(const NcaTarget *picture, NcaRecipe recipe)
{
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, recipe, seed);
    NcaShape shape = nca_shape_default();
    NcaModel *idle = NULL;
    shape.channels = shape.hidden = 4;
    p.rate = 1e-8f;
    CHECK(nca_model_new(&idle, &shape, NULL) == NCA_OK);
    NcaTrainer *t = new_trainer(picture, &p, idle);
    nca_model_free(&idle);
    return t;
}

/* One iteration from a pool of that state, moved. */
static void step_at(NcaTrainer *t, int64_t iteration, const float *state, int dx, int dy,
                    int round)
{
    for (int i = 0; i < t->params.pool; i++)
        nca_samples_move(nca_samples_at(&t->pool, i), state, &t->canvas, dx, dy);
    t->iteration = iteration;
    t->params.seed = seed + (uint64_t)round;
    nca_trainer_step(t);
}

/* … late in the training, when as many are wounded as ever. */
static void step_from(NcaTrainer *t, const float *state, int dx, int dy, int round)
{
    step_at(t, 19, state, dx, dy, round);
}

/* The picture at a strength, and all about it at another. */
static float *blend(const NcaTrainer *t, float strength, float beside)
{
    float *state = calloc(1, state_bytes(t));
    const float *pixels = nca_target_pixels(target);
    for (int i = 0; i < t->canvas.width * t->canvas.height; i++)
        for (int c = 0; c < 4; c++)
            state[i * t->canvas.channels + c] =
                pixels[i * 4 + 3] > 0 ? strength * pixels[i * 4 + c] : beside;
    return state;
}

typedef enum Fate { GOES_ON, ANEW, DIES } Fate;

static void check_fate(const NcaTrainer *t, const NcaSample *s, const float *drawn,
                       Fate fate)
{
    float *state = malloc(state_bytes(t));
    nca_samples_seed(state, &t->canvas);
    CHECK(s->anew == (fate == ANEW) && s->dies == (fate == DIES));
    CHECK(!memcmp(s->before, fate == ANEW ? state : drawn, state_bytes(t)));
    double loss = loss_against(fate == DIES ? NULL : target, t, s->after);
    CHECK(fabs(s->result.loss - loss) <= 1e-6 * loss);
    free(state);
}

/* The picture at a strength: its loss is that of an empty grid times (1 - strength)²; and
 * something beside it.  What is hopeless begins anew; late in the training it is let die where
 * it is nothing like the picture.  All else goes on. */
static void test_hopeless(NcaRecipe recipe, int64_t iteration, float strength,
                          float beside, Fate fate)
{
    NcaTrainer *t = idle_trainer(target, recipe);
    float *drawn = blend(t, strength, beside);
    if (fate == GOES_ON && recipe == NCA_RECIPE_PUBLISHED)
        t->params.regime = NCA_REGIME_PERSISTENT; /* in which none is wounded */
    for (int round = 0; round < 10; round++) {
        step_at(t, iteration, drawn, 0, 0, round);
        CHECK(t->plan.seeds < t->params.batch);
        for (int i = 0; i < t->params.batch; i++)
            if (!t->sample[i].wounded || fate != GOES_ON)
                check_fate(t, &t->sample[i], drawn, i < t->plan.seeds ? ANEW : fate);
    }
    free(drawn);
    nca_trainer_free(&t);
}

/* Pictures aside, so faint that this is no great loss, with a model that does nothing: in our
 * recipe what was wounded is compared where it fits best, and put back in its place; all else
 * stays where it is. */
static void test_aside(NcaRecipe recipe, int dx, int dy)
{
    NcaTarget *picture = oval_target(24, 8, false, 30);
    int back = 0, wounded = 0;
    NcaTrainer *t = idle_trainer(picture, recipe);
    float *whole = calloc(1, state_bytes(t)), *moved = malloc(state_bytes(t));
    memcpy(whole, nca_target_pixels(picture), state_bytes(t));
    for (int round = 0; round < 80; round++) {
        step_from(t, whole, dx, dy, round);
        for (int i = 0; i < t->params.batch; i++) {
            const NcaSample *s = &t->sample[i];
            int x = s->result.shift_x, y = s->result.shift_y;
            double still = loss_against(picture, t, s->after);
            CHECK(s->wounded ==
                  (i >= t->plan.seeds && i >= t->params.batch - t->plan.damaged));
            CHECK(abs(x) <= t->plan.aside && abs(y) <= t->plan.aside);
            CHECK(s->wounded || (x == 0 && y == 0));
            CHECK_MSG(s->result.loss < still * (1 + 1e-6), "%g, %g", s->result.loss,
                      still);
            nca_samples_move(moved, s->after, &t->canvas, x, y);
            CHECK(!memcmp(nca_samples_at(&t->pool, s->index), moved, state_bytes(t)));
            wounded += s->wounded;
            back += s->wounded && x == -dx && y == -dy;
        }
    }
    CHECK_MSG(recipe == NCA_RECIPE_OWN ? 4 * back > wounded : back == 0 && wounded > 0,
              "%d of %d wounded are back", back, wounded);
    free(whole);
    free(moved);
    nca_trainer_free(&t);
    nca_target_free(&picture);
}

/* What is far from its place when it is drawn, is put there late in our recipe, as far as the
 * padding allows. */
static void test_far(NcaRecipe recipe, int64_t iteration, int dx, int dy, bool back)
{
    NcaTarget *picture = new_target(24, 8, false);
    NcaTrainer *t = idle_trainer(picture, recipe);
    float *whole = calloc(1, state_bytes(t)), *moved = malloc(state_bytes(t));
    int seen = 0;
    memcpy(whole, nca_target_pixels(picture), state_bytes(t));
    nca_samples_move(moved, whole, &t->canvas, dx, dy);
    for (int round = 0; round < 20; round++) {
        step_at(t, iteration, whole, dx, dy, round);
        for (int i = 0; i < t->params.batch; i++) {
            const NcaSample *s = &t->sample[i];
            double loss = loss_against(picture, t, back ? whole : moved);
            CHECK(fabs(s->start_loss - loss) <= 1e-6 * loss);
            if (s->anew || s->wounded)
                continue;
            CHECK(!memcmp(s->before, back ? whole : moved, state_bytes(t)));
            seen++;
        }
    }
    CHECK(seen > 0 || recipe == NCA_RECIPE_PUBLISHED); /* which wounds all others */
    free(whole);
    free(moved);
    nca_trainer_free(&t);
    nca_target_free(&picture);
}

/* One by one, by the plan: the same bits.  Strays and overflows are in the states. */
static void test_gradients(NcaRecipe recipe)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, recipe, seed);
    NcaShape shape = nca_shape_default();
    shape.channels = shape.hidden = 8;
    NcaModel *from = random_model(&shape, 0.05, seed);
    NcaTrainer *t = new_trainer(target, &p, from);
    int steps = nca_schedule_steps_max(&p, target);
    float *gradient = malloc(nca_gradient_size(&shape) * sizeof(float)),
          *state = malloc(state_bytes(t));
    NcaRollout *rollout = NULL;
    NcaNetwork network;
    for (size_t i = 0; i < (size_t)t->pool.count * t->pool.size; i++)
        t->pool.states[i] = i % t->pool.size % 8 < 4 ? 0.3f : 3.5f;
    nca_trainer_step(t);
    CHECK(nca_rollout_new(&rollout, &shape, t->canvas.width, t->canvas.height, steps,
                          1 << 24, NULL) == NCA_OK);
    CHECK(nca_network_init(&network, &shape, false, NULL) == NCA_OK);
    nca_network_pack(&network, from, 0, 1);
    for (int i = 0; i < p.batch; i++) {
        const NcaSample *s = &t->sample[i];
        const NcaPlan *plan = &t->plan;
        NcaRolloutParams params = {
            .seed = nca_hash3(nca_hash3(seed, 0, 17), (uint64_t)i, 0),
            .fire_rate = shape.fire_rate,
            .steps = plan->steps,
            .losses = plan->losses,
            .overflow_weight = plan->overflow_weight,
            .stray_weight = plan->stray_weight,
        };
        NcaRolloutResult result;
        memcpy(params.loss_step, plan->loss_step, sizeof(params.loss_step));
        memcpy(params.loss_weight, plan->loss_weight, sizeof(params.loss_weight));
        memcpy(state, s->before, state_bytes(t));
        CHECK(!s->dies && nca_rollout_run(rollout, &network, nca_target_pixels(target),
                                          &params, NULL, state, gradient, &result));
        CHECK(!memcmp(state, s->after, state_bytes(t)) && result.loss == s->result.loss);
        CHECK(i == 0 || /* in which all are added up */
              !memcmp(gradient, s->gradient, nca_gradient_size(&shape) * sizeof(float)));
    }
    nca_network_uninit(&network);
    nca_rollout_free(&rollout);
    free(gradient);
    free(state);
    nca_model_free(&from);
    nca_trainer_free(&t);
}

static int count_opaque(const NcaTrainer *t, const float *state)
{
    int opaque = 0;
    for (int i = 0; i < t->canvas.width * t->canvas.height; i++)
        opaque += state[i * t->canvas.channels + 3] > 0.5f;
    return opaque;
}

/* With a model that does nothing: how many of the wounded have lost more than the first wound
 * takes.  4 of 9 are wounded again; of these some at places that were dead already. */
static void test_again(NcaRecipe recipe)
{
    NcaTarget *picture = new_target(24, 8, false);
    int again = 0, wounded = 0;
    NcaTrainer *t = idle_trainer(picture, recipe);
    float *whole = calloc(1, state_bytes(t)), *once = malloc(state_bytes(t));
    for (size_t i = 0; i < t->pool.size; i++) /* so alive that none dies of loneliness */
        whole[i] = nca_target_pixels(picture)[i / 4 * 4 + 3] > 0.5f;
    for (int round = 0; round < 200; round++) {
        step_from(t, whole, 0, 0, 1000 + round);
        for (int i = 0; i < t->params.batch; i++) {
            const NcaSample *s = &t->sample[i];
            if (!s->wounded)
                continue;
            uint64_t key = nca_hash3(nca_hash3(t->params.seed, 19, 18), (uint64_t)i, 0);
            memcpy(once, whole, state_bytes(t));
            if (recipe == NCA_RECIPE_OWN)
                nca_damage_mixed(once, &t->canvas, key);
            else
                nca_damage_disc(once, &t->canvas, key);
            int less = count_opaque(t, once) - count_opaque(t, s->before);
            CHECK_MSG(less >= 0, "recipe %d round %d sample %d: %d", recipe, round, i,
                      less);
            again += less > 0;
            wounded++;
        }
    }
    double share = (double)again / wounded;
    CHECK_MSG(recipe == NCA_RECIPE_OWN ? share > 0.25 && share < 0.55 : again == 0,
              "%d of %d", again, wounded);
    free(whole);
    free(once);
    nca_trainer_free(&t);
    nca_target_free(&picture);
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
    CHECK(t->canvas.halvings == 0 && t->halvings_first == 0);
    if (!from_model)
        t->canvas.halvings = t->halvings_first = 2;
    for (int i = 0; i < 2; i++)
        CHECK(nca_target_halve(&at[i + 1], at[i], NULL) == NCA_OK);
    for (int i = 0; i < 9; i++) {
        int halvings = from_model || i >= 7 ? 0 : i >= 4 ? 1 : 2, marked = 0;
        for (int k = 0; k < p.pool; k++) /* only a step or a reset takes the mark off */
            nca_samples_at(&t->pool, k)[0] = 0.5f;
        nca_trainer_step(t);
        CHECK_MSG(t->canvas.halvings == halvings, "%d halvings in iteration %d",
                  t->canvas.halvings, i);
        for (int k = 0; k < p.batch; k++) {
            const NcaSample *s = &t->sample[k];
            double loss = loss_against(s->dies ? NULL : at[halvings], t, s->after);
            CHECK(fabs(s->result.loss / loss - 1) < 1e-6);
        }
        for (int k = 0; k < p.pool; k++)
            marked += nca_samples_at(&t->pool, k)[0] == 0.5f;
        bool begins = !from_model && (i == 4 || i == 7);
        CHECK_MSG(marked == (begins ? 0 : p.pool - p.batch), "%d marked in %d", marked,
                  i);
    }
    nca_model_free(&from);
    nca_trainer_free(&t);
    for (int i = 0; i < 3; i++)
        nca_target_free(&at[i]);
}

/* A line one cell wide: alpha 1/2 after one halving, 1/4 after two, which is too faint. */
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
    CHECK(nca_schedule_halvings(&p, line) == 2);
    NcaTrainer *t = new_trainer(line, &p, NULL);
    CHECK(t->halvings_most == 1 && t->halvings_first == 1 && t->canvas.halvings == 1);
    CHECK(t->target[1] && !t->target[2]);
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
    /* 1 - 0.163: seven tenths of the loss */
    test_hopeless(NCA_RECIPE_OWN, 0, 0.157f, 0, ANEW);
    test_hopeless(NCA_RECIPE_OWN, 0, 0.170f, 0, GOES_ON);
    test_hopeless(NCA_RECIPE_OWN, 0, 0.170f, 0.1f, ANEW);
    test_hopeless(NCA_RECIPE_OWN, 12, 0.157f, 0, ANEW);
    test_hopeless(NCA_RECIPE_OWN, 13, 0.157f, 0, DIES);
    test_hopeless(NCA_RECIPE_OWN, 13, 0.170f, 0.1f, ANEW);
    test_hopeless(NCA_RECIPE_OWN, 19, 0.170f, 0, GOES_ON);
    test_hopeless(NCA_RECIPE_PUBLISHED, 0, 0.157f, 0, GOES_ON);
    test_hopeless(NCA_RECIPE_PUBLISHED, 19, 0.157f, 0, GOES_ON);
    test_aside(NCA_RECIPE_OWN, 1, -1);
    test_aside(NCA_RECIPE_OWN, 0, 2);
    test_aside(NCA_RECIPE_PUBLISHED, 1, 0);
    test_far(NCA_RECIPE_OWN, 12, 1, 0, false);
    test_far(NCA_RECIPE_OWN, 13, 1, 0, true);
    test_far(NCA_RECIPE_OWN, 19, 8, -8, true);
    test_far(NCA_RECIPE_PUBLISHED, 19, 1, 0, false);
    test_gradients(NCA_RECIPE_OWN);
    test_gradients(NCA_RECIPE_PUBLISHED);
    test_again(NCA_RECIPE_OWN);
    test_again(NCA_RECIPE_PUBLISHED);
    test_stages(false);
    test_stages(true);
    test_faint();
    test_huge_weights();
    test_preview();
    nca_target_free(&target);
    return test_end();
}
