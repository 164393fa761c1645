/* SPDX-License-Identifier: MIT
 *
 * The judge against the same runs made by hand: growth, cuts and shifts through the
 * public grid, losses summed anew; and its picture. */
#include "hands.h"

static NcaEvalParams params_of(int seeds)
{
    return (NcaEvalParams){.seeds = seeds, .threads = 1};
}

/* ---------------------------------------------------------------- by hand */

static void cut_by_hand(NcaGrid *g, int w, int h, int cut)
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (cut == 0   ? y >= h / 2
                : cut == 1 ? y < h / 2
                : cut == 2 ? x >= w / 2
                           : x < w / 2)
                nca_grid_erase_rect(g, x, y, 1, 1);
}

static NcaTrial heal_by_hand(Hand *a, const float *state, uint64_t seed_of_run, int cut,
                             double before)
{
    nca_grid_reset(a->grid, nca_hash3(seed_of_run, 200, (uint64_t)cut));
    nca_grid_set_state(a->grid, state);
    if (cut < 4)
        cut_by_hand(a->grid, a->w, a->h, cut);
    else /* 2/5 of the picture without its padding: 4 of 10 */
        nca_grid_erase_rect(a->grid, a->w / 2 - 2, a->h / 2 - 2, 4, 4);
    nca_grid_step(a->grid, STEPS_HEAL);
    look(a);
    return best_of(a, before);
}

static void keep_worst(NcaTrial *worst, NcaTrial cut, bool first)
{
    if (first || cut.pass < worst->pass ||
        (cut.pass == worst->pass && cut.loss > worst->loss))
        *worst = cut;
}

static NcaEval judge_by_hand(Hand *a, int first, int seeds)
{
    NcaEval e = {.seeds = seeds};
    for (int s = first; s < first + seeds; s++) {
        nca_grid_reset(a->grid, (uint64_t)s);
        nca_grid_plant(a->grid, a->w / 2, a->h / 2);
        nca_grid_step(a->grid, 96);
        look(a);
        e.loss96 = fmax(e.loss96, moved_loss(a, 0, 0));
        nca_grid_step(a->grid, 104);
        look(a);
        double before = moved_loss(a, 0, 0);
        e.loss200 = fmax(e.loss200, before);
        float *state = state_of(a->grid);
        nca_grid_step(a->grid, 800);
        look(a);
        e.loss1000 = fmax(e.loss1000, moved_loss(a, 0, 0));
        for (int cut = 0; cut < NCA_CUTS; cut++)
            keep_worst(&e.trial[cut], heal_by_hand(a, state, (uint64_t)s, cut, before),
                       s == first);
        free(state);
    }
    for (int cut = 0; cut < NCA_CUTS; cut++)
        e.regrown += e.trial[cut].pass;
    e.passed = e.regrown;
    e.trials = NCA_CUTS;
    return e;
}

static void check_same(const NcaEval *e, const NcaEval *hand)
{
    static const char *const names[] = {"lower", "upper", "right", "left", "centre"};
    CHECK(e->seeds == hand->seeds && e->regrown == hand->regrown);
    CHECK(e->trials == hand->trials && e->passed == hand->passed);
    CHECK_MSG(near(e->loss96, hand->loss96), "%g, %g", e->loss96, hand->loss96);
    CHECK_MSG(near(e->loss200, hand->loss200), "%g, %g", e->loss200, hand->loss200);
    CHECK_MSG(near(e->loss1000, hand->loss1000), "%g, %g", e->loss1000, hand->loss1000);
    for (int i = 0; i < NCA_CUTS; i++) {
        const NcaTrial *a = &e->trial[i], *b = &hand->trial[i];
        CHECK(!strcmp(a->name, names[i]));
        CHECK_MSG(near(a->loss, b->loss) && near(a->before, b->before) &&
                      near(a->bound, b->bound),
                  "%s: %g, %g", names[i], a->loss, b->loss);
        CHECK_MSG(a->shift_x == b->shift_x && a->shift_y == b->shift_y,
                  "%s: %d %d, %d %d", names[i], a->shift_x, a->shift_y, b->shift_x,
                  b->shift_y);
        CHECK_MSG(a->pass == b->pass, "%s", names[i]);
    }
}

