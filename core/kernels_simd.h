/* SPDX-License-Identifier: MIT
 *
 * The kernels over the compiler's vector type, compiled once an instruction set by the
 * three-line files kernels_<LEVEL>.c.  What they compute is kernels_c.c's, bit for bit
 * where the level fuses multiply-adds.
 *
 * All the work is in small matrix products c += a·b with a broadcast from memory and b's
 * rows in vectors.  A block of BLOCK_ROWS × BLOCK_VECTORS sums stays in registers; narrow
 * matrices take more rows instead (goto and van de Geijn 2008, "Anatomy of
 * high-performance matrix multiplication", without its packing: everything fits the
 * caches of a core). */
#include <string.h>

#include "kernels.h"
#include "random.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define STRING_(a) #a
#define STRING(a) STRING_(a)

#if defined(__AVX512F__)
#define WIDTH 16
#elif defined(__AVX__)
#define WIDTH 8
#else
#define WIDTH 4
#endif

/* Vectors that fit the registers beside the operands. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define SUMS 24
#define BLOCK_VECTORS 4
#else
#define SUMS 12
#define BLOCK_VECTORS 2
#endif
#define BLOCK_ROWS 6

typedef float V __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
typedef int32_t VI __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL_FOR(...) _Pragma("GCC unroll 24") for (__VA_ARGS__)

INLINE V load(const float *p)
{
    return *(const V *)p;
}

INLINE void store(float *p, V v)
{
    *(V *)p = v;
}

INLINE V splat(float x)
{
    return x - (V){0};
}

/* v where it is > 0, else 0. */
INLINE V where_positive(V v, V test)
{
    return (V)((VI)v & (test > 0));
}

/* What a product begins with, and what becomes of it. */
enum { FROM_ZERO, FROM_ROW, FROM_C };
enum { AS_IS, RELU };

/* c[i][·] = from + Σk a[i·a_row + k·a_step] · b[k·b_row + ·]; k rises. */
typedef struct Product {
    float *c;
    const float *a, *b, *row;
    int c_row, a_row, a_step, b_row;
    int depth;
} Product;

INLINE void block(const Product *p, int i, int j, int rows, int vectors, int from, int as)
{
    V sum[24][BLOCK_VECTORS];
    const float *a = p->a + i * p->a_row, *b = p->b + j;
    float *c = p->c + i * p->c_row + j;
    UNROLL_FOR (int m = 0; m < rows; m++)
        UNROLL_FOR (int n = 0; n < vectors; n++)
            sum[m][n] = from == FROM_ZERO  ? (V){0}
                        : from == FROM_ROW ? load(p->row + j + n * WIDTH)
                                           : load(c + m * p->c_row + n * WIDTH);
    for (int k = 0; k < p->depth; k++, a += p->a_step, b += p->b_row) {
        V bk[BLOCK_VECTORS];
        UNROLL_FOR (int n = 0; n < vectors; n++)
            bk[n] = load(b + n * WIDTH);
        UNROLL_FOR (int m = 0; m < rows; m++) {
            V am = splat(a[m * p->a_row]);
            UNROLL_FOR (int n = 0; n < vectors; n++)
                sum[m][n] += am * bk[n];
        }
    }
    UNROLL_FOR (int m = 0; m < rows; m++)
        UNROLL_FOR (int n = 0; n < vectors; n++)
            store(c + m * p->c_row + n * WIDTH,
                  as == RELU ? where_positive(sum[m][n], sum[m][n]) : sum[m][n]);
}

INLINE void columns(const Product *p, int j, int rows, int vectors, int count, int from,
                    int as)
{
    for (int i = 0; i < count; i += rows)
        block(p, i, j, rows, vectors, from, as);
}

