/* SPDX-License-Identifier: MIT
 *
 * The published recipe to the number; of our own, what any good one has. */
#include "schedule.h"
#include "seed.h"
#include "trainers.h"

static uint64_t seed;

/* What only a recipe that finishes does. */
static void check_unfinished(const NcaPlan *plan)
{
    CHECK(plan->usual_share == 0 && plan->early_weight == 0 && plan->erased == 0 &&
          plan->holed == 0);
    CHECK(!plan->keep_placed && plan->place_weight == 0);
}

/* --------------------------------------------------------------- published */

static void check_published(const NcaTrainParams *p, const NcaPlan *plan,
                            int64_t iteration)
{
    int seeds = p->regime == NCA_REGIME_GROWING ? 8 : 1;
    int damaged = p->regime == NCA_REGIME_REGENERATING ? 3 : 0;
    double rate = iteration <= 2000 ? 2e-3 : 2e-4;
    CHECK_MSG(fabs(plan->rate / rate - 1) < 1e-6, "rate %g at %lld", plan->rate,
              (long long)iteration);
    CHECK(plan->seeds == seeds && plan->damaged == damaged && plan->stage == 0);
    CHECK(plan->losses == 1 && plan->loss_step[0] == plan->steps &&
          plan->loss_weight[0] == 1);
    CHECK(plan->overflow_weight == 0 && plan->stray_weight == 0);
    CHECK(!plan->mixed && !plan->reseed && !plan->let_die && !plan->put_back);
    check_unfinished(plan);
}

static void test_published(NcaRegime regime, const NcaTarget *target)
{
    NcaTrainParams p = nca_train_params_default();
    int times[96] = {0};
    CHECK(p.regime == NCA_REGIME_REGENERATING && p.recipe == NCA_RECIPE_PUBLISHED);
    CHECK(p.batch == 8 && p.pool == 1024 && p.iterations == 8001 && p.rate == 2e-3f);
    CHECK(p.channels == 16 && p.hidden == 128 && p.minutes == 0);
    p.regime = regime;
    p.seed = seed;
    CHECK(nca_schedule_check(&p, NULL) == NCA_OK);
    CHECK(nca_schedule_has_pool(&p) == (regime != NCA_REGIME_GROWING));
    for (int64_t i = 0; i < p.iterations; i++) {
        NcaPlan plan = nca_schedule_plan(&p, target, 0, i, (double)i / 8001);
        check_published(&p, &plan, i);
        CHECK(plan.steps >= 64 && plan.steps <= 95);
        times[plan.steps < 96 ? plan.steps : 95]++;
    }
    /* Six standard deviations of a binomial count. */
    for (int s = 64; s < 96; s++)
        CHECK_MSG(abs(times[s] - 8001 / 32) < 94, "%d steps %d times", s, times[s]);
    CHECK(nca_schedule_steps_max(&p, target) == 95);
}

/* The same for the same seed, others for another, whatever was asked before. */
static void test_draws(const NcaTarget *target)
{
    NcaTrainParams p = nca_train_params_default();
    int same = 0;
    for (int64_t i = 0; i < 300; i++) {
        p.seed = seed;
        int steps = nca_schedule_plan(&p, target, 0, i, 0).steps;
        p.seed = seed + 1;
        same += nca_schedule_plan(&p, target, 0, i, 0).steps == steps;
        p.seed = seed;
        CHECK(nca_schedule_plan(&p, target, 0, i, 0).steps == steps);
    }
    CHECK_MSG(same < 60, "%d of 300 the same", same);
}

