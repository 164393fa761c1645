/* SPDX-License-Identifier: MIT
 *
 * How fast a device could be. */
#include "cl.h"
#include "clock.h"
#include "status.h"

enum { ROUND = 256, ITEMS_A_UNIT = 8192, REPEATS = 5 };

typedef struct Peak {
    NcaClDevice device;
    cl_program program;
    cl_kernel kernel;
    cl_mem sink;
    size_t items;
} Peak;

static cl_int run(const Peak *p, cl_int rounds)
{
    cl_float factor = 0.5f;
    cl_int code =
        nca_cl_arguments(p->kernel, NCA_CL_ARGUMENT(p->sink), NCA_CL_ARGUMENT(factor),
                         NCA_CL_ARGUMENT(rounds), NULL);
    if (code == CL_SUCCESS)
        code = clEnqueueNDRangeKernel(p->device.queue, p->kernel, 1, NULL, &p->items,
                                      NULL, 0, NULL, NULL);
    return code == CL_SUCCESS ? clFinish(p->device.queue) : code;
}

/* Rounds until it takes long enough, then the best of some. */
static cl_int measure(const Peak *p, double *flops)
{
    double best = 0, seconds = 0;
    cl_int rounds = 1, code = run(p, rounds);
    while (code == CL_SUCCESS && seconds < 0.02 && rounds < 1 << 20) {
        double begin = nca_clock_now();
        code = run(p, rounds *= 2);
        seconds = nca_clock_now() - begin;
    }
    for (int i = 0; i < REPEATS && code == CL_SUCCESS; i++) {
        double begin = nca_clock_now();
        code = run(p, rounds);
        double rate = 2.0 * ROUND * rounds * (double)p->items / (nca_clock_now() - begin);
        best = rate > best ? rate : best;
    }
    *flops = best;
    return code;
}

static NcaStatus begin(Peak *p, int device, NcaError *error)
{
    cl_int code;
    NcaStatus status = nca_cl_device_open(&p->device, device, error);
    if (status == NCA_OK)
        status = nca_cl_program_new(&p->program, &p->device, "-cl-std=CL1.2", NCA_CL_PEAK,
                                    error);
    if (status == NCA_OK)
        status = nca_cl_kernel_new(&p->kernel, &p->device, p->program, "peak", error);
    if (status < 0)
        return status;
    p->items = (size_t)p->device.units * ITEMS_A_UNIT;
    p->sink = clCreateBuffer(p->device.context, CL_MEM_READ_WRITE, sizeof(cl_float), NULL,
                             &code);
    return p->sink ? NCA_OK : nca_cl_status(&p->device, code, "take memory", error);
}

NcaStatus nca_cl_peak(double *flops, int device, NcaError *error)
{
    Peak p = {0};
    double found;
    NcaStatus status = begin(&p, device, error);
    if (status == NCA_OK)
        status = nca_cl_status(&p.device, measure(&p, &found), "measure", error);
    if (status == NCA_OK)
        *flops = found;
    if (p.sink)
        clReleaseMemObject(p.sink);
    if (p.kernel)
        clReleaseKernel(p.kernel);
    if (p.program)
        clReleaseProgram(p.program);
    nca_cl_device_close(&p.device);
    return status;
}
