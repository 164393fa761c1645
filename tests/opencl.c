/* SPDX-License-Identifier: MIT
 *
 * Worlds on an OpenCL device against the grid of the CPU: step by step, in all shapes,
 * with both edges, sizes that no tile fits, batches; with "cuts" only however the kernels
 * are cut.  Skipped without a device.  Usage: test_opencl [cuts] [SEED] */
#include "devices.h"

/* A device may round a product otherwise. */
static const double TOLERANCE = 1e-5;

static NcaShape odd_shape(void)
{
    NcaShape s = nca_shape_default();
    s.channels = 5;
    s.hidden = 7;
    s.bands = 3;
    s.band[2] = NCA_BAND_LAPLACIAN;
    s.alive_threshold = 0.05f;
    s.clamp = 0.9f;
    s.output_bias = false;
    return s;
}

static NcaShape plain_shape(void)
{
    NcaShape s = nca_shape_default();
    s.alive = NCA_ALIVE_PRE;
    return s;
}

/* Cells here and there, so that some die and some are born. */
static void scatter(NcaGrid *grid)
{
    float *state = state_of(grid);
    int channels = nca_grid_channels(grid);
    for (size_t i = 0; i < values_of(grid); i += channels) {
        bool there = uniform(0, 1) < 0.3;
        for (int c = 0; c < channels; c++)
            state[i + c] = there ? (float)uniform(-0.5, 0.6) : 0;
    }
    nca_grid_set_state(grid, state);
    free(state);
}

/* How far the two are from each other, beside the values' size; after a step, also
 * whether as many live: before one nobody knows of a cell of zeros that it did. */
static double difference(const NcaGrid *grid, NcaClWorlds *worlds, int world,
                         bool stepped)
{
    float *here = state_of(grid), *there = malloc(values_of(grid) * sizeof(float));
    size_t cells = values_of(grid) / nca_grid_channels(grid), alive = 0;
    uint8_t *lives = malloc(cells);
    double most = 0;
    memset(there, 0xff, values_of(grid) * sizeof(float));
    CHECK(nca_cl_worlds_read(worlds, world, there, lives, NULL) == NCA_OK);
    for (size_t i = 0; i < values_of(grid); i++) {
        double d = fabs(there[i] - here[i]) / fmax(1, fabs(here[i]));
        most = d <= most ? most : d; /* NAN counts */
    }
    for (size_t i = 0; i < cells; i++)
        alive += lives[i];
    CHECK_MSG(!stepped || (int64_t)alive == nca_grid_alive(grid), "%zu live, %lld here",
              alive, (long long)nca_grid_alive(grid));
    free(here);
    free(there);
    free(lives);
    return most;
}

static void copy_to(NcaClWorlds *worlds, int world, const NcaGrid *grid)
{
    float *state = state_of(grid);
    CHECK(nca_cl_worlds_write(worlds, world, state, NULL) == NCA_OK);
    free(state);
}

/* ------------------------------------------------------------------- steps */

