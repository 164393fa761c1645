/* SPDX-License-Identifier: MIT
 *
 * The harder trials against the same done by hand through the public grid; where their
 * wounds lie; the turned target; and that each can pass and can fail. */
#include "trials.h"

#include "hands.h"
#include "import.h"
#include "model.h"
#include "target.h"

enum { SWIPES = 5, SCATTERED, NOISE, THIRDS, AGAIN, BITS, BESIDE, TURNED };
enum { OLD = TURNED + 3 };

static atomic_bool never;

static NcaTrial run_trial(const NcaModel *model, const NcaTarget *target, int trial,
                          uint64_t seed_of_run, NcaShot *first, NcaShot *last)
{
    NcaRun run;
    NcaTrial verdict = {0};
    CHECK(nca_run_init(&run, model, target, &never, NULL) == NCA_OK);
    run.seed = seed_of_run;
    run.first = first;
    run.last = last;
    CHECK(nca_trial_run(&run, trial, &verdict, NULL) == NCA_OK);
    nca_run_uninit(&run);
    return verdict;
}

static void check_verdict(const NcaTrial *a, const NcaTrial *b, int trial, uint64_t s)
{
    CHECK(a->name && !strcmp(a->name, nca_trial_name(trial)));
    CHECK_MSG(near(a->loss, b->loss) && near(a->before, b->before) &&
                  near(a->bound, b->bound) && a->pass == b->pass,
              "%s, seed %d: %g, %g of %g, %g", a->name, (int)s, a->loss, b->loss,
              a->bound, b->bound);
    CHECK_MSG(a->shift_x == b->shift_x && a->shift_y == b->shift_y,
              "%s, seed %d: %d %d, %d %d", a->name, (int)s, a->shift_x, a->shift_y,
              b->shift_x, b->shift_y);
}

/* ----------------------------------------------------------------- by hand */

/* To step 200; returns the loss. */
static double grow_by_hand(Hand *a, uint64_t s)
{
    nca_grid_reset(a->grid, s);
    nca_grid_plant(a->grid, a->w / 2, a->h / 2);
    nca_grid_step(a->grid, 200);
    look(a);
    return moved_loss(a, 0, 0);
}

/* Cell by cell: distance from a line less than 6 of 40, within the reach of the strokes. */
static void erase_lines(Hand *a, uint64_t s)
{
    const double pi = 3.14159265358979323846;
    double size = (a->w > a->h ? a->w : a->h) - 2 * a->pad;
    uint64_t key = nca_hash3(s, 200, 5);
    double turn = 2 * pi * nca_uniform(key);
    for (int i = 0; i < 5; i++) {
        double angle = turn + i * 0.4 * pi,
               u = nca_uniform(nca_hash3(key, (uint64_t)i, 0));
        double nx = cos(angle), ny = sin(angle), aside = (2 * u - 1) * size / 10;
        nca_grid_step(a->grid, i ? 40 : 0);
        for (double t = -size; t <= size; t += 0.5)
            nca_grid_erase_circle(a->grid, a->w / 2 + aside * nx - t * ny,
                                  a->h / 2 + aside * ny + t * nx, 0.15 * size);
    }
}

static void erase_third(Hand *a, uint64_t s)
{
    int across = a->pad + (a->w - 2 * a->pad + 1) / 3,
        down = a->pad + (a->h - 2 * a->pad + 1) / 3;
    for (int y = 0; y < a->h; y++)
        for (int x = 0; x < a->w; x++)
            if (s % 4 == 0   ? x >= across
                : s % 4 == 1 ? y >= down
                : s % 4 == 2 ? x < a->w - across
                             : y < a->h - down)
                nca_grid_erase_rect(a->grid, x, y, 1, 1);
}

static void erase_cut(Hand *a, int cut)
{
    int side = (((a->w > a->h ? a->w : a->h) - 2 * a->pad) * 2 + 2) / 5;
    for (int y = 0; y < a->h; y++)
        for (int x = 0; x < a->w; x++) {
            int dx = x - (a->w / 2 - side / 2), dy = y - (a->h / 2 - side / 2);
            if (cut == 0   ? y >= a->h / 2
                : cut == 1 ? y < a->h / 2
                : cut == 2 ? x >= a->w / 2
                : cut == 3 ? x < a->w / 2
                           : dx >= 0 && dy >= 0 && dx < side && dy < side)
                nca_grid_erase_rect(a->grid, x, y, 1, 1);
        }
}