static NcaModel *bounded(float bound)
{
    NcaShape shape = small_shape();
    shape.clamp = bound;
    return lively(shape);
}

static void test_by_hand(int width, int height, int padding, int seeds, float bound)
{
    NcaModel *model = bounded(bound);
    NcaTarget *target = colourful(width, height, padding);
    NcaEvalParams p = params_of(seeds);
    NcaEval e;
    Hand a = hand_of(model, target, padding);
    NcaEval hand = judge_by_hand(&a, 0, seeds);
    CHECK(nca_eval(&e, model, target, &p, NULL, NULL) == NCA_OK);
    check_same(&e, &hand);
    hand_free(&a);
    nca_target_free(&target);
    nca_model_free(&model);
}

/* Without an alpha the loss is of what is shown. */
static void test_shown(void)
{
    NcaShape shape = texture_shape();
    shape.output_bias = true;
    shape.clamp = 1;
    NcaModel *model = lively(shape);
    NcaTarget *target = colourful(8, 6, 3);
    NcaEvalParams p = params_of(1);
    NcaEval e;
    Hand a = hand_of(model, target, 3);
    nca_grid_reset(a.grid, 0);
    nca_grid_plant(a.grid, a.w / 2, a.h / 2);
    nca_grid_step(a.grid, 96);
    nca_grid_read_rgba(a.grid, a.picture, (size_t)a.w * 4 * sizeof(float));
    CHECK(nca_eval(&e, model, target, &p, NULL, NULL) == NCA_OK);
    CHECK_MSG(near(e.loss96, moved_loss(&a, 0, 0)), "%g", e.loss96);
    hand_free(&a);
    nca_target_free(&target);
    nca_model_free(&model);
}

/* --------------------------------------------------------------- known answers */

/* A model that does nothing leaves one black cell in the middle; the target has its black
 * cell elsewhere.  Cuts through the middle kill it. */
static void test_shift(int x, int y, int padding)
{
    enum { SIDE = 9 };
    uint8_t rgba[SIDE * SIDE * 4] = {0};
    NcaShape shape = small_shape();
    NcaModel *model = NULL;
    NcaEvalParams p = params_of(2);
    NcaEval e;
    rgba[(y * SIDE + x) * 4 + 3] = 255;
    NcaTarget *target = target_of(rgba, SIDE, SIDE, SIDE, padding);
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    CHECK(nca_eval(&e, model, target, &p, NULL, NULL) == NCA_OK);
    double cell = 1.0 / (4 * (SIDE + 2 * padding) * (SIDE + 2 * padding));
    double off = x == 4 && y == 4 ? 0 : 2 * cell;
    int passed = 0, dx = x - 4, dy = y - 4,
        most = padding < SHIFT_MOST ? padding : SHIFT_MOST;
    bool found = abs(dx) <= most && abs(dy) <= most;
    CHECK(near(e.loss96, off) && near(e.loss200, off) && near(e.loss1000, off));
    for (int i = 0; i < NCA_CUTS; i++) {
        bool left = i == 1 || i == 3; /* upper and left half end before the middle */
        const NcaTrial *c = &e.trial[i];
        CHECK_MSG(near(c->loss, !left   ? cell
                                : found ? 0
                                        : off),
                  "%s: %g", c->name, c->loss);
        CHECK_MSG(c->shift_x == (left && found ? dx : 0), "%s: %d", c->name, c->shift_x);
        CHECK_MSG(c->shift_y == (left && found ? dy : 0), "%s: %d", c->name, c->shift_y);
        CHECK(c->pass == (c->loss <= fmax(3e-3, 2 * off)) && near(c->before, off));
        passed += c->pass;
    }
    /* Without padding one cell of 9 × 9 is 3.1e-3, and that is too much. */
    CHECK(e.regrown == passed && passed == (padding == 0 ? 2 : NCA_CUTS));
    nca_target_free(&target);
    nca_model_free(&model);
}