/* rows is rounded up to whole blocks; width is a multiple of NCA_LANES. */
INLINE void product(const Product *p, int rows, int width, int from, int as)
{
    int j = 0;
    for (; j + BLOCK_VECTORS * WIDTH <= width; j += BLOCK_VECTORS * WIDTH)
        columns(p, j, SUMS / BLOCK_VECTORS, BLOCK_VECTORS, rows, from, as);
#if BLOCK_VECTORS * WIDTH > NCA_LANES
    switch ((width - j) / WIDTH) {
    case 3:
        columns(p, j, SUMS / 3, 3, rows, from, as);
        break;
    case 2:
        columns(p, j, SUMS / 2, 2, rows, from, as);
        break;
    case 1:
        columns(p, j, SUMS, 1, rows, from, as);
        break;
    }
#endif
}

/* Distances of rows, in floats: of y, of h, and of d or a cell. */
typedef struct Strides {
    int y, h, d;
} Strides;

INLINE bool has_strides(const NcaNetwork *n, Strides s)
{
    return n->input_stride == s.y && n->hidden_stride == s.h && n->stride == s.d;
}

/* Calls function(network, strides, …) with constants for the shapes that people use (the
 * published one and the draft preset's): then a block's addresses are offsets from one
 * register. */
#define WITH_STRIDES(function, n, ...)                                                   \
    do {                                                                                 \
        const Strides published = {48, 128, 16}, draft = {48, 64, 16};                   \
        const Strides any = {(n)->input_stride, (n)->hidden_stride, (n)->stride};        \
        if (has_strides(n, published))                                                   \
            function(n, published, __VA_ARGS__);                                         \
        else if (has_strides(n, draft))                                                  \
            function(n, draft, __VA_ARGS__);                                             \
        else                                                                             \
            function(n, any, __VA_ARGS__);                                               \
    } while (0)

INLINE void hidden_at(const NcaNetwork *n, Strides s, float *h, const float *y, int count)
{
    Product p = {.c = h,
                 .a = y,
                 .b = n->w1,
                 .row = n->b1,
                 .c_row = s.h,
                 .a_row = s.y,
                 .a_step = 1,
                 .b_row = s.h,
                 .depth = n->inputs};
    product(&p, count, s.h, FROM_ROW, RELU);
}

static void hidden(const NcaNetwork *n, float *h, const float *y, int count)
{
    WITH_STRIDES(hidden_at, n, h, y, count);
}

INLINE void output_at(const NcaNetwork *n, Strides s, float *d, const float *h, int count)
{
    Product p = {.c = d,
                 .a = h,
                 .b = n->w2,
                 .row = n->b2,
                 .c_row = s.d,
                 .a_row = s.h,
                 .a_step = 1,
                 .b_row = s.d,
                 .depth = n->hidden};
    product(&p, count, s.d, FROM_ROW, AS_IS);
}

static void output(const NcaNetwork *n, float *d, const float *h, int count)
{
    WITH_STRIDES(output_at, n, d, h, count);
}

INLINE void mask_by(float *dz, const float *h, int size)
{
    for (int i = 0; i < size; i += WIDTH)
        store(dz + i, where_positive(load(dz + i), load(h + i)));
}

INLINE void add_rows(float *sum, const float *rows, int width, int count)
{
    for (int j = 0; j < width; j += WIDTH) {
        V s = load(sum + j);
        for (int i = 0; i < count; i++)
            s += load(rows + i * width + j);
        store(sum + j, s);
    }
}

