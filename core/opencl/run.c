/* SPDX-License-Identifier: MIT
 *
 * A batch forward, step by step into slots, and back.  Where the slots do not suffice for
 * all steps, the states before each segment of steps are kept, and the segment is made
 * again before its way back, as in rollout.c. */
#include <string.h>

#include "batch.h"

enum { STEPS_A_LOOK = 16 };

/* Waits now and then, so that whoever wants it to stop need not wait for all of it. */
static bool goes_on(const NcaClBatch *b, int step, cl_int *code)
{
    if (*code != CL_SUCCESS || !b->stop || step % STEPS_A_LOOK)
        return *code == CL_SUCCESS;
    *code = clFinish(b->machine.device.queue);
    return *code == CL_SUCCESS && !atomic_load_explicit(b->stop, memory_order_relaxed);
}

static int segment_steps(const NcaClBatch *b)
{
    return b->slots - 1;
}

static cl_int copy(const NcaClBatch *b, cl_mem from, cl_mem to, size_t from_at,
                   size_t to_at, size_t bytes)
{
    return clEnqueueCopyBuffer(b->machine.device.queue, from, to, from_at, to_at, bytes,
                               0, NULL, NULL);
}

/* Into the first slot, all worlds. */
static cl_int begin_with(const NcaClBatch *b, cl_mem states)
{
    const NcaClMachine *m = &b->machine;
    cl_int code = copy(b, states, b->slot[0].state, 0, 0, m->bytes * m->count);
    for (int i = 0; i < m->count && code == CL_SUCCESS; i++)
        code = nca_cl_slot_changed(m, &b->slot[0], i);
    return code;
}

/* Steps `first` … of a segment, that begins in the first slot. */
static cl_int run_segment(const NcaClBatch *b, int segment)
{
    int first = segment * segment_steps(b), last = first + segment_steps(b);
    cl_int code = CL_SUCCESS;
    last = last < b->steps ? last : b->steps;
    for (int time = first; time < last && goes_on(b, time, &code); time++)
        code =
            nca_cl_step(&b->machine, &b->slot[time - first], &b->slot[time - first + 1],
                        0, b->machine.count, time, b->limit);
    return code == CL_SUCCESS ? clFlush(b->machine.device.queue) : code;
}

static int segments_of(const NcaClBatch *b)
{
    return (b->steps + segment_steps(b) - 1) / segment_steps(b);
}

static cl_int run_all(const NcaClBatch *b)
{
    const NcaClMachine *m = &b->machine;
    int segments = segments_of(b), last = b->steps - (segments - 1) * segment_steps(b);
    cl_int code = begin_with(b, b->before);
    for (int i = 0; i < segments && code == CL_SUCCESS; i++) {
        if (i > 0) {
            code = copy(b, b->slot[b->slots - 1].state, b->kept[i - 1], 0, 0,
                        m->bytes * m->count);
            if (code == CL_SUCCESS)
                code = begin_with(b, b->kept[i - 1]);
        }
        if (code == CL_SUCCESS)
            code = run_segment(b, i);
    }
    return code == CL_SUCCESS
               ? copy(b, b->slot[last].state, b->after, 0, 0, m->bytes * m->count)
               : code;
}

NcaStatus nca_cl_batch_run(NcaClBatch *b, const uint64_t *seed, uint32_t limit, int steps,
                           NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    memcpy(b->seed, seed, m->count * sizeof(*seed));
    b->limit = limit;
    b->steps = steps;
    cl_int code = nca_cl_write(m, m->seed, 0, m->count * sizeof(*seed), b->seed);
    return nca_cl_status(&m->device, code == CL_SUCCESS ? run_all(b) : code, "step",
                         error);
}

/* Two slots take turns. */
NcaStatus nca_cl_batch_step(NcaClBatch *b, int sample, uint64_t seed, uint32_t limit,
                            int steps, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    size_t at = sample * m->bytes;
    b->seed[sample] = seed;
    cl_int code =
        nca_cl_write(m, m->seed, sample * sizeof(seed), sizeof(seed), &b->seed[sample]);
    if (code == CL_SUCCESS)
        code = copy(b, b->after, b->slot[0].state, at, at, m->bytes);
    if (code == CL_SUCCESS)
        code = nca_cl_slot_changed(m, &b->slot[0], sample);
    for (int i = 0; i < steps && goes_on(b, i, &code); i++)
        code = nca_cl_step(m, &b->slot[i % 2], &b->slot[1 - i % 2], sample, 1, i, limit);
    if (code == CL_SUCCESS)
        code = copy(b, b->slot[steps % 2].state, b->after, at, at, m->bytes);
    if (code == CL_SUCCESS)
        code = clFlush(m->device.queue);
    return nca_cl_status(&m->device, code, "step", error);
}