/* Every step from the same state. */
static void try_steps(NcaShape shape, NcaEdge edge, int width, int height,
                      NcaClTuning tuning)
{
    NcaModel *model = lively(shape);
    float rate = (float)uniform(0.2, 1);
    NcaGrid *grid = twin_of(model, edge, width, height, rate, seed);
    NcaClWorlds *worlds = worlds_of(model, edge, width, height, 1, tuning);
    scatter(grid);
    for (int step = 0; step < 6; step++) {
        copy_to(worlds, 0, grid);
        CHECK(nca_cl_worlds_step(worlds, &seed, step, nca_fire_limit(rate), 1, NULL) ==
              NCA_OK);
        nca_grid_step(grid, 1);
        double d = difference(grid, worlds, 0, true);
        CHECK_MSG(d <= TOLERANCE,
                  "%d channels, edge %d, %d×%d, group %d, %d cells, local %d, rate %g, "
                  "step %d: %g",
                  shape.channels, edge, width, height, tuning.group, tuning.cells,
                  tuning.local, (double)rate, step, d);
    }
    nca_cl_worlds_free(&worlds);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

static void test_steps(void)
{
    static const int sizes[][2] = {{45, 37}, {33, 17}, {16, 16},
                                   {17, 1},  {3, 50},  {2, 2}};
    NcaShape shapes[] = {small_shape(), texture_shape(),     isotropic_shape(),
                         tiny_shape(),  nca_shape_default(), odd_shape(),
                         plain_shape()};
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
            try_steps(shapes[i], (i + k) % 2 ? NCA_EDGE_WRAP : NCA_EDGE_ZERO, sizes[k][0],
                      sizes[k][1], (NcaClTuning){0});
    try_steps(nca_shape_default(), NCA_EDGE_ZERO, 40, 20, (NcaClTuning){0});
    try_steps(nca_shape_default(), NCA_EDGE_WRAP, 40, 20, (NcaClTuning){0});
    try_steps(largest_shape(), NCA_EDGE_WRAP, 20, 5, (NcaClTuning){0});
}

/* Young creatures whose alpha flickers about the threshold: some cells live on by what a
 * neighbour that is not alive itself would have become. */
static void test_ring(void)
{
    NcaShape shape = nca_shape_default();
    shape.hidden = 8;
    shape.channels = 6;
    NcaModel *model = lively(shape);
    NcaClWorlds *worlds = worlds_of(model, NCA_EDGE_ZERO, 40, 24, 1, (NcaClTuning){0});
    for (int i = 0; i < 60; i++) {
        NcaNetwork network;
        for (int t = 0; t < NCA_TENSORS; t++)
            for (size_t k = 0; k < nca_model_tensor_size(model, t); k++)
                nca_model_tensor_mut(model, t)[k] = (float)uniform(-0.5, 0.5);
        NcaGrid *grid = twin_of(model, NCA_EDGE_ZERO, 40, 24, 0.5f, seed + (uint64_t)i);
        uint64_t own = seed + (uint64_t)i;
        CHECK(nca_network_init(&network, &shape, false, NULL) == NCA_OK);
        nca_network_pack(&network, model, 30, 0.9f);
        CHECK(nca_cl_worlds_set_network(worlds, &network, NULL) == NCA_OK);
        nca_network_uninit(&network);
        nca_grid_plant(grid, 14 + i % 4, 12);
        nca_grid_plant(grid, 31, 2 + i % 3);
        for (int step = 0; step < 6; step++) {
            copy_to(worlds, 0, grid);
            CHECK(nca_cl_worlds_step(worlds, &own, step, nca_fire_limit(0.5f), 1, NULL) ==
                  NCA_OK);
            nca_grid_step(grid, 1);
            CHECK(difference(grid, worlds, 0, true) <= TOLERANCE);
        }
        nca_grid_free(&grid);
    }
    nca_cl_worlds_free(&worlds);
    nca_model_free(&model);
}

/* A cell fires below the limit, not at it; none at 0, all at 2^24. */
static void test_limit(void)
{
    enum { X = 9, Y = 5, SIDE = 20 };
    NcaModel *model = rising();
    NcaClWorlds *worlds =
        worlds_of(model, NCA_EDGE_ZERO, SIDE, SIDE, 1, (NcaClTuning){0});
    NcaGrid *grid = grid_of(model, SIDE, SIDE, 0.5f);
    uint32_t own = nca_fire_hash(nca_fire_row_key(seed, 7, Y), X);
    const uint32_t limits[] = {own, own + 1, 0, 1 << 24};
    uint8_t lives[SIDE * SIDE];
    nca_grid_plant(grid, X, Y);
    float *state = state_of(grid);
    const float *alpha = state + (Y * SIDE + X) * nca_grid_channels(grid) + 3;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        nca_grid_read_state(grid, state);
        CHECK(nca_cl_worlds_write(worlds, 0, state, NULL) == NCA_OK);
        CHECK(nca_cl_worlds_step(worlds, &seed, 7, limits[i], 1, NULL) == NCA_OK);
        CHECK(nca_cl_worlds_read(worlds, 0, state, lives, NULL) == NCA_OK);
        CHECK_MSG((*alpha > 1) == (i % 2 == 1), "limit %u of %u: alpha %g", limits[i],
                  own, (double)*alpha);
    }
    free(state);
    nca_grid_free(&grid);
    nca_cl_worlds_free(&worlds);
    nca_model_free(&model);
}

