/* SPDX-License-Identifier: MIT
 *
 * A grid on a host's threads: the same bits however many there are, and none of them
 * woken for little where they sleep. */
#include "grids.h"

/* Threads come and go; more than there were at the beginning are not used. */
static void try_threads(bool sleeping)
{
    NcaModel *model = lively(small_shape());
    NcaGridParams p = nca_grid_params_default();
    NcaPool *pool = NULL;
    NcaGrid *g = NULL, *alone = grid_of(model, 200, 190, 0.5f);
    CHECK(nca_pool_new(&pool, 5, NULL) == NCA_OK);
    p.sleeping = sleeping;
    p.width = 200;
    p.height = 190;
    p.seed = seed;
    p.fire_rate = 0.5f;
    p.threads = 3;
    p.parallel = nca_pool_run;
    p.host = pool;
    CHECK(nca_grid_new(&g, model, &p, NULL) == NCA_OK);
    noise(alone, -1, 1);
    float *state = state_of(alone);
    nca_grid_set_state(g, state);
    for (int threads = 5; threads >= 0; threads--) {
        nca_grid_set_parallel(g, threads ? nca_pool_run : NULL, pool, threads);
        nca_grid_step(g, 5);
        nca_grid_step(alone, 5);
        CHECK_MSG(same(g, alone), "%d threads", threads);
    }
    free(state);
    nca_grid_free(&g);
    nca_grid_free(&alone);
    nca_pool_free(&pool);
    nca_model_free(&model);
}

static void count_calls(void *calls, void (*job)(void *arg, int index), void *arg,
                        int count)
{
    ++*(int *)calls;
    for (int i = 0; i < count; i++)
        job(arg, i);
}

/* A creature of a thousand cells wakes nobody, a canvas of forty thousand does. */
static void test_sleeping(void)
{
    NcaModel *model = lively(small_shape());
    for (int side = 32; side <= 200; side += 168)
        for (int sleeping = 0; sleeping < 2; sleeping++) {
            int calls = 0;
            NcaGridParams p = nca_grid_params_default();
            NcaGrid *g = NULL;
            p.width = p.height = side;
            p.fire_rate = 1;
            p.threads = 2;
            p.parallel = count_calls;
            p.host = &calls;
            p.sleeping = sleeping;
            CHECK(nca_grid_new(&g, model, &p, NULL) == NCA_OK);
            noise(g, 0.5, 1);
            nca_grid_step(g, 3);
            CHECK_MSG((calls > 0) == (!sleeping || side == 200), "%d, %d: %d", side,
                      sleeping, calls);
            nca_grid_free(&g);
        }
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    try_threads(false);
    try_threads(true);
    test_sleeping();
    return test_end();
}
