/* SPDX-License-Identifier: MIT
 *
 * The automaton on OpenCL devices: what the rest of the core sees of it.  Where the build
 * has no OpenCL, stub.c answers with NCA_ERR_DEVICE.
 *
 * Errors name the device and what failed.  After NCA_ERR_DEVICE an object can only be
 * freed. */
#ifndef NCA_OPENCL_H
#define NCA_OPENCL_H

#include "network.h"

/* As nca_devices_each. */
NcaStatus nca_cl_devices_each(NcaDeviceFound *found, void *arg, NcaError *error);

/* Floating point operations of fused multiply-adds that the device makes in a second. */
NcaStatus nca_cl_peak(double *flops, int device, NcaError *error);

/* How kernels are cut; what comes out is the same.  0: by the device. */
typedef struct NcaClTuning {
    int group; /* work-items of a group */
    int cells; /* that a work-item updates at once, 1 or 2 */
    int local; /* 1: weights, and cells that fit, go through local memory; -1: not */
} NcaClTuning;

/* Worlds of one size and shape that live on a device and step together. */
typedef struct NcaClWorlds NcaClWorlds;

typedef struct NcaClWorldsParams {
    int device; /* as in NcaGridParams, not the CPU */
    NcaShape shape;
    NcaEdge edge;
    int width, height, count;
    NcaClTuning tuning;
} NcaClWorldsParams;

/* Empty worlds.  NCA_ERR_DEVICE, NCA_ERR_MEMORY. */
NcaStatus nca_cl_worlds_new(NcaClWorlds **worlds, const NcaClWorldsParams *params,
                            NcaError *error);
void nca_cl_worlds_free(NcaClWorlds **worlds);

/* What is packed into the network holds from the next step on. */
NcaStatus nca_cl_worlds_set_network(NcaClWorlds *worlds, const NcaNetwork *network,
                                    NcaError *error);

/* state: [height][width][channels].  All return when it is done.
 * lives: [height][width], 1 where the last step left a cell alive; noise where none was
 * made since `write`. */
NcaStatus nca_cl_worlds_write(NcaClWorlds *worlds, int world, const float *state,
                              NcaError *error);
NcaStatus nca_cl_worlds_read(NcaClWorlds *worlds, int world, float *state, uint8_t *lives,
                             NcaError *error);

/* Begins `steps` updates of all worlds and returns; the first is that of `time`.
 * seed: [count]; limit: nca_fire_limit. */
NcaStatus nca_cl_worlds_step(NcaClWorlds *worlds, const uint64_t *seed, int64_t time,
                             uint32_t limit, int steps, NcaError *error);

/* Returns when all that was begun is done. */
NcaStatus nca_cl_worlds_wait(NcaClWorlds *worlds, NcaError *error);

#endif
