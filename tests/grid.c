/* SPDX-License-Identifier: MIT
 *
 * The grid as adapters see it: what is refused, planting and wounds cell by cell, the
 * clock, and the state (tests/step.c has the step, tests/symmetry.c what it keeps,
 * tests/picture.c what is seen). */
#include <limits.h>

#include "grids.h"
#include "kernels.h"

/* -------------------------------------------------------------- parameters */

static void check_refused(const NcaModel *model, NcaGridParams p, const char *part)
{
    NcaGrid *untouched = (NcaGrid *)&p, *grid = untouched;
    NcaError error = {""};
    CHECK_MSG(nca_grid_new(&grid, model, &p, &error) == NCA_ERR_ARGUMENT, "%s", part);
    CHECK_MSG(grid == untouched, "%s", part);
    CHECK_MSG(strstr(error.text, part), "\"%s\" lacks \"%s\"", error.text, part);
    CHECK(nca_grid_new(&grid, model, &p, NULL) == NCA_ERR_ARGUMENT);
}

#define REFUSED(field, value, part)                                                      \
    do {                                                                                 \
        NcaGridParams p = nca_grid_params_default();                                     \
        p.field = value;                                                                 \
        check_refused(model, p, part);                                                   \
    } while (0)

static void test_refused(void)
{
    NcaModel *model = rising();
    REFUSED(width, 0, "0×72");
    REFUSED(width, -5, "-5×72");
    REFUSED(width, NCA_SIDE_MAX + 1, "32769×72");
    REFUSED(height, 0, "72×0");
    REFUSED(height, INT_MIN, "72×-");
    REFUSED(height, INT_MAX, "72×2147483647");
    REFUSED(angle, NAN, "angle");
    REFUSED(angle, -INFINITY, "angle");
    REFUSED(fire_rate, 1.0001f, "fire rate");
    REFUSED(fire_rate, NAN, "fire rate");
    REFUSED(step_size, NAN, "step size");
    REFUSED(step_size, INFINITY, "step size");
    REFUSED(edge, NCA_EDGE_WRAP + 1, "edge");
    REFUSED(threads, 257, "threads");
    nca_model_free(&model);
}

