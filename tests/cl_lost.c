/* SPDX-License-Identifier: MIT
 *
 * To be preloaded: OpenCL whose devices are lost when they have run NCA_CL_KERNELS
 * kernels. */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdlib.h>

typedef cl_int Enqueue(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                       const size_t *offset, const size_t *items, const size_t *group,
                       cl_uint waits, const cl_event *wait, cl_event *event);

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel,
                              cl_uint dimensions, const size_t *offset,
                              const size_t *items, const size_t *group, cl_uint waits,
                              const cl_event *wait, cl_event *event)
{
    static int made;
    const char *most = getenv("NCA_CL_KERNELS");
    Enqueue *enqueue = (Enqueue *)dlsym(RTLD_NEXT, "clEnqueueNDRangeKernel");
    if (!enqueue || (most && made++ >= atoi(most)))
        return CL_OUT_OF_RESOURCES;
    return enqueue(queue, kernel, dimensions, offset, items, group, waits, wait, event);
}
