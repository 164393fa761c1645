/* SPDX-License-Identifier: MIT
 *
 * The step, sparse and split, against the same step done plainly: every cell of the
 * canvas, one after the other, life by floats and not by bits.  Bit for bit. */
#include "step.h"
#include "grid.h"
#include "random.h"
#include "test.h"

typedef struct Plain {
    int width, height, stride;
    NcaShape shape;
    NcaNetwork network;
    NcaScratch scratch;
    float *cells, *after; /* with a frame of one cell */
    bool *pre, *post;
} Plain;

static size_t at(const Plain *p, int x, int y)
{
    if (p->shape.edge == NCA_EDGE_WRAP) {
        x = (x + p->width) % p->width;
        y = (y + p->height) % p->height;
    }
    return (size_t)(y + 1) * (p->width + 2) + x + 1;
}

static float *plain_cell(const Plain *p, float *cells, int x, int y)
{
    return cells + at(p, x, y) * p->stride;
}

static Plain plain_new(const NcaModel *model, NcaEdge edge, int width, int height,
                       float angle)
{
    Plain p = {.width = width, .height = height, .shape = *nca_model_shape(model)};
    size_t cells = (size_t)(width + 2) * (height + 2);
    p.shape.edge = edge;
    CHECK(nca_network_init(&p.network, &p.shape, false, NULL) == NCA_OK);
    nca_network_pack(&p.network, model, angle, 1);
    CHECK(nca_scratch_init(&p.scratch, &p.network, false, NULL) == NCA_OK);
    p.stride = p.network.stride;
    p.cells = calloc(cells * p.stride, sizeof(float));
    p.after = calloc(cells * p.stride, sizeof(float));
    p.pre = calloc(cells, sizeof(bool));
    p.post = calloc(cells, sizeof(bool));
    return p;
}

static void plain_free(Plain *p)
{
    nca_network_uninit(&p->network);
    nca_scratch_uninit(&p->scratch);
    free(p->cells);
    free(p->after);
    free(p->pre);
    free(p->post);
}

static void plain_living(const Plain *p, bool *living, float *cells)
{
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            bool any = false;
            for (int k = 0; k < 9; k++)
                any |= plain_cell(p, cells, x + k % 3 - 1, y + k / 3 - 1)[3] >
                       p->shape.alive_threshold;
            living[at(p, x, y)] = any;
        }
}

/* Copies the other side of the torus into the frame. */
static void plain_frame(Plain *p)
{
    size_t row = (size_t)(p->width + 2) * p->stride;
    for (int y = -1; y <= p->height && p->shape.edge == NCA_EDGE_WRAP; y++)
        for (int x = -1; x <= p->width; x++)
            memmove(p->cells + (y + 1) * row + (size_t)(x + 1) * p->stride,
                    plain_cell(p, p->cells, x, y), sizeof(float) * p->stride);
}

static void plain_update(Plain *p, const NcaKernels *k, uint64_t seed, int64_t time,
                         int x, int y, float rate)
{
    uint32_t index = (uint32_t)at(p, x, y);
    float *to = p->after + (size_t)index * p->stride;
    memcpy(to, p->cells + (size_t)index * p->stride, sizeof(float) * p->stride);
    if (nca_fire_hash(nca_fire_row_key(seed, time, y), x) >= nca_fire_limit(rate))
        return;
    k->perceive(&p->network, p->scratch.y, p->cells,
                (ptrdiff_t)(p->width + 2) * p->stride, &index, 1);
    k->hidden(&p->network, p->scratch.h, p->scratch.y, 1);
    k->output(&p->network, p->scratch.d, p->scratch.h, 1);
    for (int c = 0; c < p->shape.channels; c++)
        to[c] += p->scratch.d[c];
}

static void plain_step(Plain *p, const NcaKernels *k, uint64_t seed, int64_t time,
                       float rate)
{
    plain_frame(p);
    plain_living(p, p->pre, p->cells);
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            plain_update(p, k, seed, time, x, y, rate);
    plain_living(p, p->post, p->after);
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            size_t i = at(p, x, y);
            bool pre = p->shape.alive == NCA_ALIVE_NONE || p->pre[i];
            bool lives = pre && (p->shape.alive != NCA_ALIVE_PRE_POST || p->post[i]);
            for (int c = 0; c < p->shape.channels; c++) {
                float v = lives ? p->after[i * p->stride + c] : 0, m = p->shape.clamp;
                p->cells[i * p->stride + c] = m > 0 && v > m    ? m
                                              : m > 0 && v < -m ? -m
                                                                : v;
            }
        }
}

static bool same(const Plain *p, NcaGrid *grid, float *state)
{
    bool equal = true;
    nca_grid_read_state(grid, state);
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++, state += p->shape.channels) {
            const float *cell = plain_cell(p, p->cells, x, y);
            for (int c = 0; c < p->shape.channels; c++)
                equal &= state[c] == cell[c];
        }
    return equal;
}

