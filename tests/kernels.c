/* SPDX-License-Identifier: MIT
 *
 * Every level of the kernels but fire beside the plain ones, on networks and panels of
 * all sizes. Bit for bit where multiply-adds are fused; else within the bound of the
 * rounding errors of a chain, which the plain kernels themselves give when they run on
 * absolute values. The argument is the random seed. */
#include "kernels.h"

#include <time.h>

#include "trial.h"

#define ULP 0x1p-23f

/* Values on both sides of the kink, wherever hidden did not leave them. */
static void poke_kinks(Trial *t)
{
    static const float kink[] = {0, -0.0f, -1, 1, 1e-40f, -1e-40f};
    int i = 0;
    for (int row = 0; row < NCA_PANEL; row++, i += 5)
        t->h.p[row * t->network.hidden_stride + i % t->network.hidden] = kink[row % 6];
}

static bool fused(const Trial *t)
{
    return strcmp(t->level, "sse2") != 0;
}

/* ---------------------------------------------------------------- comparing */

/* What may differ: value by value factor · size, or factor where size is NULL. */
typedef struct Bound {
    const float *size;
    float factor;
} Bound;

static bool close_enough(float got, float want, const Bound *bound, size_t i)
{
    if (bound->factor == 0)
        return !memcmp(&got, &want, sizeof(float));
    return fabsf(got - want) <= bound->factor * (bound->size ? bound->size[i] : 1);
}

/* Rows of a matrix and what of each counts. */
typedef struct Area {
    int rows, width, pitch;
} Area;

static void compare(const Trial *t, const char *what, const float *got, const float *want,
                    Area area, Bound bound)
{
    for (int r = 0; r < area.rows; r++)
        for (int i = 0; i < area.width; i++) {
            size_t at = (size_t)r * area.pitch + i;
            if (close_enough(got[at], want[at], &bound, at))
                continue;
            CHECK_MSG(false,
                      "%s %s: %d channels, %d hidden, bands %d, count %d: [%d][%d] %a, "
                      "plain %a",
                      t->level, what, t->network.channels, t->network.hidden, t->bands,
                      t->count, r, i, got[at], want[at]);
            return;
        }
}

/* A bound of 0 asks for the same bits. */
static Bound bound_of(const Trial *t, const float *size, float factor)
{
    return (Bound){size, fused(t) ? 0 : factor};
}

/* ------------------------------------------------------------- the kernels */

/* Sobel sums only double, which is exact; a Laplacian multiplies by 12: one more rounding
 * of 12·|2| and what it does to the sum. */
static void test_perceive(const Trial *t, const NcaKernels *k)
{
    const NcaNetwork *n = &t->network;
    Buffer y = buffer_filled(t->y.size, NAN);
    k->perceive(n, y.p, first_cell(t, &t->cells), PITCH_CELLS * n->stride, t->cell,
                t->count);
    compare(t, "perceive", y.p, t->y.p, (Area){t->count, n->inputs, n->input_stride},
            bound_of(t, NULL, t->laplacian ? 48 * ULP : 0));
    CHECK_MSG(intact(&y), "%s perceive, count %d", k->name, t->count);
    buffer_free(&y);
}

/* Padding is compared, too: it keeps the padding of cells 0. */
static void test_dense(const Trial *t, const NcaKernels *k)
{
    const NcaNetwork *n = &t->network;
    Buffer y = with_rows_spoilt(&t->y, n->input_stride, t->count);
    Buffer h = buffer_filled(t->h.size, NAN), d = buffer_filled(t->d.size, NAN);
    k->hidden(n, h.p, y.p, t->count);
    compare(t, "hidden", h.p, t->h.p,
            (Area){t->count, n->hidden_stride, n->hidden_stride},
            bound_of(t, t->h_size.p, (n->inputs + 2) * ULP));
    CHECK_MSG(intact(&h), "%s hidden, count %d", k->name, t->count);
    buffer_free(&h);
    h = with_rows_spoilt(&t->h, n->hidden_stride, t->count);
    k->output(n, d.p, h.p, t->count);
    compare(t, "output", d.p, t->d.p, (Area){t->count, n->stride, n->stride},
            bound_of(t, t->d_size.p, (n->hidden + 2) * ULP));
    CHECK_MSG(intact(&d), "%s output, count %d", k->name, t->count);
    buffer_free(&y);
    buffer_free(&h);
    buffer_free(&d);
}

