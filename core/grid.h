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
    float angle, step_size;
    NcaRemote *remote; /* NULL: the processor was asked for */
};

/* The cells as they are now. */
const NcaWorld *nca_grid_world(const NcaGrid *grid);

/* Steps on the processor, from the world and the time that are there. */
void nca_grid_step_here(NcaGrid *grid, int64_t steps);

#endif