static void put_state(Plain *p, const float *state)
{
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            for (int c = 0; c < p->shape.channels; c++)
                plain_cell(p, p->cells, x, y)[c] = *state++;
}

typedef struct Trial {
    int width, height, steps;
    NcaEdge edge;
    float angle, rate;
    int seeds;
    int seed_at[3][2];
    int noise; /* percent of cells that begin with noise */
    int threads;
} Trial;

static void plant(NcaGrid *grid, const Trial *t)
{
    for (int i = 0; i < t->seeds; i++)
        nca_grid_plant(grid, t->seed_at[i][0], t->seed_at[i][1]);
}

static void add_noise(float *state, const Trial *t, int channels)
{
    for (int i = 0; i < t->width * t->height; i++)
        for (int c = 0; c < channels && (int)(nca_hash(i) % 100) < t->noise; c++)
            state[i * channels + c] =
                (float)(nca_uniform(nca_hash3(3, i, c)) * 0.6 - 0.3);
}

/* Two wounds on the way: a column is killed, a rectangle is killed. */
static void wound(Plain *p, NcaGrid *grid, int time)
{
    int x = time == 60 ? p->width / 2 : 0, w = time == 60 ? 1 : p->width / 3;
    if (time != 60 && time != 90)
        return;
    nca_grid_erase_rect(grid, x, 0, w, p->height);
    for (int y = 0; y < p->height; y++)
        for (int i = x; i < x + w; i++)
            memset(plain_cell(p, p->cells, i, y), 0, sizeof(float) * p->stride);
}

static void try_model(const NcaModel *model, Trial t, const char *name)
{
    static NcaPool *pool;
    NcaGridParams params = nca_grid_params_default();
    NcaGrid *grid = NULL;
    if (!pool)
        CHECK(nca_pool_new(&pool, 3, NULL) == NCA_OK);
    params.width = t.width;
    params.height = t.height;
    params.seed = 17;
    params.angle = t.angle;
    params.fire_rate = t.rate;
    params.edge = t.edge;
    params.parallel = nca_pool_run;
    params.host = pool;
    params.threads = t.threads;
    CHECK(nca_grid_new(&grid, model, &params, NULL) == NCA_OK);
    Plain p = plain_new(model, t.edge, t.width, t.height, t.angle);
    float *state = calloc((size_t)t.width * t.height * p.shape.channels, sizeof(float));
    plant(grid, &t);
    nca_grid_read_state(grid, state);
    add_noise(state, &t, p.shape.channels);
    nca_grid_set_state(grid, state);
    put_state(&p, state);
    int time = 0;
    for (; time < t.steps; time++) {
        wound(&p, grid, time);
        nca_grid_step(grid, 1);
        plain_step(&p, nca_kernels(), 17, time, t.rate);
        if (!same(&p, grid, state))
            break;
    }
    CHECK_MSG(time == t.steps, "%s %dx%d edge %d: differs after step %d", name, t.width,
              t.height, t.edge, time + 1);
    plain_free(&p);
    nca_grid_free(&grid);
    free(state);
}

static NcaModel *random_model(NcaShape shape, double size, uint64_t seed)
{
    NcaModel *model = NULL;
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            nca_model_tensor_mut(model, t)[i] =
                (float)(size * (nca_uniform(nca_hash3(seed, t, i)) * 2 - 1));
    return model;
}

/* Weights that make alpha flicker about the threshold: the ring decides over life. */
static void test_random(void)
{
    for (uint64_t seed = 0; seed < 24; seed++) {
        NcaShape shape = nca_shape_default();
        shape.hidden = 16 + 8 * (int)(seed % 3);
        shape.channels = 4 + (int)(seed % 14);
        shape.alive = (NcaAlive)(seed % 4 == 3 ? 1 + seed / 4 % 2 : 0);
        shape.clamp = seed % 5 == 4 ? 0.5f : 0;
        if (seed % 2) {
            shape.bands = 4;
            shape.band[3] = NCA_BAND_LAPLACIAN;
            shape.band_scale[3] = 0.1f;
        }
        NcaModel *model = random_model(shape, 0.15, seed);
        Trial t = {.width = 5 + (int)(seed * 7 % 130),
                   .height = 1 + (int)(seed * 5 % 40),
                   .steps = 100,
                   .edge = seed % 3 ? NCA_EDGE_ZERO : NCA_EDGE_WRAP,
                   .angle = (float)seed * 10,
                   .rate = 0.5f,
                   .seeds = 1,
                   .seed_at = {{(int)seed % 5, 0}},
                   .noise = seed % 2 ? 0 : 5,
                   .threads = 1 + (int)seed % 3};
        try_model(model, t, "random");
        nca_model_free(&model);
    }
}

