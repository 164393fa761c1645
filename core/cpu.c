/* SPDX-License-Identifier: MIT
 *
 * What the CPU can run: the only place that asks it. */
#include <string.h>

#include "kernels.h"

#if defined(__x86_64__)
bool nca_cpu_can(const char *level)
{
    __builtin_cpu_init();
    if (!strcmp(level, "sse2"))
        return true;
    if (!strcmp(level, "avx2"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("fma");
    if (!strcmp(level, "avx512"))
        return avx512;
    if (!strcmp(level, "bf16"))
        return avx512 && __builtin_cpu_supports("avx512bf16");
    return !strcmp(level, "c");
}
#else
bool nca_cpu_can(const char *level)
{
    return !strcmp(level, "c") || !strcmp(level, "neon");
}
#endif
