/* SPDX-License-Identifier: MIT
 *
 * The judge with all trials: the worst of the seeds in each, on any number of threads,
 * and a sheet of just these; nothing drawn where it was stopped. */
#include "run_trials.h"

enum { SEEDS = 3, GAP = 8, PANEL_LEAST = 144, COLUMNS = 9, ROWS = 5, FRAME = 1 };

static NcaModel *model;
static NcaTarget *target;

typedef struct Truth {
    NcaTrial worst[NCA_TRIALS];
    int passed, regrown;
} Truth;

/* Each trial of each seed, run alone. */
static void find_truth(Truth *truth)
{
    for (int s = 0; s < SEEDS; s++)
        for (int i = 0; i < NCA_TRIALS; i++) {
            NcaTrial t = run_trial(model, target, i, (uint64_t)s, NULL, NULL);
            NcaTrial *w = &truth->worst[i];
            if (s == 0 || t.pass < w->pass || (t.pass == w->pass && t.loss > w->loss))
                *w = t;
        }
    for (int i = 0; i < NCA_TRIALS; i++) {
        truth->passed += truth->worst[i].pass;
        truth->regrown += i < NCA_CUTS && truth->worst[i].pass;
    }
}

static bool is_same(const NcaTrial *a, const NcaTrial *b)
{
    return !strcmp(a->name, b->name) && a->loss == b->loss && a->before == b->before &&
           a->bound == b->bound && a->shift_x == b->shift_x && a->shift_y == b->shift_y &&
           a->pass == b->pass;
}

/* Green above the healed panel of a trial that passed, red above one that did not. */
static bool is_green(const uint8_t *sheet, int trial)
{
    int w = nca_target_width(target), h = nca_target_height(target);
    int zoom = (PANEL_LEAST + (w > h ? w : h) - 1) / (w > h ? w : h);
    int width = COLUMNS * (w * zoom + GAP) + GAP, row = 2 + 2 * (trial / COLUMNS);
    int x = GAP + trial % COLUMNS * (w * zoom + GAP) + w * zoom / 2;
    int y = GAP + row * (h * zoom + GAP) - FRAME;
    const uint8_t *p = sheet + 4 * ((size_t)y * width + x);
    CHECK((p[1] > 140 && p[0] < 100) || (p[0] > 200 && p[1] < 100));
    return p[1] > p[0];
}

static void test_all(const Truth *truth, NcaPool *pool)
{
    int w, h;
    nca_eval_picture_size(target, true, &w, &h);
    CHECK((w - GAP) % COLUMNS == 0 && (h - GAP) % ROWS == 0);
    size_t size = (size_t)w * h * 4;
    uint8_t *sheet = calloc(1, size), *other = calloc(1, size);
    for (int threads = 1; threads <= 3; threads += 2) {
        NcaEvalParams p = {.seeds = SEEDS,
                           .hard = true,
                           .parallel = nca_pool_run,
                           .host = pool,
                           .threads = threads};
        NcaEval e;
        CHECK(nca_eval(&e, model, target, &p, threads == 1 ? sheet : other, NULL) ==
              NCA_OK);
        CHECK(e.seeds == SEEDS && e.trials == NCA_TRIALS);
        CHECK(e.passed == truth->passed && e.regrown == truth->regrown);
        for (int i = 0; i < NCA_TRIALS; i++)
            CHECK_MSG(is_same(&e.trial[i], &truth->worst[i]), "%s, %d threads",
                      e.trial[i].name, threads);
    }
    CHECK(!memcmp(sheet, other, size));
    for (int i = 0; i < NCA_TRIALS; i++)
        CHECK_MSG(is_green(sheet, i) == truth->worst[i].pass, "trial %d", i);
    free(sheet);
    free(other);
}

typedef struct Stop {
    int done, total, after;
} Stop;

static bool stop_after(void *arg, int done, int total)
{
    Stop *s = arg;
    s->done = done;
    s->total = total;
    return done < s->after;
}

/* Only the cuts, with a picture: 2 seeds of 6 runs, and 6 for the picture. */
static void test_stopped(int after)
{
    Stop s = {.after = after};
    NcaEvalParams p = {
        .seeds = 2, .threads = 1, .progress = stop_after, .progress_arg = &s};
    NcaEval e;
    int w, h;
    nca_eval_picture_size(target, false, &w, &h);
    size_t size = (size_t)w * h * 4, blank = 0;
    uint8_t *sheet = calloc(1, size);
    CHECK(nca_eval(&e, model, target, &p, sheet, NULL) == NCA_OK);
    CHECK_MSG(s.total == 18 && s.done == (after < 18 ? after : 18), "%d of %d", s.done,
              s.total);
    CHECK(e.seeds == (after < 12 ? after / 6 : 2));
    /* the target stands on any sheet: nothing but it where it was stopped */
    size_t left = (size_t)w - ((size_t)w - GAP) / COLUMNS;
    for (size_t i = 0; i < size / 4; i++)
        blank +=
            i % (size_t)w >= left || (sheet[4 * i] == 255 && sheet[4 * i + 1] == 255);
    CHECK((blank == size / 4) == (after < 18));
    free(sheet);
}

static void test_lively(NcaPool *pool)
{
    NcaShape shape = small_shape();
    Truth truth = {.passed = 0};
    shape.clamp = 0.5f;
    model = lively(shape);
    target = colourful(9, 7, 4);
    find_truth(&truth);
    test_all(&truth, pool);
    test_stopped(5);
    test_stopped(13);
    test_stopped(99);
    nca_target_free(&target);
    nca_model_free(&model);
}

/* One cell, and a model that does nothing: what takes that cell does not pass. */
static void test_lonely(NcaPool *pool)
{
    enum { SIDE = 9 };
    NcaShape shape = small_shape();
    Truth truth = {.passed = 0};
    uint8_t rgba[SIDE * SIDE * 4] = {0};
    rgba[(SIDE / 2 * SIDE + SIDE / 2) * 4 + 3] = 255;
    target = target_of(rgba, SIDE, SIDE, SIDE, 0);
    model = NULL;
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    find_truth(&truth);
    CHECK(truth.regrown > 0 && truth.regrown < NCA_CUTS);
    CHECK(truth.passed - truth.regrown > 0 && truth.passed < NCA_TRIALS);
    test_all(&truth, pool);
    nca_target_free(&target);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    NcaPool *pool = NULL;
    take_seed(count, arguments);
    CHECK(nca_pool_new(&pool, 3, NULL) == NCA_OK);
    test_lively(pool);
    test_lonely(pool);
    nca_pool_free(&pool);
    return test_end();
}