/* -------------------------------------------------------------------- back */

/* All of them at once, before the way back; has [steps + 1] tells where there are any. */
static cl_int write_losses(NcaClBatch *b, NcaClLosses *losses, void *arg)
{
    const NcaClMachine *m = &b->machine;
    size_t size = ((size_t)b->steps + 1) * m->count * sizeof(*b->losses);
    memset(b->losses, 0, size);
    for (int time = 1; time <= b->steps; time++)
        b->has_loss[time] = losses(arg, time, b->losses + (size_t)time * m->count);
    return nca_cl_write(m, b->back.losses, 0, size, b->losses);
}

static cl_int add_losses(const NcaClBatch *b, const NcaClSlot *slot, cl_mem gradient,
                         int time)
{
    const NcaClMachine *m = &b->machine;
    cl_int first = time * m->count;
    cl_int code =
        nca_cl_arguments(b->kernel[NCA_CL_LOSS_BACK], NCA_CL_ARGUMENT(m->size),
                         NCA_CL_ARGUMENT(slot->state), NCA_CL_ARGUMENT(gradient),
                         NCA_CL_ARGUMENT(b->target), NCA_CL_ARGUMENT(b->back.losses),
                         NCA_CL_ARGUMENT(first), NULL);
    return code == CL_SUCCESS ? nca_cl_for_cells(b, NCA_CL_LOSS_BACK, m->count) : code;
}

static cl_int enqueue(const NcaClBatch *b, NcaClKernel kernel, size_t x, size_t y,
                      size_t z)
{
    size_t group[3] = {(size_t)b->machine.layout.group, 1, 1};
    size_t items[3] = {x * group[0], y, z};
    return clEnqueueNDRangeKernel(b->machine.device.queue, b->kernel[kernel], 3, NULL,
                                  items, group, 0, NULL, NULL);
}

static cl_int cells_back(const NcaClBatch *b, const NcaClSlot *from, const NcaClSlot *to,
                         cl_mem gradient)
{
    const NcaClMachine *m = &b->machine;
    const NcaClBack *k = &b->back;
    cl_int code = nca_cl_arguments(
        b->kernel[NCA_CL_CELLS_BACK], NCA_CL_ARGUMENT(m->size),
        NCA_CL_ARGUMENT(from->state), NCA_CL_ARGUMENT(gradient),
        NCA_CL_ARGUMENT(to->marks), NCA_CL_ARGUMENT(m->network), NCA_CL_ARGUMENT(k->y),
        NCA_CL_ARGUMENT(k->h), NCA_CL_ARGUMENT(k->dz), NCA_CL_ARGUMENT(k->dy),
        NCA_CL_ARGUMENT(k->updated), NULL);
    return code == CL_SUCCESS
               ? enqueue(b, NCA_CL_CELLS_BACK, m->size.tiles_x, m->size.tiles_y, m->count)
               : code;
}

/* rows: of y or the gradient, floats of a cell; columns: of dz or h, float4 of a cell. */
static cl_int weights_back(const NcaClBatch *b, cl_mem row, cl_int rows, cl_mem column,
                           cl_int columns, cl_int part_first)
{
    const NcaClMachine *m = &b->machine;
    const NcaClBack *k = &b->back;
    cl_int code = nca_cl_arguments(
        b->kernel[NCA_CL_WEIGHTS_BACK], NCA_CL_ARGUMENT(m->size),
        NCA_CL_ARGUMENT(k->updated), NCA_CL_ARGUMENT(row), NCA_CL_ARGUMENT(rows),
        NCA_CL_ARGUMENT(column), NCA_CL_ARGUMENT(columns), NCA_CL_ARGUMENT(k->parts),
        NCA_CL_ARGUMENT(part_first), NULL);
    return code == CL_SUCCESS ? enqueue(b, NCA_CL_WEIGHTS_BACK, m->tiles * m->count,
                                        (rows + NCA_CL_BLOCK - 1) / NCA_CL_BLOCK, 1)
                              : code;
}

