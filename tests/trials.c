/* SPDX-License-Identifier: MIT
 *
 * The harder trials against the same done by hand through the public grid. */
#include "model.h"
#include "run_trials.h"
#include "target.h"

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

/* Cell by cell: distance from a line less than 6 of 40, within the reach of the
 * strokes. */
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
    bool many = trial == AGAIN || trial == SWIPES;
    return many ? best_within(a, before, a->pad) : best_of(a, before);
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
static NcaModel *slow(float scale)
{
    NcaModel *model = lively(small_shape());
    float *w2 = nca_model_tensor_mut(model, NCA_W2);
    float *b2 = nca_model_tensor_mut(model, NCA_B2);
    for (size_t i = 0; i < nca_model_tensor_size(model, NCA_W2); i++)
        w2[i] *= scale;
    for (size_t i = 0; i < nca_model_tensor_size(model, NCA_B2); i++)
        b2[i] *= scale;
    return model;
}

static void test_rounded(void)
{
    NcaModel *model = slow(0.01f);
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

/* The target at a right angle, counter-clockwise, with its seed's cell in the middle. */
static float *turned_by_hand(const NcaTarget *t, int quarters, int side)
{
    float *canvas = calloc((size_t)side * side, 4 * sizeof(float));
    int w = nca_target_width(t), h = nca_target_height(t);
    for (int i = 0; i < w * h; i++) {
        int dx = i % w - w / 2, dy = i / w - h / 2;
        int x = side / 2 + (quarters == 1 ? dy : -dx);
        int y = side / 2 + (quarters == 1 ? -dx : -dy);
        if (x >= 0 && y >= 0 && x < side && y < side)
            memcpy(canvas + 4 * (y * side + x), nca_target_pixels(t) + 4 * i,
                   4 * sizeof(float));
    }
    return canvas;
}

/* A creature that is not alike from all sides, grown at an angle, against the target
 * turned by hand.  Returns whether it is not like that of another angle. */
static bool test_turned(void)
{
    enum { W = 10, H = 6, PAD = 5 };
    NcaModel *model = slow(0.03f);
    NcaTarget *target = colourful(W, H, PAD);
    Hand a = hand_of(model, target, PAD);
    bool differs = true;
    double before = grow_by_hand(&a, 7), loss[2][2];
    int side = 2 * ((int)ceil(hypot(W, H) / 2) + PAD);
    NcaGrid *grid = grid_of(model, side, side, -1);
    for (int quarters = 1; quarters <= 2; quarters++) {
        NcaTrial t = run_trial(model, target, TURNED + quarters, 7, NULL, NULL);
        nca_grid_set_angle(grid, 90.0f * (float)quarters);
        nca_grid_reset(grid, 7);
        nca_grid_plant(grid, side / 2, side / 2);
        nca_grid_step(grid, 600);
        for (int against = 1; against <= 2; against++) {
            float *canvas = turned_by_hand(target, against, side),
                  *state = state_of(grid);
            Hand b = {.pad = PAD, .w = side, .h = side, .pixels = canvas};
            b.picture = malloc((size_t)side * side * 4 * sizeof(float));
            for (int i = 0; i < side * side; i++)
                memcpy(b.picture + 4 * i, state + i * nca_grid_channels(grid),
                       4 * sizeof(float));
            NcaTrial hand = best_of(&b, before);
            hand.loss *= (double)side * side / (a.w * a.h);
            hand.pass = hand.loss <= hand.bound;
            loss[quarters - 1][against - 1] = hand.loss;
            if (against == quarters)
                check_verdict(&t, &hand, TURNED + quarters, 7);
            free(b.picture);
            free(canvas);
            free(state);
        }
        differs &= fabs(loss[quarters - 1][0] / loss[quarters - 1][1] - 1) > 1e-5;
    }
    nca_grid_free(&grid);
    hand_free(&a);
    nca_target_free(&target);
    nca_model_free(&model);
    return differs;
}

/* A wide grid's state and target, of which only the columns first … past are there. */
static Hand part_of(const NcaGrid *wide, const NcaTarget *target, int first, int past,
                    int at)
{
    int w = nca_grid_width(wide), h = nca_grid_height(wide), n = nca_grid_channels(wide);
    float *state = state_of(wide), *canvas = calloc((size_t)w * h, 4 * sizeof(float));
    Hand part = {.pad = nca_target_padding(target), .w = w, .h = h, .pixels = canvas};
    part.picture = calloc((size_t)w * h, 4 * sizeof(float));
    for (int y = 0; y < h; y++) {
        for (int x = first; x < past; x++)
            memcpy(part.picture + 4 * (y * w + x), state + (y * w + x) * n,
                   4 * sizeof(float));
        memcpy(canvas + 4 * (y * w + at),
               nca_target_pixels(target) + 4 * y * nca_target_width(target),
               4 * sizeof(float) * (size_t)nca_target_width(target));
    }
    free(state);
    return part;
}

/* Two on a grid of their own; the worse counts.  Returns which it was. */
static int beside_by_hand(const NcaModel *model, const NcaTarget *target, uint64_t s)
{
    enum { W = 10, H = 8, PAD = 5, APART = 2 };
    Hand a = hand_of(model, target, PAD);
    double before = grow_by_hand(&a, s);
    int step = W + APART, width = a.w + step, middle = PAD + W + APART / 2, which = 0;
    NcaGrid *wide = grid_of(model, width, a.h, -1);
    nca_grid_reset(wide, s);
    nca_grid_plant(wide, a.w / 2, a.h / 2);
    nca_grid_step(wide, 200);
    nca_grid_plant(wide, a.w / 2 + step, a.h / 2);
    nca_grid_step(wide, STEPS_HEAL);
    NcaTrial worst = {.loss = -1}, t = run_trial(model, target, BESIDE, s, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        Hand part = part_of(wide, target, i ? middle : 0, i ? width : middle, i * step);
        NcaTrial one = best_of(&part, before);
        one.loss *= (double)width / a.w;
        if (one.loss > worst.loss) {
            worst = one;
            which = i;
        }
        free(part.picture);
        free((float *)part.pixels);
    }
    worst.pass = worst.loss <= worst.bound;
    check_verdict(&t, &worst, BESIDE, s);
    nca_grid_free(&wide);
    hand_free(&a);
    return which;
}

/* Of some models the first is the worse, of others the second. */
static void test_beside(void)
{
    enum { MODELS = 12 };
    NcaTarget *target = colourful(10, 8, 5);
    int second = 0;
    for (int i = 0; i < MODELS; i++) {
        NcaModel *model = i % 2 ? slow(0.03f) : bounded(0.7f);
        second += beside_by_hand(model, target, (uint64_t)i);
        nca_model_free(&model);
    }
    CHECK_MSG(second > 0 && second < MODELS, "%d", second);
    nca_target_free(&target);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    test_by_hand(10, 10, 4);
    test_by_hand(12, 7, 9);
    test_by_hand(6, 5, 11);
    test_rounded();
    bool differs = false; /* a creature may die */
    for (int i = 0; i < 8 && !differs; i++)
        differs = test_turned();
    CHECK(differs);
    test_beside();
    return test_end();
}
