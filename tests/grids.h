/* SPDX-License-Identifier: MIT
 *
 * What the tests of the grid share: a seed that is printed, models that live, and looking
 * at whole states. */
#ifndef NCA_TEST_GRIDS_H
#define NCA_TEST_GRIDS_H

#include <time.h>

#include "models.h"
#include "random.h"

static uint64_t seed, drawn;

static inline double uniform(double low, double high)
{
    return low + (high - low) * nca_uniform(nca_hash3(seed, 1, drawn++));
}

static inline int whole(int low, int high)
{
    return (int)floor(uniform(low, high + 1));
}

/* ------------------------------------------------------------------ models */

static inline NcaShape small_shape(void)
{
    NcaShape s = nca_shape_default();
    s.channels = 8;
    s.hidden = 12;
    s.output_bias = true;
    return s;
}

/* Random weights; alpha rises nearly alike everywhere, so that life spreads. */
static inline NcaModel *lively(NcaShape shape)
{
    NcaModel *m = NULL;
    CHECK(nca_model_new(&m, &shape, NULL) == NCA_OK);
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(m, t); i++)
            nca_model_tensor_mut(m, t)[i] = (float)uniform(-0.2, 0.2);
    for (int j = 0; shape.channels > 3 && j < shape.hidden; j++)
        nca_model_tensor_mut(m, NCA_W2)[3 * shape.hidden + j] *= 0.05f;
    if (shape.output_bias && shape.channels > 3)
        nca_model_tensor_mut(m, NCA_B2)[3] = 0.3f;
    return m;
}

/* Adds 0.2 to alpha wherever a cell fires, and nothing else. */
static inline NcaModel *rising(void)
{
    NcaShape shape = small_shape();
    NcaModel *m = NULL;
    CHECK(nca_model_new(&m, &shape, NULL) == NCA_OK);
    nca_model_tensor_mut(m, NCA_B2)[3] = 0.2f;
    return m;
}

static inline NcaGrid *grid_of(const NcaModel *model, int width, int height, float rate)
{
    NcaGridParams p = nca_grid_params_default();
    NcaGrid *grid = NULL;
    p.width = width;
    p.height = height;
    p.fire_rate = rate;
    p.seed = seed;
    CHECK(nca_grid_new(&grid, model, &p, NULL) == NCA_OK);
    return grid;
}

static inline size_t values_of(const NcaGrid *g)
{
    return (size_t)nca_grid_width(g) * nca_grid_height(g) * nca_grid_channels(g);
}

/* The caller's. */
static inline float *state_of(const NcaGrid *g)
{
    float *state = malloc(values_of(g) * sizeof(float));
    nca_grid_read_state(g, state);
    return state;
}

static inline bool same(const NcaGrid *a, const NcaGrid *b)
{
    float *s = state_of(a), *t = state_of(b);
    bool equal = values_of(a) == values_of(b) && !memcmp(s, t, values_of(a) * sizeof(*s));
    free(s);
    free(t);
    return equal;
}

static inline void noise(NcaGrid *g, double low, double high)
{
    float *state = state_of(g);
    for (size_t i = 0; i < values_of(g); i++)
        state[i] = (float)uniform(low, high);
    nca_grid_set_state(g, state);
    free(state);
}

static inline int not_zero(const NcaGrid *g)
{
    float *state = state_of(g);
    int channels = nca_grid_channels(g), cells = 0;
    for (size_t i = 0; i < values_of(g); i += channels) {
        bool any = false;
        for (int c = 0; c < channels; c++)
            any |= state[i + c] != 0;
        cells += any;
    }
    free(state);
    return cells;
}

/* The seed is the program's argument, or the time. */
static inline void take_seed(int count, char **arguments)
{
    seed = count > 1 ? strtoull(arguments[1], NULL, 10) : (uint64_t)time(NULL);
    printf("seed %llu, level %s\n", (unsigned long long)seed, nca_cpu_level());
}

#endif
