/* SPDX-License-Identifier: MIT
 *
 * What the judge hands to the painter. */
#ifndef NCA_EVAL_H
#define NCA_EVAL_H

#include "trials.h"

/* Of growth, then two a trial. */
enum {
    NCA_SHOTS_GROWTH = 8,
    NCA_SHOTS = NCA_SHOTS_GROWTH + 2 * NCA_TRIALS,
};

typedef struct NcaShots {
    NcaShot shot[NCA_SHOTS];
    bool pass[NCA_TRIALS];
    int trials;
} NcaShots;

/* picture: of nca_eval_picture_size. */
void nca_eval_draw(uint8_t *picture, const NcaTarget *target, const NcaShots *shots);

#endif
