/* SPDX-License-Identifier: MIT
 *
 * Subnormal numbers on the way through the network count as 0, and only there. */
#include "grids.h"
#include "kernels.h"
#include "rollout.h"

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

/* What was 0 on the way there has no gradient on the way back. */
static void test_gradient(void)
{
    NcaModel *model = touchy();
    const NcaShape *shape = nca_model_shape(model);
    size_t bias = nca_model_tensor_size(model, NCA_W1);
    NcaRolloutParams p = {.fire_rate = 1, .steps = 1, .losses = 1};
    NcaRolloutResult result;
    NcaRollout *rollout = NULL;
    NcaNetwork network;
    static float state[HEIGHT * WIDTH * 8], target[HEIGHT * WIDTH * 4];
    float *gradient = malloc(nca_gradient_size(shape) * sizeof(*gradient));
    for (int i = 0; i < HEIGHT * WIDTH; i++)
        state[i * 8 + 3] = target[i * 4] = 1;
    p.target = target;
    p.loss_step[0] = 1;
    p.loss_weight[0] = 1;
    CHECK(nca_rollout_new(&rollout, shape, WIDTH, HEIGHT, 1, 1 << 24, NULL) == NCA_OK);
    CHECK(nca_network_init(&network, shape, false, NULL) == NCA_OK);
    nca_network_pack(&network, model, 0, 1);
    CHECK(nca_rollout_run(rollout, &network, &p, NULL, state, gradient, &result));
    CHECK_MSG(gradient[bias] == 0, "%g", (double)gradient[bias]);
    CHECK_MSG(has_subnormals(), "%s", "the way back leaves the caller without them");
    nca_network_uninit(&network);
    nca_rollout_free(&rollout);
    nca_model_free(&model);
    free(gradient);
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
    test_gradient();
    return test_end();
}
