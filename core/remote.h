/* SPDX-License-Identifier: MIT
 *
 * A grid's cells on an OpenCL device.  The grid's own world lags behind: what the device
 * has made since is fetched when it is asked for, and where the device fails the
 * processor makes it again.  So a device can be lost at any moment, and nothing else
 * is. */
#ifndef NCA_REMOTE_H
#define NCA_REMOTE_H

#include "nca.h"

typedef struct NcaRemote NcaRemote;

/* For a grid that is made but for this.  Where any device was asked for and none can be
 * had, that is noted in nca_remote_state.  NCA_ERR_DEVICE, NCA_ERR_MEMORY. */
NcaStatus nca_remote_new(NcaRemote **remote, const NcaGrid *grid, int device,
                         NcaError *error);
void nca_remote_free(NcaRemote **remote);

/* NCA_OK while the device works, else why it does not.  From any thread. */
NcaStatus nca_remote_state(NcaRemote *remote, NcaError *error);

/* Steps on the device, or here. */
void nca_remote_step(NcaGrid *grid, int steps);

/* Returns when the device has made them all.  Where it fails that is noticed later,
 * too. */
void nca_remote_wait(NcaGrid *grid);

/* Brings the grid's world up to its time.  From any thread. */
void nca_remote_fetch(NcaGrid *grid);

/* What the device has made is of no use any more: the grid's world is replaced. */
void nca_remote_forget(NcaRemote *remote);

/* The grid's world, fetched before, or its network was changed. */
void nca_remote_cells_changed(NcaRemote *remote);
void nca_remote_network_changed(NcaRemote *remote);

#endif
