/* SPDX-License-Identifier: MIT
 *
 * What the judge hands to the painter. */
#ifndef NCA_EVAL_H
#define NCA_EVAL_H

#include "nca_train.h"

/* Shots of a run, each RGBA [height][width]: growth, then wounds, then what healed. */
enum {
    NCA_SHOT_GROWTH = 0,
    NCA_SHOTS_GROWTH = 8,
    NCA_SHOT_WOUND = NCA_SHOTS_GROWTH,
    NCA_SHOT_HEALED = NCA_SHOT_WOUND + NCA_CUTS,
    NCA_SHOTS = NCA_SHOT_HEALED + NCA_CUTS
};

/* picture: of nca_eval_picture_size.  shots: [NCA_SHOTS][height][width][4]. */
void nca_eval_draw(uint8_t *picture, const NcaTarget *target, const uint8_t *shots);

#endif
