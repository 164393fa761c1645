/* SPDX-License-Identifier: MIT
 *
 * An iteration's samples, their states on the processor. */
#ifndef NCA_BATCH_H
#define NCA_BATCH_H

#include "trainer.h"

/* Drawn from the pool and made ready, by the plan; … */
void nca_batch_prepare(NcaTrainer *trainer);
/* … run, with their gradients, on any thread; false where it was stopped; … */
bool nca_batch_run(NcaTrainer *trainer, int sample, int slot);
/* … and put into the pool again. */
void nca_batch_write_back(NcaTrainer *trainer);

/* All of the pool begin as the seed, on the canvas as it is now. */
void nca_batch_reseed(NcaTrainer *trainer);

#endif