/* Another length stretches it; by the clock, progress decides. */
static void test_stretched(const NcaTarget *target)
{
    NcaTrainParams p = nca_train_params_default();
    p.iterations = 80010;
    CHECK(nca_schedule_plan(&p, target, 0, 20000, 0.25).rate > 1e-3);
    CHECK(nca_schedule_plan(&p, target, 0, 20001, 0.25).rate < 1e-3);
    p.iterations = 1;
    CHECK(nca_schedule_plan(&p, target, 0, 0, 0).rate > 1e-3);
    p.iterations = INT64_MAX; /* what is not refused must not overflow */
    if (nca_schedule_check(&p, NULL) == NCA_OK)
        CHECK(nca_schedule_plan(&p, target, 0, 1, 0).rate > 1e-3);
    p.minutes = 1;
    CHECK(nca_schedule_plan(&p, target, 0, 100000, 0.2499).rate > 1e-3);
    CHECK(nca_schedule_plan(&p, target, 0, 0, 0.25).rate < 1e-3);
    p.batch = 3;
    CHECK(nca_schedule_plan(&p, target, 0, 0, 0).damaged == 2);
    p.batch = 1;
    CHECK(nca_schedule_plan(&p, target, 0, 0, 0).damaged == 0);
}

/* --------------------------------------------------------------------- own */

static void check_own(const NcaTrainParams *p, const NcaPlan *plan, int most)
{
    double weights = 0;
    int before = 0;
    CHECK(plan->rate > 0 && plan->rate <= (double)p->rate * (1 + 1e-6));
    CHECK(plan->steps >= 1 && plan->steps <= most);
    CHECK(plan->losses >= 1 && plan->losses <= NCA_ROLLOUT_LOSSES_MAX);
    for (int i = 0; i < plan->losses; i++) {
        CHECK(plan->loss_step[i] > before && plan->loss_weight[i] > 0);
        before = plan->loss_step[i];
        weights += plan->loss_weight[i];
    }
    CHECK(before == plan->steps && fabs(weights - 1) < 1e-6);
    CHECK(plan->overflow_weight == 0.01f && plan->let_die == (plan->stray_weight > 0));
    CHECK(p->regime == NCA_REGIME_REGENERATING || !plan->let_die);
    CHECK(plan->seeds >= 0 && plan->damaged >= 0);
    CHECK(plan->seeds + plan->damaged <= p->batch);
    CHECK(p->regime == NCA_REGIME_REGENERATING || plan->damaged == 0);
    CHECK(p->regime != NCA_REGIME_GROWING || plan->seeds == p->batch);
}

static void test_own(NcaRegime regime, int batch, const NcaTarget *target)
{
    NcaTrainParams p;
    CHECK(nca_train_params_preset(&p, "standard", NULL) == NCA_OK);
    p.regime = regime;
    p.batch = batch;
    p.seed = seed;
    int most = nca_schedule_steps_max(&p, target), damaged = 0;
    int first = nca_schedule_first(&p, target, 0), before = first;
    double peak = 0, last = 0, seeds = 0, late = 0, late_damaged = 0;
    for (int64_t i = 0; i < p.iterations; i++) {
        NcaPlan plan =
            nca_schedule_plan(&p, target, first, i, (double)i / (double)p.iterations);
        check_own(&p, &plan, most);
        CHECK(plan.stage <= before && (i > 0 || plan.stage == first));
        peak = fmax(peak, plan.rate);
        damaged += plan.damaged;
        seeds += plan.seeds;
        /* From 40 % of the last size's part on. */
        if ((double)i >= (double)p.iterations * (first + 0.4) / (first + 1)) {
            late += batch - plan.seeds;
            late_damaged += plan.damaged;
        }
        last = plan.rate;
        before = plan.stage;
    }
    CHECK(last < 0.1 * peak && peak > 0.9 * p.rate && before == 0);
    CHECK((damaged > 0) == (regime == NCA_REGIME_REGENERATING));
    /* Of those that go on, six of ten; six standard deviations of such a coin's. */
    if (regime == NCA_REGIME_REGENERATING)
        CHECK_MSG(fabs(late_damaged - 0.6 * late) <= 6 * sqrt(0.24 * late),
                  "%g of %g wounded in batches of %d", late_damaged, late, batch);
    /* Half until 40 %, 15 % from 70 % on; six standard deviations of a coin's. */
    if (regime != NCA_REGIME_GROWING)
        CHECK_MSG(fabs(seeds - 0.3425 * batch * (double)p.iterations) <=
                      3 * sqrt((double)p.iterations),
                  "%g seeds in batches of %d", seeds, batch);
}