static void change_cells(Hand *a, uint64_t s, bool kill)
{
    float *state = state_of(a->grid);
    int n = nca_grid_channels(a->grid);
    uint64_t key = nca_hash3(s, 200, NCA_TRIALS);
    for (int i = 0; i < a->w * a->h; i++) {
        uint64_t hash = nca_hash3(key, (uint64_t)i, 0);
        bool living = false;
        for (int c = 0; c < n; c++)
            living |= state[i * n + c] != 0;
        for (int c = 0; c < n && living; c++) {
            double u = nca_uniform(nca_hash3(hash, (uint64_t)c, 1));
            state[i * n + c] = kill ? nca_uniform(hash) < 0.3 ? 0 : state[i * n + c]
                                    : state[i * n + c] + (float)(0.4 * u - 0.2);
        }
    }
    nca_grid_set_state(a->grid, state);
    free(state);
}

static NcaTrial heal_by_hand(Hand *a, uint64_t s, int trial)
{
    double before = grow_by_hand(a, s);
    float *state = state_of(a->grid);
    nca_grid_reset(a->grid, nca_hash3(s, 200, (uint64_t)trial));
    nca_grid_set_state(a->grid, state);
    free(state);
    if (trial == SWIPES)
        erase_lines(a, s);
    else if (trial == THIRDS)
        erase_third(a, s);
    else if (trial != AGAIN)
        change_cells(a, s, trial == SCATTERED);
    for (int i = 0; trial == AGAIN && i < 10; i++) {
        nca_grid_step(a->grid, i ? 100 : 0);
        erase_cut(a, (int)(s % 5));
    }
    nca_grid_step(a->grid, STEPS_HEAL);
    look(a);
    return trial == AGAIN ? best_within(a, before, a->pad) : best_of(a, before);
}

static NcaTrial stay_by_hand(Hand *a, uint64_t s, int steps)
{
    double before = grow_by_hand(a, s);
    nca_grid_step(a->grid, steps - 200);
    look(a);
    NcaTrial t = {.loss = moved_loss(a, 0, 0), .before = before, .bound = 2 * before};
    t.pass = t.loss <= t.bound;
    return t;
}

static NcaTrial round_by_hand(Hand *a, uint64_t s, const NcaModel *model)
{
    double before = grow_by_hand(a, s);
    NcaModel *rounded = NULL;
    void *json = NULL;
    size_t size;
    CHECK(nca_model_format(model, NCA_FORMAT_DEMO_JSON, &json, &size, NULL) == NCA_OK);
    CHECK(nca_model_parse(&rounded, json, size, NULL) == NCA_OK);
    Hand b = hand_of(rounded, a->target, a->pad);
    grow_by_hand(&b, s);
    nca_grid_step(b.grid, 800);
    look(&b);
    NcaTrial t = best_of(&b, before);
    hand_free(&b);
    nca_model_free(&rounded);
    free(json);
    return t;
}

static NcaModel *bounded(float bound)
{
    NcaShape shape = small_shape();
    shape.clamp = bound;
    return lively(shape);
}

/* The demo's JSON knows no clamp: nothing grows large in so few steps. */
static NcaModel *slow(void)
{
    NcaModel *model = lively(small_shape());
    float *w2 = nca_model_tensor_mut(model, NCA_W2);
    float *b2 = nca_model_tensor_mut(model, NCA_B2);
    for (size_t i = 0; i < nca_model_tensor_size(model, NCA_W2); i++)
        w2[i] *= 0.01f;
    for (size_t i = 0; i < nca_model_tensor_size(model, NCA_B2); i++)
        b2[i] *= 0.01f;
    return model;
}

