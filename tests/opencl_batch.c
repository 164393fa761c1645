/* SPDX-License-Identifier: MIT
 *
 * A training batch on an OpenCL device against the rollouts of the CPU: states after a
 * run, and gradients by every kind of loss, in few and in many segments.  Skipped without
 * a device. */
#include "devices.h"
#include "rollout.h"
#include "samples.h"

enum { W = 27, H = 21, STEPS = 9, BATCH = 2, LOSSES = 3 };

/* Only cells left of it begin with life. */
static int life_until = W;

/* What makes runs end early. */
static atomic_bool stop;

/* What is added to alpha's bias: where it falls, cells die, and their gradient ends
 * there. */
static float rise;

/* Of a tensor's largest: sums of some thousand terms in another order. */
static const double TOLERANCE = 1e-4;

typedef struct Trial {
    NcaShape shape;
    NcaModel *model;
    NcaNetwork network;
    NcaAdam adam;
    NcaClBatch *batch;
    NcaRolloutParams params[BATCH];
    bool nothing[BATCH];
    NcaRolloutResult result[BATCH];
    float *state[BATCH];
    float target[W * H * 4];
} Trial;

/* A blob of cells, some of them large, with alphas on both sides of the threshold. */
static float *blob(int channels)
{
    float *state = calloc((size_t)W * H * channels, sizeof(float));
    for (int y = 3; y < H - 4; y++)
        for (int x = 2; x < W - 5 && x < life_until; x++)
            for (int c = 0; c < channels; c++)
                state[(y * W + x) * channels + c] =
                    (float)(uniform(-0.4, 0.6) * (uniform(0, 1) < 0.02 ? 8 : 1));
    return state;
}

static NcaRolloutParams params_of(int sample)
{
    NcaRolloutParams p = {
        .seed = nca_hash3(seed, 5, (uint64_t)sample),
        .fire_rate = 0.6f,
        .steps = STEPS,
        .losses = LOSSES,
        .loss_step = {3, 6, STEPS},
        .loss_weight = {0.2f, 0.3f, 0.5f},
        .overflow_weight = 0.7f,
        .stray_weight = 0.9f,
        .place_weight = sample ? 0.6f : 0,
        .shift_most = sample ? 2 : 0,
    };
    return p;
}

static NcaClBatchParams batch_of(const NcaShape *shape, size_t memory, NcaClTuning tuning)
{
    NcaClBatchParams p = batch_params(shape, W, H, BATCH, tuning);
    p.pool = 3;
    p.steps_max = STEPS + 2;
    p.memory = memory;
    p.stop = &stop;
    return p;
}

static Trial new_trial(NcaShape shape, size_t memory, NcaClTuning tuning)
{
    Trial t = {.shape = shape, .model = lively(shape)};
    if (shape.output_bias)
        nca_model_tensor_mut(t.model, NCA_B2)[3] += rise;
    CHECK(nca_network_init(&t.network, &shape, false, NULL) == NCA_OK);
    CHECK(nca_adam_init(&t.adam, &shape, NULL) == NCA_OK);
    NcaClBatchParams p = batch_of(&shape, memory, tuning);
    t.batch = new_batch(&p);
    for (int i = 0; i < W * H * 4; i++)
        t.target[i] = i / 4 % 3 ? (float)uniform(0, 1) : 0;
    for (int i = 0; i < BATCH; i++) {
        t.params[i] = params_of(i);
        t.state[i] = blob(shape.channels);
        CHECK(nca_cl_batch_write(t.batch, nca_cl_before(t.batch, i), t.state[i], NULL) ==
              NCA_OK);
    }
    CHECK(nca_cl_batch_set_model(t.batch, t.model, &t.adam, NULL) == NCA_OK);
    CHECK(nca_cl_batch_set_target(t.batch, t.target, NULL) == NCA_OK);
    return t;
}

static void free_trial(Trial *t)
{
    nca_cl_batch_free(&t->batch);
    nca_network_uninit(&t->network);
    nca_adam_uninit(&t->adam);
    nca_model_free(&t->model);
    for (int i = 0; i < BATCH; i++)
        free(t->state[i]);
}

