/* SPDX-License-Identifier: MIT
 *
 * Measured works.  All use the published shape with a second layer of zeros, so that the
 * pattern stays as it was laid out: every step of a work costs the same. */
#include "bench.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "adam.h"
#include "bench_device.h"
#include "clock.h"
#include "grid.h"
#include "kernels.h"
#include "opencl/opencl.h"
#include "random.h"
#include "rollout.h"
#include "status.h"

enum { SIDE = 72, BATCH = 8, STEPS = 80, REPEATS = 15, THREADS_MAX = 256 };
enum { MANY = 256, MANY_STEPS = 50 }; /* worlds at once, on a device */

/* One work in progress; `once` is what is timed. */
typedef struct Bench {
    const char *name;
    NcaBenchParams params;
    NcaShape shape;
    NcaModel *model;
    NcaPool *pool;
    NcaGrid *grid;
    int steps; /* of the grid in one `once` */
    NcaNetwork network;
    NcaScratch scratch;
    NcaRollout *rollout[THREADS_MAX];
    NcaAdam adam;
    NcaBenchDevice *remote;
    NcaError error; /* of it; "": none */
    float *target, *states, *start, *gradients;
    atomic_int next;
    void (*once)(struct Bench *bench);
    double operations; /* of one `once` */
} Bench;

/* Multiply-adds of one cell's network, times two. */
static double cell_operations(const NcaShape *s)
{
    return 2.0 * s->hidden * (s->bands * s->channels + s->channels);
}

static NcaStatus new_model(Bench *b, NcaError *error)
{
    b->shape = nca_shape_default();
    NcaStatus status = nca_model_new(&b->model, &b->shape, error);
    if (status < 0)
        return status;
    float *w1 = nca_model_tensor_mut(b->model, NCA_W1);
    for (size_t i = 0; i < nca_model_tensor_size(b->model, NCA_W1); i++)
        w1[i] = (float)(nca_uniform(nca_hash(i)) - 0.5);
    return NCA_OK;
}

/* A disc of living cells: mature ones and a ring of one cell around; radius < 0: all. */
static void lay_disc(float *state, int channels, int width, int height, double radius)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, state += channels) {
            double dx = x - width / 2, dy = y - height / 2;
            if (radius >= 0 && dx * dx + dy * dy > radius * radius)
                continue;
            for (int c = 0; c < channels; c++)
                state[c] = (float)nca_uniform(nca_hash3(x, y, c));
            state[3] = 1;
        }
}

/* So that the living cells are a third of 72×72. */
static double third(void)
{
    return sqrt(SIDE * SIDE / 3.0 / 3.14159265358979) - 1;
}

/* -------------------------------------------------------------------- grid */

typedef struct Work {
    const char *name;
    int side;
    bool full; /* else one disc */
    int steps; /* of one `once` on the processor */
} Work;

static const Work works[] = {
    {"step-72-third", SIDE, false, 200}, {"step-256-full", 256, true, 8},
    {"step-4096-one", 4096, false, 200}, {"step-1024-full", 1024, true, 1},
    {"step-4096-full", 4096, true, 1},
};

static const Work *find_work(const char *name)
{
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
        if (!strcmp(works[i].name, name))
            return &works[i];
    return NULL;
}

static void once_grid(Bench *b)
{
    nca_grid_step(b->grid, b->steps);
    if (b->grid->remote)
        nca_remote_wait(b->grid);
}

/* So many that to wait for the device costs little beside them, and no more than 50
 * ms. */
static int device_steps(Bench *b)
{
    b->steps = 1;
    double begin = nca_clock_now();
    once_grid(b);
    double steps = 0.05 / (nca_clock_now() - begin);
    return steps > 1000 ? 1000 : steps < 1 ? 1 : (int)steps;
}

static NcaStatus new_grid(Bench *b, const Work *work, NcaError *error)
{
    NcaGridParams p = nca_grid_params_default();
    int side = work->side;
    double radius = work->full ? -1 : third();
    p.width = p.height = side;
    p.precision = b->params.precision;
    p.device = b->params.device;
    p.parallel = nca_pool_run;
    p.host = b->pool;
    p.threads = b->params.threads;
    NcaStatus status = nca_grid_new(&b->grid, b->model, &p, error);
    if (status == NCA_OK)
        status = nca_grid_device(b->grid, error);
    if (status < 0)
        return status;
    int disc = work->full ? side : SIDE, at = (side - disc) / 2;
    float *state = calloc((size_t)disc * disc * b->shape.channels, sizeof(float));
    if (!state)
        return nca_fail_memory(error, "the benchmark");
    lay_disc(state, b->shape.channels, disc, disc, radius);
    nca_grid_set_part(b->grid, state, at, at, disc, disc);
    free(state);
    nca_grid_step(b->grid, 2);
    b->operations = nca_grid_alive(b->grid) * 0.5 * cell_operations(&b->shape);
    b->steps = p.device == NCA_DEVICE_CPU ? work->steps : device_steps(b);
    b->operations *= b->steps;
    b->once = once_grid;
    return NCA_OK;
}

