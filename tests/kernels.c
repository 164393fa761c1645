/* SPDX-License-Identifier: MIT
 *
 * Every level of the kernels but fire beside the plain ones, on networks and panels of
 * all sizes. Bit for bit where multiply-adds are fused; else within the bound of the
 * rounding errors of a chain, which the plain kernels themselves give when they run on
 * absolute values. The argument is the random seed. */
#include "kernels.h"

#include <time.h>

#include "guarded.h"
#include "random.h"

#define ULP 0x1p-23f

enum { W = 9, H = 7, PITCH_CELLS = W + 2, SLACK = 24 };

static const int counts[] = {1, 2, 5, 24, 47, 48};
enum { COUNTS = 6 };

static uint64_t seed;

/* Of both signs, some of them 0 and -0. */
static float noise(uint64_t what, uint64_t i)
{
    uint64_t hash = nca_hash3(seed, what, i);
    if (hash % 16 < 2)
        return hash % 16 ? 0.0f : -0.0f;
    return (float)(nca_uniform(nca_hash(hash)) * 2 - 1);
}

static void fill_noise(Buffer *b, uint64_t what, float scale)
{
    for (size_t i = 0; i < b->size; i++)
        b->p[i] = scale * noise(what, i);
}

/* --------------------------------------------------------------- the trial */

/* One network, a panel of inputs to each kernel, and what the plain kernels make of them.
 */
typedef struct Trial {
    const char *level;
    int count; /* cells of the panel in use */
    int bands;
    bool laplacian;
    NcaNetwork network, absolute;
    uint32_t cell[NCA_PANEL];
    Buffer cells, y, h, d, dd;
    Buffer h_size, d_size; /* the same of absolute values */
} Trial;

static const struct {
    int bands;
    NcaBand band[NCA_BANDS_MAX];
} band_sets[] = {
    {3, {NCA_BAND_IDENTITY, NCA_BAND_SOBEL_X, NCA_BAND_SOBEL_Y}},
    {4, {NCA_BAND_IDENTITY, NCA_BAND_SOBEL_X, NCA_BAND_SOBEL_Y, NCA_BAND_LAPLACIAN}},
    {2, {NCA_BAND_IDENTITY, NCA_BAND_LAPLACIAN}},
    {1, {NCA_BAND_IDENTITY}},
    {2, {NCA_BAND_SOBEL_Y, NCA_BAND_SOBEL_X}},
    {1, {NCA_BAND_LAPLACIAN}},
    {4, {NCA_BAND_LAPLACIAN, NCA_BAND_SOBEL_Y, NCA_BAND_IDENTITY, NCA_BAND_SOBEL_X}},
    {1, {NCA_BAND_SOBEL_X}},
    {3, {NCA_BAND_SOBEL_Y, NCA_BAND_LAPLACIAN, NCA_BAND_SOBEL_X}},
};
enum { BAND_SETS = sizeof(band_sets) / sizeof(band_sets[0]) };

/* Every seventh hidden cell sees nothing but its bias, on the kink or just beside it. */
static NcaModel *new_model(const NcaShape *shape)
{
    static const float kink[] = {0, -0.0f, 1e-40f, -1e-40f, 1, -1};
    NcaModel *model = NULL;
    CHECK(nca_model_new(&model, shape, NULL) == NCA_OK);
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            nca_model_tensor_mut(model, t)[i] = noise(10 + t, i) * 0.3f;
    int inputs = shape->bands * shape->channels;
    for (int j = 1; j < shape->hidden; j += 7) {
        memset(nca_model_tensor_mut(model, NCA_W1) + (size_t)j * inputs, 0,
               sizeof(float) * inputs);
        nca_model_tensor_mut(model, NCA_B1)[j] = kink[j % 6];
    }
    return model;
}

static void make_absolute(NcaNetwork *n)
{
    float *end = n->w2t + (size_t)n->channels * n->hidden_stride;
    for (float *p = n->w1; p < end; p++)
        *p = fabsf(*p);
}

/* In rising order, as cursors give them, or not. */
static void choose_cells(uint32_t *cell, bool mixed)
{
    for (int i = 0; i < NCA_PANEL; i++) {
        int at = (i * W * H + (int)(nca_hash(seed) % 8)) / NCA_PANEL;
        cell[i] = (uint32_t)(at / W * PITCH_CELLS + at % W);
    }
    for (int i = NCA_PANEL - 1; i > 0 && mixed; i--) {
        int j = (int)(nca_hash3(seed, 20, i) % (uint64_t)(i + 1));
        uint32_t other = cell[j];
        cell[j] = cell[i];
        cell[i] = other;
    }
}

static float *first_cell(const Trial *t, const Buffer *cells)
{
    return cells->p + (PITCH_CELLS + 1) * t->network.stride;
}

/* Values on both sides of the kink, wherever hidden did not leave them. */
static void poke_kinks(Trial *t)
{
    static const float kink[] = {0, -0.0f, -1, 1, 1e-40f, -1e-40f};
    int i = 0;
    for (int row = 0; row < NCA_PANEL; row++, i += 5)
        t->h.p[row * t->network.hidden_stride + i % t->network.hidden] = kink[row % 6];
}

