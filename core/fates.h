/* SPDX-License-Identifier: MIT
 *
 * What becomes of an iteration's samples: all decisions of batch.c and batch_remote.c,
 * which move the states.  Each is a hash of (seed, iteration, what for), or follows from
 * how a state looks: the first `channels` of its channels, four at least. */
#ifndef NCA_FATES_H
#define NCA_FATES_H

#include "shift.h"
#include "trainer.h"

/* What the trainer's samples are to become. */
const NcaTarget *nca_fates_target(const NcaTrainer *trainer);

/* The plan's stage becomes the canvas's; whether it was another: what has grown is of no
 * use then. */
bool nca_fates_follow(NcaTrainer *trainer);

/* Chooses the samples, by their index; not where there is no pool. */
void nca_fates_draw(NcaTrainer *trainer);

double nca_fates_loss(const NcaTrainer *trainer, const float *cells, int channels);

/* Whether what was drawn with that start_loss is to be put in its place. */
bool nca_fates_astray(const NcaTrainer *trainer, const NcaSample *sample);

/* How far cells lie from their place, `most` either way.  scratch: [height][width][4]. */
NcaShift nca_fates_place(const NcaTrainer *trainer, const float *cells, int channels,
                         float *scratch, int most);

/* The samples in the order of their start_loss, the worst first. */
void nca_fates_rank(NcaTrainer *trainer);

/* Sets fate and damage of the sample of that rank. */
void nca_fates_decide(const NcaTrainer *trainer, int sample, const float *cells,
                      int channels);

/* Of its first wound. */
uint64_t nca_fates_wound_key(const NcaTrainer *trainer, int sample);

/* How often it is wounded again, … */
int nca_fates_again(const NcaTrainer *trainer, int sample);

/* … after how many steps each time, by which fire mask, and where. */
typedef struct NcaPause {
    int steps;
    uint64_t seed, wound_key;
} NcaPause;

NcaPause nca_fates_pause(const NcaTrainer *trainer, int sample, int which);

/* Of the run with a way back. */
NcaRolloutParams nca_fates_params(const NcaTrainer *trainer, int sample);

#endif