/* ------------------------------------------------------------------- panel */

static void once_panel(Bench *b)
{
    for (int i = 0; i < 1000; i++) {
        nca_kernels()->hidden(&b->network, b->scratch.h, b->scratch.y, NCA_PANEL);
        nca_kernels()->output(&b->network, b->scratch.d, b->scratch.h, NCA_PANEL);
    }
}

static NcaStatus new_panel(Bench *b, NcaError *error)
{
    NcaStatus status = nca_scratch_init(&b->scratch, &b->network, false, error);
    for (int i = 0; status == NCA_OK && i < NCA_PANEL * b->network.input_stride; i++)
        b->scratch.y[i] = (float)nca_uniform(nca_hash(i));
    b->params.threads = 1;
    b->once = once_panel;
    b->operations = 1000.0 * NCA_PANEL * cell_operations(&b->shape);
    return status;
}

/* ---------------------------------------------------------------- training */

static size_t state_size(const Bench *b)
{
    return (size_t)SIDE * SIDE * b->shape.channels;
}

static void train_job(void *arg, int slot)
{
    Bench *b = arg;
    NcaRolloutParams params = {.fire_rate = 0.5f,
                               .steps = STEPS,
                               .target = b->target,
                               .losses = 1,
                               .loss_step = {STEPS},
                               .loss_weight = {1}};
    size_t size = nca_gradient_size(&b->shape);
    for (int i; (i = atomic_fetch_add(&b->next, 1)) < BATCH;) {
        NcaRolloutResult result;
        float *state = b->states + i * state_size(b);
        params.seed = (uint64_t)i;
        memcpy(state, b->start, state_size(b) * sizeof(float));
        nca_rollout_run(b->rollout[slot], &b->network, &params, NULL, state,
                        b->gradients + i * size, &result);
    }
}

static void once_train(Bench *b)
{
    size_t size = nca_gradient_size(&b->shape);
    atomic_store(&b->next, 0);
    int threads = b->params.threads;
    nca_pool_run(b->pool, train_job, b, threads < BATCH ? threads : BATCH);
    for (int i = 1; i < BATCH; i++)
        for (size_t k = 0; k < size; k++)
            b->gradients[k] += b->gradients[i * size + k];
    nca_adam_step(&b->adam, b->model, b->gradients, 0, 0);
}

static NcaStatus new_train(Bench *b, NcaError *error)
{
    size_t size = nca_gradient_size(&b->shape);
    NcaStatus status = nca_adam_init(&b->adam, &b->shape, error);
    b->target = calloc((size_t)SIDE * SIDE * 4, sizeof(float));
    b->start = calloc(state_size(b), sizeof(float));
    b->states = calloc(BATCH * state_size(b), sizeof(float));
    b->gradients = calloc(BATCH * size, sizeof(float));
    if (status == NCA_OK && !(b->target && b->start && b->states && b->gradients))
        status = nca_fail_memory(error, "the benchmark");
    for (int i = 0; status == NCA_OK && i < b->params.threads && i < BATCH; i++)
        status = nca_rollout_new(&b->rollout[i], &b->shape, SIDE, SIDE, STEPS,
                                 (size_t)256 << 20, error);
    if (status < 0)
        return status;
    lay_disc(b->start, b->shape.channels, SIDE, SIDE, third());
    b->once = once_train;
    b->operations =
        SIDE * SIDE / 3.0 * 0.5 * STEPS * BATCH * 3 * cell_operations(&b->shape);
    return NCA_OK;
}

/* --------------------------------------------------------- batches on a device */

static void once_remote(Bench *b)
{
    if (!*b->error.text)
        nca_bench_device_once(b->remote, &b->error);
}

/* An iteration, or steps of many worlds. */
static NcaStatus new_remote(Bench *b, bool training, NcaError *error)
{
    b->start = calloc(state_size(b), sizeof(float));
    if (!b->start)
        return nca_fail_memory(error, "the benchmark");
    lay_disc(b->start, b->shape.channels, SIDE, SIDE, third());
    NcaBenchDeviceParams p = {
        .device = b->params.device,
        .model = b->model,
        .start = b->start,
        .side = SIDE,
        .batch = training ? BATCH : MANY,
        .steps = training ? STEPS : MANY_STEPS,
        .training = training,
    };
    b->once = once_remote;
    b->steps = training ? 0 : MANY_STEPS;
    b->operations = SIDE * SIDE / 3.0 * 0.5 * p.steps * p.batch * (training ? 3 : 1) *
                    cell_operations(&b->shape);
    return nca_bench_device_new(&b->remote, &p, error);
}

