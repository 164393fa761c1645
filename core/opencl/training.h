/* SPDX-License-Identifier: MIT
 *
 * Training on OpenCL devices: what the rest of the core sees of it.  Errors as in
 * opencl.h. */
#ifndef NCA_OPENCL_TRAINING_H
#define NCA_OPENCL_TRAINING_H

#include <stdatomic.h>

#include "adam.h"
#include "opencl.h"

/* The samples of a training: a pool of states, and the batch, before and after its run.
 * They stay on the device; a place is 0 … pool-1, and those of nca_cl_before and
 * nca_cl_after. */
typedef struct NcaClBatch NcaClBatch;

typedef struct NcaClBatchParams {
    NcaClWorldsParams worlds; /* `count` is the batch */
    int pool;                 /* states, may be 0 */
    int steps_max;
    size_t memory; /* bytes that all of it may take on the device */
    /* NULL, or what makes step, run and back return early once it is true; what they
     * leave is then undefined. */
    const atomic_bool *stop;
} NcaClBatchParams;

/* All states empty.  NCA_ERR_DEVICE, also where `memory` cannot do; NCA_ERR_MEMORY. */
NcaStatus nca_cl_batch_new(NcaClBatch **batch, const NcaClBatchParams *params,
                           NcaError *error);
void nca_cl_batch_free(NcaClBatch **batch);

int nca_cl_before(const NcaClBatch *batch, int sample);
int nca_cl_after(const NcaClBatch *batch, int sample);

/* What learns.  Runs and steps have these weights, and then those of each
 * nca_cl_batch_optimise; before the first call they are 0. */
NcaStatus nca_cl_batch_set_model(NcaClBatch *batch, const NcaModel *model,
                                 const NcaAdam *adam, NcaError *error);
/* [height][width][4] */
NcaStatus nca_cl_batch_set_target(NcaClBatch *batch, const float *target,
                                  NcaError *error);

/* Of one place.  read, write and look return when it is done, all others at once, or,
 * where they hand something over, when what was begun before is done.
 * look: [height][width][4], the first channels; the first of a cell is NAN where any of
 * its channels is not finite.  wound: kills where killed [height][width] is not 0. */
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

/* What one sample's loss after some steps is.  The factors stand before a cell's own
 * terms of the gradient: aim: value - target (at the shift); place: the same in place;
 * overflow: what is beyond ±3; stray: 1 where alpha is above the threshold and the target
 * has none. */
typedef struct NcaClLoss {
    int shift_x, shift_y;
    int nothing; /* not 0: the target is nothing */
    float aim, place, overflow, stray;
} NcaClLoss;

/* Fills loss [count], all 0 before, for `time`, 1 … steps; returns whether there is
 * any. */
typedef bool NcaClLosses(void *arg, int time, NcaClLoss *loss);

/* Back through the last run, to the mean of the samples' gradients, which stays on the
 * device. */
NcaStatus nca_cl_batch_back(NcaClBatch *batch, NcaClLosses *losses, void *arg,
                            NcaError *error);
/* For tests: reads that, in the model's own layout, w1 b1 w2 b2. */
NcaStatus nca_cl_batch_gradient(NcaClBatch *batch, float *gradient, NcaError *error);

/* nca_adam_step by that gradient, but for one that is not finite, which changes nothing.
 * Waits; the model's weights, and the optimiser's time and usual norms, are then those of
 * the device, its means are not. */
NcaStatus nca_cl_batch_optimise(NcaClBatch *batch, NcaModel *model, NcaAdam *adam,
                                double rate, double usual_share, NcaError *error);
/* Reads the means. */
NcaStatus nca_cl_batch_means(NcaClBatch *batch, NcaAdam *adam, NcaError *error);

#endif