static void test_rounded(void)
{
    NcaModel *model = slow();
    NcaTarget *target = colourful(9, 8, 6);
    Hand a = hand_of(model, target, 6);
    NcaTrial t = run_trial(model, target, BITS, 3, NULL, NULL);
    NcaTrial hand = round_by_hand(&a, 3, model);
    CHECK_MSG(t.loss < 1 && t.loss > 1e-3, "%g", t.loss);
    check_verdict(&t, &hand, BITS, 3);
    hand_free(&a);
    nca_target_free(&target);
    nca_model_free(&model);
}

static void test_by_hand(int width, int height, int padding)
{
    NcaModel *model = bounded(1.5f);
    NcaTarget *target = colourful(width, height, padding);
    Hand a = hand_of(model, target, padding);
    for (uint64_t s = 0; s < 5; s++)
        for (int trial = SWIPES; trial <= AGAIN; trial++) {
            NcaTrial t = run_trial(model, target, trial, s, NULL, NULL);
            NcaTrial hand = heal_by_hand(&a, s, trial);
            check_verdict(&t, &hand, trial, s);
        }
    for (int i = 0; i < 2; i++) {
        NcaTrial t = run_trial(model, target, OLD + i, 4, NULL, NULL);
        NcaTrial hand = stay_by_hand(&a, 4, i ? 100000 : 10000);
        check_verdict(&t, &hand, OLD + i, 4);
    }
    hand_free(&a);
    nca_target_free(&target);
    nca_model_free(&model);
}

/* -------------------------------------------------------- where wounds lie */

/* Everything is black and opaque within 50 steps, and stays so. */
static NcaModel *carpet(void)
{
    NcaShape shape = small_shape();
    NcaModel *model = NULL;
    shape.clamp = 1;
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    nca_model_tensor_mut(model, NCA_B2)[3] = 0.9f;
    return model;
}

static NcaTarget *black(int width, int height, int padding)
{
    static const uint8_t rgba[40 * 40 * 4] = {[3] = 255};
    return target_of(rgba, width, height, width > height ? width : height, padding);
}

static bool is_dead(const NcaShot *shot, int x, int y)
{
    return shot->rgba[4 * (y * shot->width + x) + 3] == 0;
}

/* On a carpet that grows back at once the last of the five is seen: 12 cells wide, through the
 * middle, and from rim to rim of the picture. */
static void test_stripe(uint64_t s)
{
    const double pi = 3.14159265358979323846;
    NcaModel *model = carpet();
    NcaTarget *target = black(40, 40, 16);
    NcaShot first = {0};
    uint64_t key = nca_hash3(s, 200, 5);
    double angle = 2 * pi * nca_uniform(key) + 1.6 * pi;
    double aside = 4 * (2 * nca_uniform(nca_hash3(key, 4, 0)) - 1);
    int wrong = 0;
    run_trial(model, target, SWIPES, s, &first, NULL);
    for (int i = 0; i < 72 * 72; i++) {
        double x = i % 72 - 36, y = i / 72 - 36;
        double d = fabs(x * cos(angle) + y * sin(angle) - aside);
        bool dead = is_dead(&first, i % 72, i / 72), within = hypot(x, y) < 34;
        /* what the fourth has left open is somewhere else by then, if at all */
        wrong += dead ? within && d >= 6 : within && d < 5.98;
    }
    CHECK_MSG(wrong == 0 && is_dead(&first, 36, 36), "%d wrong", wrong);
    free(first.rgba);
    nca_target_free(&target);
    nca_model_free(&model);
}

static int dead_cells(const NcaShot *shot)
{
    int dead = 0;
    for (int i = 0; i < shot->width * shot->height; i++)
        dead += is_dead(shot, i % shot->width, i / shot->width);
    return dead;
}

static void test_scattered(void)
{
    NcaModel *model = carpet();
    NcaTarget *target = black(40, 40, 16);
    NcaShot first = {0}, last = {0};
    run_trial(model, target, SCATTERED, 1, &first, &last);
    double share = dead_cells(&first) / (72.0 * 72);
    CHECK_MSG(fabs(share - 0.3) < 0.025, "%g", share); /* 4 deviations */
    CHECK(dead_cells(&last) == 0);
    free(first.rgba);
    free(last.rgba);
    nca_target_free(&target);
    nca_model_free(&model);
}