static void test_params(void)
{
    NcaModel *model = rising();
    NcaGridParams p = nca_grid_params_default();
    NcaGrid *grid = NULL;
    CHECK(p.width == 72 && p.height == 72 && p.seed == 0 && p.angle == 0);
    CHECK(p.fire_rate < 0 && p.step_size == 1 && p.edge < 0 && p.threads <= 1);
    p = (NcaGridParams){.width = NCA_SIDE_MAX,
                        .height = 1,
                        .fire_rate = 1,
                        .edge = 1,
                        .angle = -1e30f,
                        .step_size = -2,
                        .threads = -3};
    CHECK(nca_grid_new(&grid, model, &p, NULL) == NCA_OK);
    CHECK(nca_grid_width(grid) == NCA_SIDE_MAX && nca_grid_height(grid) == 1);
    CHECK(nca_grid_channels(grid) == 8 && nca_grid_time(grid) == 0);
    CHECK(nca_grid_alive(grid) == 0);
    /* Cells and their change, of 16 lanes; then some bits and spans. */
    uint64_t cells = (uint64_t)1000 * 1000 * 16 * sizeof(float);
    CHECK(nca_grid_memory(model, 1000, 1000) > 2 * cells);
    CHECK(nca_grid_memory(model, 1000, 1000) < 2 * cells + cells / 4);
    CHECK(nca_grid_memory(model, NCA_SIDE_MAX, NCA_SIDE_MAX) > 1000 * 2 * cells);
    nca_grid_free(&grid);
    CHECK(grid == NULL);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

/* About three digits a product, and a sum of 8 · 3 inputs and 12 hidden: 1e-2 of it. */
static void test_bf16(void)
{
    NcaModel *model = lively(small_shape());
    NcaGridParams p = nca_grid_params_default();
    p.precision = NCA_PRECISION_BF16;
    p.fire_rate = 1;
    if (!nca_kernels_bf16()) {
        check_refused(model, p, "bfloat16");
        nca_model_free(&model);
        return;
    }
    NcaGrid *rough = NULL, *fine = grid_of(model, p.width, p.height, 1);
    CHECK(nca_grid_new(&rough, model, &p, NULL) == NCA_OK);
    noise(fine, -1, 1);
    float *state = state_of(fine), worst = 0;
    nca_grid_set_state(rough, state);
    nca_grid_step(fine, 1);
    nca_grid_step(rough, 1);
    CHECK_MSG(!same(rough, fine), "%s", "bf16 has the digits of float32");
    float *r = state_of(rough);
    nca_grid_read_state(fine, state);
    for (size_t i = 0; i < values_of(fine); i++)
        worst = fmaxf(worst, fabsf(r[i] - state[i]));
    CHECK_MSG(worst < 1e-2f, "off by %g", (double)worst);
    free(state);
    free(r);
    nca_grid_free(&rough);
    nca_grid_free(&fine);
    nca_model_free(&model);
}

/* ------------------------------------------------------- planting, wounding */

static void test_plant(void)
{
    NcaModel *model = rising();
    NcaGrid *g = grid_of(model, 70, 9, 1);
    static const int outside[][2] = {{-1, 0},      {70, 0},      {0, -1}, {0, 9},
                                     {INT_MIN, 4}, {4, INT_MAX}, {70, 9}, {-1, -1}};
    for (int i = 0; i < 8; i++)
        nca_grid_plant(g, outside[i][0], outside[i][1]);
    CHECK(nca_grid_alive(g) == 0 && not_zero(g) == 0);
    noise(g, 1, 2);
    nca_grid_erase_rect(g, 0, 0, 70, 8);
    nca_grid_plant(g, 69, 8);
    nca_grid_plant(g, 64, 3);
    nca_grid_plant(g, 64, 3);
    CHECK(nca_grid_alive(g) == 71 && not_zero(g) == 71);
    float *state = state_of(g);
    for (int c = 0; c < 8; c++) {
        CHECK(state[(3 * 70 + 64) * 8 + c] == (c < 3 ? 0 : 1));
        CHECK(state[(8 * 70 + 69) * 8 + c] == (c < 3 ? 0 : 1));
        CHECK(state[(8 * 70 + 68) * 8 + c] >= 1 && state[(8 * 70 + 68) * 8] != 0);
    }
    free(state);
    nca_grid_free(&g);
    nca_model_free(&model);
}

enum { WIDTH = 75, HEIGHT = 40 };

/* Every cell is either 0 or as it was: as `killed` says. */
static void check_wound(NcaGrid *g, const float *before, const bool *killed,
                        const char *what)
{
    float *after = state_of(g);
    int wrong = 0, left = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        left += !killed[i];
        for (int c = 0; c < 8; c++)
            wrong += after[i * 8 + c] != (killed[i] ? 0 : before[i * 8 + c]);
    }
    CHECK_MSG(wrong == 0, "%s: %d values", what, wrong);
    CHECK_MSG(nca_grid_alive(g) == left, "%s: %d alive", what, (int)nca_grid_alive(g));
    free(after);
}

/* In quarters of a cell, so that squares are exact and the rim is the rim. */
static void try_circle(NcaGrid *g, const float *full, double x, double y, double r)
{
    static bool killed[WIDTH * HEIGHT];
    char what[80];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        double dx = i % WIDTH - x, dy = i / WIDTH - y;
        killed[i] = r > 0 && dx * dx + dy * dy < r * r;
    }
    snprintf(what, sizeof(what), "circle %g %g %g", x, y, r);
    nca_grid_set_state(g, full);
    nca_grid_erase_circle(g, x, y, r);
    check_wound(g, full, killed, what);
}

static void try_rect(NcaGrid *g, const float *full, int x, int y, int w, int h)
{
    static bool killed[WIDTH * HEIGHT];
    char what[80];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int64_t cx = i % WIDTH, cy = i / WIDTH;
        killed[i] = cx >= x && cy >= y && cx < (int64_t)x + w && cy < (int64_t)y + h;
    }
    snprintf(what, sizeof(what), "rect %d %d %d %d", x, y, w, h);
    nca_grid_set_state(g, full);
    nca_grid_erase_rect(g, x, y, w, h);
    check_wound(g, full, killed, what);
}

