/* SPDX-License-Identifier: MIT
 *
 * The inside of an NcaGrid. */
#ifndef NCA_GRID_H
#define NCA_GRID_H

#include "remote.h"
#include "step.h"

struct NcaGrid {
    NcaWorld world; /* behind a remote one until it is fetched: nca_grid_world */
    NcaModel *model;
    NcaNetwork network;
    NcaScratch *scratch; /* [slots] */
    int slots;
    NcaStepParams step;
    float angle, fire_rate, step_size;
    NcaRemote *remote; /* NULL: the processor was asked for */
};

/* The cells as they are now. */
const NcaWorld *nca_grid_world(const NcaGrid *grid);

/* Steps on the processor; params->time goes with them. */
void nca_grid_make_steps(NcaWorld *world, NcaStepParams *params, int64_t steps);

#endif