/* Cells, those that the model knows, and the first stage: the sides fall by √2, not below
 * what it knows, or 16; in the published recipe, and where a model is finished, not at
 * all. */
static void test_first(void)
{
    static const int cases[][3] = {
        {8, 0, 0},   {16, 0, 0},    {21, 0, 0},    {22, 0, 1},  {40, 0, 2},  {44, 0, 3},
        {64, 0, 4},  {1024, 0, 12}, {40, 40, 0},   {55, 40, 0}, {56, 40, 1}, {64, 40, 1},
        {96, 40, 2}, {128, 40, 3},  {1024, 40, 9}, {24, 40, 0}};
    NcaTrainParams p;
    CHECK(nca_train_params_preset(&p, "standard", NULL) == NCA_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        NcaTarget *target = new_target(cases[i][0], 0, false);
        p.recipe = NCA_RECIPE_PUBLISHED;
        CHECK(nca_schedule_first(&p, target, cases[i][1]) == 0);
        p.recipe = NCA_RECIPE_FINISHING;
        CHECK(nca_schedule_first(&p, target, cases[i][1]) == 0);
        p.recipe = i % 2 ? NCA_RECIPE_DRAFT : NCA_RECIPE_OWN;
        int first = nca_schedule_first(&p, target, cases[i][1]);
        CHECK_MSG(first == cases[i][2], "%d cells: %d", cases[i][0], first);
        nca_target_free(&target);
    }
}

/* Larger pictures, which take more steps, at a lower rate; not in the published
 * recipe. */
static void test_rate(void)
{
    static const int sides[] = {24, 40, 80, 160};
    NcaTrainParams p;
    CHECK(nca_train_params_preset(&p, "standard", NULL) == NCA_OK);
    for (int i = 0; i < 4; i++) {
        NcaTarget *target = new_target(sides[i], 0, false);
        double part = sides[i] > 40 ? 40.0 / sides[i] : 1;
        p.recipe = NCA_RECIPE_OWN;
        CHECK(fabs(nca_schedule_plan(&p, target, 0, 1, 0.2).rate - part * p.rate) < 1e-9);
        p.recipe = NCA_RECIPE_PUBLISHED;
        CHECK(nca_schedule_plan(&p, target, 0, 1, 0.2).rate == p.rate);
        nca_target_free(&target);
    }
}

/* 1 cell in 20, and not more than 4 or the padding; none in the published recipe. */
static void test_aside(void)
{
    static const int cases[][3] = {{8, 9, 1},  {20, 9, 1}, {21, 9, 2},  {40, 9, 2},
                                   {41, 9, 3}, {61, 9, 4}, {128, 9, 4}, {61, 3, 3},
                                   {40, 1, 1}, {40, 0, 0}};
    NcaTrainParams p;
    CHECK(nca_train_params_preset(&p, "standard", NULL) == NCA_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        NcaTarget *target = new_target(cases[i][0], cases[i][1], false);
        p.recipe = NCA_RECIPE_OWN;
        CHECK_MSG(nca_schedule_plan(&p, target, 0, 0, 0).aside == cases[i][2], "%d cells",
                  cases[i][0]);
        p.recipe = NCA_RECIPE_PUBLISHED;
        CHECK(nca_schedule_plan(&p, target, 0, 0, 0).aside == 0);
        CHECK(nca_schedule_plan(&p, target, 0, 0, 0).again == 0);
        nca_target_free(&target);
    }
}