static void test_circles(NcaGrid *g, const float *full)
{
    static const double odd[][3] = {
        {20, 20, 5},       {20, 20, 0.25},    {20, 20, 0},        {20, 20, -3},
        {20.5, 20.5, 0.5}, {-3, -4, 5},       {-3, -4, 5.25},     {WIDTH, 20, 1},
        {WIDTH, 20, 2},    {0, 0, 1e300},     {1e300, 0, 9},      {20, 20, NAN},
        {NAN, 20, 5},      {20, NAN, 5},      {10, 10, INFINITY}, {64, 3, 1},
        {63.75, 39.25, 1}, {-1e18, 20, 1e17},
    };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        try_circle(g, full, odd[i][0], odd[i][1], odd[i][2]);
    for (int i = 0; i < 100; i++)
        try_circle(g, full, whole(-80, WIDTH * 4 + 80) / 4.0,
                   whole(-80, HEIGHT * 4 + 80) / 4.0, whole(0, 100) / 4.0);
}

static void test_rects(NcaGrid *g, const float *full)
{
    static const int odd[][4] = {
        {0, 0, WIDTH, HEIGHT},
        {3, 3, 0, 9},
        {3, 3, -2, 9},
        {-5, -5, 6, 6},
        {-5, -5, 5, 5},
        {74, 39, 1, 1},
        {75, 0, 3, 40},
        {63, 5, 2, 2},
        {INT_MAX, 0, 9, 9},
        {0, 0, INT_MAX, 1},
        {5, 5, INT_MAX, INT_MAX},
        {INT_MIN, 0, INT_MAX, 9},
        {INT_MIN, INT_MIN, 9, 9},
        {-10, 39, 1000, 1},
    };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        try_rect(g, full, odd[i][0], odd[i][1], odd[i][2], odd[i][3]);
    for (int i = 0; i < 100; i++)
        try_rect(g, full, whole(-30, WIDTH + 9), whole(-30, HEIGHT + 9), whole(-5, 90),
                 whole(-5, 60));
}

static void test_wounds(void)
{
    NcaModel *model = rising();
    NcaGrid *g = grid_of(model, WIDTH, HEIGHT, 1);
    uint8_t mask[WIDTH * HEIGHT];
    bool killed[WIDTH * HEIGHT];
    noise(g, 0.5, 2);
    float *full = state_of(g);
    test_circles(g, full);
    test_rects(g, full);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        mask[i] = (uint8_t)(whole(0, 2) ? 0 : whole(0, 255));
        killed[i] = mask[i] != 0;
    }
    nca_grid_set_state(g, full);
    nca_grid_erase_mask(g, mask);
    check_wound(g, full, killed, "mask");
    free(full);
    nca_grid_free(&g);
    nca_model_free(&model);
}

/* ---------------------------------------------------------------- the clock */

/* A seed that only rises grows by a ring a step, at fire rate 1. */
static void test_rings(void)
{
    NcaModel *model = rising();
    NcaGrid *g = grid_of(model, 91, 91, 1);
    nca_grid_plant(g, 45, 45);
    CHECK(nca_grid_alive(g) == 1);
    for (int t = 1; t <= 45; t++) {
        nca_grid_step(g, 1);
        CHECK_MSG(nca_grid_alive(g) == (2 * t + 1) * (2 * t + 1), "step %d", t);
        CHECK(nca_grid_time(g) == t && not_zero(g) == nca_grid_alive(g));
    }
    nca_grid_step(g, 0);
    nca_grid_step(g, -3);
    CHECK(nca_grid_time(g) == 45);
    nca_grid_set_fire_rate(g, 0);
    nca_grid_step(g, 7);
    CHECK(nca_grid_time(g) == 52 && nca_grid_alive(g) == 91 * 91);
    nca_grid_reset(g, 5);
    CHECK(nca_grid_time(g) == 0 && nca_grid_alive(g) == 0 && not_zero(g) == 0);
    /* Six of 0.018 are above 0.1: in the seventh step the next ring wakes. */
    nca_grid_set_fire_rate(g, 1);
    nca_grid_set_step_size(g, 0.09f);
    nca_grid_plant(g, 45, 45);
    nca_grid_step(g, 6);
    CHECK(nca_grid_alive(g) == 9);
    nca_grid_step(g, 1);
    CHECK(nca_grid_alive(g) == 25);
    nca_grid_free(&g);
    nca_model_free(&model);
}

