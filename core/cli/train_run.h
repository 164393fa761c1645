/* SPDX-License-Identifier: MIT
 *
 * The hours of `nca train`: iterations, with all that is written meanwhile. */
#ifndef NCA_TRAIN_RUN_H
#define NCA_TRAIN_RUN_H

#include "nca_train.h"

typedef struct TrainRun {
    NcaTrainer *trainer;
    const NcaTarget *target;
    NcaPool *pool;
    const char *output;     /* the model */
    const char *license;    /* goes into it; NULL: nothing */
    const char *checkpoint; /* NULL: only when stopped */
    const char *beside;     /* where it goes then */
    const char *log, *preview;
    int device;        /* that was asked for */
    bool resumed;      /* the log goes on */
    double save_every; /* seconds between models and checkpoints */
} TrainRun;

/* It was stopped before it learnt anything; what is there already was left as it is. */
enum { TRAIN_RUN_VAIN = -1 };

/* Trains to the end, or until stop_wished; writes, judges and tells.  An exit status, or
 * TRAIN_RUN_VAIN.  EXIT_FAILED, too, where just one device was asked for and it fails. */
int train_run(const TrainRun *run);

#endif