typedef struct Back {
    NcaGradient gradient;
    Buffer weights, dy, dz;
} Back;

static Back back_new(const Trial *t)
{
    Back b;
    CHECK(nca_gradient_init(&b.gradient, &t->network, NULL) == NCA_OK);
    b.weights = buffer_new(b.gradient.size);
    b.dy = buffer_filled(t->y.size, NAN);
    b.dz = buffer_filled(t->h.size, NAN);
    ptrdiff_t db1 = b.gradient.db1 - b.gradient.dw1,
              dw2 = b.gradient.dw2 - b.gradient.dw1;
    ptrdiff_t db2 = b.gradient.db2 - b.gradient.dw1;
    nca_gradient_uninit(&b.gradient);
    float *p = b.weights.p;
    b.gradient = (NcaGradient){p, p + db1, p + dw2, p + db2, b.weights.size};
    fill_noise(&b.weights, 5, 1);
    return b;
}

static void back_free(Back *b)
{
    buffer_free(&b->weights);
    buffer_free(&b->dy);
    buffer_free(&b->dz);
}

static void run_back(Back *b, const NcaKernels *k, const NcaNetwork *n, const Trial *t)
{
    Buffer dd = buffer_new(t->dd.size);
    memcpy(dd.p, t->dd.p, sizeof(float) * t->count * n->stride);
    memset(dd.p + t->count * n->stride, 0,
           sizeof(float) * (NCA_PANEL - t->count) * n->stride);
    NcaScratch s = {.y = t->y.p, .h = t->h.p, .dz = b->dz.p, .dy = b->dy.p};
    k->dense_back(n, &b->gradient, &s, dd.p, t->count);
    buffer_free(&dd);
}

/* The sizes of what the way back adds up. */
static void run_back_absolute(Back *b, const Trial *t)
{
    Trial a = *t;
    a.y = absolute_copy(&t->y);
    a.h = absolute_copy(&t->h);
    a.dd = absolute_copy(&t->dd);
    for (size_t i = 0; i < b->weights.size; i++)
        b->weights.p[i] = fabsf(b->weights.p[i]);
    run_back(b, nca_kernels_at(0), &t->absolute, &a);
    buffer_free(&a.y);
    buffer_free(&a.h);
    buffer_free(&a.dd);
}

static void compare_back(const Trial *t, const Back *got, const Back *want,
                         const Back *size)
{
    const NcaNetwork *n = &t->network;
    const NcaGradient *a = &got->gradient, *b = &want->gradient, *s = &size->gradient;
    float f =
        (n->channels + n->hidden + t->count + 8) * ULP; /* the longest chain of chains */
    compare(t, "dz", got->dz.p, want->dz.p, (Area){t->count, n->hidden, n->hidden_stride},
            bound_of(t, size->dz.p, f));
    compare(t, "dy", got->dy.p, want->dy.p, (Area){t->count, n->inputs, n->input_stride},
            bound_of(t, size->dy.p, f));
    compare(t, "dw1", a->dw1, b->dw1, (Area){n->inputs, n->hidden, n->hidden_stride},
            bound_of(t, s->dw1, f));
    compare(t, "db1", a->db1, b->db1, (Area){1, n->hidden, 0}, bound_of(t, s->db1, f));
    compare(t, "dw2", a->dw2, b->dw2, (Area){n->hidden, n->channels, n->stride},
            bound_of(t, s->dw2, f));
    compare(t, "db2", a->db2, b->db2, (Area){1, n->channels, 0}, bound_of(t, s->db2, f));
}