/* The factors of rollout.c's gradients, written down once more. */
static bool losses(void *arg, int time, NcaClLoss *loss)
{
    const Trial *t = arg;
    bool any = false;
    for (int i = 0; i < BATCH; i++)
        for (int k = 0; k < LOSSES; k++) {
            const NcaRolloutParams *p = &t->params[i];
            const NcaRolloutResult *r = &t->result[i];
            float share = p->loss_weight[k], cells = W * H;
            if (p->loss_step[k] != time)
                continue;
            loss[i] = (NcaClLoss){
                .shift_x = r->shift_x,
                .shift_y = r->shift_y,
                .nothing = t->nothing[i],
                .aim = share / (2 * cells),
                .place =
                    r->shift_x || r->shift_y ? p->place_weight * share / (2 * cells) : 0,
                .overflow = 2 * share * p->overflow_weight / (cells * t->shape.channels),
                .stray = share * p->stray_weight / cells,
            };
            any = true;
        }
    return any;
}

static void check_gradient(const NcaShape *shape, const float *there, const float *here,
                           const char *what)
{
    const size_t sizes[NCA_TENSORS] = {
        (size_t)shape->hidden * shape->bands * shape->channels, (size_t)shape->hidden,
        (size_t)shape->hidden * shape->channels,
        shape->output_bias ? (size_t)shape->channels : 0};
    for (int t = 0; t < NCA_TENSORS; t++) {
        double most = 0, off = 0;
        for (size_t i = 0; i < sizes[t]; i++) {
            most = fmax(most, fabs(here[i]));
            off = fmax(off, isnan(there[i]) ? INFINITY : fabs(here[i] - there[i]));
        }
        CHECK_MSG(off <= TOLERANCE * most, "%s, tensor %d: %g of %g", what, t, off, most);
        CHECK_MSG(sizes[t] == 0 || most > 0, "%s: no gradient of tensor %d", what, t);
        here += sizes[t];
        there += sizes[t];
    }
}

/* Life everywhere, of which the next run is to know nothing but that it was learnt
 * from. */
static void run_before(Trial *t, const uint64_t *seeds)
{
    int until = life_until;
    life_until = W;
    for (int i = 0; i < BATCH; i++) {
        float *state = blob(t->shape.channels);
        CHECK(nca_cl_batch_write(t->batch, nca_cl_before(t->batch, i), state, NULL) ==
              NCA_OK);
        free(state);
    }
    CHECK(nca_cl_batch_run(t->batch, seeds, nca_fire_limit(0.6f), STEPS, NULL) == NCA_OK);
    CHECK(nca_cl_batch_back(t->batch, losses, t, NULL) == NCA_OK);
    CHECK(nca_cl_batch_optimise(t->batch, t->model, &t->adam, 0.02, 0, NULL) == NCA_OK);
    CHECK(t->adam.time == 1);
    for (int i = 0; i < BATCH; i++)
        CHECK(nca_cl_batch_write(t->batch, nca_cl_before(t->batch, i), t->state[i],
                                 NULL) == NCA_OK);
    life_until = until;
}

/* Nothing is gone through. */
static void check_stopped(Trial *t, float *gradient)
{
    int any = 0;
    atomic_store(&stop, true);
    CHECK(nca_cl_batch_back(t->batch, losses, t, NULL) == NCA_OK);
    atomic_store(&stop, false);
    memset(gradient, 0xff, t->adam.size * sizeof(float));
    CHECK(nca_cl_batch_gradient(t->batch, gradient, NULL) == NCA_OK);
    for (size_t i = 0; i < t->adam.size; i++)
        any += gradient[i] != 0;
    CHECK_MSG(any == 0, "%d", any);
}

