/* SPDX-License-Identifier: MIT
 *
 * The adjoint of a step, function by function in the opposite order, from what the tape
 * kept of it. */
#ifndef NCA_STEP_BACK_H
#define NCA_STEP_BACK_H

#include "step.h"

/* An undo log of steps: for each, three bit planes and the former values of just the
 * cells that it changed. */
typedef struct NcaTape {
    uint64_t *planes; /* [steps][3][height·words]: updated, killed, life */
    size_t plane;     /* words of one */
    NcaSpan *rows;    /* [steps]: rows the step looked at */
    float *values;    /* former values, one cell after the other */
    size_t used;      /* floats of values */
    size_t capacity;
    int steps, steps_max;
    void *memory;
} NcaTape;

/* bytes: of the values; what a tape takes besides is nca_tape_fixed_size. */
NcaStatus nca_tape_init(NcaTape *tape, const NcaWorld *world, int steps_max, size_t bytes,
                        NcaError *error);
size_t nca_tape_fixed_size(const NcaWorld *world, int steps_max);
void nca_tape_uninit(NcaTape *tape);
void nca_tape_clear(NcaTape *tape);

/* Between decide and apply.  Returns false, and records nothing, when the tape is
 * full. */
bool nca_tape_record(NcaTape *tape, const NcaWorld *world);

/* The gradient of a world: cells like the world's own, and where they may differ from
 * 0. */
typedef struct NcaWorldGradient {
    float *cells;      /* cell (0, 0), a frame of one cell around, as the world's */
    uint64_t *support; /* [height·words] */
    float *updates;    /* dL/d(update) of the cells that fired, without gaps */
    void *memory;
} NcaWorldGradient;

NcaStatus nca_world_gradient_init(NcaWorldGradient *gradient, const NcaWorld *world,
                                  NcaError *error);
void nca_world_gradient_uninit(NcaWorldGradient *gradient);
void nca_world_gradient_clear(NcaWorldGradient *gradient, const NcaWorld *world);

/* Undoes the tape's last step: the world's cells are again what they were before it (its
 * bit planes are not), the gradient is turned from that of the state after into that of
 * the state before, and the network's gradient is added to. */
void nca_step_back(NcaWorld *world, NcaTape *tape, NcaWorldGradient *gradient,
                   NcaGradient *weights, const NcaNetwork *network,
                   const NcaKernels *kernels, const NcaScratch *scratch);

#endif
