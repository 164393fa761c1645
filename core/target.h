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

/* A canvas of the same size with the picture at that part of its size, 0 < part ≤ 1: each
 * cell is the mean of what it covers, and the cell at (width / 2, height / 2) stays where
 * it is. */
NcaStatus nca_target_shrink(NcaTarget **small, const NcaTarget *target, double part,
                            NcaError *error);

/* As it looks grown with that angle: turned counter-clockwise about the cell at (width /
 * 2, height / 2), which comes to lie on (side / 2, side / 2) of canvas
 * [side][side][4]. */
void nca_target_turn(const NcaTarget *target, double degrees, float *canvas, int side);

float nca_target_alpha_max(const NcaTarget *target);

/* Its loss for a grid without life. */
double nca_target_empty_loss(const NcaTarget *target);

#endif
