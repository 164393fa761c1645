/* SPDX-License-Identifier: MIT
 *
 * What only libnca asks of a target. */
#ifndef NCA_TARGET_H
#define NCA_TARGET_H

#include "nca_train.h"

/* Cells of nothing on each side. */
int nca_target_padding(const NcaTarget *target);

/* The longest side of the picture, in cells. */
int nca_target_size(const NcaTarget *target);

/* A canvas of the same size with the picture at half its size: each cell is the mean of
 * four, and the cell at (width / 2, height / 2) stays where it is. */
NcaStatus nca_target_halve(NcaTarget **half, const NcaTarget *target, NcaError *error);

float nca_target_alpha_max(const NcaTarget *target);

/* Its loss for a grid without life. */
double nca_target_empty_loss(const NcaTarget *target);

#endif
