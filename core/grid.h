/* SPDX-License-Identifier: MIT
 *
 * The inside of an NcaGrid. */
#ifndef NCA_GRID_H
#define NCA_GRID_H

#include "step.h"

struct NcaGrid {
    NcaWorld world;
    NcaModel *model;
    NcaNetwork network;
    NcaScratch *scratch; /* [slots] */
    int slots;
    NcaStepParams step;
    float angle, step_size;
};

#endif
