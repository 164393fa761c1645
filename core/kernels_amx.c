/* SPDX-License-Identifier: MIT
 *
 * hidden and output with AMX: tiles of 16 cells × 32 halves times 16 pairs × 16 outputs,
 * sums of float32.  Of the eight tile registers 0, 1, 2 hold the sums of a panel's 48
 * cells for 16 outputs, 3 the weights, 4 the cells.  All tiles are whole: a shorter one
 * would take as long, so y and h are padded with zeros to 32 halves as the packed weights
 * are.
 *
 * gcc 12 does not know that _tile_loadd reads memory, and lets only volatile statements
 * keep their order; hence the fences after stores that a tile load is to see. */
#include <immintrin.h>
#include <stdatomic.h>
#include <string.h>

#include "kernels.h"

#define INLINE static inline __attribute__((always_inline))

enum { WIDTH = 16, DEPTH = 32, PAIRS = DEPTH / 2 };

_Static_assert(NCA_PANEL == 48 && NCA_BF16_ROWS == DEPTH, "three tiles of sums");

NcaDenseBf16 nca_dense_amx;

/* The operand of ldtilecfg. */
typedef struct TileConfig {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} TileConfig;

static const TileConfig whole_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16},
};

/* row + a·b, a row a cell of `depth` halves, b [pairs][width] of pairs. */
typedef struct Product {
    const uint16_t *a, *b;
    const float *row;
    int depth, width;
} Product;

static int padded(int size)
{
    return (size + DEPTH - 1) / DEPTH * DEPTH;
}

/* Outputs j … j+15 of all cells, into the registers. */
INLINE void sums(const Product *p, int j)
{
    int a_row = 2 * p->depth, b_row = 4 * p->width; /* bytes */
    _tile_loadd(0, p->row + j, 0);
    _tile_loadd(1, p->row + j, 0);
    _tile_loadd(2, p->row + j, 0);
    for (int k = 0; k < p->depth; k += DEPTH) {
        _tile_loadd(3, p->b + k * p->width + 2 * j, b_row);
        _tile_loadd(4, p->a + k, a_row);
        _tile_dpbf16ps(0, 4, 3);
        _tile_loadd(4, p->a + k + 16 * p->depth, a_row);
        _tile_dpbf16ps(1, 4, 3);
        _tile_loadd(4, p->a + k + 32 * p->depth, a_row);
        _tile_dpbf16ps(2, 4, 3);
    }
}

INLINE void store_sums(float *to, int row)
{
    _tile_stored(0, to, row * sizeof(float));
    _tile_stored(1, to + 16 * row, row * sizeof(float));
    _tile_stored(2, to + 32 * row, row * sizeof(float));
}

/* 32 floats, in two vectors → 32 halves. */
INLINE void store_halves(uint16_t *to, __m512 low, __m512 high)
{
    __m512bh halves = _mm512_cvtne2ps_pbh(high, low);
    memcpy(to, &halves, sizeof(halves));
}

/* Rows of halves in the place of rows of floats, with zeros past the inputs. */
static void convert(uint16_t *y16, const float *y, const NcaNetwork *n, int depth)
{
    int whole = n->inputs / DEPTH * DEPTH;
    uint32_t rest = (1u << (n->inputs - whole)) - 1;
    __mmask16 low = (__mmask16)rest, high = (__mmask16)(rest >> 16);
    for (int i = 0; i < NCA_PANEL; i++, y += n->input_stride, y16 += depth) {
        for (int k = 0; k < whole; k += DEPTH)
            store_halves(y16 + k, _mm512_loadu_ps(y + k), _mm512_loadu_ps(y + k + WIDTH));
        if (rest)
            store_halves(y16 + whole, _mm512_maskz_loadu_ps(low, y + whole),
                         _mm512_maskz_loadu_ps(high, y + whole + WIDTH));
    }
}

/* Where the last 16 outputs have no neighbours they stand there twice; the second time
 * their weights are 0. */
static void hidden(uint16_t *h16, int h_row, const Product *p)
{
    _Alignas(64) float z[NCA_PANEL][DEPTH];
    const __m512 zero = _mm512_setzero_ps();
    for (int j = 0; j < p->width; j += DEPTH) {
        sums(p, j);
        store_sums(z[0], DEPTH);
        if (j + WIDTH < p->width)
            sums(p, j + WIDTH);
        store_sums(z[0] + WIDTH, DEPTH);
        for (int i = 0; i < NCA_PANEL; i++)
            store_halves(h16 + i * h_row + j, _mm512_max_ps(_mm512_load_ps(z[i]), zero),
                         _mm512_max_ps(_mm512_load_ps(z[i] + WIDTH), zero));
    }
}

/* The registers are released, so that the caller's thread carries no state of tiles. */
void nca_dense_amx(const NcaNetwork *n, float *d, float *h, float *y, int count)
{
    (void)count; /* a step has one short panel at most: not worth another shape */
    uint16_t *y16 = (uint16_t *)y, *h16 = (uint16_t *)h;
    Product first = {y16, n->w1_bf16, n->b1, padded(n->inputs), n->hidden_stride};
    Product second = {h16, n->w2_bf16, n->b2, padded(n->hidden), n->stride};
    _tile_loadconfig(&whole_tiles);
    convert(y16, y, n, first.depth);
    atomic_signal_fence(memory_order_seq_cst);
    hidden(h16, second.depth, &first);
    atomic_signal_fence(memory_order_seq_cst);
    for (int j = 0; j < n->stride; j += WIDTH) {
        sums(&second, j);
        store_sums(d + j, n->stride);
    }
    _tile_release();
}
