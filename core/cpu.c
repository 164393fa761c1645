/* SPDX-License-Identifier: MIT
 *
 * What the CPU can run, and how it treats subnormal numbers: the only place that asks
 * it. */
#include <string.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <xmmintrin.h>

/* AMX with bf16, which gcc 12 cannot be asked about.  Linux keeps tiles only for a
 * process that has asked, and refuses one with an alternate signal stack too small for
 * them; asking again changes nothing. */
static bool can_use_tiles(void)
{
#if defined(__linux__)
    enum { REQ_XCOMP_PERM = 0x1023, XTILEDATA = 18, BF16 = 1 << 22, TILE = 1 << 24 };
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && d & BF16 && d & TILE &&
           syscall(SYS_arch_prctl, REQ_XCOMP_PERM, XTILEDATA) == 0;
#else
    return false;
#endif
}

bool nca_cpu_can(const char *level)
{
    __builtin_cpu_init();
    if (!strcmp(level, "sse2"))
        return true;
    if (!strcmp(level, "avx2"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 = __builtin_cpu_supports("avx512f") &&
                  __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
    if (!strcmp(level, "avx512"))
        return avx512;
    if (!strcmp(level, "bf16"))
        return avx512 && __builtin_cpu_supports("avx512bf16");
    if (!strcmp(level, "amx"))
        return avx512 && __builtin_cpu_supports("avx512bf16") && can_use_tiles();
    return !strcmp(level, "c");
}

uint64_t nca_flush_begin(void)
{
    const unsigned flush_to_zero = 1 << 15, denormals_are_zero = 1 << 6;
    unsigned mode = _mm_getcsr();
    _mm_setcsr(mode | flush_to_zero | denormals_are_zero);
    return mode;
}

void nca_flush_end(uint64_t mode)
{
    _mm_setcsr((unsigned)mode);
}
#else
bool nca_cpu_can(const char *level)
{
    return !strcmp(level, "c") || !strcmp(level, "neon");
}

#if defined(__aarch64__)
uint64_t nca_flush_begin(void)
{
    const uint64_t flush_to_zero = 1 << 24;
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode | flush_to_zero));
    return mode;
}

void nca_flush_end(uint64_t mode)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}
#else
uint64_t nca_flush_begin(void)
{
    return 0;
}

void nca_flush_end(uint64_t mode)
{
    (void)mode;
}
#endif
#endif
