/* SPDX-License-Identifier: MIT
 *
 * What each iteration of a training does: the recipes, and nothing else. */
#ifndef NCA_SCHEDULE_H
#define NCA_SCHEDULE_H

#include "nca_train.h"
#include "rollout.h"

/* Small pictures are learnt far sooner than large ones, and what was learnt serves the
 * large one too: so a target may begin as a smaller one.  Stage 0 is the target's own
 * size, and those before it are counted down to it; nca_stage_part tells how much smaller
 * they are. */
#define NCA_STAGES_MAX 12

#define NCA_ITERATIONS_MAX INT64_C(1000000000000)

typedef struct NcaPlan {
    int stage;          /* of the picture's size */
    double rate;        /* learning rate */
    double usual_share; /* as nca_adam_step has it */
    int steps;          /* of the automaton; the same for the whole batch */
    int losses;         /* as in NcaRolloutParams */
    int loss_step[NCA_ROLLOUT_LOSSES_MAX];
    float loss_weight[NCA_ROLLOUT_LOSSES_MAX];
    float overflow_weight, stray_weight, place_weight;
    float early_weight; /* where not 0, the wounded have a loss before those, too, … */
    int early_step;     /* … here */
    int seeds;   /* this many of the batch, those of most loss, begin as the seed */
    int damaged; /* this many, those of least loss, lose cells */
    bool mixed;  /* in many ways, not by discs only */
    int aside;   /* what heals may end so many cells aside */
    int again;   /* what is wounded, may be so many times more before it is to heal */
    int pause_least, pause_most; /* steps between */
    double erased; /* this part of the wounded is so by strokes of an eraser only, … */
    double holed;  /* … and this one by holes in the middle; … */
    bool keep_placed; /* … and between its wounds a sample is put in its place */
    bool reseed;      /* what has died begins as the seed, … */
    double hopeless; /* … and what has more loss than this part of an empty grid's, … */
    bool let_die;    /* … or it is let die, where it is nothing like the picture */
    bool put_back;   /* what is drawn from far aside is put in its place */
} NcaPlan;

/* NCA_ERR_ARGUMENT for a parameter out of range. */
NcaStatus nca_schedule_check(const NcaTrainParams *params, NcaError *error);

/* progress: 0 … 1, how much of the training is done.  first: the stage at its
 * beginning. */
NcaPlan nca_schedule_plan(const NcaTrainParams *params, const NcaTarget *target,
                          int first, int64_t iteration, double progress);

/* Iterations on a small picture take less time.  Which share of all the time has gone at
 * that progress, about, and at which progress that share has: both rise from 0 to 1. */
double nca_schedule_time(const NcaTarget *target, int first, double progress);
double nca_schedule_progress(const NcaTarget *target, int first, double time);

/* The stage that the recipe wants to begin with, for a model that grows pictures of
 * `known` cells; 0 cells: with random weights. */
int nca_schedule_first(const NcaTrainParams *params, const NcaTarget *target, int known);

/* The picture's longest side in that stage, cells. */
int nca_schedule_side(const NcaTarget *target, int stage);

/* The most steps that any plan has. */
int nca_schedule_steps_max(const NcaTrainParams *params, const NcaTarget *target);

/* Whether samples come from a pool. */
bool nca_schedule_has_pool(const NcaTrainParams *params);

#endif
