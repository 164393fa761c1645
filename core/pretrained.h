/* SPDX-License-Identifier: MIT
 *
 * The model that the library brings along for others to begin with: what it knows of
 * growing and healing is not of its picture alone (models/README.md, "What was
 * tried"). */
#ifndef NCA_PRETRAINED_H
#define NCA_PRETRAINED_H

#include "nca.h"

/* Of 16 channels and a hidden layer of 128, trained at 40 cells.  A new object, the
 * caller's. */
NcaStatus nca_model_pretrained(NcaModel **model, NcaError *error);

#endif
