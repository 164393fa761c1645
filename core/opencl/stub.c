/* SPDX-License-Identifier: MIT
 *
 * A build without OpenCL. */
#include "opencl.h"
#include "status.h"

static NcaStatus none(NcaError *error)
{
    return nca_fail(error, NCA_ERR_DEVICE, "this build has no OpenCL");
}

NcaStatus nca_cl_devices_each(NcaDeviceFound *found, void *arg, NcaError *error)
{
    (void)found, (void)arg;
    return none(error);
}

NcaStatus nca_cl_worlds_new(NcaClWorlds **worlds, const NcaClWorldsParams *params,
                            NcaError *error)
{
    (void)worlds, (void)params;
    return none(error);
}

/* Without _new there is nothing that the others could be called with. */
void nca_cl_worlds_free(NcaClWorlds **worlds)
{
    *worlds = NULL;
}

NcaStatus nca_cl_worlds_set_network(NcaClWorlds *worlds, const NcaNetwork *network,
                                    NcaError *error)
{
    (void)worlds, (void)network;
    return none(error);
}

NcaStatus nca_cl_worlds_write(NcaClWorlds *worlds, int world, const float *state,
                              NcaError *error)
{
    (void)worlds, (void)world, (void)state;
    return none(error);
}

NcaStatus nca_cl_worlds_read(NcaClWorlds *worlds, int world, float *state, uint8_t *lives,
                             NcaError *error)
{
    (void)worlds, (void)world, (void)state, (void)lives;
    return none(error);
}

NcaStatus nca_cl_worlds_step(NcaClWorlds *worlds, const uint64_t *seed, int64_t time,
                             uint32_t limit, int steps, NcaError *error)
{
    (void)worlds, (void)seed, (void)time, (void)limit, (void)steps;
    return none(error);
}

NcaStatus nca_cl_worlds_wait(NcaClWorlds *worlds, NcaError *error)
{
    (void)worlds;
    return none(error);
}
