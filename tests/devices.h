/* SPDX-License-Identifier: MIT
 *
 * What the tests of OpenCL share: whether there is a device, and worlds of the same on it
 * and here. */
#ifndef NCA_TEST_DEVICES_H
#define NCA_TEST_DEVICES_H

#include "grids.h"
#include "opencl/training.h"

static inline bool take_note(void *arg, int n, const NcaDeviceInfo *info)
{
    printf("device %d: %s, %s\n", n, info->name, info->version);
    *(bool *)arg |= !info->why_not;
    return true;
}

static inline bool have_device(void)
{
    NcaError error;
    bool found = false;
    if (nca_devices_each(take_note, &found, &error) < 0)
        printf("skipped: %s\n", error.text);
    return found;
}

/* Of nothing a multiple of four but bands, and no bias. */
static inline NcaShape four_bands(void)
{
    NcaShape s = small_shape();
    s.channels = 7;
    s.hidden = 10;
    s.bands = 4;
    s.band[3] = NCA_BAND_LAPLACIAN;
    s.band_scale[3] = 0.1f;
    s.edge = NCA_EDGE_WRAP;
    s.output_bias = false;
    return s;
}

static inline NcaClWorlds *worlds_of(const NcaModel *model, NcaEdge edge, int width,
                                     int height, int count, NcaClTuning tuning)
{
    NcaError error = {""};
    NcaClWorlds *worlds = NULL;
    NcaNetwork network;
    NcaClWorldsParams p = {
        .device = NCA_DEVICE_OPENCL,
        .shape = *nca_model_shape(model),
        .edge = edge,
        .width = width,
        .height = height,
        .count = count,
        .tuning = tuning,
    };
    CHECK_MSG(nca_cl_worlds_new(&worlds, &p, &error) == NCA_OK, "%s", error.text);
    CHECK(nca_network_init(&network, &p.shape, false, NULL) == NCA_OK);
    nca_network_pack(&network, model, 30, 0.9f);
    CHECK(nca_cl_worlds_set_network(worlds, &network, NULL) == NCA_OK);
    nca_network_uninit(&network);
    return worlds;
}

/* Bytes: more than any batch of the tests takes. */
static const size_t MUCH = (size_t)1 << 28;

/* For so many samples of that size. */
static inline NcaClBatchParams batch_params(const NcaShape *shape, int width, int height,
                                            int count, NcaClTuning tuning)
{
    return (NcaClBatchParams){
        .worlds = {.device = NCA_DEVICE_OPENCL,
                   .shape = *shape,
                   .edge = shape->edge,
                   .width = width,
                   .height = height,
                   .count = count,
                   .tuning = tuning},
        .memory = MUCH,
    };
}

static inline NcaClBatch *new_batch(const NcaClBatchParams *params)
{
    NcaError error = {""};
    NcaClBatch *batch = NULL;
    CHECK_MSG(nca_cl_batch_new(&batch, params, &error) == NCA_OK, "%s", error.text);
    return batch;
}

/* The CPU's, for the same. */
static inline NcaGrid *twin_of(const NcaModel *model, NcaEdge edge, int width, int height,
                               float rate, uint64_t own_seed)
{
    NcaGridParams p = nca_grid_params_default();
    NcaGrid *grid = NULL;
    p.width = width;
    p.height = height;
    p.edge = edge;
    p.angle = 30;
    p.step_size = 0.9f;
    p.fire_rate = rate;
    p.seed = own_seed;
    CHECK(nca_grid_new(&grid, model, &p, NULL) == NCA_OK);
    return grid;
}

#endif