/* Held below what a mature cell has, or just to it, nobody lives on. */
static void test_clamp(void)
{
    for (int i = 0; i < 8; i++) {
        NcaShape shape = nca_shape_default();
        shape.hidden = 16;
        shape.alive = i % 2 ? NCA_ALIVE_PRE : NCA_ALIVE_PRE_POST;
        shape.clamp = i % 4 < 2 ? 0.05f : shape.alive_threshold;
        NcaModel *model = random_model(shape, 0.3, 77 + (uint64_t)i);
        nca_model_tensor_mut(model, NCA_B2)[3] = 0.2f;
        Trial t = {.width = 40,
                   .height = 9,
                   .steps = 10,
                   .edge = i < 4 ? NCA_EDGE_ZERO : NCA_EDGE_WRAP,
                   .rate = 0.5f,
                   .seeds = 1,
                   .seed_at = {{20, 4}},
                   .threads = 1};
        try_model(model, t, "clamp");
        nca_model_free(&model);
    }
}

/* Young creatures at the seams of words, where ring and doubt fall on other words and
 * rows than life. */
static void test_seams(void)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        NcaShape shape = nca_shape_default();
        shape.hidden = 8;
        shape.channels = 6;
        NcaModel *model = random_model(shape, seed % 2 ? 0.3 : 1, 1000 + seed);
        Trial t = {.width = 200,
                   .height = 24,
                   .steps = 6,
                   .rate = 0.5f,
                   .seeds = 2,
                   .edge = seed / 2 % 2 ? NCA_EDGE_ZERO : NCA_EDGE_WRAP,
                   .seed_at = {{62 + (int)(seed % 4), 12}, {127 + (int)(seed % 3), 2}},
                   .threads = 1};
        try_model(model, t, "seams");
        nca_model_free(&model);
    }
}

static void test_published(const char *folder)
{
    static const char *const names[] = {"ex1_lizard", "ex1_smiley", "ex1_web",
                                        "ex2_lizard", "ex2_smiley", "ex2_web",
                                        "ex3_lizard", "ex3_smiley", "ex3_web"};
    for (int i = 0; i < 9; i++) {
        char path[512];
        NcaModel *model = NULL;
        NcaError error;
        snprintf(path, sizeof(path), "%s/data/distill/%s.json", folder, names[i]);
        if (nca_model_load(&model, path, &error) < 0) {
            printf("published models skipped: %s\n", error.text);
            return;
        }
        Trial t = {.width = 72,
                   .height = 72,
                   .steps = 160,
                   .rate = 0.5f,
                   .seeds = 1,
                   .seed_at = {{36, 36}},
                   .threads = 1};
        try_model(model, t, names[i]);
        Trial border = {.width = 70,
                        .height = 40,
                        .steps = 160,
                        .rate = 0.5f,
                        .seeds = 2,
                        .edge = i % 2 ? NCA_EDGE_WRAP : NCA_EDGE_ZERO,
                        .seed_at = {{0, 0}, {69, 20}},
                        .angle = 17,
                        .threads = 2};
        try_model(model, border, names[i]);
        Trial meeting = {.width = 100,
                         .height = 64,
                         .steps = 160,
                         .rate = 0.5f,
                         .seeds = 3,
                         .seed_at = {{30, 30}, {64, 32}, {63, 5}},
                         .threads = 3};
        try_model(model, meeting, names[i]);
        nca_model_free(&model);
    }
}

/* What an update costs follows the living: the far corner of a large canvas behaves as a
 * small one, and its memory is not touched by counting. */
static void test_far_corner(void)
{
    NcaModel *model = random_model(nca_shape_default(), 0.1, 3);
    NcaGridParams params = nca_grid_params_default();
    NcaGrid *far = NULL, *near = NULL;
    params.width = params.height = 3000;
    CHECK(nca_grid_new(&far, model, &params, NULL) == NCA_OK);
    nca_grid_plant(far, 2990, 2990);
    nca_grid_plant(far, 5, 2);
    nca_grid_step(far, 20);
    CHECK(nca_grid_alive(far) > 0);
    nca_grid_reset(far, 0);
    CHECK(nca_grid_alive(far) == 0 && nca_grid_time(far) == 0);
    params.width = params.height = 40;
    CHECK(nca_grid_new(&near, model, &params, NULL) == NCA_OK);
    nca_grid_plant(near, 20, 20);
    nca_grid_plant(far, 20, 20);
    nca_grid_step(near, 12);
    nca_grid_step(far, 12);
    CHECK(nca_grid_alive(near) == nca_grid_alive(far) && nca_grid_alive(near) > 0);
    nca_grid_free(&near);
    nca_grid_free(&far);
    nca_model_free(&model);
}

int main(void)
{
    const char *shared = getenv("NCA_SHARED");
    printf("level %s\n", nca_cpu_level());
    test_random();
    test_far_corner();
    test_clamp();
    test_seams();
    test_published(shared ? shared : "../shared");
    return test_end();
}
