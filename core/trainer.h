/* SPDX-License-Identifier: MIT
 *
 * The inside of an NcaTrainer. */
#ifndef NCA_TRAINER_H
#define NCA_TRAINER_H

#include "adam.h"
#include "network.h"
#include "rollout.h"
#include "samples.h"
#include "schedule.h"
#include "shift.h"

/* What becomes of one that was drawn: it goes on, wounded or not; begins anew, from the
 * seed; or is let die. */
typedef enum NcaFate { NCA_GOES_ON, NCA_WOUNDED, NCA_ANEW, NCA_DIES } NcaFate;

/* One of the batch. */
typedef struct NcaSample {
    int index;     /* in the pool */
    float *before; /* states, as before the run and after it */
    float *after;
    float *gradient;   /* of nca_gradient_size floats */
    NcaShift drawn;    /* how far from its place it was drawn, on a device */
    double start_loss; /* of what was drawn */
    NcaFate fate;
    NcaDamage *damage; /* what wounds it, the first time and all others */
    NcaRolloutResult result;
} NcaSample;

/* batch_remote.c */
typedef struct NcaBatchRemote NcaBatchRemote;

struct NcaTrainer {
    NcaTarget *target[NCA_STAGES_MAX + 1]; /* [stage] */
    int stage_most;                        /* of those that are there */
    int stage_first;                       /* at iteration 0 */
    NcaTrainParams params;
    NcaModel *model;
    NcaNetwork network;
    NcaAdam adam;
    NcaSamples pool; /* empty where the regime has none */
    NcaCanvas canvas;
    NcaSample *sample;    /* [batch] */
    float *memory;        /* of the samples' states and gradients */
    NcaRollout **rollout; /* [workers] */
    int workers;
    NcaBatchRemote *remote; /* NULL: the processor was asked for */
    NcaPlan plan;           /* of the iteration at work */
    atomic_int next;        /* sample to be run */
    atomic_bool stop;
    int64_t iteration;   /* done so far */
    double loss, smooth; /* smooth: running mean of log10 */
    double seconds;
    double last; /* what the iteration before took by the clock */
    int held;    /* the checkpoint, open and locked; -1: none */
};

#endif
