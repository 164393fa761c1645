/* SPDX-License-Identifier: MIT
 *
 * Worlds that step on a device: states in two buffers that take turns, and for each tile how many
 * cells live in it.  Nothing comes back to the host between steps. */
#include <stdlib.h>
#include <string.h>

#include "cl.h"
#include "status.h"

enum { STEPS_A_FLUSH = 32, STEPS_A_WAIT = 256 };

/* Size of step.cl. */
typedef struct Size {
    cl_int width, height, tiles_x, tiles_y, world;
} Size;

struct NcaClWorlds {
    NcaClDevice device;
    NcaClLayout layout;
    Size size;
    int count, now;                   /* which of the buffers holds the states */
    size_t cells, tiles, quads_bytes; /* of one world */
    cl_program program;
    cl_kernel update, live;
    cl_mem state[2], lives[2], alpha, marks, network, seed;
    float *packed;   /* of a world, or of a network */
    uint8_t *mark;   /* of a world */
    cl_uint *tile;   /* of a world */
    uint64_t *seeds; /* those on the device */
    bool *fresh;     /* no step since it was written */
    bool seeds_known;
};

/* ------------------------------------------------------------------ set-up */

static NcaStatus new_buffer(cl_mem *buffer, NcaClWorlds *w, size_t bytes, NcaError *error)
{
    static const cl_uint zero = 0;
    cl_int code;
    if (bytes > w->device.allocation_most)
        return nca_fail(error, NCA_ERR_DEVICE,
                        "OpenCL device %.100s: %zu MiB at once, %llu are possible",
                        w->device.name, bytes >> 20,
                        (unsigned long long)(w->device.allocation_most >> 20));
    *buffer = clCreateBuffer(w->device.context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (*buffer)
        code = clEnqueueFillBuffer(w->device.queue, *buffer, &zero, sizeof(zero), 0,
                                   bytes, 0, NULL, NULL);
    return nca_cl_status(&w->device, code, "take memory", error);
}

static NcaStatus new_buffers(NcaClWorlds *w, NcaError *error)
{
    size_t cells = w->cells * w->count, tiles = w->tiles * w->count;
    struct {
        cl_mem *buffer;
        size_t bytes;
    } all[] = {
        {&w->state[0], w->quads_bytes * w->count},
        {&w->state[1], w->quads_bytes * w->count},
        {&w->lives[0], tiles * sizeof(cl_uint)},
        {&w->lives[1], tiles * sizeof(cl_uint)},
        {&w->alpha, cells * sizeof(cl_float)},
        {&w->marks, (cells + 3) / 4 * 4},
        {&w->network, nca_cl_network_size(&w->layout) * sizeof(cl_float)},
        {&w->seed, w->count * sizeof(cl_ulong)},
    };
    NcaStatus status = NCA_OK;
    for (size_t i = 0; status == NCA_OK && i < sizeof(all) / sizeof(all[0]); i++)
        status = new_buffer(all[i].buffer, w, all[i].bytes, error);
    return status;
}

static NcaStatus new_host_memory(NcaClWorlds *w, NcaError *error)
{
    size_t network = nca_cl_network_size(&w->layout) * sizeof(float);
    w->packed = malloc(network > w->quads_bytes ? network : w->quads_bytes);
    w->mark = malloc(w->cells);
    w->tile = malloc(w->tiles * sizeof(*w->tile));
    w->seeds = malloc(w->count * sizeof(*w->seeds));
    w->fresh = calloc((size_t)w->count, sizeof(*w->fresh));
    if (!w->packed || !w->mark || !w->tile || !w->seeds || !w->fresh)
        return nca_fail_memory(error, "the cells");
    return NCA_OK;
}

static NcaStatus fill(NcaClWorlds *w, const NcaClWorldsParams *p, NcaError *error)
{
    char options[1024];
    NcaStatus status = nca_cl_device_open(&w->device, p->device, error);
    if (status < 0)
        return status;
    w->layout = nca_cl_layout(&w->device, &p->shape, p->edge, &p->tuning);
    w->count = p->count;
    w->size = (Size){p->width, p->height, (p->width + NCA_CL_TILE - 1) / NCA_CL_TILE,
                     (p->height + NCA_CL_TILE - 1) / NCA_CL_TILE, 0};
    w->cells = (size_t)p->width * p->height;
    w->tiles = (size_t)w->size.tiles_x * w->size.tiles_y;
    w->quads_bytes = w->cells * w->layout.quads * sizeof(cl_float4);
    nca_cl_layout_options(&w->layout, &w->device, options, sizeof(options));
    status = nca_cl_program_new(&w->program, &w->device, options, error);
    if (status == NCA_OK)
        status = nca_cl_kernel_new(&w->update, &w->device, w->program, "update", error);
    if (status == NCA_OK)
        status = nca_cl_kernel_new(&w->live, &w->device, w->program, "live", error);
    if (status == NCA_OK)
        status = new_buffers(w, error);
    if (status == NCA_OK)
        status = new_host_memory(w, error);
    return status == NCA_OK ? nca_cl_worlds_wait(w, error) : status;
}

NcaStatus nca_cl_worlds_new(NcaClWorlds **worlds, const NcaClWorldsParams *params,
                            NcaError *error)
{
    NcaClWorlds *w = calloc(1, sizeof(*w));
    if (!w)
        return nca_fail_memory(error, "the cells");
    NcaStatus status = fill(w, params, error);
    if (status < 0)
        nca_cl_worlds_free(&w);
    else
        *worlds = w;
    return status;
}

void nca_cl_worlds_free(NcaClWorlds **worlds)
{
    NcaClWorlds *w = *worlds;
    if (!w)
        return;
    cl_mem buffers[] = {w->state[0], w->state[1], w->lives[0], w->lives[1],
                        w->alpha,    w->marks,    w->network,  w->seed};
    if (w->device.queue)
        clFinish(w->device.queue);
    for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
        if (buffers[i])
            clReleaseMemObject(buffers[i]);
    if (w->update)
        clReleaseKernel(w->update);
    if (w->live)
        clReleaseKernel(w->live);
    if (w->program)
        clReleaseProgram(w->program);
    nca_cl_device_close(&w->device);
    free(w->packed);
    free(w->mark);
    free(w->tile);
    free(w->seeds);
    free(w->fresh);
    free(w);
    *worlds = NULL;
}

/* ------------------------------------------------------------------ in, out */

static cl_int write_buffer(NcaClWorlds *w, cl_mem buffer, size_t at, size_t bytes,
                           const void *data)
{
    return clEnqueueWriteBuffer(w->device.queue, buffer, CL_TRUE, at, bytes, data, 0,
                                NULL, NULL);
}

static cl_int read_buffer(NcaClWorlds *w, cl_mem buffer, size_t at, size_t bytes,
                          void *data)
{
    return clEnqueueReadBuffer(w->device.queue, buffer, CL_TRUE, at, bytes, data, 0, NULL,
                               NULL);
}

NcaStatus nca_cl_worlds_set_network(NcaClWorlds *w, const NcaNetwork *network,
                                    NcaError *error)
{
    nca_cl_network_pack(&w->layout, network, w->packed);
    size_t bytes = nca_cl_network_size(&w->layout) * sizeof(float);
    return nca_cl_status(&w->device, write_buffer(w, w->network, 0, bytes, w->packed),
                         "write weights", error);
}

/* Any of its tiles may hold life then, in both buffers. */
NcaStatus nca_cl_worlds_write(NcaClWorlds *w, int world, const float *state,
                              NcaError *error)
{
    size_t tiles_at = (size_t)world * w->tiles * sizeof(cl_uint);
    nca_cl_cells_pack(&w->layout, state, w->cells, w->packed);
    for (size_t i = 0; i < w->tiles; i++)
        w->tile[i] = 1;
    cl_int code = write_buffer(w, w->state[w->now], world * w->quads_bytes,
                               w->quads_bytes, w->packed);
    for (int i = 0; i < 2 && code == CL_SUCCESS; i++)
        code =
            write_buffer(w, w->lives[i], tiles_at, w->tiles * sizeof(cl_uint), w->tile);
    w->fresh[world] = true;
    return nca_cl_status(&w->device, code, "write cells", error);
}

static bool is_zero(const float *cell, int channels)
{
    for (int c = 0; c < channels; c++)
        if (cell[c] != 0)
            return false;
    return true;
}

/* Marks are of the last step only where something lives. */
static void find_lives(const NcaClWorlds *w, uint8_t *lives)
{
    for (int y = 0; y < w->size.height; y++)
        for (int x = 0; x < w->size.width; x++) {
            size_t i = (size_t)y * w->size.width + x;
            int tile = y / NCA_CL_TILE * w->size.tiles_x + x / NCA_CL_TILE;
            bool all = w->layout.shape.alive == NCA_ALIVE_NONE;
            lives[i] = all || (w->tile[tile] > 0 && w->mark[i] & NCA_CL_LIVES);
        }
}

NcaStatus nca_cl_worlds_read(NcaClWorlds *w, int world, float *state, uint8_t *lives,
                             NcaError *error)
{
    int channels = w->layout.shape.channels;
    cl_int code = read_buffer(w, w->state[w->now], world * w->quads_bytes, w->quads_bytes,
                              w->packed);
    if (code == CL_SUCCESS)
        code = read_buffer(w, w->marks, world * w->cells, w->cells, w->mark);
    if (code == CL_SUCCESS)
        code = read_buffer(w, w->lives[w->now], world * w->tiles * sizeof(cl_uint),
                           w->tiles * sizeof(cl_uint), w->tile);
    if (code != CL_SUCCESS)
        return nca_cl_status(&w->device, code, "read cells", error);
    nca_cl_cells_unpack(&w->layout, w->packed, w->cells, state);
    if (!w->fresh[world])
        find_lives(w, lives);
    else
        for (size_t i = 0; i < w->cells; i++)
            lives[i] = !is_zero(state + i * channels, channels);
    return NCA_OK;
}

/* -------------------------------------------------------------------- steps */

static NcaStatus set_seeds(NcaClWorlds *w, const uint64_t *seed, NcaError *error)
{
    size_t bytes = w->count * sizeof(*seed);
    if (w->seeds_known && !memcmp(seed, w->seeds, bytes))
        return NCA_OK;
    memcpy(w->seeds, seed, bytes);
    w->seeds_known = true;
    return nca_cl_status(&w->device, write_buffer(w, w->seed, 0, bytes, seed),
                         "write seeds", error);
}

static cl_int run(const NcaClWorlds *w, cl_kernel kernel)
{
    size_t group[3] = {(size_t)w->layout.group, 1, 1};
    size_t items[3] = {group[0] * w->size.tiles_x, w->size.tiles_y, w->count};
    return clEnqueueNDRangeKernel(w->device.queue, kernel, 3, NULL, items, group, 0, NULL,
                                  NULL);
}

#define ARGUMENT(value) &(value), sizeof(value)

static cl_int step_once(NcaClWorlds *w, cl_long time, cl_uint limit)
{
    int from = w->now, to = 1 - w->now;
    cl_int code = nca_cl_arguments(
        w->update, ARGUMENT(w->size), ARGUMENT(w->state[from]), ARGUMENT(w->state[to]),
        ARGUMENT(w->lives[from]), ARGUMENT(w->lives[to]), ARGUMENT(w->alpha),
        ARGUMENT(w->marks), ARGUMENT(w->network), ARGUMENT(w->seed), ARGUMENT(time),
        ARGUMENT(limit), NULL);
    if (code == CL_SUCCESS)
        code = run(w, w->update);
    if (code == CL_SUCCESS)
        code = nca_cl_arguments(w->live, ARGUMENT(w->size), ARGUMENT(w->state[to]),
                                ARGUMENT(w->lives[from]), ARGUMENT(w->lives[to]),
                                ARGUMENT(w->alpha), ARGUMENT(w->marks), NULL);
    if (code == CL_SUCCESS)
        code = run(w, w->live);
    w->now = to;
    return code;
}

/* Nobody wants to have thousands of steps in a queue. */
static cl_int keep_short(NcaClWorlds *w, int steps)
{
    if (steps % STEPS_A_WAIT == 0)
        return clFinish(w->device.queue);
    return steps % STEPS_A_FLUSH == 0 ? clFlush(w->device.queue) : CL_SUCCESS;
}

NcaStatus nca_cl_worlds_step(NcaClWorlds *w, const uint64_t *seed, int64_t time,
                             uint32_t limit, int steps, NcaError *error)
{
    NcaStatus status = set_seeds(w, seed, error);
    if (status < 0)
        return status;
    cl_int code = CL_SUCCESS;
    for (int i = 1; i <= steps && code == CL_SUCCESS; i++) {
        code = step_once(w, time++, limit);
        if (code == CL_SUCCESS)
            code = keep_short(w, i);
    }
    if (code == CL_SUCCESS)
        code = clFlush(w->device.queue);
    memset(w->fresh, 0, w->count * sizeof(*w->fresh));
    return nca_cl_status(&w->device, code, "step", error);
}

NcaStatus nca_cl_worlds_wait(NcaClWorlds *w, NcaError *error)
{
    return nca_cl_status(&w->device, clFinish(w->device.queue), "end what it began",
                         error);
}