INLINE void dense_back_at(const NcaNetwork *n, Strides s, NcaGradient *g,
                          const NcaScratch *scratch, const float *dd, int count)
{
    float *dy = scratch->dy, *dz = scratch->dz;
    const float *y = scratch->y, *h = scratch->h;
    Product dh = {.c = dz,
                  .a = dd,
                  .b = n->w2t,
                  .c_row = s.h,
                  .a_row = s.d,
                  .a_step = 1,
                  .b_row = s.h,
                  .depth = n->channels};
    Product dinput = {.c = dy,
                      .a = dz,
                      .b = n->w1t,
                      .c_row = s.y,
                      .a_row = s.h,
                      .a_step = 1,
                      .b_row = s.y,
                      .depth = n->hidden};
    Product dw1 = {.c = g->dw1,
                   .a = y,
                   .b = dz,
                   .c_row = s.h,
                   .a_row = 1,
                   .a_step = s.y,
                   .b_row = s.h,
                   .depth = count};
    Product dw2 = {.c = g->dw2,
                   .a = h,
                   .b = dd,
                   .c_row = s.d,
                   .a_row = 1,
                   .a_step = s.h,
                   .b_row = s.d,
                   .depth = count};
    product(&dh, count, s.h, FROM_ZERO, AS_IS);
    mask_by(dz, h, count * s.h);
    product(&dinput, count, s.y, FROM_ZERO, AS_IS);
    product(&dw1, n->inputs, s.h, FROM_C, AS_IS);
    product(&dw2, n->hidden, s.d, FROM_C, AS_IS);
    add_rows(g->db1, dz, s.h, count);
    add_rows(g->db2, dd, s.d, count);
}

static void dense_back(const NcaNetwork *n, NcaGradient *g, const NcaScratch *scratch,
                       const float *dd, int count)
{
    WITH_STRIDES(dense_back_at, n, g, scratch, dd, count);
}

typedef struct Bands {
    const NcaBand *band; /* [count] */
    int count;
} Bands;

/* Known when this is compiled, so that the choice of a band costs nothing. */
static const NcaBand published_bands[] = {NCA_BAND_IDENTITY, NCA_BAND_SOBEL_X,
                                          NCA_BAND_SOBEL_Y};

INLINE bool is_published(const NcaNetwork *n)
{
    return n->bands == 3 && !memcmp(n->band, published_bands, sizeof(published_bands));
}

/* The 3×3 neighbourhood of a cell, [y][x]. */
typedef struct Patch {
    V at[3][3];
} Patch;

INLINE Patch load_patch(const float *q, ptrdiff_t p, ptrdiff_t s)
{
    Patch patch;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            patch.at[i][j] = load(q + (i - 1) * p + (j - 1) * s);
    return patch;
}

INLINE V band_of(NcaBand band, const Patch *q)
{
    V diagonal = q->at[2][2] - q->at[0][0], antidiagonal = q->at[0][2] - q->at[2][0];
    V corners = (q->at[0][0] + q->at[2][2]) + (q->at[0][2] + q->at[2][0]);
    V sides = (q->at[1][0] + q->at[1][2]) + (q->at[0][1] + q->at[2][1]);
    switch (band) {
    case NCA_BAND_SOBEL_X:
        return (diagonal + antidiagonal) + 2 * (q->at[1][2] - q->at[1][0]);
    case NCA_BAND_SOBEL_Y:
        return (diagonal - antidiagonal) + 2 * (q->at[2][1] - q->at[0][1]);
    case NCA_BAND_LAPLACIAN:
        return (corners + 2 * sides) - 12 * q->at[1][1];
    default:
        return q->at[1][1];
    }
}

/* Groups of channels from the last to the first, bands from the first to the last: the
 * noise that a band leaves past its channels is overwritten by what comes after it. */
INLINE void perceive_bands(const NcaNetwork *n, Bands bands, float *y, const float *cells,
                           ptrdiff_t p, const uint32_t *cell, int count)
{
    int last = (n->channels - 1) / WIDTH * WIDTH;
    for (int i = 0; i < count; i++, y += n->input_stride)
        for (int c = last; c >= 0; c -= WIDTH) {
            Patch patch =
                load_patch(cells + (size_t)cell[i] * n->stride + c, p, n->stride);
            UNROLL_FOR (int b = 0; b < bands.count; b++)
                store(y + b * n->channels + c, band_of(bands.band[b], &patch));
        }
}

static void perceive(const NcaNetwork *n, float *y, const float *cells, ptrdiff_t p,
                     const uint32_t *cell, int count)
{
    if (is_published(n))
        perceive_bands(n, (Bands){published_bands, 3}, y, cells, p, cell, count);
    else
        perceive_bands(n, (Bands){n->band, n->bands}, y, cells, p, cell, count);
}

