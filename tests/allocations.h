/* SPDX-License-Identifier: MIT
 *
 * The Nth allocation fails: for programs linked with -Wl,--wrap=malloc,--wrap=calloc. */
#ifndef NCA_TEST_ALLOCATIONS_H
#define NCA_TEST_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

static int allocations_left = -1; /* negative: never fail */

static bool allocation_fails(void)
{
    return allocations_left >= 0 && allocations_left-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_malloc(size_t size)
{
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

#endif
