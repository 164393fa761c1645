/* SPDX-License-Identifier: MIT
 *
 * Subnormal numbers, those nearer to 0 than 2^-126.  Where a processor's arithmetic meets
 * one it may take a hundred times as long, so a stranger's model that is made of them
 * would.  Between begin and end the calling thread reads and makes 0 instead, on every
 * processor that can: x86's FTZ and DAZ, Arm's FZ.  (Arm calls small what is so before it
 * is rounded, x86 what is so afterwards: what only rounding brings up to 2^-126 is 0 on
 * the one and 2^-126 on the other.)  To the compiler both are as any arithmetic: what is
 * meant must be behind a call that it does not see through. */
#ifndef NCA_SUBNORMAL_H
#define NCA_SUBNORMAL_H

#include <stdint.h>

#if defined(__SSE__)
#include <xmmintrin.h>

/* Returns what the other one wants. */
static inline uint64_t nca_flush_begin(void)
{
    const unsigned ftz = 0x8000, daz = 0x0040;
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | ftz | daz);
    return before;
}

static inline void nca_flush_end(uint64_t before)
{
    _mm_setcsr((unsigned)before);
}

#elif defined(__aarch64__)

static inline uint64_t nca_flush_begin(void)
{
    const uint64_t fz = 1 << 24;
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | fz));
    return before;
}

static inline void nca_flush_end(uint64_t before)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
}

#else

static inline uint64_t nca_flush_begin(void)
{
    return 0;
}

static inline void nca_flush_end(uint64_t before)
{
    (void)before;
}

#endif
#endif
