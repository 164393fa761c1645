/* SPDX-License-Identifier: MIT
 *
 * Models of all kinds, random ones, and whether two are the same bit for bit. */
#ifndef NCA_TEST_MODELS_H
#define NCA_TEST_MODELS_H

#include "nca.h"
#include "random.h"
#include "test.h"

static inline NcaShape texture_shape(void)
{
    return (NcaShape){
        .channels = 12,
        .hidden = 96,
        .bands = 4,
        .band = {NCA_BAND_IDENTITY, NCA_BAND_SOBEL_X, NCA_BAND_SOBEL_Y,
                 NCA_BAND_LAPLACIAN},
        .band_scale = {1, 0.125f, 0.125f, 1},
        .alive = NCA_ALIVE_NONE,
        .alive_threshold = 0.1f,
        .edge = NCA_EDGE_WRAP,
        .fire_rate = 0.5f,
        .color = NCA_COLOR_HALF,
    };
}

static inline NcaShape isotropic_shape(void)
{
    NcaShape s = nca_shape_default();
    s.bands = 2;
    s.band[1] = NCA_BAND_LAPLACIAN;
    s.band_scale[1] = 1.0f / 3;
    s.alive = NCA_ALIVE_PRE;
    s.alive_threshold = 0.3f;
    s.fire_rate = 0.7f;
    s.clamp = 1e-7f;
    return s;
}

static inline NcaShape tiny_shape(void)
{
    NcaShape s = nca_shape_default();
    s.channels = 4;
    s.hidden = 2;
    return s;
}

static inline NcaShape largest_shape(void)
{
    NcaShape s = texture_shape();
    s.channels = NCA_CHANNELS_MAX;
    s.hidden = NCA_HIDDEN_MAX;
    s.color = NCA_COLOR_HALF_HALF;
    s.output_bias = true;
    return s;
}

/* Values of every size and sign, so that each bit counts. */
static inline NcaModel *filled(const NcaShape *shape)
{
    NcaModel *m = NULL;
    uint32_t bits = 12345;
    CHECK(nca_model_new(&m, shape, NULL) == NCA_OK);
    for (int t = 0; t < NCA_TENSORS; t++) {
        float *values = nca_model_tensor_mut(m, t);
        for (size_t i = 0; i < nca_model_tensor_size(m, t); i++) {
            do
                bits = bits * 1664525 + 1013904223;
            while ((bits >> 23 & 255) == 255);
            memcpy(values + i, &bits, 4);
        }
    }
    return m;
}

static inline bool shapes_equal(const NcaShape *a, const NcaShape *b)
{
    bool equal = a->bands == b->bands;
    for (int i = 0; equal && i < a->bands; i++)
        equal = a->band[i] == b->band[i] && a->band_scale[i] == b->band_scale[i];
    return equal && a->channels == b->channels && a->hidden == b->hidden &&
           a->alive == b->alive && a->alive_threshold == b->alive_threshold &&
           a->edge == b->edge && a->fire_rate == b->fire_rate && a->color == b->color &&
           a->clamp == b->clamp && a->output_bias == b->output_bias;
}

static inline bool models_equal(const NcaModel *a, const NcaModel *b)
{
    bool equal = shapes_equal(nca_model_shape(a), nca_model_shape(b));
    for (int t = 0; equal && t < NCA_TENSORS; t++) {
        size_t size = nca_model_tensor_size(a, t);
        equal =
            size == nca_model_tensor_size(b, t) &&
            (!size || !memcmp(nca_model_tensor(a, t), nca_model_tensor(b, t), size * 4));
    }
    const char *key[2], *value[2];
    bool more = equal;
    for (size_t i = 0; more; i++) {
        more = nca_model_meta_at(a, i, &key[0], &value[0]);
        if (more != nca_model_meta_at(b, i, &key[1], &value[1]))
            return false;
        if (more && (strcmp(key[0], key[1]) || strcmp(value[0], value[1])))
            return false;
    }
    return equal;
}

/* Weights of ±size. */
static inline NcaModel *random_model(const NcaShape *shape, double size, uint64_t seed)
{
    NcaModel *model = NULL;
    CHECK(nca_model_new(&model, shape, NULL) == NCA_OK);
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            nca_model_tensor_mut(model, t)[i] =
                (float)(size *
                        (2 * nca_uniform(nca_hash3(seed, 20 + (uint64_t)t, i)) - 1));
    return model;
}

#endif