static void check_stage(const NcaTrainParams *p, const NcaPlan *plan, double part)
{
    int side = plan->stage == 2 ? 20 : plan->stage == 1 ? 28 : 40;
    double seeds = part < 0.4 ? 0.5 : part > 0.7 ? 0.15 : 0.5 - (part - 0.4) / 0.3 * 0.35;
    double wounds = part < 0.1 ? 0 : part > 0.4 ? 1 : (part - 0.1) / 0.3;
    CHECK(plan->steps >= side * 5 / 4 + 14 && plan->steps <= side * 5 / 4 + 45);
    bool late = side == 40 && part > 0.6;
    CHECK(plan->let_die == late && plan->put_back == late);
    CHECK(plan->stray_weight == (late ? 0.15f : 0));
    CHECK(plan->reseed && plan->hopeless == 0.7);
    check_unfinished(plan);
    CHECK(plan->aside == (side > 20 ? 2 : 1) && plan->again == 4);
    CHECK(plan->pause_least == side / 4 && plan->pause_most == side);
    CHECK(fabs(plan->seeds - p->batch * seeds) < 1);
    CHECK(fabs(plan->damaged - 0.6 * (p->batch - plan->seeds) * wounds) < 1);
    CHECK((plan->rate > 0.99 * p->rate) == (part > 0.02 && part < 0.3));
    CHECK(plan->rate < 0.1 * p->rate ? part < 0.01 || part > 0.8 : part < 0.9);
}

/* A training of its own for each size, as long for one as for another; none but the last
 * for a model that knows that. */
static void test_stages(const NcaTarget *target)
{
    NcaTrainParams p;
    CHECK(nca_train_params_preset(&p, "standard", NULL) == NCA_OK);
    p.batch = 64;
    for (int i = 0; i < 120; i++) {
        double progress = (i + 0.5) / 120;
        NcaPlan plan = nca_schedule_plan(&p, target, 2, i, progress);
        CHECK_MSG(plan.stage == 2 - i / 40, "%d at %g", plan.stage, progress);
        check_stage(&p, &plan, (i % 40 + 0.5) / 40);
        plan = nca_schedule_plan(&p, target, 0, i, progress);
        CHECK(plan.stage == 0);
        check_stage(&p, &plan, progress);
    }
}

/* From the first iteration as the other one ends, and worse; what is common counts for
 * little until the last third. */
static void test_finishing(const NcaTarget *target)
{
    NcaTrainParams p;
    CHECK(nca_train_params_preset(&p, "finish", NULL) == NCA_OK);
    CHECK(p.recipe == NCA_RECIPE_FINISHING && nca_schedule_first(&p, target, 0) == 0);
    p.batch = 64;
    double earliest = 1, latest = 0;
    for (int i = 0; i < 100; i++) {
        double part = (i + 0.5) / 100;
        NcaPlan plan = nca_schedule_plan(&p, target, 0, i, part);
        double share = part < 0.6 ? 1 : part > 0.75 ? 0 : (0.75 - part) / 0.15;
        CHECK(plan.stage == 0 && plan.let_die && plan.put_back && plan.keep_placed);
        CHECK(plan.stray_weight == 0.15f && plan.early_weight == 0.25f);
        CHECK(plan.early_step >= plan.steps / 5 && plan.early_step < plan.steps * 3 / 5);
        earliest = fmin(earliest, (double)plan.early_step / plan.steps);
        latest = fmax(latest, (double)plan.early_step / plan.steps);
        CHECK(plan.erased == 0.35 && plan.holed == 0.15);
        CHECK(fabs(plan.usual_share - share) < 1e-9);
        CHECK(fabs(plan.place_weight - 0.05 * share) < 1e-7);
        CHECK(fabs(plan.seeds - 0.15 * 64) < 1);
        CHECK(fabs(plan.damaged - 0.85 * (64 - plan.seeds)) < 1);
        CHECK((plan.rate > 0.99 * p.rate) == (part > 0.02 && part < 0.3));
    }
    CHECK_MSG(earliest < 0.25 && latest > 0.55, "%g … %g", earliest, latest);
}

/* All fields, but not the gaps between them. */
static bool is_same(const NcaPlan *a, const NcaPlan *b)
{
    return a->stage == b->stage && a->rate == b->rate &&
           a->usual_share == b->usual_share && a->steps == b->steps &&
           a->losses == b->losses &&
           !memcmp(a->loss_step, b->loss_step, sizeof(a->loss_step)) &&
           !memcmp(a->loss_weight, b->loss_weight, sizeof(a->loss_weight)) &&
           a->overflow_weight == b->overflow_weight &&
           a->stray_weight == b->stray_weight && a->place_weight == b->place_weight &&
           a->early_weight == b->early_weight && a->early_step == b->early_step &&
           a->seeds == b->seeds && a->damaged == b->damaged && a->mixed == b->mixed &&
           a->aside == b->aside && a->again == b->again &&
           a->pause_least == b->pause_least && a->pause_most == b->pause_most &&
           a->erased == b->erased && a->holed == b->holed &&
           a->keep_placed == b->keep_placed && a->reseed == b->reseed &&
           a->hopeless == b->hopeless && a->let_die == b->let_die &&
           a->put_back == b->put_back;
}

