/* SPDX-License-Identifier: MIT
 *
 * The memory of a training on a device, and what is done to single states. */
#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"

static const char *const names[NCA_CL_KERNELS] = {
    [NCA_CL_CELLS_BACK] = "cells_back",
    [NCA_CL_WEIGHTS_BACK] = "weights_back",
    [NCA_CL_ADD_PARTS] = "add_parts",
    [NCA_CL_MEAN_GRADIENT] = "mean_gradient",
    [NCA_CL_NORMALISE] = "normalise",
    [NCA_CL_ADAM_STEP] = "adam_step",
    [NCA_CL_PUT_NETWORK] = "put_network",
    [NCA_CL_GATHER_BACK] = "gather_back",
    [NCA_CL_LOSS_BACK] = "loss_back",
    [NCA_CL_MOVE] = "move",
    [NCA_CL_WOUND] = "wound",
    [NCA_CL_SEED] = "seed",
    [NCA_CL_LOOK] = "look",
};

/* ------------------------------------------------------------------ set-up */

int nca_cl_part_first(const NcaClLayout *l)
{
    return (l->inputs + 1) * l->hidden4;
}

int nca_cl_part_size(const NcaClLayout *l)
{
    return nca_cl_part_first(l) + l->quads * 4 * (l->hidden4 + 1);
}

/* What all the buffers but the slots are to hold. */
typedef struct Want {
    cl_mem *buffer;
    size_t bytes;
} Want;

enum { WANTS = 19 };

static int wants_of(NcaClBatch *b, Want *want)
{
    const NcaClMachine *m = &b->machine;
    const NcaClLayout *l = &m->layout;
    NcaClBack *k = &b->back;
    size_t cells = m->cells * m->count, tiles = m->tiles * m->count;
    size_t states = m->bytes * m->count, quad = sizeof(cl_float4);
    size_t part = nca_cl_part_size(l) * quad;
    Want all[WANTS] = {
        {&b->pool_states, m->bytes * (b->pool > 0 ? b->pool : 1)},
        {&b->before, states},
        {&b->after, states},
        {&b->target, m->cells * quad},
        {&b->picture, m->cells * quad},
        {&b->killed, m->cells},
        {&k->gradient[0], states},
        {&k->gradient[1], states},
        {&k->y, cells * (l->inputs + 1) * sizeof(cl_float)},
        {&k->h, cells * (l->hidden4 + 1) * quad},
        {&k->dz, cells * l->hidden4 * quad},
        {&k->dy, cells * l->inputs * sizeof(cl_float)},
        {&k->updated, tiles * (1 + NCA_CL_TILE * NCA_CL_TILE) * sizeof(cl_ushort)},
        {&k->parts, tiles * part},
        {&k->sums, m->count * part},
        {&k->losses, ((size_t)b->steps_max + 1) * m->count * sizeof(NcaClLoss)},
        {&b->optimiser.gradient, nca_cl_network_size(l) * sizeof(cl_float)},
        {&b->optimiser.told, sizeof(NcaClTold)},
        {&b->optimiser.learnt, nca_cl_learnt_size(l) * sizeof(cl_float)},
    };
    memcpy(want, all, sizeof(all));
    return WANTS;
}

/* The fewest segments whose slots and kept states fit what is left. */
static NcaStatus plan_segments(NcaClBatch *b, size_t memory, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    size_t state = m->bytes * m->count;
    size_t slot = state + m->cells * m->count + m->tiles * m->count * sizeof(cl_uint);
    for (int segments = 1; segments <= b->steps_max; segments++) {
        int slots = (b->steps_max + segments - 1) / segments + 1;
        if ((size_t)slots * slot + (size_t)(segments - 1) * state > memory)
            continue;
        b->slots = slots;
        b->kept_count = segments - 1;
        return NCA_OK;
    }
    return nca_fail(error, NCA_ERR_DEVICE,
                    "OpenCL device %.100s: %d steps of %d×%d cells do not fit the memory "
                    "for it",
                    m->device.name, b->steps_max, m->size.width, m->size.height);
}

