/* SPDX-License-Identifier: MIT
 *
 * Subnormal numbers on the way through the network count as 0, and only there. */
#include "grids.h"

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

static bool caller_has_them(void)
{
    volatile float small = 1e-39f, one = 1;
    return small * one != 0;
}

static void test_flushed(void)
{
    NcaModel *model = touchy();
    NcaGrid *g = grid_of(model, 40, 30, 1);
    noise(g, 1, 2);
    float *state = state_of(g);
    for (size_t i = 0; i < values_of(g); i++)
        state[i] = i % 8 == 3 ? 1 : i % 8 == 4 ? 1e-39f : 0;
    nca_grid_set_state(g, state);
    CHECK(caller_has_them());
    nca_grid_step(g, 2);
    CHECK_MSG(caller_has_them(), "%s", "the step leaves the caller without them");
    nca_grid_read_state(g, state);
    for (size_t i = 0; i < values_of(g); i++)
        CHECK_MSG(state[i] == (i % 8 == 3   ? 1 + 0.2f + 0.2f
                               : i % 8 == 4 ? 1e-39f
                                            : 0),
                  "channel %zu: %g", i % 8, (double)state[i]);
    free(state);
    nca_grid_free(&g);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
#if defined(__SSE__) || defined(__aarch64__)
    test_flushed();
#else
    printf("left out: this processor is not asked to\n");
#endif
    return test_end();
}