static void try_batch(NcaShape shape, size_t memory, NcaClTuning tuning, const char *what)
{
    Trial t = new_trial(shape, memory, tuning);
    NcaRollout *rollout = NULL;
    size_t size = nca_gradient_size(&shape);
    float *here[BATCH], *there = calloc(size, sizeof(float));
    uint64_t seeds[BATCH];
    t.nothing[0] = uniform(0, 1) < 0.5;
    CHECK(nca_rollout_new(&rollout, &shape, W, H, STEPS, MUCH, NULL) == NCA_OK);
    for (int i = 0; i < BATCH; i++) {
        here[i] = malloc(size * sizeof(float));
        seeds[i] = t.params[i].seed;
    }
    run_before(&t, seeds);
    nca_network_pack(&t.network, t.model, 0, 1);
    for (int i = 0; i < BATCH; i++) {
        t.params[i].target = t.nothing[i] ? NULL : t.target;
        CHECK(nca_rollout_run(rollout, &t.network, &t.params[i], NULL, t.state[i],
                              here[i], &t.result[i]));
    }
    CHECK(nca_cl_batch_run(t.batch, seeds, nca_fire_limit(0.6f), STEPS, NULL) == NCA_OK);
    CHECK(nca_cl_batch_back(t.batch, losses, &t, NULL) == NCA_OK);
    CHECK(nca_cl_batch_gradient(t.batch, there, NULL) == NCA_OK);
    for (int i = 0; i < BATCH; i++) {
        float *state = malloc(sizeof(float) * W * H * shape.channels);
        CHECK(nca_cl_batch_read(t.batch, nca_cl_after(t.batch, i), state, NULL) ==
              NCA_OK);
        for (int k = 0; k < W * H * shape.channels; k++)
            CHECK_MSG(fabsf(state[k] - t.state[i][k]) <= 1e-3f, "%s: %d of %d: %g, %g",
                      what, k, i, (double)state[k], (double)t.state[i][k]);
        free(state);
        for (size_t k = 0; k < size; k++)
            here[0][k] = (i ? here[0][k] : 0) + here[i][k] / BATCH;
    }
    check_gradient(&shape, there, here[0], what);
    check_stopped(&t, there);
    for (int i = 0; i < BATCH; i++)
        free(here[i]);
    free(there);
    nca_rollout_free(&rollout);
    free_trial(&t);
}

static NcaShape always_alive(void)
{
    NcaShape s = small_shape();
    s.alive = NCA_ALIVE_NONE;
    s.edge = NCA_EDGE_WRAP;
    return s;
}

static void test_gradients(void)
{
    NcaShape isotropic = isotropic_shape();
    isotropic.clamp = 0;
    try_batch(small_shape(), MUCH, (NcaClTuning){0}, "small");
    try_batch(four_bands(), MUCH, (NcaClTuning){0}, "four bands");
    try_batch(always_alive(), MUCH, (NcaClTuning){0}, "always alive");
    try_batch(isotropic, MUCH, (NcaClTuning){0}, "isotropic");
    try_batch(nca_shape_default(), MUCH, (NcaClTuning){0}, "published");
    life_until = 5;
    try_batch(small_shape(), MUCH, (NcaClTuning){0}, "little life");
    life_until = W;
    rise = -0.4f;
    try_batch(small_shape(), MUCH, (NcaClTuning){0}, "dying");
    try_batch(isotropic, MUCH, (NcaClTuning){0}, "dying, isotropic");
    rise = 0;
    try_batch(nca_shape_default(), MUCH, (NcaClTuning){32, 2, 1}, "groups of 32");
    try_batch(small_shape(), MUCH, (NcaClTuning){100, 1, -1}, "groups of 100");
}

/* The least memory that there is a way in, and some sizes between: more and more
 * segments. */
static void test_segments(void)
{
    NcaShape shape = small_shape();
    size_t least = 0;
    NcaClBatchParams p = batch_of(&shape, 0, (NcaClTuning){0});
    for (size_t memory = 1 << 17; !least && memory < (size_t)1 << 24; memory += 1 << 14) {
        NcaClBatch *batch = NULL;
        p.memory = memory;
        if (nca_cl_batch_new(&batch, &p, NULL) == NCA_OK)
            least = memory;
        nca_cl_batch_free(&batch);
    }
    CHECK(least > 0);
    for (int i = 0; i < 4; i++)
        try_batch(shape, least + i * ((size_t)1 << 16), (NcaClTuning){0}, "segments");
}

/* ------------------------------------------------------------------ places */

static bool holds(NcaClBatch *batch, int place, const float *state, int channels)
{
    size_t size = sizeof(float) * W * H * channels;
    float *there = malloc(size);
    CHECK(nca_cl_batch_read(batch, place, there, NULL) == NCA_OK);
    bool equal = !memcmp(there, state, size);
    free(there);
    return equal;
}

