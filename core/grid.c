/* SPDX-License-Identifier: MIT
 *
 * A world with a model and a clock: what adapters see. */
#include "grid.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "status.h"

/* More jobs than threads, so that a slow thread does not hold up the others. */
enum { JOBS_A_THREAD = 4 };

NcaGridParams nca_grid_params_default(void)
{
    return (NcaGridParams){.width = 72,
                           .height = 72,
                           .fire_rate = -1,
                           .step_size = 1,
                           .edge = -1,
                           .threads = 1};
}

static NcaStatus check_params(const NcaGridParams *p, NcaError *error)
{
    if (p->width < 1 || p->height < 1 || p->width > NCA_SIDE_MAX ||
        p->height > NCA_SIDE_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "a grid of %d×%d cells, 1 … %d is possible", p->width, p->height,
                        NCA_SIDE_MAX);
    if (!isfinite(p->angle))
        return nca_fail(error, NCA_ERR_ARGUMENT, "the angle is not a number");
    if (!(p->fire_rate <= 1))
        return nca_fail(error, NCA_ERR_ARGUMENT, "a fire rate above 1");
    if (!isfinite(p->step_size))
        return nca_fail(error, NCA_ERR_ARGUMENT, "the step size is not a number");
    if (p->edge > NCA_EDGE_WRAP)
        return nca_fail(error, NCA_ERR_ARGUMENT, "an unknown edge");
    if (p->threads > NCA_THREADS_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "more than %d threads", NCA_THREADS_MAX);
    if (p->device < 0 || p->device >= NCA_DEVICE_FIRST + NCA_DEVICES_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "an unknown device");
    if (p->precision == NCA_PRECISION_BF16 && p->device != NCA_DEVICE_CPU)
        return nca_fail(error, NCA_ERR_ARGUMENT, "bfloat16 products are of the CPU only");
    if (p->precision == NCA_PRECISION_BF16 && !nca_kernels_bf16())
        return nca_fail(error, NCA_ERR_ARGUMENT, "this CPU has no bfloat16 products");
    return NCA_OK;
}

static NcaStatus new_scratch(NcaGrid *grid, int slots, NcaError *error)
{
    grid->scratch = calloc((size_t)slots, sizeof(*grid->scratch));
    if (!grid->scratch)
        return nca_fail_memory(error, "the grid");
    for (; grid->slots < slots; grid->slots++) {
        NcaStatus status =
            nca_scratch_init(&grid->scratch[grid->slots], &grid->network, false, error);
        if (status < 0)
            return status;
    }
    return NCA_OK;
}

/* A negative rate is the model's. */
static float rate_of(const NcaGrid *grid, float rate)
{
    if (rate < 0)
        rate = nca_model_shape(grid->model)->fire_rate;
    return rate > 1 ? 1 : rate;
}

static NcaStatus fill(NcaGrid *grid, const NcaModel *model, const NcaGridParams *p,
                      NcaError *error)
{
    const NcaShape *shape = nca_model_shape(model);
    bool bf16 = p->precision == NCA_PRECISION_BF16;
    NcaEdge edge = p->edge < 0 ? shape->edge : (NcaEdge)p->edge;
    int threads = p->threads < 1 ? 1 : p->threads;
    NcaStatus status = nca_model_copy(&grid->model, model, error);
    if (status == NCA_OK)
        status = nca_world_init(&grid->world, shape, edge, p->width, p->height, error);
    if (status == NCA_OK)
        status = nca_network_init(&grid->network, shape, bf16, error);
    if (status == NCA_OK)
        status = new_scratch(grid, threads > 1 ? threads * JOBS_A_THREAD : 1, error);
    if (status < 0)
        return status;
    grid->angle = p->angle;
    grid->step_size = p->step_size;
    nca_network_pack(&grid->network, model, grid->angle, grid->step_size);
    grid->step = (NcaStepParams){
        .network = &grid->network,
        .kernels = nca_kernels(),
        .bf16 = bf16 ? nca_kernels_bf16() : NULL,
        .seed = p->seed,
        .scratch = grid->scratch,
        .slots = grid->slots,
        .sleeping = p->sleeping,
        .parallel = threads > 1 ? p->parallel : NULL,
        .host = p->host,
    };
    grid->fire_rate = rate_of(grid, p->fire_rate);
    grid->step.limit = nca_fire_limit(grid->fire_rate);
    return p->device == NCA_DEVICE_CPU
               ? NCA_OK
               : nca_remote_new(&grid->remote, grid, p->device, error);
}

