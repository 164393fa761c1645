/* SPDX-License-Identifier: MIT
 *
 * How far what a grid shows is from what was to be grown: as it lies, and where it has
 * moved, at the shift that fits best. */
#ifndef NCA_LIKENESS_H
#define NCA_LIKENESS_H

#include "nca_train.h"
#include "shift.h"

typedef struct NcaLikeness {
    int width, height;   /* cells of the grid */
    const float *target; /* [height][width][4], premultiplied */
    int shift_most;      /* cells, either way */
    float *picture;      /* [height][width][4], what was looked at */
    float *state;        /* [height][width][channels] */
} NcaLikeness;

/* target must outlive it. */
NcaStatus nca_likeness_init(NcaLikeness *likeness, const float *target, int width,
                            int height, int channels, int shift_most, NcaError *error);
void nca_likeness_uninit(NcaLikeness *likeness);

/* Takes the picture of a grid of that size: colours as trained, not clamped, where the
 * model has an alpha; else as shown.  Only columns first … last - 1 are seen. */
void nca_likeness_look(NcaLikeness *likeness, const NcaGrid *grid, int first, int last);

/* Of what was looked at; not finite is INFINITY. */
double nca_likeness_loss(const NcaLikeness *likeness);
NcaShift nca_likeness_shift(const NcaLikeness *likeness);

#endif