/* As the standard one, but half of its wounds, each the only one, and never tidied up. */
static void test_draft(const NcaTarget *target)
{
    NcaTrainParams draft, standard;
    CHECK(nca_train_params_preset(&draft, "draft", NULL) == NCA_OK);
    CHECK(nca_train_params_preset(&standard, "standard", NULL) == NCA_OK);
    double wounded[2] = {0, 0};
    draft.batch = standard.batch = 64;
    for (int i = 0; i < 300; i++) {
        NcaPlan plan = nca_schedule_plan(&draft, target, 1, i, i / 300.0);
        NcaPlan same = nca_schedule_plan(&standard, target, 1, i, i / 300.0);
        wounded[0] += plan.damaged;
        wounded[1] += same.damaged;
        CHECK(plan.again == 0 && same.again == 4);
        CHECK(!plan.let_die && !plan.put_back && plan.stray_weight == 0);
        same.again = 0;
        same.let_die = same.put_back = false;
        same.stray_weight = 0;
        same.damaged = plan.damaged;
        CHECK_MSG(is_same(&plan, &same), "%d", i);
    }
    CHECK_MSG(fabs(wounded[0] / wounded[1] - 0.5) < 0.02, "%g of %g", wounded[0],
              wounded[1]);
}

/* A small iteration takes as much less time as it has fewer cells and steps. */
static void test_time(const NcaTarget *target)
{
    const double cost[3] = {40 * 40 * 80, 28 * 28 * 65, 20 * 20 * 55};
    double all = (cost[0] + cost[1] + cost[2]) / 3;
    const double times[3] = {cost[2] / 3, (cost[1] + cost[2]) / 3, all - cost[0] / 6};
    double at[3] = {1 / 3.0, 2 / 3.0, 5 / 6.0};
    for (int i = 0; i < 3; i++)
        CHECK(fabs(nca_schedule_time(target, 2, at[i]) - times[i] / all) < 1e-12);
    for (int stage = 0; stage <= 2; stage++)
        for (int i = 0; i <= 40; i++) {
            double progress = i / 40.0;
            double time = nca_schedule_time(target, stage, progress);
            double back = nca_schedule_progress(target, stage, time);
            CHECK(fabs(back - progress) < 1e-12 && (i > 0 || time == 0));
            CHECK(stage > 0 ? time <= progress : fabs(time - progress) < 1e-12);
        }
    CHECK(fabs(nca_schedule_time(target, 2, 1) - 1) < 1e-12);
    /* All of it, where rounding would leave a bit: a training by the clock must end. */
    NcaTarget *odd = new_target(88, 0, false);
    CHECK(nca_schedule_progress(odd, 3, 1) == 1 && nca_schedule_progress(odd, 3, 7) == 1);
    nca_target_free(&odd);
}

/* ---------------------------------------------------------- names, refusals */

static void test_names(void)
{
    static const char *const names[] = {"growing", "persistent", "regenerating"};
    NcaError error = {""};
    NcaRegime regime = NCA_REGIME_PERSISTENT;
    for (int i = 0; i < 3; i++) {
        CHECK(!strcmp(nca_regime_name((NcaRegime)i), names[i]));
        CHECK(nca_regime_parse(&regime, names[i], NULL) == NCA_OK && (int)regime == i);
    }
    CHECK(nca_regime_parse(&regime, "Growing", &error) == NCA_ERR_ARGUMENT);
    CHECK(strstr(error.text, "\"Growing\"") && regime == NCA_REGIME_REGENERATING);
}