uint64_t nca_grid_memory(const NcaModel *model, int width, int height)
{
    return nca_world_size(nca_model_shape(model), width, height);
}

NcaStatus nca_grid_new(NcaGrid **out, const NcaModel *model, const NcaGridParams *params,
                       NcaError *error)
{
    NcaStatus status = check_params(params, error);
    if (status < 0)
        return status;
    NcaGrid *grid = calloc(1, sizeof(*grid));
    if (!grid)
        return nca_fail_memory(error, "the grid");
    status = fill(grid, model, params, error);
    if (status < 0)
        nca_grid_free(&grid);
    else
        *out = grid;
    return status;
}

void nca_grid_free(NcaGrid **grid)
{
    NcaGrid *g = *grid;
    if (!g)
        return;
    for (int i = 0; i < g->slots; i++)
        nca_scratch_uninit(&g->scratch[i]);
    nca_remote_free(&g->remote);
    free(g->scratch);
    nca_network_uninit(&g->network);
    nca_world_uninit(&g->world);
    nca_model_free(&g->model);
    free(g);
    *grid = NULL;
}

/* A fetch changes what a grid keeps, not what it is. */
const NcaWorld *nca_grid_world(const NcaGrid *grid)
{
    if (grid->remote)
        nca_remote_fetch((NcaGrid *)grid);
    return &grid->world;
}

/* The world, to be changed. */
static NcaWorld *change(NcaGrid *grid)
{
    nca_grid_world(grid);
    if (grid->remote)
        nca_remote_cells_changed(grid->remote);
    return &grid->world;
}

NcaStatus nca_grid_device(const NcaGrid *grid, NcaError *error)
{
    return grid->remote ? nca_remote_state(grid->remote, error) : NCA_OK;
}

int nca_grid_width(const NcaGrid *grid)
{
    return grid->world.width;
}

int nca_grid_height(const NcaGrid *grid)
{
    return grid->world.height;
}

int nca_grid_channels(const NcaGrid *grid)
{
    return grid->world.channels;
}

float nca_grid_angle(const NcaGrid *grid)
{
    return grid->angle;
}

float nca_grid_fire_rate(const NcaGrid *grid)
{
    return grid->fire_rate;
}

NcaEdge nca_grid_edge(const NcaGrid *grid)
{
    return grid->world.edge;
}

int64_t nca_grid_time(const NcaGrid *grid)
{
    return grid->step.time;
}

int64_t nca_grid_alive(const NcaGrid *grid)
{
    return nca_world_alive(nca_grid_world(grid));
}

void nca_grid_make_steps(NcaWorld *world, NcaStepParams *params, int64_t steps)
{
    for (int64_t i = 0; i < steps; i++) {
        nca_step_decide(world, params);
        nca_step_apply(world, params);
        params->time++;
    }
}

void nca_grid_step(NcaGrid *grid, int steps)
{
    if (grid->remote)
        nca_remote_step(grid, steps);
    else
        nca_grid_make_steps(&grid->world, &grid->step, steps);
}

void nca_grid_reset(NcaGrid *grid, uint64_t seed)
{
    if (grid->remote)
        nca_remote_forget(grid->remote);
    nca_world_clear(&grid->world);
    grid->step.seed = seed;
    grid->step.time = 0;
}

void nca_grid_plant(NcaGrid *grid, int x, int y)
{
    if (x < 0 || y < 0 || x >= grid->world.width || y >= grid->world.height)
        return;
    NcaWorld *w = change(grid);
    float *cell = nca_world_cell(w, x, y);
    for (int c = 0; c < w->channels; c++)
        cell[c] = c < 3 ? 0 : 1;
    nca_world_touch(w, x, y);
}

