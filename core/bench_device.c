/* SPDX-License-Identifier: MIT */
#include "bench_device.h"

#include <stdlib.h>

#include "opencl/training.h"
#include "random.h"
#include "status.h"

struct NcaBenchDevice {
    NcaBenchDeviceParams params;
    NcaClWorlds *worlds;
    NcaNetwork network; /* of the worlds */
    NcaClBatch *batch;
    NcaModel *model; /* that the batch teaches */
    NcaAdam adam;
    float *target;
    uint64_t *seed;
    int64_t time;
};

static NcaClWorldsParams worlds_params(const NcaBenchDevice *b)
{
    const NcaShape *shape = nca_model_shape(b->params.model);
    return (NcaClWorldsParams){
        .device = b->params.device,
        .shape = *shape,
        .edge = shape->edge,
        .width = b->params.side,
        .height = b->params.side,
        .count = b->params.batch,
    };
}

static NcaStatus new_worlds(NcaBenchDevice *b, NcaError *error)
{
    NcaClWorldsParams p = worlds_params(b);
    NcaStatus status = nca_network_init(&b->network, &p.shape, false, error);
    if (status < 0)
        return status;
    nca_network_pack(&b->network, b->params.model, 0, 1);
    status = nca_cl_worlds_new(&b->worlds, &p, error);
    if (status == NCA_OK)
        status = nca_cl_worlds_set_network(b->worlds, &b->network, error);
    for (int i = 0; i < b->params.batch && status == NCA_OK; i++)
        status = nca_cl_worlds_write(b->worlds, i, b->params.start, error);
    return status;
}

static NcaStatus new_batch(NcaBenchDevice *b, NcaError *error)
{
    NcaClBatchParams p = {
        .worlds = worlds_params(b),
        .steps_max = b->params.steps,
        .memory = (size_t)1 << 31,
    };
    NcaStatus status = nca_model_copy(&b->model, b->params.model, error);
    if (status == NCA_OK)
        status = nca_adam_init(&b->adam, &p.worlds.shape, error);
    if (status == NCA_OK)
        status = nca_cl_batch_new(&b->batch, &p, error);
    if (status == NCA_OK)
        status = nca_cl_batch_set_model(b->batch, b->model, &b->adam, error);
    if (status == NCA_OK)
        status = nca_cl_batch_set_target(b->batch, b->target, error);
    for (int i = 0; i < b->params.batch && status == NCA_OK; i++)
        status = nca_cl_batch_write(b->batch, nca_cl_before(b->batch, i), b->params.start,
                                    error);
    return status;
}

static NcaStatus fill(NcaBenchDevice *b, NcaError *error)
{
    size_t batch = (size_t)b->params.batch;
    b->seed = calloc(batch, sizeof(*b->seed));
    b->target = calloc((size_t)b->params.side * b->params.side * 4, sizeof(float));
    if (!b->seed || !b->target)
        return nca_fail_memory(error, "the benchmark");
    for (size_t i = 0; i < batch; i++)
        b->seed[i] = i;
    return b->params.training ? new_batch(b, error) : new_worlds(b, error);
}

NcaStatus nca_bench_device_new(NcaBenchDevice **bench, const NcaBenchDeviceParams *params,
                               NcaError *error)
{
    NcaBenchDevice *b = calloc(1, sizeof(*b));
    if (!b)
        return nca_fail_memory(error, "the benchmark");
    b->params = *params;
    NcaStatus status = fill(b, error);
    if (status < 0)
        nca_bench_device_free(&b);
    else
        *bench = b;
    return status;
}

void nca_bench_device_free(NcaBenchDevice **bench)
{
    NcaBenchDevice *b = *bench;
    if (!b)
        return;
    nca_cl_worlds_free(&b->worlds);
    nca_cl_batch_free(&b->batch);
    nca_network_uninit(&b->network);
    free(b->seed);
    nca_model_free(&b->model);
    nca_adam_uninit(&b->adam);
    free(b->target);
    free(b);
    *bench = NULL;
}

/* Of the last step only. */
static bool losses_at(void *arg, int time, NcaClLoss *loss)
{
    const NcaBenchDevice *b = arg;
    float cells = (float)b->params.side * (float)b->params.side;
    for (int i = 0; i < b->params.batch && time == b->params.steps; i++)
        loss[i].aim = 2 / (4 * cells);
    return time == b->params.steps;
}

static NcaStatus iterate(NcaBenchDevice *b, uint32_t limit, NcaError *error)
{
    NcaStatus status = nca_cl_batch_run(b->batch, b->seed, limit, b->params.steps, error);
    if (status == NCA_OK)
        status = nca_cl_batch_back(b->batch, losses_at, b, error);
    return status == NCA_OK
               ? nca_cl_batch_optimise(b->batch, b->model, &b->adam, 0, 0, error)
               : status;
}

NcaStatus nca_bench_device_once(NcaBenchDevice *b, NcaError *error)
{
    uint32_t limit = nca_fire_limit(0.5f);
    if (b->params.training)
        return iterate(b, limit, error);
    NcaStatus status =
        nca_cl_worlds_step(b->worlds, b->seed, b->time, limit, b->params.steps, error);
    b->time += b->params.steps;
    return status == NCA_OK ? nca_cl_worlds_wait(b->worlds, error) : status;
}
