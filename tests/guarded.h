/* SPDX-License-Identifier: MIT
 *
 * Buffers of floats between guards, aligned as those that kernels work on. */
#ifndef NCA_TEST_GUARDED_H
#define NCA_TEST_GUARDED_H

#include <stdbool.h>
#include <stdint.h>

#include "test.h"

#define GUARD 64 /* floats before and after */

/* Floats between guards. */
typedef struct Buffer {
    float *p;
    size_t size;
} Buffer;

static const uint32_t guard_bits = 0xa5a5a5a5;

static inline Buffer buffer_new(size_t size)
{
    size_t bytes = ((size + 2 * GUARD) * sizeof(float) + 63) / 64 * 64;
    float *memory = aligned_alloc(64, bytes);
    for (size_t i = 0; i < size + 2 * GUARD; i++)
        memcpy(memory + i, &guard_bits, sizeof(guard_bits));
    return (Buffer){memory + GUARD, size};
}

static inline void buffer_free(Buffer *b)
{
    free(b->p - GUARD);
}

static inline Buffer buffer_filled(size_t size, float value)
{
    Buffer b = buffer_new(size);
    for (size_t i = 0; i < size; i++)
        b.p[i] = value;
    return b;
}

static inline bool intact(const Buffer *b)
{
    bool same = true;
    for (int i = 0; i < GUARD; i++)
        same &= !memcmp(b->p - 1 - i, &guard_bits, sizeof(guard_bits)) &&
                !memcmp(b->p + b->size + i, &guard_bits, sizeof(guard_bits));
    return same;
}

static inline Buffer absolute_copy(const Buffer *from)
{
    Buffer b = buffer_new(from->size);
    for (size_t i = 0; i < b.size; i++)
        b.p[i] = fabsf(from->p[i]);
    return b;
}

/* A copy whose rows from count on hold no numbers. */
static inline Buffer with_rows_spoilt(const Buffer *from, int pitch, int count)
{
    Buffer b = buffer_new(from->size);
    memcpy(b.p, from->p, from->size * sizeof(float));
    for (size_t i = (size_t)count * pitch; i < b.size; i++)
        b.p[i] = NAN;
    return b;
}

#endif