static NcaStatus take_memory(NcaClBatch *b, size_t memory, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    Want want[WANTS];
    int wants = wants_of(b, want);
    size_t fixed = m->cells * m->count * sizeof(cl_float); /* the machine's */
    NcaStatus status = NCA_OK;
    if (memory > m->device.memory)
        memory = (size_t)m->device.memory;
    for (int i = 0; i < wants; i++)
        fixed += want[i].bytes;
    status = plan_segments(b, memory > fixed ? memory - fixed : 0, error);
    for (int i = 0; i < wants && status == NCA_OK; i++)
        status = nca_cl_buffer_new(want[i].buffer, m, want[i].bytes, error);
    if (status < 0)
        return status;
    b->slot = calloc((size_t)b->slots, sizeof(*b->slot));
    b->kept = calloc((size_t)b->kept_count + 1, sizeof(*b->kept));
    if (!b->slot || !b->kept)
        return nca_fail_memory(error, "training");
    for (int i = 0; i < b->slots && status == NCA_OK; i++)
        status = nca_cl_slot_init(&b->slot[i], m, NULL, error);
    for (int i = 0; i < b->kept_count && status == NCA_OK; i++)
        status = nca_cl_buffer_new(&b->kept[i], m, m->bytes * m->count, error);
    return status;
}

static NcaStatus take_host_memory(NcaClBatch *b, NcaError *error)
{
    size_t count = (size_t)b->machine.count;
    b->seed = calloc(count, sizeof(*b->seed));
    b->losses = calloc(count * ((size_t)b->steps_max + 1), sizeof(*b->losses));
    b->has_loss = calloc((size_t)b->steps_max + 1, sizeof(*b->has_loss));
    b->learnt = malloc(nca_cl_learnt_size(&b->machine.layout) * sizeof(float));
    if (!b->seed || !b->losses || !b->has_loss || !b->learnt)
        return nca_fail_memory(error, "training");
    return NCA_OK;
}

static NcaStatus fill(NcaClBatch *b, const NcaClBatchParams *p, NcaError *error)
{
    NcaStatus status = nca_cl_machine_init(&b->machine, &p->worlds, NCA_CL_TRAIN, error);
    b->pool = p->pool;
    b->steps_max = p->steps_max;
    b->stop = p->stop;
    for (int i = 0; i < NCA_CL_KERNELS && status == NCA_OK; i++)
        status = nca_cl_kernel_new(&b->kernel[i], &b->machine.device, b->machine.program,
                                   names[i], error);
    if (status == NCA_OK)
        status = take_memory(b, p->memory, error);
    if (status == NCA_OK)
        status = take_host_memory(b, error);
    if (status == NCA_OK)
        status = nca_cl_status(&b->machine.device, clFinish(b->machine.device.queue),
                               "take memory", error);
    return status;
}

NcaStatus nca_cl_batch_new(NcaClBatch **batch, const NcaClBatchParams *params,
                           NcaError *error)
{
    NcaClBatch *b = calloc(1, sizeof(*b));
    if (!b)
        return nca_fail_memory(error, "training");
    NcaStatus status = fill(b, params, error);
    if (status < 0)
        nca_cl_batch_free(&b);
    else
        *batch = b;
    return status;
}

void nca_cl_batch_free(NcaClBatch **batch)
{
    NcaClBatch *b = *batch;
    Want want[WANTS];
    if (!b)
        return;
    if (b->machine.device.queue)
        clFinish(b->machine.device.queue);
    int wants = wants_of(b, want);
    for (int i = 0; i < wants; i++)
        nca_cl_buffer_free(want[i].buffer);
    for (int i = 0; b->slot && i < b->slots; i++)
        nca_cl_slot_uninit(&b->slot[i]);
    for (int i = 0; b->kept && i < b->kept_count; i++)
        nca_cl_buffer_free(&b->kept[i]);
    for (int i = 0; i < NCA_CL_KERNELS; i++)
        if (b->kernel[i])
            clReleaseKernel(b->kernel[i]);
    nca_cl_machine_uninit(&b->machine);
    free(b->slot);
    free(b->kept);
    free(b->seed);
    free(b->losses);
    free(b->has_loss);
    free(b->learnt);
    free(b);
    *batch = NULL;
}

/* ------------------------------------------------------------------ places */

int nca_cl_before(const NcaClBatch *b, int sample)
{
    return b->pool + sample;
}

int nca_cl_after(const NcaClBatch *b, int sample)
{
    return b->pool + b->machine.count + sample;
}

/* The buffer of a place, and which of its states that is. */
static cl_mem buffer_of(const NcaClBatch *b, int place, cl_int *world)
{
    int count = b->machine.count;
    *world = place < b->pool ? place : (place - b->pool) % count;
    return place < b->pool           ? b->pool_states
           : place < b->pool + count ? b->before
                                     : b->after;
}

