/* SPDX-License-Identifier: MIT
 *
 * The inside of core/opencl: devices, programs, buffers. */
#ifndef NCA_CL_H
#define NCA_CL_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include "opencl.h"

/* A device with what is asked of it once. */
typedef struct NcaClDevice {
    cl_platform_id platform;
    cl_device_id id;
    cl_context context;
    cl_command_queue queue;
    char name[128], driver[128], version[128];
    bool is_cpu;
    size_t group_most, local_bytes;
    uint64_t memory, allocation_most;
} NcaClDevice;

/* Finds it by NcaGridParams.device, with a queue in order.  NCA_ERR_DEVICE. */
NcaStatus nca_cl_device_open(NcaClDevice *device, int which, NcaError *error);
void nca_cl_device_close(NcaClDevice *device);

/* NCA_OK for CL_SUCCESS; else fills the error: "NAME: could not DO: out of resources (-5)".
 * Lack of memory on the device is NCA_ERR_DEVICE, too: the CPU may have it. */
NcaStatus nca_cl_status(const NcaClDevice *device, cl_int code, const char *what,
                        NcaError *error);

/* program.c: the kernels, built for a shape, or taken from the cache. */
NcaStatus nca_cl_program_new(cl_program *program, const NcaClDevice *device,
                             const char *options, NcaError *error);
NcaStatus nca_cl_kernel_new(cl_kernel *kernel, const NcaClDevice *device,
                            cl_program program, const char *name, NcaError *error);

/* cache.c: what a device built, under a name of its own in $XDG_CACHE_HOME/nca or
 * $HOME/.cache/nca.  read: NULL where there is none or it is damaged; free(…) is the caller's.
 * A cache that can't be written is none. */
void *nca_cl_cache_read(const char *key, size_t *size);
void nca_cl_cache_write(const char *key, const void *data, size_t size);

/* layout.c: what a shape is to the kernels. */
typedef struct NcaClLayout {
    NcaShape shape;
    NcaEdge edge;
    int quads;   /* float4 of a cell */
    int inputs;  /* of the network */
    int hidden4; /* float4 of hidden units */
    int chunk;   /* of those that are in local memory at once */
    int group, cells;
    bool local_cells; /* a tile's cells are read through local memory */
} NcaClLayout;

NcaClLayout nca_cl_layout(const NcaClDevice *device, const NcaShape *shape, NcaEdge edge,
                          const NcaClTuning *tuning);

/* Options of the compiler for it. */
void nca_cl_layout_options(const NcaClLayout *layout, const NcaClDevice *device,
                           char *options, size_t size);

/* Floats of a network on the device: w1 [hidden4][inputs][4], w2 [hidden4·4][quads][4],
 * b1 [hidden4][4], b2 [quads][4]. */
size_t nca_cl_network_size(const NcaClLayout *layout);
void nca_cl_network_pack(const NcaClLayout *layout, const NcaNetwork *network,
                         float *packed);

/* Between [cells][channels] and [cells][quads·4]. */
void nca_cl_cells_pack(const NcaClLayout *layout, const float *state, size_t cells,
                       float *packed);
void nca_cl_cells_unpack(const NcaClLayout *layout, const float *packed, size_t cells,
                         float *state);

/* Sets all arguments of a kernel, each a pointer and a size, up to a NULL. */
cl_int nca_cl_arguments(cl_kernel kernel, ...);

enum { NCA_CL_TILE = 16 }; /* cells of a side of what a group works on */
enum { NCA_CL_LIVES = 4 }; /* LIVES of common.cl */

#endif
