/* SPDX-License-Identifier: MIT
 *
 * A grid on an OpenCL device beside one on the CPU, through the public functions: what is
 * done to both comes out the same, whatever is looked at in between.  Skipped without a
 * device. */
#include "devices.h"

static NcaGrid *grid_on(const NcaModel *model, int device, int width, int height)
{
    NcaError error = {""};
    NcaGridParams p = nca_grid_params_default();
    NcaGrid *grid = NULL;
    p.width = width;
    p.height = height;
    p.seed = seed;
    p.device = device;
    CHECK_MSG(nca_grid_new(&grid, model, &p, &error) == NCA_OK, "%s", error.text);
    CHECK_MSG(nca_grid_device(grid, &error) == NCA_OK, "%s", error.text);
    return grid;
}

typedef struct Pair {
    NcaGrid *here, *there;
} Pair;

static void check_same(const Pair *p, const char *after)
{
    CHECK_MSG(nca_grid_time(p->here) == nca_grid_time(p->there), "%s", after);
    CHECK_MSG(nca_grid_alive(p->here) == nca_grid_alive(p->there), "%s: %lld, %lld",
              after, (long long)nca_grid_alive(p->here),
              (long long)nca_grid_alive(p->there));
    CHECK_MSG(same(p->here, p->there), "%s", after);
}

static void step_both(const Pair *p, int steps)
{
    nca_grid_step(p->here, steps);
    nca_grid_step(p->there, steps);
}

#define BOTH(function, ...)                                                              \
    (function(p.here, __VA_ARGS__), function(p.there, __VA_ARGS__))

/* Nothing of `rising` is rounded, so the device's arithmetic is the CPU's. */
static void test_changes(void)
{
    NcaModel *model = rising();
    Pair p = {grid_on(model, NCA_DEVICE_CPU, 60, 50),
              grid_on(model, NCA_DEVICE_FIRST, 60, 50)};
    static uint8_t mask[60 * 50];
    float part[2 * 3 * 8];
    BOTH(nca_grid_plant, 20, 20);
    check_same(&p, "plant");
    step_both(&p, 30);
    check_same(&p, "30 steps");
    step_both(&p, 3);
    BOTH(nca_grid_erase_circle, 20, 20, 7.5);
    step_both(&p, 5);
    BOTH(nca_grid_erase_rect, 5, 25, 10, 40);
    check_same(&p, "rect");
    step_both(&p, 5);
    for (int i = 0; i < 60 * 50; i++)
        mask[i] = i % 7 == 0;
    BOTH(nca_grid_erase_mask, mask);
    step_both(&p, 1);
    check_same(&p, "mask");
    for (int i = 0; i < 2 * 3 * 8; i++)
        part[i] = (float)uniform(0, 1);
    BOTH(nca_grid_set_part, part, 50, 40, 2, 3);
    step_both(&p, 4);
    check_same(&p, "part");
    BOTH(nca_grid_set_fire_rate, 0.1f);
    step_both(&p, 6);
    check_same(&p, "fire rate");
    BOTH(nca_grid_set_step_size, 0.5f);
    step_both(&p, 6);
    check_same(&p, "step size");
    step_both(&p, 600); /* further than it lags behind */
    check_same(&p, "600 steps");
    BOTH(nca_grid_reset, seed + 1);
    check_same(&p, "reset");
    BOTH(nca_grid_plant, 3, 3);
    step_both(&p, 12);
    check_same(&p, "anew");
    nca_grid_free(&p.here);
    nca_grid_free(&p.there);
    nca_model_free(&model);
}

