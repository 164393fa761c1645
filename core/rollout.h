/* SPDX-License-Identifier: MIT
 *
 * One training sample: run from a state for some steps, compare with the target, and
 * carry the gradient back through all of them.  Serial; a trainer keeps one NcaRollout a
 * thread.
 *
 * The tape is an undo log: each step keeps the former values of just the cells that it
 * changes, and the way back restores them in place.  Where the log of a whole run would
 * exceed the memory given, the run is cut into segments whose first states are kept, and
 * each segment is made again before its way back (Chen et al. 2016, "Training Deep Nets
 * with Sublinear Memory Cost"). */
#ifndef NCA_ROLLOUT_H
#define NCA_ROLLOUT_H

#include <stdatomic.h>

#include "nca_train.h"
#include "network.h"

#define NCA_ROLLOUT_LOSSES_MAX 8

typedef struct NcaRollout NcaRollout;

typedef struct NcaRolloutParams {
    uint64_t seed; /* of the fire mask */
    float fire_rate;
    int steps;           /* 1 … */
    const float *target; /* [height][width][4], or NULL where nothing should be left */
    /* After how many steps the loss is taken, rising, the last one = steps, and the share
     * of each in the gradient. */
    int losses;
    int loss_step[NCA_ROLLOUT_LOSSES_MAX];
    float loss_weight[NCA_ROLLOUT_LOSSES_MAX];
    /* Of the penalty: mean over all channels of relu(|x| - 3)², at those steps. */
    float overflow_weight;
    /* Of the penalty: mean over all cells of relu(alpha - the shape's alive_threshold)
     * where the target has nothing, at those steps.  What is left of a wound may pale
     * until its loss is small, but lives on above that threshold. */
    float stray_weight;
    /* Cells.  Where not 0, the losses are not of the state as it lies, but moved by up to
     * so much either way, by what fits the last state best: then a creature that has
     * healed whole, but a cell aside, is not at fault. */
    int shift_most;
    /* Of the penalty: the loss in place, where the state was moved, at those steps.  Else
     * nothing says that to heal a cell aside, always to the same side, is not as good. */
    float place_weight;
} NcaRolloutParams;

typedef struct NcaRolloutResult {
    double loss;          /* at the last step */
    double loss_mean;     /* weighted over the loss steps */
    int shift_x, shift_y; /* by how much the state is to be moved to lie on the target */
    int64_t fired;        /* cells that went through the network, all steps */
} NcaRolloutResult;

/* A world of the target's size.  tape_bytes bounds the undo log and the kept states.
 * NCA_ERR_ARGUMENT for a shape with a clamp, NCA_ERR_MEMORY also where tape_bytes cannot
 * do. */
NcaStatus nca_rollout_new(NcaRollout **rollout, const NcaShape *shape, int width,
                          int height, int steps_max, size_t tape_bytes, NcaError *error);
void nca_rollout_free(NcaRollout **rollout);

/* network: packed with angle 0 and step size 1.
 * state [height][width][channels] is replaced by the last state.
 * gradient, of nca_gradient_size floats (order: w1 b1 w2 b2 in the model's own layout),
 * is overwritten with d(loss_mean + penalties)/d(weights).  Returns false when *stop
 * became true on the way: outputs are then undefined. */
bool nca_rollout_run(NcaRollout *rollout, const NcaNetwork *network,
                     const NcaRolloutParams *params, const atomic_bool *stop,
                     float *state, float *gradient, NcaRolloutResult *result);

/* The same without a loss: only the state moves on.  Of the params seed, fire rate and
 * steps count. */
bool nca_rollout_step(NcaRollout *rollout, const NcaNetwork *network,
                      const NcaRolloutParams *params, const atomic_bool *stop,
                      float *state);

/* w1 + b1 + w2 + b2 of the shape; b2 is counted only where the shape has it. */
size_t nca_gradient_size(const NcaShape *shape);

/* Loss of a dense state. */
double nca_state_loss(const float *state, int channels, const float *target, int width,
                      int height);

#endif
