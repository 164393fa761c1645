/* SPDX-License-Identifier: MIT
 *
 * What our recipe does to the samples of an iteration, and the published one does not:
 * the hopeless are begun anew or let die, what lies aside is put back, wounds upon
 * wounds. */
#include "random.h"
#include "seed.h"
#include "target.h"
#include "trainers.h"

static uint64_t seed;
static NcaTarget *target;

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

static void check_fate(const NcaTrainer *t, const NcaSample *s, const float *drawn,
                       NcaFate fate)
{
    float *state = malloc(state_bytes(t));
    nca_samples_seed(state, &t->canvas);
    CHECK(s->fate == fate || (fate == NCA_GOES_ON && s->fate == NCA_WOUNDED));
    CHECK(!memcmp(s->before, fate == NCA_ANEW ? state : drawn, state_bytes(t)));
    double loss = loss_against(fate == NCA_DIES ? NULL : target, t, s->after);
    CHECK(fabs(s->result.loss - loss) <= 1e-6 * loss);
    free(state);
}

/* The picture at a strength: its loss is that of an empty grid times (1 - strength)²; and
 * something beside it.  What is hopeless begins anew; late in the training it is let die
 * where it is nothing like the picture, but not where it has run away.  All else goes
 * on. */
static void test_hopeless(NcaRecipe recipe, int64_t iteration, float strength,
                          float beside, NcaFate fate)
{
    NcaTrainer *t = idle_trainer(target, recipe);
    float *drawn = blend(t, strength, beside);
    if (fate == NCA_GOES_ON && recipe == NCA_RECIPE_PUBLISHED)
        t->params.regime = NCA_REGIME_PERSISTENT; /* in which none is wounded */
    for (int round = 0; round < 10; round++) {
        step_at(t, iteration, drawn, 0, 0, round);
        CHECK(t->plan.seeds < t->params.batch);
        for (int i = 0; i < t->params.batch; i++)
            if (t->sample[i].fate != NCA_WOUNDED || fate != NCA_GOES_ON)
                check_fate(t, &t->sample[i], drawn, i < t->plan.seeds ? NCA_ANEW : fate);
    }
    free(drawn);
    nca_trainer_free(&t);
}

/* Pictures aside, so faint that this is no great loss, with a model that does nothing: in
 * our recipe what was wounded is compared where it fits best, and put back in its place;
 * all else stays where it is. */
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
            CHECK((s->fate == NCA_WOUNDED) ==
                  (i >= t->plan.seeds && i >= t->params.batch - t->plan.damaged));
            CHECK(abs(x) <= t->plan.aside && abs(y) <= t->plan.aside);
            CHECK(s->fate == NCA_WOUNDED || (x == 0 && y == 0));
            CHECK_MSG(s->result.loss < still * (1 + 1e-6), "%g, %g", s->result.loss,
                      still);
            nca_samples_move(moved, s->after, &t->canvas, x, y);
            CHECK(!memcmp(nca_samples_at(&t->pool, s->index), moved, state_bytes(t)));
            wounded += s->fate == NCA_WOUNDED;
            back += s->fate == NCA_WOUNDED && x == -dx && y == -dy;
        }
    }
    CHECK_MSG(recipe == NCA_RECIPE_OWN ? 4 * back > wounded : back == 0 && wounded > 0,
              "%d of %d wounded are back", back, wounded);
    free(whole);
    free(moved);
    nca_trainer_free(&t);
    nca_target_free(&picture);
}

/* What is far from its place when it is drawn, is put there late in our recipe, as far as
 * the padding allows. */
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
            if (s->fate == NCA_ANEW || s->fate == NCA_WOUNDED)
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

/* What the plan asks of a sample. */
static NcaRolloutParams params_by_plan(const NcaPlan *plan, const NcaSample *s,
                                       uint64_t key)
{
    NcaRolloutParams p = {
        .seed = key,
        .fire_rate = 0.5f,
        .steps = plan->steps,
        .overflow_weight = plan->overflow_weight,
        .stray_weight = plan->stray_weight,
        .place_weight = plan->place_weight,
        .shift_most = s->fate == NCA_WOUNDED ? plan->aside : 0,
    };
    if (s->fate == NCA_WOUNDED && plan->early_weight > 0) {
        p.loss_step[p.losses] = plan->early_step;
        p.loss_weight[p.losses++] = plan->early_weight;
    }
    for (int i = 0; i < plan->losses; i++) {
        p.loss_step[p.losses] = plan->loss_step[i];
        p.loss_weight[p.losses++] = plan->loss_weight[i];
    }
    return p;
}