/* What turns it reaches the device, too: one step is within what rounding may do. */
static void test_angle(void)
{
    NcaModel *model = lively(small_shape());
    Pair p = {grid_on(model, NCA_DEVICE_CPU, 40, 30),
              grid_on(model, NCA_DEVICE_OPENCL, 40, 30)};
    noise(p.here, -0.5, 0.6);
    float *state = state_of(p.here);
    nca_grid_set_state(p.there, state);
    free(state);
    BOTH(nca_grid_set_angle, 77);
    step_both(&p, 1);
    float *a = state_of(p.here), *b = state_of(p.there);
    for (size_t i = 0; i < values_of(p.here); i++)
        CHECK_MSG(fabsf(a[i] - b[i]) <= 1e-5f * fmaxf(1, fabsf(a[i])), "%zu: %g, %g", i,
                  (double)a[i], (double)b[i]);
    free(a);
    free(b);
    nca_grid_free(&p.here);
    nca_grid_free(&p.there);
    nca_model_free(&model);
}

/* Pictures are of the present, whoever looks first. */
static void test_picture(void)
{
    NcaModel *model = rising();
    Pair p = {grid_on(model, NCA_DEVICE_CPU, 32, 24),
              grid_on(model, NCA_DEVICE_OPENCL, 32, 24)};
    static uint8_t here[32 * 24 * 4], there[32 * 24 * 4];
    static float high[32 * 24 * 4], low[32 * 24 * 4];
    BOTH(nca_grid_plant, 16, 12);
    for (int i = 0; i < 3; i++) {
        step_both(&p, 7);
        nca_grid_read_rgba8(p.here, here, 32 * 4);
        nca_grid_read_rgba8(p.there, there, 32 * 4);
        CHECK(!memcmp(here, there, sizeof(here)));
        step_both(&p, 1);
        nca_grid_read_rgba(p.here, high, sizeof(float) * 32 * 4);
        nca_grid_read_rgba(p.there, low, sizeof(float) * 32 * 4);
        CHECK(!memcmp(high, low, sizeof(high)));
    }
    nca_grid_free(&p.here);
    nca_grid_free(&p.there);
    nca_model_free(&model);
}

static void test_names(void)
{
    static const struct {
        const char *text;
        int device;
    } good[] = {{"cpu", NCA_DEVICE_CPU},
                {"opencl", NCA_DEVICE_OPENCL},
                {"opencl:0", NCA_DEVICE_FIRST},
                {"opencl:7", NCA_DEVICE_FIRST + 7},
                {"opencl:63", NCA_DEVICE_FIRST + 63}};
    static const char *const bad[] = {
        "",          "gpu",       "CPU",        "opencl:",   "opencl:-1",
        "opencl:64", "opencl:1x", "opencl:999", "opencl: 1", "opencl::1",
        "opencl0",   "cpu:0",     "openc",      "opencl:+1"};
    int device = 42;
    NcaError error;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CHECK(nca_device_parse(&device, good[i].text, &error) == NCA_OK);
        CHECK_MSG(device == good[i].device, "%s: %d", good[i].text, device);
    }
    device = 42;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK_MSG(nca_device_parse(&device, bad[i], &error) == NCA_ERR_ARGUMENT, "%s",
                  bad[i]);
        CHECK(device == 42 && strstr(error.text, bad[i]));
    }
}

static void test_refused(void)
{
    NcaModel *model = rising();
    NcaGridParams p = nca_grid_params_default();
    NcaGrid *grid = NULL;
    NcaError error;
    p.device = NCA_DEVICE_FIRST + 62;
    CHECK(nca_grid_new(&grid, model, &p, &error) == NCA_ERR_DEVICE && !grid);
    p.device = NCA_DEVICE_FIRST + NCA_DEVICES_MAX;
    CHECK(nca_grid_new(&grid, model, &p, &error) == NCA_ERR_ARGUMENT && !grid);
    p.device = -1;
    CHECK(nca_grid_new(&grid, model, &p, &error) == NCA_ERR_ARGUMENT && !grid);
    p.device = NCA_DEVICE_OPENCL;
    p.precision = NCA_PRECISION_BF16;
    CHECK(nca_grid_new(&grid, model, &p, &error) == NCA_ERR_ARGUMENT && !grid);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    if (!have_device())
        return TEST_SKIP;
    take_seed(count, arguments);
    test_changes();
    test_angle();
    test_picture();
    test_names();
    test_refused();
    return test_end();
}