/* ------------------------------------------------------------------ public */

static NcaStatus set_up(Bench *b, NcaError *error)
{
    NcaStatus status = new_model(b, error);
    if (status == NCA_OK)
        status = nca_pool_new(&b->pool, b->params.threads, error);
    if (status == NCA_OK)
        status = nca_network_init(&b->network, &b->shape, false, error);
    if (status < 0)
        return status;
    nca_network_pack(&b->network, b->model, 0, 1);
    const Work *work = find_work(b->name);
    if (work)
        return new_grid(b, work, error);
    bool remote = b->params.device != NCA_DEVICE_CPU;
    if (!strcmp(b->name, "train-72-b8-s80"))
        return remote ? new_remote(b, true, error) : new_train(b, error);
    if (!strcmp(b->name, "step-72-b256"))
        return remote ? new_remote(b, false, error)
                      : nca_fail(error, NCA_ERR_DEVICE, "of OpenCL devices only");
    if (!strcmp(b->name, "dense-panel"))
        return remote ? nca_fail(error, NCA_ERR_DEVICE, "of the processor only")
                      : new_panel(b, error);
    return nca_fail(error, NCA_ERR_ARGUMENT, "no benchmark \"%s\"", b->name);
}

static void tear_down(Bench *b)
{
    for (int i = 0; i < BATCH; i++)
        nca_rollout_free(&b->rollout[i]);
    nca_bench_device_free(&b->remote);
    nca_adam_uninit(&b->adam);
    free(b->target);
    free(b->start);
    free(b->states);
    free(b->gradients);
    nca_scratch_uninit(&b->scratch);
    nca_network_uninit(&b->network);
    nca_grid_free(&b->grid);
    nca_pool_free(&b->pool);
    nca_model_free(&b->model);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_seconds(Bench *b)
{
    double seconds[REPEATS];
    b->once(b);
    for (int i = 0; i < REPEATS; i++) {
        double begin = nca_clock_now();
        b->once(b);
        seconds[i] = nca_clock_now() - begin;
    }
    qsort(seconds, REPEATS, sizeof(seconds[0]), compare);
    return seconds[REPEATS / 2];
}

const char *nca_bench_name(int i)
{
    static const char *const names[] = {
        "dense-panel",   "step-72-third",  "step-72-b256",   "step-256-full",
        "step-4096-one", "step-1024-full", "step-4096-full", "train-72-b8-s80"};
    return i < (int)(sizeof(names) / sizeof(names[0])) ? names[i] : NULL;
}

bool nca_bench_is_large(const char *name)
{
    const Work *work = find_work(name);
    return !strcmp(name, "step-72-b256") || (work && work->full && work->side >= 1024);
}

double nca_bench_peak(void)
{
    const NcaKernels *k = nca_kernels();
    float sink = 0;
    double best = 0;
    int rounds = 1;
    for (double begin = nca_clock_now(); nca_clock_now() - begin < 0.01; rounds *= 2)
        k->peak(rounds, &sink);
    for (int i = 0; i < REPEATS; i++) {
        double begin = nca_clock_now(), operations = k->peak(rounds, &sink);
        best = fmax(best, operations / (nca_clock_now() - begin));
    }
    return sink == -1 ? 0 : best * 1e-9;
}

NcaStatus nca_bench_device_peak(double *gflops, int device, NcaError *error)
{
    double flops;
    NcaStatus status = nca_cl_peak(&flops, device, error);
    if (status == NCA_OK)
        *gflops = flops * 1e-9;
    return status;
}

NcaStatus nca_bench_run(NcaBenchResult *result, const char *name,
                        const NcaBenchParams *params, NcaError *error)
{
    Bench bench = {.name = name, .params = *params};
    if (params->threads < 1 || params->threads > THREADS_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "%d threads, 1 … %d are possible",
                        params->threads, THREADS_MAX);
    double seconds = 0;
    NcaStatus status = set_up(&bench, error);
    if (status == NCA_OK)
        seconds = median_seconds(&bench);
    if (status == NCA_OK && bench.grid)
        status = nca_grid_device(bench.grid, error);
    if (status == NCA_OK && *bench.error.text)
        status = nca_fail(error, NCA_ERR_DEVICE, "%s", bench.error.text);
    if (status == NCA_OK)
        *result = (NcaBenchResult){
            .name = name,
            .threads = bench.params.threads,
            .ms = seconds * 1e3 / (bench.steps ? bench.steps : 1),
            .gflops = bench.operations / seconds * 1e-9,
        };
    tear_down(&bench);
    return status;
}