static int not_zero_in(const NcaGrid *g, int x0, int y0, int x1, int y1)
{
    float *state = state_of(g);
    int found = 0;
    for (int y = y0; y < y1; y++)
        for (int i = x0 * 8; i < x1 * 8; i++)
            found += state[y * WIDTH * 8 + i] != 0;
    free(state);
    return found;
}

/* What is erased and has no living neighbour stays 0; life spreads by one cell a step. */
static void test_dead(void)
{
    NcaModel *model = lively(small_shape());
    NcaGrid *g = grid_of(model, WIDTH, HEIGHT, 0.5f);
    noise(g, 0.5, 1);
    nca_grid_erase_rect(g, 10, 5, 60, 30);
    for (int t = 1; t <= 10; t++) {
        nca_grid_step(g, 1);
        int wrong = not_zero_in(g, 10 + t, 5 + t, 70 - t, 35 - t);
        CHECK_MSG(wrong == 0, "step %d: %d values came from nothing", t, wrong);
    }
    CHECK(nca_grid_alive(g) > WIDTH * HEIGHT - 60 * 30);
    nca_grid_erase_rect(g, 0, 0, WIDTH, HEIGHT);
    nca_grid_step(g, 20);
    CHECK(nca_grid_alive(g) == 0 && not_zero(g) == 0);
    nca_grid_free(&g);
    nca_model_free(&model);
}

static double fired_part(NcaGrid *g)
{
    float *state = state_of(g);
    int fired = 0, cells = nca_grid_width(g) * nca_grid_height(g);
    for (int i = 0; i < cells; i++) {
        for (int c = 0; c < 8; c++)
            state[i * 8 + c] = 1;
    }
    nca_grid_set_state(g, state);
    nca_grid_step(g, 1);
    nca_grid_read_state(g, state);
    for (int i = 0; i < cells; i++)
        fired += state[i * 8 + 3] != 1;
    free(state);
    return (double)fired / cells;
}

/* 200 × 200 cells: six deviations of a binomial are 0.015 at most. */
static void test_fire_rate(void)
{
    NcaModel *model = rising();
    NcaGrid *g = grid_of(model, 200, 200, -1), *other = grid_of(model, 200, 200, 0.125f);
    CHECK(fabs(fired_part(g) - 0.5) < 0.015 && fabs(fired_part(other) - 0.125) < 0.015);
    nca_grid_set_fire_rate(g, 0.25f);
    CHECK(fabs(fired_part(g) - 0.25) < 0.015);
    nca_grid_set_fire_rate(g, 0);
    CHECK(fired_part(g) == 0);
    nca_grid_set_fire_rate(g, -1);
    CHECK(fabs(fired_part(g) - 0.5) < 0.015);
    nca_grid_set_fire_rate(g, 7);
    CHECK(fired_part(g) == 1);
    nca_grid_free(&g);
    nca_grid_free(&other);
    nca_model_free(&model);
}

/* Setters and wounds of no number. */
static void set_nothing(NcaGrid *g)
{
    nca_grid_set_angle(g, NAN);
    nca_grid_set_angle(g, INFINITY);
    nca_grid_set_step_size(g, NAN);
    nca_grid_set_fire_rate(g, NAN);
    nca_grid_erase_circle(g, NAN, 36, 9);
    nca_grid_erase_circle(g, 36, NAN, 9);
    nca_grid_erase_circle(g, 36, 36, NAN);
    nca_grid_erase_circle(g, 36, 1e200, 1e200);
}

/* What is set later is as if it had been a parameter; seeds matter; the model is copied.
 */
