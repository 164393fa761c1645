/* SPDX-License-Identifier: MIT
 *
 * What each iteration of a training does: the recipes, and nothing else. */
#ifndef NCA_SCHEDULE_H
#define NCA_SCHEDULE_H

#include "nca_train.h"
#include "rollout.h"

typedef struct NcaPlan {
    double rate; /* learning rate */
    int steps;   /* of the automaton; the same for the whole batch */
    int losses;  /* as in NcaRolloutParams */
    int loss_step[NCA_ROLLOUT_LOSSES_MAX];
    float loss_weight[NCA_ROLLOUT_LOSSES_MAX];
    float overflow_weight;
    int seeds;   /* this many of the batch, those of most loss, begin as the seed */
    int damaged; /* this many, those of least loss, lose cells */
    bool mixed;  /* in many ways, not by discs only */
    bool reseed; /* what has died begins as the seed */
} NcaPlan;

/* NCA_ERR_ARGUMENT for a parameter out of range. */
NcaStatus nca_schedule_check(const NcaTrainParams *params, NcaError *error);

/* progress: 0 … 1, how much of the training is done. */
NcaPlan nca_schedule_plan(const NcaTrainParams *params, const NcaTarget *target,
                          int64_t iteration, double progress);

/* The most steps that any plan has. */
int nca_schedule_steps_max(const NcaTrainParams *params, const NcaTarget *target);

/* Whether samples come from a pool. */
bool nca_schedule_has_pool(const NcaTrainParams *params);

#endif
