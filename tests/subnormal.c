/* SPDX-License-Identifier: MIT
 *
 * Subnormal numbers on the way through the network count as 0, and only there. */
#include "grids.h"
#include "kernels.h"

enum { HEIGHT = 30, WIDTH = 40, THREADS = 4, SKIPPED = 77 };

static bool has_subnormals(void)
{
    volatile float small = 1e-39f, one = 1;
    return small * one != 0;
}

/* Without vector kernels this may be a processor that is not asked to. */
static bool can_flush(void)
{
    uint64_t mode = nca_flush_begin();
    bool can = !has_subnormals();
    nca_flush_end(mode);
    CHECK(has_subnormals());
    CHECK(can || !strcmp(nca_cpu_level(), "c"));
    return can;
}

/* Alpha rises by 0.2 a step.  Channels 0, 1 and 2 are what only a subnormal bias, a
 * subnormal in channel 4, and a subnormal product could move. */
static NcaModel *touchy(void)
{
    NcaModel *m = rising();
    size_t inputs = nca_model_tensor_size(m, NCA_W1) / 12;
    float *w1 = nca_model_tensor_mut(m, NCA_W1), *w2 = nca_model_tensor_mut(m, NCA_W2);
    nca_model_tensor_mut(m, NCA_B1)[0] = 1e-39f;
    w2[0 * 12 + 0] = 1e38f;
    w1[1 * inputs + 4] = 1e38f;
    w2[1 * 12 + 1] = 1;
    nca_model_tensor_mut(m, NCA_B1)[2] = 1e-20f;
    w2[2 * 12 + 2] = 1e-20f;
    return m;
}

static void test_step(int threads)
{
    NcaModel *model = touchy();
    NcaGridParams p = nca_grid_params_default();
    NcaPool *pool = NULL;
    NcaGrid *g = NULL;
    CHECK(nca_pool_new(&pool, threads, NULL) == NCA_OK);
    p.width = WIDTH;
    p.height = HEIGHT;
    p.fire_rate = 1;
    p.parallel = nca_pool_run;
    p.host = pool;
    p.threads = threads;
    CHECK(nca_grid_new(&g, model, &p, NULL) == NCA_OK);
    float *state = state_of(g);
    for (size_t i = 0; i < values_of(g); i++)
        state[i] = i % 8 == 3 ? 1 : i % 8 == 4 ? 1e-39f : 0;
    nca_grid_set_state(g, state);
    nca_grid_step(g, 2);
    CHECK_MSG(has_subnormals(), "%s", "the step leaves the caller without them");
    nca_grid_read_state(g, state);
    for (size_t i = 0; i < values_of(g); i++)
        CHECK_MSG(state[i] == (i % 8 == 3   ? 1 + 0.2f + 0.2f
                               : i % 8 == 4 ? 1e-39f
                                            : 0),
                  "%d threads, channel %zu: %g", threads, i % 8, (double)state[i]);
    free(state);
    nca_grid_free(&g);
    nca_pool_free(&pool);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    if (!can_flush()) {
        printf("skipped: this processor is not asked to\n");
        return test_end() ? 1 : SKIPPED;
    }
    test_step(1);
    test_step(THREADS);
    return test_end();
}
