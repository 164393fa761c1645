/* SPDX-License-Identifier: MIT */
#ifndef NCA_CLOCK_H
#define NCA_CLOCK_H

#include <time.h>

/* Seconds on a clock that is never set. */
static inline double nca_clock_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
