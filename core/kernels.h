/* SPDX-License-Identifier: MIT
 *
 * The inner loops, one table an instruction set.  kernels_c.c is their specification.
 *
 * Every output is one chain of fused multiply-adds in the order of the input index, so
 * all levels with such an instruction give the same bits; SSE2 rounds twice.
 *
 * A panel is up to NCA_PANEL cells, one a row: perceptions y [cell][input_stride], hidden
 * h [cell][hidden_stride], updates d [cell][stride].  Vector levels work in blocks of
 * rows and read and write rows up to NCA_PANEL whatever the count; what is past the count
 * is noise. */
#ifndef NCA_KERNELS_H
#define NCA_KERNELS_H

#include "network.h"

#define NCA_PANEL 48 /* a multiple of every block of rows that a level uses */

/* Where a thread works; all buffers are 64-byte aligned. */
typedef struct NcaScratch {
    float *y;       /* NCA_PANEL × input_stride, and 24 floats more */
    float *h;       /* NCA_PANEL × hidden_stride, and 24 floats more */
    float *d;       /* NCA_PANEL × stride */
    float *dz, *dy; /* as h and y; only for the way back, else NULL */
    void *memory;
} NcaScratch;

NcaStatus nca_scratch_init(NcaScratch *scratch, const NcaNetwork *network, bool back,
                           NcaError *error);
void nca_scratch_uninit(NcaScratch *scratch);

typedef struct NcaKernels {
    const char *name;

    /* bits[i] = those of wanted[i] whose cells fire: cells 64·i … 64·i+63 of the row, for
     * i in 0 … words-1.  bits may be wanted.  limit: nca_fire_limit. */
    void (*fire)(uint64_t *bits, const uint64_t *wanted, int words, uint32_t row_key,
                 uint32_t limit);

    /* y[i] = the bands of the cell that begins at cells + cell[i]·stride, raw sums
     * without band_scale; row_pitch is the distance of rows in floats; a frame of one
     * cell around each cell must be readable. */
    void (*perceive)(const NcaNetwork *network, float *y, const float *cells,
                     ptrdiff_t row_pitch, const uint32_t *cell, int count);

    /* h = relu(w1·y + b1) */
    void (*hidden)(const NcaNetwork *network, float *h, const float *y, int count);

    /* d = w2·h + b2 */
    void (*output)(const NcaNetwork *network, float *d, const float *h, int count);

    /* The adjoint of both: from y, h and dd = dL/dd gives dy, and adds to the gradient,
     * in the order of the cells; dz is left with dL/d(w1·y + b1). */
    void (*dense_back)(const NcaNetwork *network, NcaGradient *gradient,
                       const NcaScratch *scratch, const float *dd, int count);

    /* The adjoint of perceive: adds to the cells' gradient dcells around each cell, in
     * the order of the list. */
    void (*perceive_back)(const NcaNetwork *network, float *dcells, ptrdiff_t row_pitch,
                          const uint32_t *cell, const float *dy, int count);

    /* Repeats `rounds` × 1000 fused multiply-adds on registers; returns how many floating
     * point operations that was. */
    double (*peak)(int rounds, float *sink);
} NcaKernels;

/* The level in use: the best that this CPU has and NCA_CPU allows. */
const NcaKernels *nca_kernels(void);

/* Level i of this build that this CPU can run, worst first ("c" is 0); NULL past the
 * last. */
const NcaKernels *nca_kernels_at(int i);

/* hidden and output with bf16 products (the network packed with bf16; y and h are used
 * up), the fastest, or NULL without such a CPU or where NCA_CPU rules it out.  To ask for
 * it may enlarge the frames of the process's signals: see nca_cpu_can. */
typedef void NcaDenseBf16(const NcaNetwork *network, float *d, float *h, float *y,
                          int count);
NcaDenseBf16 *nca_kernels_bf16(void);

/* Those that can run here, slowest first, and their names; NULL past the last. */
NcaDenseBf16 *nca_kernels_bf16_at(int i, const char **name);

/* cpu.c: whether the CPU and the operating system can run this level.  For "amx" the
 * process asks Linux to keep tile registers, 8 KiB, for its threads from then on. */
bool nca_cpu_can(const char *level);

/* cpu.c: numbers nearer to 0 than 2^-126 (subnormals).  Where arithmetic meets one it may
 * take fifty times as long, and so would a stranger's model that is made of them.  From
 * begin to end, which wants what begin returned, the calling thread reads and makes 0
 * instead, on x86 (FTZ and DAZ) and Arm (FZ).  What only rounding brings up to 2^-126 is
 * 0 on Arm, which looks before it rounds, and 2^-126 on x86. */
uint64_t nca_flush_begin(void);
void nca_flush_end(uint64_t mode);

#endif