static void test_places(void)
{
    NcaShape shape = four_bands();
    NcaCanvas canvas = {.width = W, .height = H, .channels = shape.channels};
    NcaClBatchParams p = batch_of(&shape, MUCH, (NcaClTuning){0});
    NcaClBatch *batch = new_batch(&p);
    float *state[2 * BATCH + 3], *moved = malloc(nca_samples_size(&canvas));
    float picture[W * H * 4];
    uint8_t killed[W * H];
    int places = 3 + 2 * BATCH;
    for (int i = 0; i < places; i++) {
        state[i] = blob(shape.channels);
        CHECK(nca_cl_batch_write(batch, i, state[i], NULL) == NCA_OK);
    }
    for (int i = 0; i < places; i++)
        CHECK(holds(batch, i, state[i], shape.channels));
    for (int i = 0; i < 5; i++) {
        int to = whole(0, places - 1), from = whole(0, places - 1);
        int dx = i ? whole(-W, W) : 0, dy = i ? whole(-6, 6) : 0;
        if (to == from)
            continue;
        nca_samples_move(moved, state[from], &canvas, dx, dy);
        memcpy(state[to], moved, nca_samples_size(&canvas));
        CHECK(nca_cl_batch_move(batch, to, from, dx, dy, NULL) == NCA_OK);
    }
    for (int i = 0; i < W * H; i++) {
        killed[i] = uniform(0, 1) < 0.3;
        for (int c = 0; c < shape.channels && killed[i]; c++)
            state[4][i * shape.channels + c] = 0;
    }
    CHECK(nca_cl_batch_wound(batch, 4, killed, NULL) == NCA_OK);
    nca_samples_seed(state[5], &canvas);
    CHECK(nca_cl_batch_seed(batch, 5, NULL) == NCA_OK);
    for (int i = 0; i < places; i++)
        CHECK_MSG(holds(batch, i, state[i], shape.channels), "place %d", i);
    state[1][(3 * W + 5) * shape.channels + 6] = NAN;
    state[1][(4 * W + 5) * shape.channels + 4] = -INFINITY;
    CHECK(nca_cl_batch_write(batch, 1, state[1], NULL) == NCA_OK);
    CHECK(nca_cl_batch_look(batch, 1, picture, NULL) == NCA_OK);
    for (int i = 0; i < W * H; i++) {
        bool lost = i == 3 * W + 5 || i == 4 * W + 5;
        CHECK(lost ? isnan(picture[i * 4])
                   : picture[i * 4] == state[1][i * shape.channels]);
        for (int c = 1; c < 4; c++)
            CHECK(picture[i * 4 + c] == state[1][i * shape.channels + c]);
    }
    for (int i = 0; i < places; i++)
        free(state[i]);
    free(moved);
    nca_cl_batch_free(&batch);
}

/* One sample's steps by itself: those of a grid. */
static void test_step(void)
{
    NcaModel *model = rising();
    NcaShape shape = *nca_model_shape(model);
    Trial t = new_trial(shape, MUCH, (NcaClTuning){0});
    CHECK(nca_cl_batch_set_model(t.batch, model, &t.adam, NULL) == NCA_OK);
    for (int steps = 5; steps <= 6; steps++) {
        NcaGrid *grid = grid_of(model, W, H, 0.5f);
        float *start = state_of(grid);
        nca_grid_plant(grid, 9, 9);
        nca_grid_read_state(grid, start);
        for (int i = 0; i < BATCH; i++)
            CHECK(nca_cl_batch_write(t.batch, nca_cl_after(t.batch, i), start, NULL) ==
                  NCA_OK);
        CHECK(nca_cl_batch_step(t.batch, 1, seed, nca_fire_limit(0.5f), steps, NULL) ==
              NCA_OK);
        CHECK(holds(t.batch, nca_cl_after(t.batch, 0), start, shape.channels));
        nca_grid_step(grid, steps);
        nca_grid_read_state(grid, start);
        CHECK(holds(t.batch, nca_cl_after(t.batch, 1), start, shape.channels));
        atomic_store(&stop, true); /* an even number ends in the slot that it began in */
        CHECK(nca_cl_batch_step(t.batch, 1, seed, nca_fire_limit(0.5f), 4, NULL) ==
              NCA_OK);
        CHECK(holds(t.batch, nca_cl_after(t.batch, 1), start, shape.channels));
        atomic_store(&stop, false);
        free(start);
        nca_grid_free(&grid);
    }
    nca_model_free(&model);
    free_trial(&t);
}

int main(int count, char **arguments)
{
    if (!have_device())
        return TEST_SKIP;
    take_seed(count, arguments);
    test_places();
    test_step();
    test_gradients();
    test_segments();
    return test_end();
}