/* A third of the picture stays: of 40 cells 13, of the other way 8 of 24. */
static void test_thirds(void)
{
    NcaModel *model = carpet();
    NcaTarget *target = black(40, 24, 4);
    static const int left[4] = {17 * 32, 48 * 12, 17 * 32, 48 * 12};
    for (int s = 0; s < 4; s++) {
        NcaShot first = {0};
        run_trial(model, target, THIRDS, (uint64_t)s, &first, NULL);
        CHECK_MSG(48 * 32 - dead_cells(&first) == left[s], "%d", dead_cells(&first));
        CHECK(is_dead(&first, 47, 31) == (s < 2) && is_dead(&first, 0, 0) == (s > 1));
        free(first.rgba);
    }
    nca_target_free(&target);
    nca_model_free(&model);
}

/* ------------------------------------------------------------- turned, beside */

/* Right angles move cells about the seed's; each of them is there once. */
static void test_turned_target(void)
{
    NcaTarget *t = colourful(7, 5, 3);
    int w = nca_target_width(t), h = nca_target_height(t), side = 24;
    const float *pixels = nca_target_pixels(t);
    float *canvas = malloc((size_t)side * side * 4 * sizeof(float));
    for (int quarter = 0; quarter < 4; quarter++) {
        int wrong = 0, outside = 0;
        nca_target_turn(t, quarter * 90, canvas, side);
        for (int i = 0; i < side * side; i++) {
            /* counter-clockwise, y down: what was right is up */
            int dx = i % side - side / 2, dy = i / side - side / 2;
            int x = quarter == 0 ? dx : quarter == 1 ? -dy : quarter == 2 ? -dx : dy;
            int y = quarter == 0 ? dy : quarter == 1 ? dx : quarter == 2 ? -dy : -dx;
            x += w / 2;
            y += h / 2;
            for (int c = 0; c < 4; c++) {
                bool in = x >= 0 && y >= 0 && x < w && y < h;
                wrong += canvas[4 * i + c] != (in ? pixels[4 * (y * w + x) + c] : 0);
                outside += !in;
            }
        }
        CHECK_MSG(wrong == 0 && outside > 0, "%d quarters: %d wrong", quarter, wrong);
    }
    free(canvas);
    nca_target_free(&t);
}

/* Between cells a slope stays that slope, and turned by 45° it is steeper along the axes. */
static void test_turned_slope(void)
{
    enum { SIDE = 40 };
    uint8_t rgba[SIDE * SIDE * 4];
    float *canvas = malloc((size_t)SIDE * SIDE * 4 * sizeof(float));
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < 4; c++)
            rgba[4 * i + c] = (uint8_t)(c < 3 ? 40 + 4 * (i % SIDE) : 255);
    NcaTarget *t = target_of(rgba, SIDE, SIDE, SIDE, 0);
    nca_target_turn(t, 45, canvas, SIDE);
    for (int y = 15; y < 25; y++)
        for (int x = 15; x < 25; x++) {
            double along = ((x - 20) - (y - 20)) * sqrt(0.5) + 20;
            double expected = (40 + 4 * along) / 255;
            CHECK_MSG(fabs(canvas[4 * (y * SIDE + x)] - expected) < 1e-6, "%d %d: %g, %g",
                      x, y, (double)canvas[4 * (y * SIDE + x)], expected);
        }
    free(canvas);
    nca_target_free(&t);
}

/* A model that does nothing keeps its seed: one black cell.  With a target that is just
 * that cell each trial's answer is known. */
