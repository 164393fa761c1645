/* SPDX-License-Identifier: MIT
 *
 * The automaton on OpenCL devices: what the rest of the core sees of it.  Where the build has no
 * OpenCL, stub.c answers with NCA_ERR_DEVICE.
 *
 * Errors name the device and what failed.  After NCA_ERR_DEVICE an object can only be freed. */
#ifndef NCA_OPENCL_H
#define NCA_OPENCL_H

#include <stdatomic.h>

#include "network.h"

/* As nca_devices_each. */
NcaStatus nca_cl_devices_each(NcaDeviceFound *found, void *arg, NcaError *error);

/* Floating point operations of fused multiply-adds that the device makes in a second. */
NcaStatus nca_cl_peak(double *flops, int device, NcaError *error);

/* How kernels are cut; what comes out is the same.  0: by the device. */
typedef struct NcaClTuning {
    int group; /* work-items of a group */
    int cells; /* that a work-item updates at once, 1 or 2 */
    int local; /* weights, and cells where they fit, are read through local memory: 1; -1: not */
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
 * lives: [height][width], 1 where the last step left a cell alive; noise where none was made since
 * `write`. */
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

/* ---------------------------------------------------------------- training */

/* The samples of a training: a pool of states, and the batch, before and after its run.  They
 * stay on the device; a place is 0 … pool-1, and those of nca_cl_before and nca_cl_after. */
typedef struct NcaClBatch NcaClBatch;

typedef struct NcaClBatchParams {
    NcaClWorldsParams worlds; /* `count` is the batch */
    int pool;                 /* states, may be 0 */
    int steps_max;
    size_t memory; /* bytes that all of it may take on the device */
    /* NULL, or what makes step, run and back return early once it is true; what they leave is
     * then undefined. */
    const atomic_bool *stop;
} NcaClBatchParams;

/* All states empty.  NCA_ERR_DEVICE, also where `memory` cannot do; NCA_ERR_MEMORY. */
NcaStatus nca_cl_batch_new(NcaClBatch **batch, const NcaClBatchParams *params,
                           NcaError *error);
void nca_cl_batch_free(NcaClBatch **batch);

int nca_cl_before(const NcaClBatch *batch, int sample);
int nca_cl_after(const NcaClBatch *batch, int sample);

/* network: packed with angle 0 and step size 1; it holds until the next call. */
NcaStatus nca_cl_batch_set_network(NcaClBatch *batch, const NcaNetwork *network,
                                   NcaError *error);
/* [height][width][4] */
NcaStatus nca_cl_batch_set_target(NcaClBatch *batch, const float *target,
                                  NcaError *error);

/* Of one place.  read, write and look return when it is done, all others at once, or, where they
 * hand something over, when what was begun before is done.
 * look: [height][width][4], the first channels; the first of a cell is NAN where any of its
 * channels is not finite.  wound: kills where killed [height][width] is not 0. */
NcaStatus nca_cl_batch_write(NcaClBatch *batch, int place, const float *state,
                             NcaError *error);
NcaStatus nca_cl_batch_read(NcaClBatch *batch, int place, float *state, NcaError *error);
NcaStatus nca_cl_batch_look(NcaClBatch *batch, int place, float *picture,
                            NcaError *error);
NcaStatus nca_cl_batch_seed(NcaClBatch *batch, int place, NcaError *error);
NcaStatus nca_cl_batch_wound(NcaClBatch *batch, int place, const uint8_t *killed,
                             NcaError *error);
/* Copies, moved by so many cells; what leaves the canvas is lost. */
NcaStatus nca_cl_batch_move(NcaClBatch *batch, int to, int from, int dx, int dy,
                            NcaError *error);

/* Steps the sample's state after, from time 0, without a way back. */
NcaStatus nca_cl_batch_step(NcaClBatch *batch, int sample, uint64_t seed, uint32_t limit,
                            int steps, NcaError *error);

/* Runs the states before into those after, all samples, in a way that can be gone back.
 * seed: [count]. */
NcaStatus nca_cl_batch_run(NcaClBatch *batch, const uint64_t *seed, uint32_t limit,
                           int steps, NcaError *error);

/* What one sample's loss after some steps is.  The factors stand before a cell's own terms of the
 * gradient: aim: value - target (at the shift); place: the same in place; overflow: what is
 * beyond ±3; stray: 1 where alpha is above the threshold and the target has none. */
typedef struct NcaClLoss {
    int shift_x, shift_y;
    int nothing; /* not 0: the target is nothing */
    float aim, place, overflow, stray;
} NcaClLoss;

/* Fills loss [count], all 0 before, for `time`, 1 … steps; returns whether there is any. */
typedef bool NcaClLosses(void *arg, int time, NcaClLoss *loss);

/* Back through the last run; gradient: for each sample, in the model's own layout. */
NcaStatus nca_cl_batch_back(NcaClBatch *batch, NcaClLosses *losses, void *arg,
                            float *const *gradient, NcaError *error);

#endif