/* However it is cut: a program of the device for each, 12 in all, 3 s of PoCL each. */
static void test_cuts(void)
{
    static const NcaClTuning tunings[] = {{1, 1, 0},  {7, 1, -1},  {32, 2, 1},
                                          {64, 2, 1}, {100, 1, 1}, {256, 2, -1}};
    NcaShape odd = odd_shape();
    odd.hidden = 99; /* two turns of the loop that PoCL 3.1 needs (layout.c) */
    for (size_t i = 0; i < sizeof(tunings) / sizeof(tunings[0]); i++) {
        try_steps(nca_shape_default(), NCA_EDGE_ZERO, 37, 21, tunings[i]);
        try_steps(odd, NCA_EDGE_WRAP, 37, 21, tunings[i]);
    }
}

/* ------------------------------------------------------------------- tiles */

/* Life that spreads, dies and comes back elsewhere, on more tiles than it needs: bit for
 * bit, as nothing is rounded. */
static void try_life(NcaEdge edge, int width, int height)
{
    NcaModel *model = rising();
    NcaGrid *grid = twin_of(model, edge, width, height, 0.5f, seed);
    NcaClWorlds *worlds = worlds_of(model, edge, width, height, 1, (NcaClTuning){0});
    for (int wound = 0; wound < 6; wound++) {
        int steps = whole(1, 25);
        if (wound % 3 == 2)
            nca_grid_erase_rect(grid, 0, 0, width, height);
        nca_grid_erase_circle(grid, whole(0, width), whole(0, height), whole(2, 30));
        nca_grid_plant(grid, whole(0, width - 1), whole(0, height - 1));
        copy_to(worlds, 0, grid);
        CHECK(difference(grid, worlds, 0, false) == 0);
        CHECK(nca_cl_worlds_step(worlds, &seed, nca_grid_time(grid), nca_fire_limit(0.5f),
                                 steps, NULL) == NCA_OK);
        nca_grid_step(grid, steps);
        CHECK_MSG(difference(grid, worlds, 0, true) == 0, "edge %d, %d×%d, wound %d",
                  edge, width, height, wound);
    }
    nca_cl_worlds_free(&worlds);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

/* What falls apart by itself: tiles that die without being told, in both buffers. */
static void test_death(void)
{
    NcaModel *model = rising();
    nca_model_tensor_mut(model, NCA_B2)[3] = -0.07f;
    NcaGrid *grid = twin_of(model, NCA_EDGE_ZERO, 70, 50, 0.5f, seed);
    NcaClWorlds *worlds = worlds_of(model, NCA_EDGE_ZERO, 70, 50, 1, (NcaClTuning){0});
    noise(grid, 0.1, 1);
    copy_to(worlds, 0, grid);
    for (int step = 0; step < 60; step++) {
        nca_grid_step(grid, 1);
        CHECK(nca_cl_worlds_step(worlds, &seed, step, nca_fire_limit(0.5f), 1, NULL) ==
              NCA_OK);
        CHECK_MSG(difference(grid, worlds, 0, true) == 0, "step %d", step);
    }
    CHECK(nca_grid_alive(grid) == 0);
    nca_cl_worlds_free(&worlds);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

/* ----------------------------------------------------------------- batches */

static void test_batch(void)
{
    NcaModel *model = lively(small_shape());
    NcaClWorlds *worlds = worlds_of(model, NCA_EDGE_ZERO, 30, 20, 3, (NcaClTuning){0});
    uint64_t seeds[3] = {seed, seed + 1, nca_hash(seed)};
    NcaGrid *grid[3];
    for (int i = 0; i < 3; i++) {
        grid[i] = twin_of(model, NCA_EDGE_ZERO, 30, 20, 0.5f, seeds[i]);
        scatter(grid[i]);
        copy_to(worlds, i, grid[i]);
    }
    for (int i = 0; i < 2; i++)
        CHECK(nca_cl_worlds_step(worlds, seeds, i, nca_fire_limit(0.5f), 1, NULL) ==
              NCA_OK);
    for (int i = 0; i < 3; i++) {
        nca_grid_step(grid[i], 2);
        CHECK_MSG(difference(grid[i], worlds, i, true) <= 2 * TOLERANCE, "world %d", i);
        nca_grid_free(&grid[i]);
    }
    nca_cl_worlds_free(&worlds);
    nca_model_free(&model);
}

/* --------------------------------------------------------------- published */

/* Grown to several ages, and then one step here and there; angle and step size of
 * devices.h. */
static void try_published(const NcaModel *model, const char *name)
{
    static const int ages[] = {1, 20, 60, 120};
    NcaGrid *grid = twin_of(model, NCA_EDGE_ZERO, 72, 72, 0.5f, seed);
    NcaClWorlds *worlds = worlds_of(model, NCA_EDGE_ZERO, 72, 72, 1, (NcaClTuning){0});
    nca_grid_plant(grid, 36, 36);
    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        nca_grid_step(grid, ages[i] - (int)nca_grid_time(grid));
        copy_to(worlds, 0, grid);
        CHECK(nca_cl_worlds_step(worlds, &seed, ages[i], nca_fire_limit(0.5f), 1, NULL) ==
              NCA_OK);
        nca_grid_step(grid, 1);
        double d = difference(grid, worlds, 0, true);
        CHECK_MSG(d <= TOLERANCE, "%s after %d steps: %g", name, ages[i], d);
        CHECK(nca_grid_alive(grid) > 0);
    }
    nca_cl_worlds_free(&worlds);
    nca_grid_free(&grid);
}

static void test_published(const char *shared)
{
    static const char *const names[] = {"ex1_lizard", "ex1_smiley", "ex1_web",
                                        "ex2_lizard", "ex2_smiley", "ex2_web",
                                        "ex3_lizard", "ex3_smiley", "ex3_web"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[512];
        NcaModel *model = NULL;
        NcaError error;
        snprintf(path, sizeof(path), "%s/data/distill/%s.json", shared, names[i]);
        if (nca_model_load(&model, path, &error) < 0) {
            printf("published models skipped: %s\n", error.text);
            return;
        }
        try_published(model, names[i]);
        nca_model_free(&model);
    }
}

/* ------------------------------------------------------------------ errors */

static void test_errors(void)
{
    NcaClWorlds *worlds = NULL;
    NcaError error = {""};
    NcaClWorldsParams p = {.device = NCA_DEVICE_FIRST + 60,
                           .shape = nca_shape_default(),
                           .width = 8,
                           .height = 8,
                           .count = 1};
    CHECK(nca_cl_worlds_new(&worlds, &p, &error) == NCA_ERR_DEVICE && !worlds);
    CHECK_MSG(strstr(error.text, "device 60 is not there"), "%s", error.text);
    p.device = NCA_DEVICE_OPENCL;
    p.width = p.height = NCA_SIDE_MAX; /* 16 TiB */
    p.count = 256;
    CHECK(nca_cl_worlds_new(&worlds, &p, &error) == NCA_ERR_DEVICE && !worlds);
    CHECK_MSG(strstr(error.text, "MiB"), "%s", error.text);
}

static void test_worlds(void)
{
    test_steps();
    test_ring();
    test_limit();
    try_life(NCA_EDGE_ZERO, 100, 70);
    try_life(NCA_EDGE_WRAP, 100, 70);
    try_life(NCA_EDGE_WRAP, 65, 33);
    try_life(NCA_EDGE_WRAP, 49, 18);
    test_death();
    test_batch();
    test_published(getenv("NCA_SHARED") ? getenv("NCA_SHARED") : "../shared");
    test_errors();
}

int main(int count, char **arguments)
{
    int cuts = count > 1 && !strcmp(arguments[1], "cuts");
    if (!have_device())
        return TEST_SKIP;
    take_seed(count - cuts, arguments + cuts);
    if (cuts)
        test_cuts();
    else
        test_worlds();
    return test_end();
}