static void test_one_cell(void)
{
    enum { SIDE = 9, PAD = 4 };
    uint8_t rgba[SIDE * SIDE * 4] = {0};
    NcaShape shape = small_shape();
    NcaModel *model = NULL;
    NcaShot first = {0}, last = {0};
    rgba[(SIDE / 2 * SIDE + SIDE / 2) * 4 + 3] = 255;
    NcaTarget *target = target_of(rgba, SIDE, SIDE, SIDE, PAD);
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    for (int trial = BITS; trial < NCA_TRIALS; trial++) {
        NcaTrial t = run_trial(model, target, trial, 0, &first, &last);
        /* between cells that one fades a little */
        CHECK_MSG(t.loss <= (trial == TURNED ? 1e-4 : 0) && t.pass, "%s: %g", t.name,
                  t.loss);
        CHECK(t.shift_x == 0 && t.shift_y == 0);
        int alive = last.width * last.height - dead_cells(&last);
        CHECK_MSG(alive == (trial == BESIDE ? 2 : 1), "%s: %d", t.name, alive);
        /* 1 cell is 2 of 10 of 40 */
        CHECK(trial != BESIDE || last.width == 2 * PAD + 2 * SIDE + 1);
    }
    free(first.rgba);
    free(last.rgba);
    nca_target_free(&target);
    nca_model_free(&model);
}

/* Where one of two is missing, or what stays is dead, the trial fails. */
static void test_failing(void)
{
    enum { SIDE = 9, PAD = 4 };
    uint8_t rgba[SIDE * SIDE * 4] = {0};
    NcaShape shape = small_shape();
    NcaModel *model = NULL;
    for (int c = 0; c < 4; c++)
        for (int i = 0; i < SIDE * SIDE; i++)
            rgba[4 * i + c] = 255;
    NcaTarget *target = target_of(rgba, SIDE, SIDE, SIDE, PAD);
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    nca_model_tensor_mut(model, NCA_B2)[3] = -0.1f; /* dies within 20 steps */
    for (int trial = OLD; trial < NCA_TRIALS; trial++) {
        NcaTrial t = run_trial(model, target, trial, 0, NULL, NULL);
        CHECK_MSG(!t.pass && isinf(t.loss), "%s: %g", t.name, t.loss);
    }
    nca_target_free(&target);
    nca_model_free(&model);
}

/* Two on a grid of their own; the worse counts. */
static void test_beside(void)
{
    enum { W = 10, H = 8, PAD = 5, APART = 2 };
    NcaModel *model = bounded(0.7f);
    NcaTarget *target = colourful(W, H, PAD);
    Hand a = hand_of(model, target, PAD);
    double before = grow_by_hand(&a, 2);
    Hand b = hand_of(model, target, PAD);
    int step = W + APART, width = a.w + step, middle = PAD + W + APART / 2;
    NcaGrid *wide = grid_of(model, width, a.h, -1);
    nca_grid_reset(wide, 2);
    nca_grid_plant(wide, a.w / 2, a.h / 2);
    nca_grid_step(wide, 200);
    nca_grid_plant(wide, a.w / 2 + step, a.h / 2);
    nca_grid_step(wide, STEPS_HEAL);
    NcaTrial worst = {.loss = -1}, t = run_trial(model, target, BESIDE, 2, NULL, NULL);
    float *state = state_of(wide);
    double squares[2] = {0};
    for (int part = 0; part < 2; part++) {
        /* what lies beyond the window of the target still counts */
        memset(b.picture, 0, (size_t)b.w * b.h * 4 * sizeof(float));
        for (int i = 0; i < width * a.h; i++) {
            int x = i % width - part * step, y = i / width;
            bool mine = (i % width < middle) == !part, inside = x >= 0 && x < a.w;
            for (int c = 0; c < 4 && mine; c++) {
                float v = state[i * nca_grid_channels(wide) + c];
                if (inside)
                    b.picture[4 * (y * b.w + x) + c] = v;
                else
                    squares[part] += (double)v * v;
            }
        }
        NcaTrial one = best_of(&b, before);
        one.loss += squares[part] / (4.0 * a.w * a.h);
        if (one.loss > worst.loss)
            worst = one;
    }
    worst.pass = worst.loss <= worst.bound;
    check_verdict(&t, &worst, BESIDE, 2);
    free(state);
    nca_grid_free(&wide);
    hand_free(&a);
    hand_free(&b);
    nca_target_free(&target);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    test_by_hand(10, 10, 4);
    test_by_hand(12, 7, 9);
    test_by_hand(6, 5, 11);
    test_rounded();
    test_stripe(0);
    test_stripe(3);
    test_scattered();
    test_thirds();
    test_turned_target();
    test_turned_slope();
    test_one_cell();
    test_failing();
    test_beside();
    return test_end();
}
