/* SPDX-License-Identifier: MIT
 *
 * An iteration's samples, their states on an OpenCL device.  The processor's pool and the
 * optimiser's means lag behind: they are fetched now and then, for a checkpoint, and for
 * the day that the device fails. */
#ifndef NCA_BATCH_REMOTE_H
#define NCA_BATCH_REMOTE_H

#include "trainer.h"

/* For a trainer that is made but for this.  Where any device was asked for and none can
 * be had, that is noted.  NCA_ERR_DEVICE, NCA_ERR_MEMORY. */
NcaStatus nca_batch_remote_new(NcaTrainer *trainer, NcaError *error);
void nca_batch_remote_free(NcaTrainer *trainer);

/* NCA_OK while the device works or the processor was asked for; else why not. */
NcaStatus nca_batch_remote_state(const NcaTrainer *trainer, NcaError *error);

/* Draws, prepares and runs all samples, to their gradient; false where there is no
 * device, or it fails: nothing has happened then.  Stopped, it leaves early. */
bool nca_batch_remote_run(NcaTrainer *trainer);

/* After that: the optimiser's step, and the samples put into the pool again; false where
 * the device failed: the weights are as before then, the means those last fetched. */
bool nca_batch_remote_learn(NcaTrainer *trainer);

/* Brings the trainer's own pool and means, or the samples' states before and after, up to
 * date. */
void nca_batch_remote_fetch(NcaTrainer *trainer);
void nca_batch_remote_fetch_samples(NcaTrainer *trainer);

/* The trainer's own pool, model and means were replaced. */
void nca_batch_remote_changed(NcaTrainer *trainer);

#endif
