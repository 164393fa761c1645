/* SPDX-License-Identifier: MIT
 *
 * What only libnca asks of a target. */
#ifndef NCA_TARGET_H
#define NCA_TARGET_H

#include "nca_train.h"

/* Cells of nothing on each side. */
int nca_target_padding(const NcaTarget *target);

#endif
