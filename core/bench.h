/* SPDX-License-Identifier: MIT
 *
 * The measured works behind `nca bench`: cells are arranged here, the program only
 * prints. */
#ifndef NCA_BENCH_H
#define NCA_BENCH_H

#include "nca.h"

typedef struct NcaBenchResult {
    const char *name;
    int threads;
    double ms;     /* median of one step or one iteration */
    double gflops; /* floating point operations that were needed, a second */
} NcaBenchResult;

/* The i-th work's name: "dense-panel", "step-72-third", "step-72-b256" (on a device
 * only), "step-256-full", "step-4096-one", "step-1024-full", "step-4096-full",
 * "train-72-b8-s80"; NULL past the last. */
const char *nca_bench_name(int i);

/* Whether it is meant for a GPU: a processor can't do it, or takes up to a minute for
 * it. */
bool nca_bench_is_large(const char *name);

/* Floating point operations of one core's fused multiply-adds, 10^9 a second. */
double nca_bench_peak(void);

/* The same of an OpenCL device, all of it.  NCA_ERR_DEVICE. */
NcaStatus nca_bench_device_peak(double *gflops, int device, NcaError *error);

typedef struct NcaBenchParams {
    int threads;            /* "dense-panel" is always on one */
    NcaPrecision precision; /* of the steps */
    int device;             /* NCA_DEVICE_CPU, … */
} NcaBenchParams;

/* Runs the work for about half a second or more.  NCA_ERR_DEVICE where the device can't
 * do it or fails: the processor is never measured in its place. */
NcaStatus nca_bench_run(NcaBenchResult *result, const char *name,
                        const NcaBenchParams *params, NcaError *error);

#endif