/* Much like the picture, and something beside it: of the values of a state of eight
 * channels. */
static float roughly(size_t i)
{
    float pixel = nca_target_pixels(target)[i / 8 * 4 + i % 8];
    return pixel + 0.3f * (float)nca_uniform(nca_hash3(seed, 41, i));
}

/* One by one, by the plan: the same bits.  Strays and overflows are in the states.
 * Returns how many lay aside. */
static int compare_gradients(NcaRegime regime, NcaRecipe recipe, uint64_t own_seed)
{
    NcaTrainParams p = small_params(regime, recipe, own_seed);
    NcaShape shape = nca_shape_default();
    shape.channels = shape.hidden = 8;
    NcaModel *from = random_model(&shape, 0.05, seed);
    NcaTrainer *t = new_trainer(target, &p, from);
    int steps = nca_schedule_steps_max(&p, target), aside = 0;
    float *gradient = malloc(nca_gradient_size(&shape) * sizeof(float)),
          *state = malloc(state_bytes(t));
    NcaRollout *rollout = NULL;
    NcaNetwork network;
    for (size_t i = 0; i < (size_t)t->pool.count * t->pool.size; i++)
        t->pool.states[i] = i % 8 < 4 ? roughly(i % t->pool.size) : 3.5f;
    nca_trainer_step(t);
    CHECK(nca_rollout_new(&rollout, &shape, t->canvas.width, t->canvas.height, steps,
                          1 << 24, NULL) == NCA_OK);
    CHECK(nca_network_init(&network, &shape, false, NULL) == NCA_OK);
    nca_network_pack(&network, from, 0, 1);
    for (int i = 0; i < p.batch; i++) {
        const NcaSample *s = &t->sample[i];
        uint64_t key = nca_hash3(nca_hash3(own_seed, 0, 17), (uint64_t)i, 0);
        NcaRolloutParams params = params_by_plan(&t->plan, s, key);
        NcaRolloutResult result;
        params.target = s->fate == NCA_DIES ? NULL : nca_target_pixels(target);
        memcpy(state, s->before, state_bytes(t));
        CHECK(
            nca_rollout_run(rollout, &network, &params, NULL, state, gradient, &result));
        CHECK(!memcmp(state, s->after, state_bytes(t)) && result.loss == s->result.loss);
        aside += i > 0 && (result.shift_x || result.shift_y);
        CHECK(i == 0 || /* in which all are added up */
              !memcmp(gradient, s->gradient, nca_gradient_size(&shape) * sizeof(float)));
    }
    nca_network_uninit(&network);
    nca_rollout_free(&rollout);
    free(gradient);
    free(state);
    nca_model_free(&from);
    nca_trainer_free(&t);
    return aside;
}

