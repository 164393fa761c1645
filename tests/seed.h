/* SPDX-License-Identifier: MIT
 *
 * The random seed of a test program: printed, and taken from NCA_TEST_SEED where set. */
#ifndef NCA_TEST_SEED_H
#define NCA_TEST_SEED_H

#include <stdint.h>
#include <time.h>

#include "test.h"

static inline uint64_t test_seed(void)
{
    const char *text = getenv("NCA_TEST_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    printf("NCA_TEST_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    return seed;
}

#endif