static int clamp_int(double v, int low, int high)
{
    return v < low ? low : v > high ? high : (int)v;
}

void nca_grid_erase_circle(NcaGrid *grid, double x, double y, double r)
{
    if (!(r > 0) || !isfinite(x) || !isfinite(y))
        return;
    NcaWorld *w = change(grid);
    int first = clamp_int(floor(y - r), 0, w->height);
    int last = clamp_int(ceil(y + r) + 1, 0, w->height);
    for (int cy = first; cy < last; cy++) {
        double dy = cy - y, half = r * r - dy * dy;
        if (!(half > 0)) /* of two infinities it is no number */
            continue;
        int left = clamp_int(floor(x - sqrt(half)), 0, w->width);
        int right = clamp_int(ceil(x + sqrt(half)) + 1, 0, w->width);
        for (int cx = left; cx < right; cx++)
            if ((cx - x) * (cx - x) < half)
                nca_world_kill(w, cx, cy);
    }
}

void nca_grid_erase_rect(NcaGrid *grid, int x, int y, int width, int height)
{
    NcaWorld *w = change(grid);
    int left = clamp_int(x, 0, w->width),
        right = clamp_int((double)x + width, 0, w->width);
    int top = clamp_int(y, 0, w->height),
        bottom = clamp_int((double)y + height, 0, w->height);
    for (int cy = top; cy < bottom; cy++)
        for (int cx = left; cx < right; cx++)
            nca_world_kill(w, cx, cy);
}

void nca_grid_erase_mask(NcaGrid *grid, const uint8_t *mask)
{
    NcaWorld *w = change(grid);
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++)
            if (mask[(size_t)y * w->width + x])
                nca_world_kill(w, x, y);
}

static void turn(NcaGrid *grid, float angle, float step_size)
{
    if (angle == grid->angle && step_size == grid->step_size)
        return;
    nca_grid_world(grid);
    grid->angle = angle;
    grid->step_size = step_size;
    nca_network_pack(&grid->network, grid->model, angle, step_size);
    if (grid->remote)
        nca_remote_network_changed(grid->remote);
}

void nca_grid_set_angle(NcaGrid *grid, float degrees)
{
    if (isfinite(degrees))
        turn(grid, degrees, grid->step_size);
}

void nca_grid_set_fire_rate(NcaGrid *grid, float rate)
{
    if (isnan(rate) || rate_of(grid, rate) == grid->fire_rate)
        return;
    nca_grid_world(grid);
    grid->fire_rate = rate_of(grid, rate);
    grid->step.limit = nca_fire_limit(grid->fire_rate);
}

void nca_grid_set_step_size(NcaGrid *grid, float step_size)
{
    if (isfinite(step_size))
        turn(grid, grid->angle, step_size);
}

void nca_grid_set_parallel(NcaGrid *grid, NcaParallel *parallel, void *host, int threads)
{
    int most = threads < NCA_THREADS_MAX ? threads : NCA_THREADS_MAX;
    int slots = most < 2 ? 1 : most * JOBS_A_THREAD;
    grid->step.parallel = threads > 1 ? parallel : NULL;
    grid->step.host = host;
    grid->step.slots = slots < grid->slots ? slots : grid->slots;
}

void nca_grid_read_state(const NcaGrid *grid, float *state)
{
    nca_world_get(nca_grid_world(grid), state);
}

void nca_grid_set_state(NcaGrid *grid, const float *state)
{
    nca_world_set(change(grid), state);
}

void nca_grid_set_part(NcaGrid *grid, const float *state, int x, int y, int width,
                       int height)
{
    NcaWorld *w = change(grid);
    assert(x >= 0 && y >= 0 && x + width <= w->width && y + height <= w->height);
    for (int cy = y; cy < y + height; cy++)
        for (int cx = x; cx < x + width; cx++, state += w->channels) {
            memcpy(nca_world_cell(w, cx, cy), state, (size_t)w->channels * sizeof(float));
            nca_world_touch(w, cx, cy);
        }
}
