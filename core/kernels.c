/* SPDX-License-Identifier: MIT
 *
 * The table of instruction sets and the choice among them, made once.  Also the buffers
 * that kernels work on. */
#include <stdlib.h>
#include <string.h>

#include "kernels.h"
#include "status.h"

extern const NcaKernels nca_kernels_c;
#define DECLARE(level) extern const NcaKernels nca_kernels_##level;
#ifdef NCA_HAVE_SSE2
DECLARE(sse2)
#endif
#ifdef NCA_HAVE_AVX2
DECLARE(avx2)
#endif
#ifdef NCA_HAVE_AVX512
DECLARE(avx512)
#endif
#ifdef NCA_HAVE_NEON
DECLARE(neon)
#endif

static const NcaKernels *const levels[] = {
    &nca_kernels_c,
#ifdef NCA_HAVE_SSE2
    &nca_kernels_sse2,
#endif
#ifdef NCA_HAVE_AVX2
    &nca_kernels_avx2,
#endif
#ifdef NCA_HAVE_AVX512
    &nca_kernels_avx512,
#endif
#ifdef NCA_HAVE_NEON
    &nca_kernels_neon,
#endif
};

#define LEVELS (int)(sizeof(levels) / sizeof(levels[0]))

const NcaKernels *nca_kernels_at(int i)
{
    for (int l = 0; l < LEVELS; l++)
        if (nca_cpu_can(levels[l]->name) && i-- == 0)
            return levels[l];
    return NULL;
}

/* An unknown name holds back nothing. */
static const NcaKernels *choose(void)
{
    const char *limit = getenv("NCA_CPU");
    const NcaKernels *best = nca_kernels_at(0);
    for (int i = 0; nca_kernels_at(i); i++) {
        best = nca_kernels_at(i);
        if (limit && !strcmp(limit, best->name))
            break;
    }
    return best;
}

/* Racing threads choose the same. */
const NcaKernels *nca_kernels(void)
{
    static _Atomic(const NcaKernels *) chosen;
    const NcaKernels *kernels = chosen;
    if (!kernels)
        chosen = kernels = choose();
    return kernels;
}

const char *nca_cpu_level(void)
{
    return nca_kernels()->name;
}

/* -------------------------------------------------------------------- bf16 */

NcaDenseBf16 nca_dense_bf16, nca_dense_amx;

static const struct {
    const char *name;
    NcaDenseBf16 *dense;
} bf16_levels[] = {
#ifdef NCA_HAVE_BF16
    {"bf16", nca_dense_bf16},
#endif
#ifdef NCA_HAVE_AMX
    {"amx", nca_dense_amx},
#endif
    {NULL, NULL},
};

NcaDenseBf16 *nca_kernels_bf16_at(int i, const char **name)
{
    for (int l = 0; bf16_levels[l].dense; l++)
        if (nca_cpu_can(bf16_levels[l].name) && i-- == 0) {
            *name = bf16_levels[l].name;
            return bf16_levels[l].dense;
        }
    return NULL;
}

/* All of them build on AVX-512, which NCA_CPU may have ruled out. */
NcaDenseBf16 *nca_kernels_bf16(void)
{
    NcaDenseBf16 *best = NULL, *dense;
    const char *name;
    if (strcmp(nca_kernels()->name, "avx512"))
        return NULL;
    for (int i = 0; (dense = nca_kernels_bf16_at(i, &name)); i++)
        best = dense;
    return best;
}

/* ----------------------------------------------------------------- buffers */

/* Zeroed, or NULL. */
static float *new_floats(size_t count)
{
    size_t bytes = (count * sizeof(float) + 63) / 64 * 64;
    float *p = aligned_alloc(64, bytes);
    if (p)
        memset(p, 0, bytes);
    return p;
}

NcaStatus nca_scratch_init(NcaScratch *scratch, const NcaNetwork *network, bool back,
                           NcaError *error)
{
    const size_t slack = 32; /* whole cache lines, so that each buffer begins on one */
    size_t y = (size_t)NCA_PANEL * network->input_stride + slack;
    size_t h = (size_t)NCA_PANEL * network->hidden_stride + slack;
    size_t d = (size_t)NCA_PANEL * network->stride;
    float *p = new_floats((y + h) * (back ? 2 : 1) + d);
    if (!p)
        return nca_fail_memory(error, "scratch");
    *scratch = (NcaScratch){.y = p, .h = p + y, .d = p + y + h, .memory = p};
    if (back) {
        scratch->dy = scratch->d + d;
        scratch->dz = scratch->dy + y;
    }
    return NCA_OK;
}

void nca_scratch_uninit(NcaScratch *scratch)
{
    free(scratch->memory);
    *scratch = (NcaScratch){0};
}
