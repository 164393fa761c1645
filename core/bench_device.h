/* SPDX-License-Identifier: MIT
 *
 * Works of the benchmark that have a form of their own on an OpenCL device: batches. */
#ifndef NCA_BENCH_DEVICE_H
#define NCA_BENCH_DEVICE_H

#include "nca.h"

typedef struct NcaBenchDevice NcaBenchDevice;

typedef struct NcaBenchDeviceParams {
    int device;            /* not the CPU */
    const NcaModel *model; /* only while it is made */
    const float *start;    /* [side][side][channels], of every sample; the same */
    int side, batch;
    int steps; /* of one `once` */
    bool training;
} NcaBenchDeviceParams;

/* NCA_ERR_DEVICE, NCA_ERR_MEMORY. */
NcaStatus nca_bench_device_new(NcaBenchDevice **bench, const NcaBenchDeviceParams *params,
                               NcaError *error);
void nca_bench_device_free(NcaBenchDevice **bench);

/* The steps of all samples, or an iteration of so many steps; waits. */
NcaStatus nca_bench_device_once(NcaBenchDevice *bench, NcaError *error);

#endif
