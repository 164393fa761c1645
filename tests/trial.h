/* SPDX-License-Identifier: MIT
 *
 * A network of any size, a panel of inputs to each of its kernels, and what the plain
 * kernels make of them. */
#ifndef NCA_TEST_TRIAL_H
#define NCA_TEST_TRIAL_H

#include "guarded.h"
#include "kernels.h"
#include "random.h"

enum { W = 9, H = 7, PITCH_CELLS = W + 2, SLACK = 24 };

static const int counts[] = {1, 2, 5, 24, 47, 48};
enum { COUNTS = 6 };

static uint64_t seed;

/* Of both signs, some of them 0 and -0. */
static inline float noise(uint64_t what, uint64_t i)
{
    uint64_t hash = nca_hash3(seed, what, i);
    if (hash % 16 < 2)
        return hash % 16 ? 0.0f : -0.0f;
    return (float)(nca_uniform(nca_hash(hash)) * 2 - 1);
}

static inline void fill_noise(Buffer *b, uint64_t what, float scale)
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
static inline NcaModel *new_model(const NcaShape *shape)
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

static inline void make_absolute(NcaNetwork *n)
{
    float *end = n->w2t + (size_t)n->channels * n->hidden_stride;
    for (float *p = n->w1; p < end; p++)
        *p = fabsf(*p);
}

/* In rising order, as cursors give them, or not. */
static inline void choose_cells(uint32_t *cell, bool mixed)
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

static inline float *first_cell(const Trial *t, const Buffer *cells)
{
    return cells->p + (PITCH_CELLS + 1) * t->network.stride;
}

static inline void run_plain(Trial *t)
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

static inline Trial trial_new(int channels, int hidden, int bands, bool bf16)
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

static inline void trial_free(Trial *t)
{
    Buffer *all[] = {&t->cells, &t->y, &t->h, &t->d, &t->dd, &t->h_size, &t->d_size};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        buffer_free(all[i]);
    nca_network_uninit(&t->network);
    nca_network_uninit(&t->absolute);
}

#endif
