/* SPDX-License-Identifier: MIT
 *
 * Where a picture fits another best, on a plane without end: P and T are the two, 0
 * outside of their canvas, and the loss of P moved by s is sum (P(x - s) - T(x))² = sum
 * P² + sum T² - 2 sum P(x - s) T(x), divided as ever; what is moved over the rim still
 * counts. */
#ifndef NCA_SHIFT_H
#define NCA_SHIFT_H

typedef struct NcaShift {
    int x, y; /* by how much the picture has to be moved, cells */
    double loss;
} NcaShift;

/* picture, target: [height][width][4].  Up to `most` cells either way, and not at all
 * where that is as good as any. */
NcaShift nca_shift_find(const float *picture, const float *target, int width, int height,
                        int most);

#endif