static void test_gradients(void)
{
    int aside = 0;
    compare_gradients(NCA_REGIME_PERSISTENT, NCA_RECIPE_PUBLISHED, seed);
    compare_gradients(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    for (uint64_t i = 0; i < 8; i++)
        aside +=
            compare_gradients(NCA_REGIME_REGENERATING, NCA_RECIPE_FINISHING, seed + i);
    CHECK(aside > 0);
}

static int count_opaque(const NcaTrainer *t, const float *state)
{
    int opaque = 0;
    for (int i = 0; i < t->canvas.width * t->canvas.height; i++)
        opaque += state[i * t->canvas.channels + 3] > 0.5f;
    return opaque;
}

enum { DISC, MIXED, STROKE, HOLE, KINDS };

static int kind_of(const NcaSample *s)
{
    static NcaDamage *const damage[] = {nca_damage_disc, nca_damage_mixed,
                                        nca_damage_stroke, nca_damage_hole};
    int kind = 0;
    while (kind < KINDS && damage[kind] != s->damage)
        kind++;
    CHECK(kind < KINDS);
    return kind % KINDS;
}

/* Six standard deviations of a coin's, and what the places of wounds make of it. */
static void check_share(const char *what, int count, int all, double share)
{
    double off = fabs((double)count / all - share),
           slack = share * (1 - share) > 0 ? 0.04 : 0;
    CHECK_MSG(off <= slack + 6 * sqrt(share * (1 - share) / all), "%s: %d of %d", what,
              count, all);
}

/* share: of the wounded that are so by this kind; again_share: of these, wounded
 * again. */
static void check_again(const int *again, const int *wounded, int kind,
                        double again_share, double share)
{
    check_share("kind", wounded[kind],
                wounded[DISC] + wounded[MIXED] + wounded[STROKE] + wounded[HOLE], share);
    if (share > 0)
        check_share("again", again[kind], wounded[kind], again_share);
    else
        CHECK(again[kind] == 0);
}

/* With a model that does nothing: how many of the wounded have lost more than the first
 * wound takes.  4 of 9 are wounded again, 4 of 5 where an eraser did it; of these some at
 * places that were dead already. */
static void test_again(NcaRecipe recipe)
{
    NcaTarget *picture = new_target(24, 8, false);
    int again[KINDS] = {0}, wounded[KINDS] = {0};
    NcaTrainer *t = idle_trainer(picture, recipe);
    float *whole = calloc(1, state_bytes(t)), *once = malloc(state_bytes(t));
    for (size_t i = 0; i < t->pool.size; i++) /* so alive that none dies of loneliness */
        whole[i] = nca_target_pixels(picture)[i / 4 * 4 + 3] > 0.5f;
    for (int round = 0; round < 400; round++) {
        step_from(t, whole, 0, 0, 1000 + round);
        for (int i = 0; i < t->params.batch; i++) {
            const NcaSample *s = &t->sample[i];
            if (s->fate != NCA_WOUNDED)
                continue;
            uint64_t key = nca_hash3(nca_hash3(t->params.seed, 19, 18), (uint64_t)i, 0);
            memcpy(once, whole, state_bytes(t));
            s->damage(once, &t->canvas, key);
            int kind = kind_of(s);
            CHECK(recipe != NCA_RECIPE_PUBLISHED || kind == DISC);
            CHECK(recipe != NCA_RECIPE_OWN || kind == MIXED);
            int less = count_opaque(t, once) - count_opaque(t, s->before);
            CHECK_MSG(less >= 0, "recipe %d round %d sample %d: %d", recipe, round, i,
                      less);
            /* All holes lie within 7.2 about the middle. */
            int lost = count_opaque(t, whole) - count_opaque(t, s->before);
            CHECK(kind != HOLE || lost <= 15 * 15);
            again[kind] += less > 0;
            wounded[kind]++;
        }
    }
    check_again(again, wounded, DISC, 0, recipe == NCA_RECIPE_PUBLISHED ? 1 : 0);
    check_again(again, wounded, MIXED, 0.4,
                recipe == NCA_RECIPE_OWN         ? 1
                : recipe == NCA_RECIPE_FINISHING ? 0.5
                                                 : 0);
    check_again(again, wounded, STROKE, 0.7, recipe == NCA_RECIPE_FINISHING ? 0.35 : 0);
    check_again(again, wounded, HOLE, 0.44, recipe == NCA_RECIPE_FINISHING ? 0.15 : 0);
    free(whole);
    free(once);
    nca_trainer_free(&t);
    nca_target_free(&picture);
}

/* So faint that to lie aside is no great loss. */
static NcaTarget *faint_noise(void)
{
    enum { SIDE = 24 };
    uint8_t rgba[SIDE * SIDE * 4];
    NcaTargetParams params = {SIDE, 8};
    NcaTarget *picture = NULL;
    for (uint64_t i = 0; i < sizeof(rgba); i++)
        rgba[i] = i % 4 == 3 ? 30 : (uint8_t)nca_hash3(seed, 40, i);
    CHECK(nca_target_new(&picture, rgba, SIDE, SIDE, SIDE * 4, &params, NULL) == NCA_OK);
    return picture;
}

/* With a model that does nothing, a picture two cells aside, which is not put back when
 * it is drawn: where the recipe says so, what is wounded again is put in its place
 * before. */
static void test_between(NcaRecipe recipe)
{
    NcaTarget *picture = faint_noise();
    int back = 0, again = 0;
    NcaTrainer *t = idle_trainer(picture, recipe);
    float *whole = calloc(1, state_bytes(t)), *once = malloc(state_bytes(t));
    memcpy(whole, nca_target_pixels(picture), state_bytes(t));
    for (int round = 0; round < 100; round++) {
        step_from(t, whole, 2, -1, 3000 + round);
        for (int i = 0; i < t->params.batch; i++) {
            const NcaSample *s = &t->sample[i];
            uint64_t key = nca_hash3(nca_hash3(t->params.seed, 19, 18), (uint64_t)i, 0);
            nca_samples_move(once, whole, &t->canvas, 2, -1);
            s->damage(once, &t->canvas, key);
            if (s->fate != NCA_WOUNDED || !memcmp(once, s->before, state_bytes(t)))
                continue;
            bool placed = true;
            for (size_t k = 0; k < t->pool.size; k++)
                placed &=
                    fabsf(s->before[k]) < 1e-6f || fabsf(s->before[k] - whole[k]) < 1e-6f;
            again++;
            back += placed;
        }
    }
    CHECK_MSG(recipe == NCA_RECIPE_FINISHING ? back > again * 7 / 10 : back < again / 3,
              "%d of %d are back", back, again);
    free(whole);
    free(once);
    nca_trainer_free(&t);
    nca_target_free(&picture);
}

/* With a model that does nothing the loss is the same at any step: how much all of them
 * weigh.  Until the last third a gradient is divided by its norm and what that usually
 * is: in the first step, by twice its norm. */
static void test_weights(NcaRecipe recipe, int64_t iteration, double wounded, double norm)
{
    NcaTarget *picture = new_target(24, 8, false);
    NcaTrainer *t = idle_trainer(picture, recipe);
    float *whole = calloc(1, state_bytes(t));
    double sum = 0;
    int seen = 0;
    for (size_t i = 0; i < t->pool.size; i++)
        whole[i] = nca_target_pixels(picture)[i / 4 * 4 + 3] > 0.5f;
    step_at(t, iteration, whole, 0, 0, 5000);
    for (size_t i = t->adam.size - 4; i < t->adam.size; i++) /* of the last bias */
        sum += pow(t->sample[0].gradient[i], 2);
    CHECK_MSG(fabs(sqrt(sum) - norm) < 1e-5, "norm %g", sqrt(sum));
    for (int round = 1; round < 10; round++) {
        step_at(t, iteration, whole, 0, 0, 5000 + round);
        for (int i = 0; i < t->params.batch; i++) {
            const NcaSample *s = &t->sample[i];
            double weight = s->result.loss_mean / s->result.loss;
            CHECK_MSG(fabs(weight - (s->fate == NCA_WOUNDED ? wounded : 1)) < 1e-4,
                      "weight %g", weight);
            seen += s->fate == NCA_WOUNDED;
        }
    }
    CHECK(seen > 0);
    free(whole);
    nca_trainer_free(&t);
    nca_target_free(&picture);
}

int main(void)
{
    seed = test_seed();
    target = new_target(8, 4, false);
    /* 1 - 0.163: seven tenths of the loss */
    test_hopeless(NCA_RECIPE_OWN, 0, 0.157f, 0, NCA_ANEW);
    test_hopeless(NCA_RECIPE_OWN, 0, 0.170f, 0, NCA_GOES_ON);
    test_hopeless(NCA_RECIPE_OWN, 0, 0.170f, 0.1f, NCA_ANEW);
    test_hopeless(NCA_RECIPE_OWN, 12, 0.157f, 0, NCA_ANEW);
    test_hopeless(NCA_RECIPE_OWN, 13, 0.157f, 0, NCA_DIES);
    test_hopeless(NCA_RECIPE_OWN, 13, 0.170f, 0.1f, NCA_ANEW);
    test_hopeless(NCA_RECIPE_OWN, 13, 3.6f, 0, NCA_DIES);
    test_hopeless(NCA_RECIPE_OWN, 13, 3.7f, 0,
                  NCA_ANEW); /* 2.7²: ten times seven tenths */
    test_hopeless(NCA_RECIPE_OWN, 19, 0.170f, 0, NCA_GOES_ON);
    test_hopeless(NCA_RECIPE_PUBLISHED, 0, 0.157f, 0, NCA_GOES_ON);
    test_hopeless(NCA_RECIPE_PUBLISHED, 19, 0.157f, 0, NCA_GOES_ON);
    test_aside(NCA_RECIPE_OWN, 1, -1);
    test_aside(NCA_RECIPE_OWN, 0, 2);
    test_aside(NCA_RECIPE_PUBLISHED, 1, 0);
    test_far(NCA_RECIPE_OWN, 12, 1, 0, false);
    test_far(NCA_RECIPE_OWN, 13, 1, 0, true);
    test_far(NCA_RECIPE_OWN, 19, 8, -8, true);
    test_far(NCA_RECIPE_PUBLISHED, 19, 1, 0, false);
    test_gradients();
    test_again(NCA_RECIPE_OWN);
    test_again(NCA_RECIPE_PUBLISHED);
    test_again(NCA_RECIPE_FINISHING);
    test_between(NCA_RECIPE_OWN);
    test_between(NCA_RECIPE_FINISHING);
    test_weights(NCA_RECIPE_OWN, 19, 1, 1);
    test_weights(NCA_RECIPE_FINISHING, 11, 1.25, 0.5);
    test_weights(NCA_RECIPE_FINISHING, 19, 1.25, 1);
    test_hopeless(NCA_RECIPE_FINISHING, 0, 0.157f, 0, NCA_DIES);
    nca_target_free(&target);
    return test_end();
}