cl_int nca_cl_for_cells(const NcaClBatch *b, NcaClKernel kernel, int worlds)
{
    size_t items[3] = {(size_t)b->machine.size.width, (size_t)b->machine.size.height,
                       (size_t)worlds};
    return clEnqueueNDRangeKernel(b->machine.device.queue, b->kernel[kernel], 3, NULL,
                                  items, NULL, 0, NULL, NULL);
}

NcaStatus nca_cl_batch_set_target(NcaClBatch *b, const float *target, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    cl_int code = nca_cl_write(m, b->target, 0, m->cells * sizeof(cl_float4), target);
    return nca_cl_status(&m->device, code, "write the target", error);
}

NcaStatus nca_cl_batch_write(NcaClBatch *b, int place, const float *state,
                             NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    cl_int world;
    cl_mem buffer = buffer_of(b, place, &world);
    nca_cl_cells_pack(&m->layout, state, m->cells, m->packed);
    cl_int code = nca_cl_write(m, buffer, world * m->bytes, m->bytes, m->packed);
    return nca_cl_status(&m->device, code, "write cells", error);
}

NcaStatus nca_cl_batch_read(NcaClBatch *b, int place, float *state, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    cl_int world;
    cl_mem buffer = buffer_of(b, place, &world);
    cl_int code = nca_cl_read(m, buffer, world * m->bytes, m->bytes, m->packed);
    if (code == CL_SUCCESS)
        nca_cl_cells_unpack(&m->layout, m->packed, m->cells, state);
    return nca_cl_status(&m->device, code, "read cells", error);
}

NcaStatus nca_cl_batch_look(NcaClBatch *b, int place, float *picture, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    cl_int world;
    cl_mem buffer = buffer_of(b, place, &world);
    cl_int code = nca_cl_arguments(b->kernel[NCA_CL_LOOK], NCA_CL_ARGUMENT(m->size),
                                   NCA_CL_ARGUMENT(buffer), NCA_CL_ARGUMENT(world),
                                   NCA_CL_ARGUMENT(b->picture), NULL);
    if (code == CL_SUCCESS)
        code = nca_cl_for_cells(b, NCA_CL_LOOK, 1);
    if (code == CL_SUCCESS)
        code = nca_cl_read(m, b->picture, 0, m->cells * sizeof(cl_float4), picture);
    return nca_cl_status(&m->device, code, "read a picture", error);
}

NcaStatus nca_cl_batch_seed(NcaClBatch *b, int place, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    cl_int world;
    cl_mem buffer = buffer_of(b, place, &world);
    cl_int code = nca_cl_arguments(b->kernel[NCA_CL_SEED], NCA_CL_ARGUMENT(m->size),
                                   NCA_CL_ARGUMENT(buffer), NCA_CL_ARGUMENT(world), NULL);
    if (code == CL_SUCCESS)
        code = nca_cl_for_cells(b, NCA_CL_SEED, 1);
    return nca_cl_status(&m->device, code, "plant", error);
}

NcaStatus nca_cl_batch_wound(NcaClBatch *b, int place, const uint8_t *killed,
                             NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    cl_int world;
    cl_mem buffer = buffer_of(b, place, &world);
    cl_int code = nca_cl_write(m, b->killed, 0, m->cells, killed);
    if (code == CL_SUCCESS)
        code = nca_cl_arguments(b->kernel[NCA_CL_WOUND], NCA_CL_ARGUMENT(m->size),
                                NCA_CL_ARGUMENT(buffer), NCA_CL_ARGUMENT(world),
                                NCA_CL_ARGUMENT(b->killed), NULL);
    if (code == CL_SUCCESS)
        code = nca_cl_for_cells(b, NCA_CL_WOUND, 1);
    return nca_cl_status(&m->device, code, "wound", error);
}

NcaStatus nca_cl_batch_move(NcaClBatch *b, int to, int from, int dx, int dy,
                            NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    cl_int from_world, to_world, x = dx, y = dy;
    cl_mem source = buffer_of(b, from, &from_world), aim = buffer_of(b, to, &to_world);
    cl_int code = nca_cl_arguments(b->kernel[NCA_CL_MOVE], NCA_CL_ARGUMENT(m->size),
                                   NCA_CL_ARGUMENT(source), NCA_CL_ARGUMENT(from_world),
                                   NCA_CL_ARGUMENT(aim), NCA_CL_ARGUMENT(to_world),
                                   NCA_CL_ARGUMENT(x), NCA_CL_ARGUMENT(y), NULL);
    if (code == CL_SUCCESS)
        code = nca_cl_for_cells(b, NCA_CL_MOVE, 1);
    return nca_cl_status(&m->device, code, "copy cells", error);
}