static void test_set(void)
{
    NcaModel *model = lively(small_shape());
    NcaGridParams p = nca_grid_params_default();
    NcaGrid *given = NULL, *g = grid_of(model, 72, 72, -1);
    p.seed = 77;
    p.angle = 33;
    p.step_size = 0.75f;
    p.fire_rate = 0.625f;
    CHECK(nca_grid_new(&given, model, &p, NULL) == NCA_OK);
    memset(nca_model_tensor_mut(model, NCA_W1), 0, 4);
    nca_model_free(&model);
    nca_grid_plant(given, 36, 36);
    nca_grid_step(given, 25);
    CHECK(nca_grid_alive(given) > 300);
    for (int left = 4; left >= 0; left--) {
        nca_grid_reset(g, left == 1 ? 78 : 77);
        nca_grid_set_angle(g, left == 2 ? 32 : 33);
        nca_grid_set_step_size(g, left == 3 ? 0.7f : 0.75f);
        nca_grid_set_fire_rate(g, left == 4 ? 0.6f : 0.625f);
        nca_grid_plant(g, 36, 36);
        set_nothing(g);
        nca_grid_step(g, 25);
        CHECK_MSG(same(g, given) == (left == 0), "without setting %d", left);
    }
    nca_grid_free(&g);
    nca_grid_free(&given);
}

/* ----------------------------------------------------------------- the state */

static void test_state(void)
{
    NcaModel *model = lively(small_shape());
    NcaGrid *g = grid_of(model, WIDTH, HEIGHT, 0.5f),
            *late = grid_of(model, WIDTH, HEIGHT, 0.5f);
    noise(g, -2, 2);
    nca_grid_step(g, 5);
    nca_grid_step(late, 5);
    float *state = state_of(g), *back;
    for (size_t i = 0; i < values_of(g); i++)
        state[i] = i / 8 % 3 ? 0 : i % 8 == 5 ? NAN : (float)uniform(-1, 1);
    nca_grid_set_state(g, state);
    back = state_of(g);
    CHECK(!memcmp(state, back, values_of(g) * sizeof(float)));
    CHECK(nca_grid_time(g) == 5 && nca_grid_alive(g) == WIDTH * HEIGHT / 3);
    for (size_t i = 0; i < values_of(g); i++)
        state[i] = i / 8 % 3 ? 0 : (float)uniform(-1, 1);
    nca_grid_set_state(g, state);
    nca_grid_set_state(late, state);
    nca_grid_step(g, 9);
    nca_grid_step(late, 9);
    CHECK_MSG(same(g, late), "%s", "the past shows through");
    free(state);
    free(back);
    nca_grid_free(&g);
    nca_grid_free(&late);
    nca_model_free(&model);
}

static void test_part(void)
{
    NcaModel *model = lively(small_shape());
    NcaGrid *g = grid_of(model, WIDTH, HEIGHT, 0.5f),
            *all = grid_of(model, WIDTH, HEIGHT, 0.5f);
    for (int i = 0; i < 50; i++) {
        int x = whole(0, WIDTH - 1), y = whole(0, HEIGHT - 1);
        int w = whole(1, WIDTH - x), h = whole(1, HEIGHT - y);
        float *part = malloc((size_t)w * h * 8 * sizeof(float));
        for (int k = 0; k < w * h * 8; k++)
            part[k] = k / 8 % 4 ? (float)uniform(-1, 1) : 0;
        noise(g, -1, 1);
        float *state = state_of(g);
        for (int k = 0; k < h; k++)
            memcpy(state + ((y + k) * WIDTH + x) * 8, part + k * w * 8,
                   (size_t)w * 8 * sizeof(float));
        nca_grid_set_part(g, part, x, y, w, h);
        nca_grid_set_state(all, state);
        CHECK_MSG(same(g, all), "%d×%d at %d, %d", w, h, x, y);
        CHECK(nca_grid_alive(g) == nca_grid_alive(all));
        nca_grid_step(g, 2);
        nca_grid_step(all, 2);
        CHECK_MSG(same(g, all), "%d×%d at %d, %d, later", w, h, x, y);
        free(part);
        free(state);
    }
    nca_grid_free(&g);
    nca_grid_free(&all);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    test_refused();
    test_params();
    test_bf16();
    test_plant();
    test_wounds();
    test_rings();
    test_dead();
    test_fire_rate();
    test_set();
    test_state();
    test_part();
    return test_end();
}