/* The same model on 4 × 4 cells without padding, with a target that asks for `middle` of
 * the black cell and `corner` of another: of squares, (1 - middle)² + corner² is missed
 * before a cut that kills the cell, and middle² + corner² after. */
static void test_pass(int middle, int corner, bool pass)
{
    enum { SIDE = 4 };
    uint8_t rgba[SIDE * SIDE * 4] = {0};
    NcaShape shape = small_shape();
    NcaModel *model = NULL;
    NcaEvalParams p = params_of(1);
    NcaEval e;
    rgba[(SIDE / 2 * SIDE + SIDE / 2) * 4 + 3] = (uint8_t)middle;
    rgba[3] = (uint8_t)corner;
    NcaTarget *target = target_of(rgba, SIDE, SIDE, SIDE, 0);
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    CHECK(nca_eval(&e, model, target, &p, NULL, NULL) == NCA_OK);
    CHECK_MSG(e.trial[0].pass == pass && e.trial[0].loss > 3e-3, "%g after %g",
              e.trial[0].loss, e.trial[0].before);
    CHECK(e.trial[1].pass && e.regrown == (pass ? 5 : 2));
    nca_target_free(&target);
    nca_model_free(&model);
}

/* ----------------------------------------------------------------- the picture */

enum { GAP = 8, PANEL_LEAST = 144, COLUMNS = 9, ROWS = 3 };

/* Whether the panel shows an opaque black cell there. */
static bool is_black(const uint8_t *picture, const NcaTarget *t, int column, int row,
                     int x, int y)
{
    int w = nca_target_width(t), h = nca_target_height(t), longer = w > h ? w : h;
    int zoom = (PANEL_LEAST + longer - 1) / longer,
        width = COLUMNS * (w * zoom + GAP) + GAP;
    int px = GAP + column * (w * zoom + GAP) + x * zoom + zoom / 2;
    int py = GAP + row * (h * zoom + GAP) + y * zoom + zoom / 2;
    const uint8_t *p = picture + ((size_t)py * width + px) * 4;
    CHECK(p[3] == 255 && (p[0] == 0 || p[0] > 230));
    return p[0] == 0;
}

/* A black carpet fills the grid, so a wound shows what was cut. */
static void test_cuts(int width, int height, int padding, const int rects[NCA_CUTS][4])
{
    static const uint8_t black[40 * 40 * 4] = {[3] = 255, [7] = 255};
    NcaModel *carpet = NULL;
    NcaTarget *t =
        target_of(black, width, height, width > height ? width : height, padding);
    NcaEvalParams p = params_of(1);
    NcaShape shape = small_shape();
    NcaEval e;
    int w = nca_target_width(t), h = nca_target_height(t), pw, ph, wrong = 0, first = 0;
    shape.clamp = 1;
    CHECK(nca_model_new(&carpet, &shape, NULL) == NCA_OK);
    nca_model_tensor_mut(carpet, NCA_B2)[3] = 0.9f;
    nca_eval_picture_size(t, false, &pw, &ph);
    CHECK((pw - GAP) % COLUMNS == 0 && (ph - GAP) % ROWS == 0 && pw > w && ph > h);
    uint8_t *picture = calloc((size_t)pw * ph, 4);
    CHECK(nca_eval(&e, carpet, t, &p, picture, NULL) == NCA_OK);
    for (int i = 0; i < NCA_CUTS; i++)
        for (int k = 0; k < w * h; k++) {
            int x = k % w, y = k / w;
            const int *r = rects[i];
            bool cut = x >= r[0] && y >= r[1] && x < r[0] + r[2] && y < r[1] + r[3];
            wrong += is_black(picture, t, i, 1, x, y) != !cut;
            wrong += !is_black(picture, t, i, 2, x, y);
            first += i == 0 && is_black(picture, t, 0, 0, x, y);
            wrong += i == 0 && !is_black(picture, t, 6, 0, x, y);
        }
    CHECK_MSG(wrong == 0, "%d×%d: %d cells", w, h, wrong);
    CHECK(first == 1 && is_black(picture, t, 0, 0, w / 2, h / 2));
    free(picture);
    nca_target_free(&t);
    nca_model_free(&carpet);
}

