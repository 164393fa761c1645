/* SPDX-License-Identifier: MIT
 *
 * The kernels in plain C: the specification that the vector levels are proved against,
 * and what a CPU without any of them runs.  Never optimised. */
#include <math.h>

#include "kernels.h"
#include "random.h"

static void fire(uint64_t *bits, const uint64_t *wanted, int words, uint32_t row_key,
                 uint32_t limit)
{
    for (int i = 0; i < words; i++) {
        uint64_t fires = 0;
        for (uint32_t b = 0; b < 64; b++)
            if (nca_fire_hash(row_key, (uint32_t)i * 64 + b) < limit)
                fires |= (uint64_t)1 << b;
        bits[i] = wanted[i] & fires;
    }
}

/* One band at one channel; q points at the cell's value, p and s are the pitches of rows
 * and of cells in a row. */
static float band_at(NcaBand band, const float *q, ptrdiff_t p, ptrdiff_t s)
{
    float diagonal = q[p + s] - q[-p - s], antidiagonal = q[-p + s] - q[p - s];
    switch (band) {
    case NCA_BAND_SOBEL_X:
        return fmaf(2, q[s] - q[-s], diagonal + antidiagonal);
    case NCA_BAND_SOBEL_Y:
        return fmaf(2, q[p] - q[-p], diagonal - antidiagonal);
    case NCA_BAND_LAPLACIAN: {
        float corners = (q[-p - s] + q[p + s]) + (q[-p + s] + q[p - s]);
        float sides = (q[-s] + q[s]) + (q[-p] + q[p]);
        return fmaf(-12, q[0], fmaf(2, sides, corners));
    }
    default:
        return q[0];
    }
}

static void perceive(const NcaNetwork *n, float *y, const float *cells,
                     ptrdiff_t row_pitch, const uint32_t *cell, int count)
{
    for (int i = 0; i < count; i++, y += n->input_stride)
        for (int b = 0; b < n->bands; b++)
            for (int c = 0; c < n->channels; c++)
                y[b * n->channels + c] =
                    band_at(n->band[b], cells + (size_t)cell[i] * n->stride + c,
                            row_pitch, n->stride);
}

static void hidden(const NcaNetwork *n, float *h, const float *y, int count)
{
    for (int i = 0; i < count; i++, h += n->hidden_stride, y += n->input_stride)
        for (int j = 0; j < n->hidden_stride; j++) {
            float z = n->b1[j];
            for (int k = 0; k < n->inputs; k++)
                z = fmaf(y[k], n->w1[k * n->hidden_stride + j], z);
            h[j] = z > 0 ? z : 0;
        }
}

static void output(const NcaNetwork *n, float *d, const float *h, int count)
{
    for (int i = 0; i < count; i++, d += n->stride, h += n->hidden_stride)
        for (int o = 0; o < n->stride; o++) {
            d[o] = n->b2[o];
            for (int j = 0; j < n->hidden; j++)
                d[o] = fmaf(h[j], n->w2[j * n->stride + o], d[o]);
        }
}

/* dw [rows][columns] += a bᵀ, db += b. */
static void add_products(float *dw, float *db, const float *a, int rows, const float *b,
                         int columns)
{
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++)
            dw[r * columns + c] = fmaf(a[r], b[c], dw[r * columns + c]);
    for (int c = 0; c < columns; c++)
        db[c] += b[c];
}

static void dense_back(const NcaNetwork *n, NcaGradient *g, const NcaScratch *s,
                       const float *dd, int count)
{
    for (int i = 0; i < count; i++) {
        const float *yi = s->y + i * n->input_stride, *hi = s->h + i * n->hidden_stride;
        const float *ddi = dd + i * n->stride;
        float *dyi = s->dy + i * n->input_stride, *dzi = s->dz + i * n->hidden_stride;
        for (int j = 0; j < n->hidden_stride; j++) {
            float dh = 0;
            for (int o = 0; o < n->channels; o++)
                dh = fmaf(ddi[o], n->w2t[o * n->hidden_stride + j], dh);
            dzi[j] = hi[j] > 0 ? dh : 0;
        }
        for (int k = 0; k < n->input_stride; k++) {
            dyi[k] = 0;
            for (int j = 0; j < n->hidden; j++)
                dyi[k] = fmaf(dzi[j], n->w1t[j * n->input_stride + k], dyi[k]);
        }
        add_products(g->dw1, g->db1, yi, n->inputs, dzi, n->hidden_stride);
        add_products(g->dw2, g->db2, hi, n->hidden, ddi, n->stride);
    }
}

/* Adds g times the weights of the band around q. */
static void band_back(NcaBand band, float *q, ptrdiff_t p, ptrdiff_t s, float g)
{
    static const signed char weight[NCA_BAND_COUNT][3][3] = {
        [NCA_BAND_IDENTITY] = {{0, 0, 0}, {0, 1, 0}, {0, 0, 0}},
        [NCA_BAND_SOBEL_X] = {{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}},
        [NCA_BAND_SOBEL_Y] = {{-1, -2, -1}, {0, 0, 0}, {1, 2, 1}},
        [NCA_BAND_LAPLACIAN] = {{1, 2, 1}, {2, -12, 2}, {1, 2, 1}},
    };
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            if (weight[band][i][j])
                q[(i - 1) * p + (j - 1) * s] =
                    fmaf(weight[band][i][j], g, q[(i - 1) * p + (j - 1) * s]);
}

static void perceive_back(const NcaNetwork *n, float *dcells, ptrdiff_t row_pitch,
                          const uint32_t *cell, const float *dy, int count)
{
    for (int i = 0; i < count; i++, dy += n->input_stride)
        for (int b = 0; b < n->bands; b++)
            for (int c = 0; c < n->channels; c++)
                band_back(n->band[b], dcells + (size_t)cell[i] * n->stride + c, row_pitch,
                          n->stride, dy[b * n->channels + c]);
}

static double peak(int rounds, float *sink)
{
    float a[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (int r = 0; r < rounds * 125; r++)
        for (int i = 0; i < 8; i++)
            a[i] = fmaf(a[i], 0.5f, 1);
    for (int i = 0; i < 8; i++)
        *sink += a[i];
    return 2000.0 * rounds;
}

const NcaKernels nca_kernels_c = {
    "c", fire, perceive, hidden, output, dense_back, perceive_back, peak,
};