static void run_plain(Trial *t)
{
    const NcaKernels *c = nca_kernels_at(0);
    const NcaNetwork *n = &t->network;
    c->perceive(n, t->y.p, first_cell(t, &t->cells), PITCH_CELLS * n->stride, t->cell,
                NCA_PANEL);
    c->hidden(n, t->h.p, t->y.p, NCA_PANEL);
    c->output(n, t->d.p, t->h.p, NCA_PANEL);
    Buffer y = absolute_copy(&t->y), h = absolute_copy(&t->h);
    c->hidden(&t->absolute, t->h_size.p, y.p, NCA_PANEL);
    c->output(&t->absolute, t->d_size.p, h.p, NCA_PANEL);
    buffer_free(&y);
    buffer_free(&h);
}

static Trial trial_new(int channels, int hidden, int bands, bool bf16)
{
    Trial t = {.bands = bands};
    NcaShape shape = nca_shape_default();
    shape.channels = channels;
    shape.hidden = hidden;
    shape.bands = band_sets[bands].bands;
    for (int b = 0; b < shape.bands; b++) {
        shape.band[b] = band_sets[bands].band[b];
        shape.band_scale[b] = 0.25f;
        t.laplacian |= shape.band[b] == NCA_BAND_LAPLACIAN;
    }
    NcaModel *model = new_model(&shape);
    CHECK(nca_network_init(&t.network, &shape, bf16, NULL) == NCA_OK);
    CHECK(nca_network_init(&t.absolute, &shape, false, NULL) == NCA_OK);
    nca_network_pack(&t.network, model, 0, 1);
    nca_network_pack(&t.absolute, model, 0, 1);
    make_absolute(&t.absolute);
    nca_model_free(&model);
    choose_cells(t.cell, hidden % 2);
    t.cells = buffer_new((size_t)PITCH_CELLS * (H + 2) * t.network.stride);
    t.y = buffer_new((size_t)NCA_PANEL * t.network.input_stride + SLACK);
    t.h = buffer_filled((size_t)NCA_PANEL * t.network.hidden_stride + SLACK, 0);
    t.h_size = buffer_new(t.h.size);
    t.d = buffer_new((size_t)NCA_PANEL * t.network.stride);
    t.d_size = buffer_new(t.d.size);
    t.dd = buffer_new(t.d.size);
    fill_noise(&t.cells, 1, 2);
    fill_noise(&t.y, 2, 2);
    fill_noise(&t.dd, 3, 1);
    run_plain(&t);
    return t;
}

static void trial_free(Trial *t)
{
    Buffer *all[] = {&t->cells, &t->y, &t->h, &t->d, &t->dd, &t->h_size, &t->d_size};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buffer_free(all[i]);
    nca_network_uninit(&t->network);
    nca_network_uninit(&t->absolute);
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
    k->dense_back(n, &b->gradient, b->dy.p, b->dz.p, t->y.p, t->h.p, dd.p, t->count);
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

/* -------------------------------------------------------------------- bf16 */

/* An operand keeps 8 bits: two of them and the rounding of h make 2^-8 + 2^-9 of the
 * hidden sums, w2 another 2^-9, together 2^-7 of the sum of all sizes; a few per cent
 * more for second order and float32.  Errors of random sign stay far below: 2 % of the
 * whole where it is many values. */
static void try_bf16(NcaDenseBf16 *dense, int channels, int hidden, int bands, int count)
{
    Trial t = trial_new(channels, hidden, bands, true);
    t.level = "bf16";
    const NcaNetwork *n = &t.network;
    Buffer y = with_rows_spoilt(&t.y, n->input_stride, count);
    Buffer h = buffer_filled(t.h.size, NAN), d = buffer_filled(t.d.size, NAN);
    double off = 0, all = 0;
    bool rounded = false;
    nca_kernels_at(0)->output(&t.absolute, t.d_size.p, t.h_size.p, NCA_PANEL);
    dense(n, d.p, h.p, y.p, count);
    for (int i = 0; i < count * n->stride; i++) {
        double e = d.p[i] - t.d.p[i];
        CHECK_MSG(fabs(e) <= 0x1.08p-7 * t.d_size.p[i],
                  "%d channels, %d hidden: %g, plain %g", channels, hidden, d.p[i],
                  t.d.p[i]);
        off += e * e;
        all += (double)t.d.p[i] * t.d.p[i];
        rounded |= e != 0;
    }
    CHECK_MSG(count < 24 || (rounded && off < 4e-4 * all),
              "%d channels, %d hidden: off by %g of %g", channels, hidden, sqrt(off),
              sqrt(all));
    CHECK(intact(&y) && intact(&h) && intact(&d));
    buffer_free(&y);
    buffer_free(&h);
    buffer_free(&d);
    trial_free(&t);
}

static void test_bf16(void)
{
    NcaDenseBf16 *dense = nca_kernels_bf16();
    if (!dense) {
        printf("bf16 skipped: this CPU has no such products\n");
        return;
    }
    printf("level bf16\n");
    for (int c = 0; c < COUNTS; c++)
        for (int b = 0; b < BAND_SETS; b++) {
            try_bf16(dense, 16, 128, b, counts[c]);
            try_bf16(dense, 20, 200, b, counts[c]);
            try_bf16(dense, 5, 33, b, counts[c]);
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
    test_bf16();
    return test_end();
}
