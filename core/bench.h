/* SPDX-License-Identifier: MIT
 *
 * The measured works behind `nca bench`: cells are arranged here, the program only prints. */
#ifndef NCA_BENCH_H
#define NCA_BENCH_H

#include "nca.h"

typedef struct NcaBenchResult {
    const char *name;
    int threads;
    double ms;     /* median of one step or one iteration */
    double gflops; /* floating point operations that were needed, a second */
} NcaBenchResult;

/* The i-th work's name: "dense-panel", "step-72-third", "step-256-full", "step-4096-one",
 * "train-72-b8-s80"; NULL past the last. */
NCA_API const char *nca_bench_name(int i);

/* Floating point operations of one core's fused multiply-adds, 10^9 a second. */
NCA_API double nca_bench_peak(void);

/* Runs the work for about half a second or more on so many threads; "dense-panel" always
 * on one. */
NCA_API NcaStatus nca_bench_run(NcaBenchResult *result, const char *name, int threads,
                                NcaPrecision precision, NcaError *error);

#endif
