/* SPDX-License-Identifier: MIT
 *
 * What creatures are put through, one run after another: each grows from one cell with a
 * seed of its own, is wounded, turned, left alone for long, …, and is compared with what
 * it should be. */
#ifndef NCA_TRIALS_H
#define NCA_TRIALS_H

#include <stdatomic.h>

#include "likeness.h"
#include "nca_train.h"

enum { NCA_GROWN = 200 }; /* steps after which a creature is taken for grown */

/* What a grid looked like; nothing where rgba is NULL, which is free()'s. */
typedef struct NcaShot {
    int width, height;
    uint8_t *rgba;
} NcaShot;

/* What a thread has for its runs. */
typedef struct NcaRun {
    const NcaModel *model;
    const NcaTarget *target;
    const atomic_bool *stop; /* ends a run early: its verdict is then worth nothing */
    uint64_t seed;
    NcaGrid *grid;         /* of the target's size */
    NcaLikeness likeness;  /* of that */
    NcaShot *first, *last; /* drawn where not NULL: after the wound, at the end */
    int64_t alive;         /* cells at the end */
} NcaRun;

NcaStatus nca_run_init(NcaRun *run, const NcaModel *model, const NcaTarget *target,
                       const atomic_bool *stop, NcaError *error);
void nca_run_uninit(NcaRun *run);

/* Bytes that one takes at its most; hard: in any of the trials, else in the cuts. */
size_t nca_run_size(const NcaModel *model, const NcaTarget *target, bool hard);

/* One cell in the middle of a grid, with the run's seed. */
void nca_run_sow(const NcaRun *run, NcaGrid *grid);

/* So many steps, or until that time, or until the run is stopped. */
void nca_run_step(const NcaRun *run, NcaGrid *grid, int steps);
void nca_run_step_until(const NcaRun *run, NcaGrid *grid, int64_t time);

/* Draws the grid; NULL: nowhere.  Out of memory draws nothing. */
void nca_shot_take(NcaShot *shot, const NcaGrid *grid);

/* trial: 0 … NCA_TRIALS - 1.  NCA_ERR_MEMORY. */
NcaStatus nca_trial_run(NcaRun *run, int trial, NcaTrial *verdict, NcaError *error);
const char *nca_trial_name(int trial);

#endif