static void test_all_cuts(void)
{
    static const int published[NCA_CUTS][4] = {{0, 36, 72, 36},
                                               {0, 0, 72, 36},
                                               {36, 0, 36, 72},
                                               {0, 0, 36, 72},
                                               {28, 28, 16, 16}};
    static const int odd[NCA_CUTS][4] = {
        {0, 6, 25, 7}, {0, 0, 25, 6}, {12, 0, 13, 13}, {0, 0, 12, 13}, {9, 3, 6, 6}};
    test_cuts(40, 40, 16, published);
    test_cuts(15, 3, 5, odd);
}

/* Whether two sheets of a square target differ in a panel, its frame not counted. */
static bool differ(const uint8_t *a, const uint8_t *b, int side, int column, int row)
{
    int panel = (PANEL_LEAST + side - 1) / side * side;
    int width = COLUMNS * (panel + GAP) + GAP;
    for (int y = 0; y < panel; y++) {
        size_t at = (size_t)(GAP + row * (panel + GAP) + y) * width + GAP;
        at = 4 * (at + column * (panel + GAP));
        if (memcmp(a + at, b + at, 4 * (size_t)panel))
            return true;
    }
    return false;
}

/* One more seed changes what is shown of the growth, or of a cut, where it was worse in
 * that than all before. */
static void test_worst_picture(void)
{
    NcaModel *model = bounded(0.5f);
    NcaTarget *target = colourful(10, 10, 4);
    Hand a = hand_of(model, target, 4);
    NcaEval worst = {.seeds = 0};
    int w, h, side = nca_target_width(target);
    nca_eval_picture_size(target, false, &w, &h);
    size_t size = (size_t)w * h * 4;
    uint8_t *now = calloc(1, size), *before = calloc(1, size);
    for (int seeds = 1; seeds <= 8; seeds++) {
        NcaEvalParams p = params_of(seeds);
        NcaEval e, hand = judge_by_hand(&a, seeds - 1, 1);
        CHECK(nca_eval(&e, model, target, &p, now, NULL) == NCA_OK);
        bool worse = hand.loss200 > worst.loss200, changed = false;
        for (int step = 0; step < 8; step++)
            changed |= differ(now, before, side, step, 0);
        CHECK_MSG(changed == worse, "%d seeds, growth", seeds);
        worst.loss200 = fmax(worst.loss200, hand.loss200);
        for (int i = 0; i < NCA_CUTS; i++) {
            double was = worst.trial[i].loss;
            keep_worst(&worst.trial[i], hand.trial[i], seeds == 1);
            worse = seeds == 1 || worst.trial[i].loss != was;
            changed = differ(now, before, side, i, 2);
            /* what is worse may look alike */
            CHECK_MSG(worse || !changed, "%d seeds, cut %d", seeds, i);
        }
        memcpy(before, now, size);
    }
    free(now);
    free(before);
    hand_free(&a);
    nca_target_free(&target);
    nca_model_free(&model);
}

/* -------------------------------------------------------- threads and progress */