static void test_presets(void)
{
    static const char *const names[] = {"draft", "standard", "best", "finish"};
    static const NcaRecipe recipes[] = {NCA_RECIPE_DRAFT, NCA_RECIPE_OWN, NCA_RECIPE_OWN,
                                        NCA_RECIPE_FINISHING};
    NcaTrainParams p[4], kept;
    NcaError error = {""};
    for (int i = 0; i < 4; i++) {
        CHECK(nca_train_params_preset(&p[i], names[i], NULL) == NCA_OK);
        CHECK(p[i].recipe == recipes[i]);
        CHECK(p[i].regime == NCA_REGIME_REGENERATING);
        CHECK(p[i].batch == 2 && p[i].pool == 256 &&
              nca_schedule_check(&p[i], NULL) == NCA_OK);
        CHECK(i == 0 || i == 3 || p[i].iterations > p[i - 1].iterations);
        CHECK(p[i].channels == 16 && p[i].hidden == 128);
    }
    memset(&kept, 1, sizeof(kept));
    p[0] = kept;
    CHECK(nca_train_params_preset(&p[0], "brisk", &error) == NCA_ERR_ARGUMENT);
    CHECK(strstr(error.text, "\"brisk\"") && !memcmp(&p[0], &kept, sizeof(kept)));
}

static void check_refused(const NcaTrainParams *p, const char *word)
{
    NcaError error = {""};
    CHECK_MSG(nca_schedule_check(p, &error) == NCA_ERR_ARGUMENT, "%s", word);
    CHECK_MSG(strstr(error.text, word), "%s: %s", word, error.text);
}

static void test_refusals(void)
{
    static const struct {
        int batch, pool, iterations;
        double minutes;
        float rate;
        const char *word;
    } wrong[] = {
        {0, 8, 1, 0, 1e-3f, "batch"},
        {-1, 8, 1, 0, 1e-3f, "batch"},
        {257, 1024, 1, 0, 1e-3f, "batch"},
        {8, 0, 1, 0, 1e-3f, "pool"},
        {8, 65537, 1, 0, 1e-3f, "pool"},
        {8, 7, 1, 0, 1e-3f, "pool"},
        {8, 8, 0, 0, 1e-3f, "iterations"},
        {8, 8, -1, 0, 1e-3f, "iterations"},
        {8, 8, 1, -1, 1e-3f, "minutes"},
        {8, 8, 1, NAN, 1e-3f, "minutes"},
        {8, 8, 1, INFINITY, 1e-3f, "minutes"},
        {8, 8, 1, 0, 0, "rate"},
        {8, 8, 1, 0, -1, "rate"},
        {8, 8, 1, 0, 1.5f, "rate"},
        {8, 8, 1, 0, NAN, "rate"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        NcaTrainParams p = nca_train_params_default();
        p.batch = wrong[i].batch;
        p.pool = wrong[i].pool;
        p.iterations = wrong[i].iterations;
        p.minutes = wrong[i].minutes;
        p.rate = wrong[i].rate;
        check_refused(&p, wrong[i].word);
    }
    NcaTrainParams p = nca_train_params_default();
    p.batch = p.pool = 256;
    CHECK(nca_schedule_check(&p, NULL) == NCA_OK);
    p.regime = NCA_REGIME_GROWING; /* needs no pool */
    p.pool = 1;
    CHECK(nca_schedule_check(&p, NULL) == NCA_OK);
}

int main(void)
{
    NcaTarget *small = new_target(10, 4, false), *large = new_target(40, 16, false);
    seed = test_seed();
    for (int regime = 0; regime < 3; regime++) {
        test_published((NcaRegime)regime, large);
        for (int batch = 1; batch <= 9; batch += batch < 3 ? 1 : 3) {
            test_own((NcaRegime)regime, batch, small);
            test_own((NcaRegime)regime, batch, large);
        }
    }
    test_first();
    test_rate();
    test_aside();
    test_stages(large);
    test_finishing(large);
    test_draft(large);
    test_time(large);
    test_draws(large);
    test_stretched(large);
    test_names();
    test_presets();
    test_refusals();
    nca_target_free(&small);
    nca_target_free(&large);
    return test_end();
}