static void test_dense_back(const Trial *t)
{
    Back want = back_new(t), size = back_new(t);
    run_back(&want, nca_kernels_at(0), &t->network, t);
    run_back_absolute(&size, t);
    for (int i = 1; nca_kernels_at(i); i++) {
        Trial named = *t;
        named.level = nca_kernels_at(i)->name;
        Back got = back_new(t);
        run_back(&got, nca_kernels_at(i), &t->network, t);
        compare_back(&named, &got, &want, &size);
        CHECK_MSG(intact(&got.weights) && intact(&got.dy) && intact(&got.dz),
                  "%s dense_back, count %d", named.level, t->count);
        back_free(&got);
    }
    back_free(&want);
    back_free(&size);
}

/* At most 27 sums, each of at most 42 in size: |dy| ≤ 1, weights of the bands add up
 * to 41. */
static void test_perceive_back(const Trial *t, const NcaKernels *k)
{
    const NcaNetwork *n = &t->network;
    ptrdiff_t pitch = PITCH_CELLS * n->stride;
    Buffer dy = buffer_new(t->y.size);
    Buffer got = buffer_new(t->cells.size), want = buffer_new(t->cells.size);
    fill_noise(&dy, 6, 1);
    fill_noise(&got, 7, 1);
    fill_noise(&want, 7, 1);
    nca_kernels_at(0)->perceive_back(n, first_cell(t, &want), pitch, t->cell, dy.p,
                                     t->count);
    k->perceive_back(n, first_cell(t, &got), pitch, t->cell, dy.p, t->count);
    compare(t, "perceive_back", got.p, want.p,
            (Area){PITCH_CELLS * (H + 2), n->channels, n->stride},
            bound_of(t, NULL, t->laplacian ? 27 * 42 * ULP : 0));
    CHECK_MSG(intact(&got), "%s perceive_back, count %d", k->name, t->count);
    buffer_free(&dy);
    buffer_free(&got);
    buffer_free(&want);
}

static bool kink_seen(const Trial *t)
{
    int off = 0, on = 0, zero = 0;
    for (int r = 0; r < NCA_PANEL; r++)
        for (int j = 0; j < t->network.hidden; j++) {
            float h = t->h.p[r * t->network.hidden_stride + j];
            on += h > 0;
            off += h < 0;
            zero += h == 0;
        }
    return off && on && zero;
}

static void test_shape(int channels, int hidden, int bands)
{
    Trial t = trial_new(channels, hidden, bands, false);
    for (int i = 1; nca_kernels_at(i); i++)
        for (int c = 0; c < COUNTS; c++) {
            t.level = nca_kernels_at(i)->name;
            t.count = counts[c];
            test_perceive(&t, nca_kernels_at(i));
            test_dense(&t, nca_kernels_at(i));
            test_perceive_back(&t, nca_kernels_at(i));
        }
    poke_kinks(&t);
    CHECK(kink_seen(&t));
    for (int c = 0; c < COUNTS; c++) {
        t.count = counts[c];
        test_dense_back(&t);
    }
    trial_free(&t);
}

static void test_shapes(void)
{
    static const int channels[] = {4, 10, 12, 16, 20, 64};
    static const int hiddens[] = {1, 5, 20, 96, 128, 200, 512};
    int turn = 0;
    for (int c = 0; c < 6; c++)
        for (int h = 0; h < 7; h++, turn++)
            test_shape(channels[c], hiddens[h], turn % BAND_SETS);
    for (int b = 0; b < BAND_SETS; b++) {
        test_shape(10, 20, b);
        test_shape(16, 33, b);
    }
}

static void test_pointers(const NcaKernels *k)
{
    const NcaKernels *c = nca_kernels_at(0);
    printf("level %s\n", k->name);
    CHECK(k->perceive != c->perceive && k->hidden != c->hidden);
    CHECK(k->output != c->output && k->dense_back != c->dense_back);
    CHECK(k->perceive_back != c->perceive_back);
}

int main(int argc, char **argv)
{
    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)seed);
    CHECK(!strcmp(nca_kernels_at(0)->name, "c"));
    for (int i = 1; nca_kernels_at(i); i++)
        test_pointers(nca_kernels_at(i));
    test_shapes();
    return test_end();
}