static void test_threads(void)
{
    enum { SEEDS = 4 };
    NcaModel *model = bounded(1);
    NcaTarget *target = colourful(9, 7, 4);
    NcaEvalParams p = params_of(SEEDS);
    NcaPool *pool = NULL;
    NcaEval one, many;
    int w, h;
    nca_eval_picture_size(target, false, &w, &h);
    uint8_t *first = calloc((size_t)w * h, 4), *other = calloc((size_t)w * h, 4);
    CHECK(nca_pool_new(&pool, 7, NULL) == NCA_OK);
    CHECK(nca_eval(&one, model, target, &p, first, NULL) == NCA_OK);
    CHECK(one.seeds == SEEDS && one.loss96 > 0);
    p.parallel = nca_pool_run;
    p.host = pool;
    for (p.threads = 1; p.threads <= 7; p.threads++) {
        memset(other, 0, (size_t)w * h * 4);
        CHECK(nca_eval(&many, model, target, &p, other, NULL) == NCA_OK);
        check_same(&many, &one);
        CHECK_MSG(one.loss1000 == many.loss1000 &&
                      one.trial[4].loss == many.trial[4].loss,
                  "%d threads", p.threads);
        CHECK_MSG(!memcmp(first, other, (size_t)w * h * 4), "%d threads", p.threads);
    }
    free(first);
    free(other);
    nca_pool_free(&pool);
    nca_target_free(&target);
    nca_model_free(&model);
}

typedef struct Stop {
    int calls, done, total, after;
} Stop;

static bool stop_after(void *arg, int done, int total)
{
    Stop *s = arg;
    s->calls++;
    CHECK(done == s->calls);
    s->done = done;
    s->total = total;
    return done < s->after;
}

static void test_progress(void)
{
    NcaModel *model = bounded(1);
    NcaTarget *target = colourful(6, 6, 3);
    NcaPool *pool = NULL;
    CHECK(nca_pool_new(&pool, 3, NULL) == NCA_OK);
    for (int after = 1; after <= 24; after += after < 5 ? 3 : 5) {
        Stop s = {.after = after};
        NcaEvalParams p = {.seeds = 4,
                           .parallel = nca_pool_run,
                           .host = pool,
                           .threads = after % 2 ? 1 : 3,
                           .progress = stop_after,
                           .progress_arg = &s};
        NcaEval e = {.seeds = -1};
        CHECK(nca_eval(&e, model, target, &p, NULL, NULL) == NCA_OK);
        CHECK_MSG(s.done == after && s.total == 24, "%d of %d", s.done, s.total);
        CHECK_MSG(e.seeds * 6 <= after && e.seeds == (after == 24 ? 4 : e.seeds),
                  "stopped after %d: %d", after, e.seeds);
        CHECK(p.threads > 1 || e.seeds == after / 6);
        CHECK(!strcmp(e.trial[2].name, "right"));
    }
    nca_pool_free(&pool);
    nca_target_free(&target);
    nca_model_free(&model);
}

static void test_refused(void)
{
    NcaModel *model = bounded(1);
    NcaTarget *target = colourful(5, 5, 2);
    for (int seeds = -1; seeds <= 1001; seeds += seeds == 0 ? 1001 : 1) {
        NcaEvalParams p = params_of(seeds);
        NcaEval e = {.seeds = 77};
        NcaError error = {""};
        CHECK(nca_eval(&e, model, target, &p, NULL, &error) == NCA_ERR_ARGUMENT);
        CHECK(e.seeds == 77 && strstr(error.text, "1 … 1000"));
    }
    nca_target_free(&target);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    test_refused();
    test_by_hand(10, 10, 9, 3, 1.5f);
    test_by_hand(10, 6, 4, 2, 0.3f);
    test_by_hand(7, 10, 0, 1, 1);
    test_shown();
    test_shift(4, 4, 0);
    test_shift(4, 4, 4);
    test_shift(1, 7, 5);
    test_shift(6, 0, 4);
    test_shift(0, 4, 3);
    test_pass(178, 107, false); /* 2.5 times as much */
    test_pass(178, 149, true);  /* 1.9 times */
    test_all_cuts();
    test_worst_picture();
    test_threads();
    test_progress();
    return test_end();
}
