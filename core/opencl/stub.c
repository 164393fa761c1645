/* SPDX-License-Identifier: MIT
 *
 * A build without OpenCL. */
#include "status.h"
#include "training.h"

static NcaStatus none(NcaError *error)
{
    return nca_fail(error, NCA_ERR_DEVICE, "this build has no OpenCL");
}

NcaStatus nca_cl_devices_each(NcaDeviceFound *found, void *arg, NcaError *error)
{
    (void)found, (void)arg;
    return none(error);
}

NcaStatus nca_cl_peak(double *flops, int device, NcaError *error)
{
    (void)flops, (void)device;
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

/* ---------------------------------------------------------------- training */

NcaStatus nca_cl_batch_new(NcaClBatch **batch, const NcaClBatchParams *params,
                           NcaError *error)
{
    (void)batch, (void)params;
    return none(error);
}

void nca_cl_batch_free(NcaClBatch **batch)
{
    *batch = NULL;
}

int nca_cl_before(const NcaClBatch *batch, int sample)
{
    (void)batch;
    return sample;
}

int nca_cl_after(const NcaClBatch *batch, int sample)
{
    (void)batch;
    return sample;
}

NcaStatus nca_cl_batch_set_model(NcaClBatch *batch, const NcaModel *model,
                                 const NcaAdam *adam, NcaError *error)
{
    (void)batch, (void)model, (void)adam;
    return none(error);
}

NcaStatus nca_cl_batch_set_target(NcaClBatch *batch, const float *target, NcaError *error)
{
    (void)batch, (void)target;
    return none(error);
}

NcaStatus nca_cl_batch_write(NcaClBatch *batch, int place, const float *state,
                             NcaError *error)
{
    (void)batch, (void)place, (void)state;
    return none(error);
}

NcaStatus nca_cl_batch_read(NcaClBatch *batch, int place, float *state, NcaError *error)
{
    (void)batch, (void)place, (void)state;
    return none(error);
}

NcaStatus nca_cl_batch_look(NcaClBatch *batch, int place, float *picture, NcaError *error)
{
    (void)batch, (void)place, (void)picture;
    return none(error);
}

NcaStatus nca_cl_batch_seed(NcaClBatch *batch, int place, NcaError *error)
{
    (void)batch, (void)place;
    return none(error);
}

NcaStatus nca_cl_batch_wound(NcaClBatch *batch, int place, const uint8_t *killed,
                             NcaError *error)
{
    (void)batch, (void)place, (void)killed;
    return none(error);
}

NcaStatus nca_cl_batch_move(NcaClBatch *batch, int to, int from, int dx, int dy,
                            NcaError *error)
{
    (void)batch, (void)to, (void)from, (void)dx, (void)dy;
    return none(error);
}

NcaStatus nca_cl_batch_step(NcaClBatch *batch, int sample, uint64_t seed, uint32_t limit,
                            int steps, NcaError *error)
{
    (void)batch, (void)sample, (void)seed, (void)limit, (void)steps;
    return none(error);
}

NcaStatus nca_cl_batch_run(NcaClBatch *batch, const uint64_t *seed, uint32_t limit,
                           int steps, NcaError *error)
{
    (void)batch, (void)seed, (void)limit, (void)steps;
    return none(error);
}

NcaStatus nca_cl_batch_back(NcaClBatch *batch, NcaClLosses *losses, void *arg,
                            NcaError *error)
{
    (void)batch, (void)losses, (void)arg;
    return none(error);
}

NcaStatus nca_cl_batch_gradient(NcaClBatch *batch, float *gradient, NcaError *error)
{
    (void)batch, (void)gradient;
    return none(error);
}

NcaStatus nca_cl_batch_optimise(NcaClBatch *batch, NcaModel *model, NcaAdam *adam,
                                double rate, double usual_share, NcaError *error)
{
    (void)batch, (void)model, (void)adam, (void)rate, (void)usual_share;
    return none(error);
}

NcaStatus nca_cl_batch_means(NcaClBatch *batch, NcaAdam *adam, NcaError *error)
{
    (void)batch, (void)adam;
    return none(error);
}
