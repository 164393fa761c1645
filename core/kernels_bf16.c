/* SPDX-License-Identifier: MIT
 *
 * hidden and output with AVX512-BF16: products of pairs of bfloat16, sums of float32.
 * Not bit-equal to anything; chosen by NCA_PRECISION_BF16 only, and where there is no
 * AMX.  No vector type of the compiler has this product, hence the intrinsics. */
#include <immintrin.h>
#include <string.h>

#include "kernels.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL_FOR(...) _Pragma("GCC unroll 24") for (__VA_ARGS__)

enum { WIDTH = 16, SUMS = 24 };

NcaDenseBf16 nca_dense_bf16;

/* 16 floats → 16 halves; in place where to == (void *)from. */
INLINE void convert(uint16_t *to, const float *from)
{
    __m256bh half = _mm512_cvtneps_pbh(_mm512_loadu_ps(from));
    memcpy(to, &half, sizeof(half));
}

/* c = row + a·b, a row a cell of `pairs` pairs, b [pairs][width] of pairs. */
typedef struct Product {
    const uint16_t *a, *b;
    const float *row;
    int a_row, b_row, pairs; /* rows in halves */
} Product;

INLINE void sums(__m512 *sum, const Product *p, int i, int j, int rows, int vectors)
{
    const uint16_t *a = p->a + i * p->a_row, *b = p->b + 2 * j;
    UNROLL_FOR (int m = 0; m < rows; m++)
        UNROLL_FOR (int n = 0; n < vectors; n++)
            sum[m * vectors + n] = _mm512_loadu_ps(p->row + j + n * WIDTH);
    for (int k = 0; k < p->pairs; k++, a += 2, b += p->b_row) {
        __m512bh bk[4];
        UNROLL_FOR (int n = 0; n < vectors; n++)
            bk[n] = (__m512bh)_mm512_loadu_si512(b + 2 * n * WIDTH);
        UNROLL_FOR (int m = 0; m < rows; m++) {
            int32_t pair;
            memcpy(&pair, a + m * p->a_row, 4);
            __m512bh am = (__m512bh)_mm512_set1_epi32(pair);
            UNROLL_FOR (int n = 0; n < vectors; n++)
                sum[m * vectors + n] = _mm512_dpbf16_ps(sum[m * vectors + n], am, bk[n]);
        }
    }
}

INLINE void hidden_columns(uint16_t *h, int h_row, const Product *p, int j, int rows,
                           int vectors, int count)
{
    __m512 sum[SUMS];
    for (int i = 0; i < count; i += rows) {
        sums(sum, p, i, j, rows, vectors);
        UNROLL_FOR (int m = 0; m < rows; m++)
            UNROLL_FOR (int n = 0; n < vectors; n++) {
                __m512 z = _mm512_max_ps(sum[m * vectors + n], _mm512_setzero_ps());
                __m256bh half = _mm512_cvtneps_pbh(z);
                memcpy(h + (i + m) * h_row + j + n * WIDTH, &half, sizeof(half));
            }
    }
}

INLINE void output_columns(float *d, int d_row, const Product *p, int j, int rows,
                           int vectors, int count)
{
    __m512 sum[SUMS];
    for (int i = 0; i < count; i += rows) {
        sums(sum, p, i, j, rows, vectors);
        UNROLL_FOR (int m = 0; m < rows; m++)
            UNROLL_FOR (int n = 0; n < vectors; n++)
                _mm512_storeu_ps(d + (i + m) * d_row + j + n * WIDTH,
                                 sum[m * vectors + n]);
    }
}

/* y and h are used up: their halves take the place of their floats. */
void nca_dense_bf16(const NcaNetwork *n, float *d, float *h, float *y, int count)
{
    uint16_t *y16 = (uint16_t *)y, *h16 = (uint16_t *)h;
    int blocks = (count + SUMS - 1) / SUMS * SUMS;
    for (int i = 0; i < blocks * n->input_stride; i += WIDTH)
        convert(y16 + i, y + i);
    Product first = {y16,
                     n->w1_bf16,
                     n->b1,
                     n->input_stride,
                     2 * n->hidden_stride,
                     (n->inputs + 1) / 2};
    Product second = {h16,           n->w2_bf16,         n->b2, n->hidden_stride,
                      2 * n->stride, (n->hidden + 1) / 2};
    int j = 0;
    for (; j + 4 * WIDTH <= n->hidden_stride; j += 4 * WIDTH)
        hidden_columns(h16, n->hidden_stride, &first, j, 6, 4, count);
    for (; j < n->hidden_stride; j += WIDTH)
        hidden_columns(h16, n->hidden_stride, &first, j, 24, 1, count);
    for (j = 0; j < n->stride; j += WIDTH)
        output_columns(d, n->stride, &second, j, 24, 1, count);
}
