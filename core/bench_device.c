/* SPDX-License-Identifier: MIT */
#include "bench_device.h"

#include <stdlib.h>
#include <string.h>

#include "opencl/opencl.h"
#include "random.h"
#include "rollout.h"
#include "status.h"

struct NcaBenchDevice {
    NcaBenchDeviceParams params;
    NcaClWorlds *worlds;
    NcaClBatch *batch;
    NcaNetwork network;
    uint64_t *seed;
    int64_t time;
    size_t gradient_size;
    float *gradients, **gradient;
    float *target;
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
    NcaStatus status = nca_cl_worlds_new(&b->worlds, &p, error);
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
    NcaStatus status = nca_cl_batch_new(&b->batch, &p, error);
    if (status == NCA_OK)
        status = nca_cl_batch_set_network(b->batch, &b->network, error);
    if (status == NCA_OK)
        status = nca_cl_batch_set_target(b->batch, b->target, error);
    for (int i = 0; i < b->params.batch && status == NCA_OK; i++)
        status = nca_cl_batch_write(b->batch, nca_cl_before(b->batch, i), b->params.start,
                                    error);
    return status;
}

static NcaStatus fill(NcaBenchDevice *b, NcaError *error)
{
    const NcaShape *shape = nca_model_shape(b->params.model);
    size_t batch = (size_t)b->params.batch;
    NcaStatus status = nca_network_init(&b->network, shape, false, error);
    if (status < 0)
        return status;
    nca_network_pack(&b->network, b->params.model, 0, 1);
    b->gradient_size = nca_gradient_size(shape);
    b->seed = calloc(batch, sizeof(*b->seed));
    b->gradients = calloc(batch * b->gradient_size, sizeof(float));
    b->gradient = calloc(batch, sizeof(*b->gradient));
    b->target = calloc((size_t)b->params.side * b->params.side * 4, sizeof(float));
    if (!b->seed || !b->gradients || !b->gradient || !b->target)
        return nca_fail_memory(error, "the benchmark");
    for (size_t i = 0; i < batch; i++) {
        b->seed[i] = i;
        b->gradient[i] = b->gradients + i * b->gradient_size;
    }
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
    free(b->gradients);
    free(b->gradient);
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
    NcaStatus status = nca_cl_batch_set_network(b->batch, &b->network, error);
    if (status == NCA_OK)
        status = nca_cl_batch_run(b->batch, b->seed, limit, b->params.steps, error);
    if (status == NCA_OK)
        status = nca_cl_batch_back(b->batch, losses_at, b, b->gradient, error);
    for (int i = 1; i < b->params.batch && status == NCA_OK; i++)
        for (size_t k = 0; k < b->gradient_size; k++)
            b->gradients[k] += b->gradient[i][k];
    return status;
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

float *nca_bench_device_gradient(NcaBenchDevice *b)
{
    return b->gradients;
}
