/* SPDX-License-Identifier: MIT
 *
 * Cells as colours. */
#ifndef NCA_PICTURE_H
#define NCA_PICTURE_H

#include "nca.h"

/* Straight RGBA, each 0…1; what is not a number is 0. */
void nca_picture_color(NcaColor color, const float *cell, float *rgba);

/* The same in 8 bits. */
void nca_picture_color8(NcaColor color, const float *cell, uint8_t *rgba);

#endif