/* What the cell at (i, j) of the neighbourhood counts in the band. */
INLINE int weight_of(NcaBand band, int i, int j)
{
    int side = i == 1 || j == 1 ? 2 : 1;
    switch (band) {
    case NCA_BAND_SOBEL_X:
        return (j - 1) * side;
    case NCA_BAND_SOBEL_Y:
        return (i - 1) * side;
    case NCA_BAND_LAPLACIAN:
        return i == 1 && j == 1 ? -12 : side;
    default:
        return i == 1 && j == 1;
    }
}

/* Adds the bands' parts in their order. */
INLINE void add_parts(float *to, Bands bands, const V *g, int i, int j)
{
    V sum = load(to);
    UNROLL_FOR (int b = 0; b < bands.count; b++) {
        int weight = weight_of(bands.band[b], i, j);
        if (weight)
            sum += (float)weight * g[b];
    }
    store(to, sum);
}

/* To each neighbour once. */
INLINE void bands_back(const NcaNetwork *n, Bands bands, float *dcells, ptrdiff_t p,
                       const uint32_t *cell, const float *dy, int count)
{
    for (int k = 0; k < count; k++, dy += n->input_stride)
        for (int c = 0; c < n->channels; c += WIDTH) {
            V g[NCA_BANDS_MAX] = {{0}};
            float *q = dcells + (size_t)cell[k] * n->stride + c;
            UNROLL_FOR (int b = 0; b < bands.count; b++)
                g[b] = load(dy + b * n->channels + c);
            UNROLL_FOR (int at = 0; at < 9; at++)
                add_parts(q + (at / 3 - 1) * p + (at % 3 - 1) * n->stride, bands, g,
                          at / 3, at % 3);
        }
}

static void perceive_back(const NcaNetwork *n, float *dcells, ptrdiff_t p,
                          const uint32_t *cell, const float *dy, int count)
{
    if (is_published(n))
        bands_back(n, (Bands){published_bands, 3}, dcells, p, cell, dy, count);
    else
        bands_back(n, (Bands){n->band, n->bands}, dcells, p, cell, dy, count);
}

/* Eight bytes of 0 or 1 → eight bits. */
INLINE uint64_t pack_bytes(const uint8_t *hit)
{
    uint64_t bytes;
    memcpy(&bytes, hit, 8);
    return bytes * 0x0102040810204080u >> 56;
}

static void fire(uint64_t *bits, const uint64_t *wanted, int words, uint32_t row_key,
                 uint32_t limit)
{
    for (int i = 0; i < words; i++) {
        uint8_t hit[64];
        uint64_t fires = 0;
        for (uint32_t b = 0; wanted[i] && b < 64; b++)
            hit[b] = nca_fire_hash(row_key, (uint32_t)i * 64 + b) < limit;
        for (int b = 0; wanted[i] && b < 64; b += 8)
            fires |= pack_bytes(hit + b) << b;
        bits[i] = wanted[i] & fires;
    }
}

static double peak(int rounds, float *sink)
{
    enum { CHAINS = SUMS / 12 * 10, LENGTH = 1000 / CHAINS };
    V a[CHAINS], half = splat(0.5f), one = splat(1);
    UNROLL_FOR (int i = 0; i < CHAINS; i++)
        a[i] = splat(*sink + i);
    for (int r = 0; r < rounds * LENGTH; r++)
        UNROLL_FOR (int i = 0; i < CHAINS; i++)
            a[i] = a[i] * half + one;
    UNROLL_FOR (int i = 0; i < CHAINS; i++)
        *sink += a[i][0];
    return 2.0 * WIDTH * CHAINS * LENGTH * rounds;
}

const NcaKernels PASTE(nca_kernels_, LEVEL) = {
    STRING(LEVEL), fire, perceive, hidden, output, dense_back, perceive_back, peak,
};
