/* SPDX-License-Identifier: MIT
 *
 * What worlds and training share: memory on a device, and a step from one slot to
 * another. */
#include <stdlib.h>
#include <string.h>

#include "cl.h"
#include "status.h"

/* ------------------------------------------------------------------- memory */

static NcaStatus check_size(const NcaClMachine *m, size_t bytes, NcaError *error)
{
    if (bytes <= m->device.allocation_most)
        return NCA_OK;
    return nca_fail(error, NCA_ERR_DEVICE,
                    "OpenCL device %.100s: %zu MiB at once, %llu are possible",
                    m->device.name, bytes >> 20,
                    (unsigned long long)(m->device.allocation_most >> 20));
}

NcaStatus nca_cl_buffer_new(cl_mem *buffer, const NcaClMachine *m, size_t bytes,
                            NcaError *error)
{
    static const cl_uint zero = 0;
    cl_int code;
    bytes = (bytes + sizeof(zero) - 1) / sizeof(zero) * sizeof(zero);
    NcaStatus status = check_size(m, bytes, error);
    if (status < 0)
        return status;
    *buffer = clCreateBuffer(m->device.context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    if (*buffer)
        code = clEnqueueFillBuffer(m->device.queue, *buffer, &zero, sizeof(zero), 0,
                                   bytes, 0, NULL, NULL);
    return nca_cl_status(&m->device, code, "take memory", error);
}

void nca_cl_buffer_free(cl_mem *buffer)
{
    if (*buffer)
        clReleaseMemObject(*buffer);
    *buffer = NULL;
}

NcaStatus nca_cl_slot_init(NcaClSlot *slot, const NcaClMachine *m, cl_mem marks,
                           NcaError *error)
{
    NcaStatus status = nca_cl_buffer_new(&slot->state, m, m->bytes * m->count, error);
    if (status == NCA_OK)
        status = nca_cl_buffer_new(&slot->lives, m, m->tiles * m->count * sizeof(cl_uint),
                                   error);
    if (status == NCA_OK && !marks)
        status = nca_cl_buffer_new(&slot->marks, m, m->cells * m->count, error);
    if (status == NCA_OK && marks) {
        clRetainMemObject(marks);
        slot->marks = marks;
    }
    return status;
}

void nca_cl_slot_uninit(NcaClSlot *slot)
{
    nca_cl_buffer_free(&slot->state);
    nca_cl_buffer_free(&slot->lives);
    nca_cl_buffer_free(&slot->marks);
}

cl_int nca_cl_write(const NcaClMachine *m, cl_mem buffer, size_t at, size_t bytes,
                    const void *data)
{
    return clEnqueueWriteBuffer(m->device.queue, buffer, CL_TRUE, at, bytes, data, 0,
                                NULL, NULL);
}

cl_int nca_cl_read(const NcaClMachine *m, cl_mem buffer, size_t at, size_t bytes,
                   void *data)
{
    return clEnqueueReadBuffer(m->device.queue, buffer, CL_TRUE, at, bytes, data, 0, NULL,
                               NULL);
}

/* ------------------------------------------------------------------ set-up */

static NcaStatus take_memory(NcaClMachine *m, NcaError *error)
{
    size_t network = nca_cl_network_size(&m->layout) * sizeof(float);
    NcaStatus status = check_size(m, m->bytes * m->count, error);
    if (status == NCA_OK)
        status = nca_cl_buffer_new(&m->network, m, network, error);
    if (status == NCA_OK)
        status = nca_cl_buffer_new(&m->seed, m, m->count * sizeof(cl_ulong), error);
    if (status == NCA_OK)
        status = nca_cl_buffer_new(&m->alpha, m, m->cells * m->count * sizeof(cl_float),
                                   error);
    if (status < 0)
        return status;
    m->packed = malloc(network > m->bytes ? network : m->bytes);
    m->mark = malloc(m->cells);
    if (!m->packed || !m->mark)
        return nca_fail_memory(error, "the cells");
    return NCA_OK;
}

NcaStatus nca_cl_machine_init(NcaClMachine *m, const NcaClWorldsParams *p,
                              NcaClSources sources, NcaError *error)
{
    char options[1024];
    NcaStatus status = nca_cl_device_open(&m->device, p->device, error);
    if (status < 0)
        return status;
    m->layout = nca_cl_layout(&m->device, &p->shape, p->edge, &p->tuning);
    m->count = p->count;
    m->size = (NcaClSize){p->width, p->height, (p->width + NCA_CL_TILE - 1) / NCA_CL_TILE,
                          (p->height + NCA_CL_TILE - 1) / NCA_CL_TILE, 0};
    m->cells = (size_t)p->width * p->height;
    m->tiles = (size_t)m->size.tiles_x * m->size.tiles_y;
    m->bytes = m->cells * m->layout.quads * sizeof(cl_float4);
    nca_cl_layout_options(&m->layout, &m->device, options, sizeof(options));
    status = nca_cl_program_new(&m->program, &m->device, options, sources, error);
    if (status == NCA_OK)
        status = nca_cl_kernel_new(&m->update, &m->device, m->program, "update", error);
    if (status == NCA_OK)
        status = nca_cl_kernel_new(&m->live, &m->device, m->program, "live", error);
    return status == NCA_OK ? take_memory(m, error) : status;
}

void nca_cl_machine_uninit(NcaClMachine *m)
{
    nca_cl_buffer_free(&m->alpha);
    nca_cl_buffer_free(&m->network);
    nca_cl_buffer_free(&m->seed);
    if (m->update)
        clReleaseKernel(m->update);
    if (m->live)
        clReleaseKernel(m->live);
    if (m->program)
        clReleaseProgram(m->program);
    nca_cl_device_close(&m->device);
    free(m->packed);
    free(m->mark);
    *m = (NcaClMachine){0};
}

/* ------------------------------------------------------------------- steps */

cl_int nca_cl_slot_changed(const NcaClMachine *m, const NcaClSlot *slot, int world)
{
    static const cl_uint one = 1;
    size_t bytes = m->tiles * sizeof(one);
    return clEnqueueFillBuffer(m->device.queue, slot->lives, &one, sizeof(one),
                               world * bytes, bytes, 0, NULL, NULL);
}

static cl_int run(const NcaClMachine *m, cl_kernel kernel, int count)
{
    size_t group[3] = {(size_t)m->layout.group, 1, 1};
    size_t items[3] = {group[0] * m->size.tiles_x, m->size.tiles_y, (size_t)count};
    return clEnqueueNDRangeKernel(m->device.queue, kernel, 3, NULL, items, group, 0, NULL,
                                  NULL);
}

cl_int nca_cl_step(const NcaClMachine *m, const NcaClSlot *from, const NcaClSlot *to,
                   int first, int count, int64_t step, uint32_t fire_limit)
{
    NcaClSize size = m->size;
    cl_long time = step;
    cl_uint limit = fire_limit;
    size.world = first;
    cl_int code = nca_cl_arguments(
        m->update, NCA_CL_ARGUMENT(size), NCA_CL_ARGUMENT(from->state),
        NCA_CL_ARGUMENT(to->state), NCA_CL_ARGUMENT(from->lives),
        NCA_CL_ARGUMENT(to->lives), NCA_CL_ARGUMENT(m->alpha), NCA_CL_ARGUMENT(to->marks),
        NCA_CL_ARGUMENT(m->network), NCA_CL_ARGUMENT(m->seed), NCA_CL_ARGUMENT(time),
        NCA_CL_ARGUMENT(limit), NULL);
    if (code == CL_SUCCESS)
        code = run(m, m->update, count);
    if (code == CL_SUCCESS)
        code =
            nca_cl_arguments(m->live, NCA_CL_ARGUMENT(size), NCA_CL_ARGUMENT(to->state),
                             NCA_CL_ARGUMENT(from->lives), NCA_CL_ARGUMENT(to->lives),
                             NCA_CL_ARGUMENT(m->alpha), NCA_CL_ARGUMENT(to->marks), NULL);
    return code == CL_SUCCESS ? run(m, m->live, count) : code;
}