static cl_int gather_back(const NcaClBatch *b, const NcaClSlot *to, cl_mem gradient,
                          cl_mem gathered)
{
    const NcaClMachine *m = &b->machine;
    cl_int code =
        nca_cl_arguments(b->kernel[NCA_CL_GATHER_BACK], NCA_CL_ARGUMENT(m->size),
                         NCA_CL_ARGUMENT(gradient), NCA_CL_ARGUMENT(gathered),
                         NCA_CL_ARGUMENT(to->marks), NCA_CL_ARGUMENT(b->back.dy), NULL);
    return code == CL_SUCCESS ? nca_cl_for_cells(b, NCA_CL_GATHER_BACK, m->count) : code;
}

static cl_int step_back(const NcaClBatch *b, const NcaClSlot *from, const NcaClSlot *to,
                        cl_mem gradient, cl_mem gathered)
{
    const NcaClLayout *l = &b->machine.layout;
    const NcaClBack *k = &b->back;
    cl_int code = cells_back(b, from, to, gradient);
    if (code == CL_SUCCESS)
        code = weights_back(b, k->y, l->inputs + 1, k->dz, l->hidden4, 0);
    if (code == CL_SUCCESS)
        code = weights_back(b, gradient, l->quads * 4, k->h, l->hidden4 + 1,
                            nca_cl_part_first(l));
    return code == CL_SUCCESS ? gather_back(b, to, gradient, gathered) : code;
}

static cl_int clear(const NcaClBatch *b, cl_mem buffer, size_t bytes)
{
    static const cl_uint zero = 0;
    return clEnqueueFillBuffer(b->machine.device.queue, buffer, &zero, sizeof(zero), 0,
                               bytes, 0, NULL, NULL);
}

static cl_int go_back(NcaClBatch *b, NcaClLosses *losses, void *arg)
{
    const NcaClMachine *m = &b->machine;
    NcaClBack *k = &b->back;
    int turn = 0, segments = segments_of(b);
    size_t part = nca_cl_part_size(&m->layout) * sizeof(cl_float4);
    cl_int code = write_losses(b, losses, arg);
    if (code == CL_SUCCESS)
        code = clear(b, k->gradient[0], m->bytes * m->count);
    if (code == CL_SUCCESS)
        code = clear(b, k->parts, m->tiles * m->count * part);
    for (int time = b->steps; time > 0 && goes_on(b, b->steps - time, &code); time--) {
        int segment = (time - 1) / segment_steps(b),
            at = time - segment * segment_steps(b);
        if (at == segment_steps(b) && segment < segments - 1) {
            code = begin_with(b, segment > 0 ? b->kept[segment - 1] : b->before);
            if (code == CL_SUCCESS)
                code = run_segment(b, segment);
        }
        if (code == CL_SUCCESS && b->has_loss[time])
            code = add_losses(b, &b->slot[at], k->gradient[turn], time);
        if (code == CL_SUCCESS)
            code = step_back(b, &b->slot[at - 1], &b->slot[at], k->gradient[turn],
                             k->gradient[1 - turn]);
        turn = 1 - turn;
    }
    return code;
}

static cl_int add_parts(const NcaClBatch *b)
{
    const NcaClMachine *m = &b->machine;
    size_t items[2] = {(size_t)nca_cl_part_size(&m->layout), (size_t)m->count};
    cl_int code = nca_cl_arguments(b->kernel[NCA_CL_ADD_PARTS], NCA_CL_ARGUMENT(m->size),
                                   NCA_CL_ARGUMENT(b->back.parts),
                                   NCA_CL_ARGUMENT(b->back.sums), NULL);
    return code == CL_SUCCESS
               ? clEnqueueNDRangeKernel(m->device.queue, b->kernel[NCA_CL_ADD_PARTS], 2,
                                        NULL, items, NULL, 0, NULL, NULL)
               : code;
}

NcaStatus nca_cl_batch_back(NcaClBatch *b, NcaClLosses *losses, void *arg,
                            NcaError *error)
{
    cl_int code = go_back(b, losses, arg);
    if (code == CL_SUCCESS)
        code = add_parts(b);
    if (code == CL_SUCCESS)
        code = nca_cl_mean_gradient(b);
    if (code == CL_SUCCESS)
        code = clFlush(b->machine.device.queue);
    return nca_cl_status(&b->machine.device, code, "go back", error);
}
