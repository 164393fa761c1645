/* SPDX-License-Identifier: MIT
 *
 * Every kernel with products of bfloat16 that can run here beside the plain ones.  They
 * run on threads that were there before any was asked for, since a system may lend tiles
 * only to a process that asks.  The argument is the random seed. */
#include <time.h>

#include "trial.h"

typedef struct Level {
    const char *name;
    NcaDenseBf16 *dense;
} Level;

static const struct {
    int channels, hidden;
} sizes[] = {{4, 1}, {5, 33}, {10, 20}, {12, 96}, {16, 128}, {20, 200}, {64, 512}};

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static const char *describe(const Level *l, const Trial *t, int count)
{
    static _Thread_local char text[128];
    snprintf(text, sizeof(text), "%s: %d channels, %d hidden, bands %d, count %d",
             l->name, t->network.channels, t->network.hidden, t->bands, count);
    return text;
}

/* No numbers in what is no cell's and no channel's, but an odd input's other half. */
static Buffer spoilt_inputs(const Trial *t, int count)
{
    const NcaNetwork *n = &t->network;
    Buffer y = with_rows_spoilt(&t->y, n->input_stride, count);
    for (int r = 0; r < count; r++)
        for (int i = (n->inputs + 1) / 2 * 2; i < n->input_stride; i++)
            y.p[r * n->input_stride + i] = NAN;
    return y;
}

/* An operand keeps 8 bits: two of them and the rounding of h make 2^-8 + 2^-9 of the
 * hidden sums, w2 another 2^-9, together 2^-7 of the sum of all sizes; a few per cent
 * more for second order and float32.  Errors of random sign stay far below: 2 % of the
 * whole where it is many values. */
static void compare(const Level *l, const Trial *t, const float *d, int count)
{
    double off = 0, all = 0;
    bool rounded = false;
    for (int i = 0; i < count * t->network.stride; i++) {
        double e = d[i] - t->d.p[i];
        CHECK_MSG(fabs(e) <= 0x1.08p-7 * t->d_size.p[i], "%s: [%d] %g, plain %g",
                  describe(l, t, count), i, d[i], t->d.p[i]);
        off += e * e;
        all += (double)t->d.p[i] * t->d.p[i];
        rounded |= e != 0;
    }
    CHECK_MSG(count * t->network.hidden < 24 * 20 || (rounded && off < 4e-4 * all),
              "%s: off by %g of %g", describe(l, t, count), sqrt(off), sqrt(all));
}

/* Whether the thread carries tiles: the system would have to keep them for it. */
static bool has_tiles(const Level *l)
{
    unsigned used = 0, high = 0;
#if defined(__x86_64__)
    if (!strcmp(l->name, "amx"))
        __asm__ volatile("xgetbv" : "=a"(used), "=d"(high) : "c"(1));
#endif
    (void)l, (void)high;
    return used >> 18 & 1;
}

static void try_count(const Level *l, const Trial *t, int count)
{
    Buffer y = spoilt_inputs(t, count);
    Buffer h = buffer_filled(t->h.size, NAN), d = buffer_filled(t->d.size, NAN);
    l->dense(&t->network, d.p, h.p, y.p, count);
    compare(l, t, d.p, count);
    CHECK_MSG(intact(&y) && intact(&h) && intact(&d), "%s", describe(l, t, count));
    CHECK_MSG(!has_tiles(l), "%s", describe(l, t, count));
    buffer_free(&y);
    buffer_free(&h);
    buffer_free(&d);
}

static void try_shape(void *arg, int index)
{
    const Level *l = arg;
    Trial t = trial_new(sizes[index / BAND_SETS].channels,
                        sizes[index / BAND_SETS].hidden, index % BAND_SETS, true);
    nca_kernels_at(0)->output(&t.absolute, t.d_size.p, t.h_size.p, NCA_PANEL);
    for (int c = 0; c < COUNTS; c++)
        try_count(l, &t, counts[c]);
    trial_free(&t);
}

/* The fastest is the last, and none is another. */
static void test_levels(NcaPool *pool)
{
    NcaDenseBf16 *last = NULL;
    Level l;
    for (int i = 0; (l.dense = nca_kernels_bf16_at(i, &l.name)); i++) {
        printf("level %s\n", l.name);
        CHECK(l.dense != last);
        last = l.dense;
        nca_pool_run(pool, try_shape, &l, SIZES * BAND_SETS);
    }
    CHECK(nca_kernels_bf16() == last);
    if (!last)
        printf("skipped: no products of bfloat16 here\n");
}

int main(int argc, char **argv)
{
    NcaPool *pool = NULL;
    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)seed);
    CHECK(nca_pool_new(&pool, 3, NULL) == NCA_OK);
    test_levels(pool);
    nca_pool_free(&pool);
    return test_end();
}
