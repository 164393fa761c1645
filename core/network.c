/* SPDX-License-Identifier: MIT
 *
 * Packing weights for the kernels, and its adjoint.  With c, s of the angle the published
 * rule perceives c·Sx - s·Sy and s·Sx + c·Sy; here w1's columns for the two bands are
 * turned instead: w·(R·p) = (Rᵀw)·p. */
#include "network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

#define PADDED(n) (((n) + NCA_LANES - 1) / NCA_LANES * NCA_LANES)

static size_t bf16_rows(int rows)
{
    return ((size_t)rows + NCA_BF16_ROWS - 1) / NCA_BF16_ROWS * NCA_BF16_ROWS;
}

static void set_sizes(NcaNetwork *n, const NcaShape *shape)
{
    *n = (NcaNetwork){
        .channels = shape->channels, .hidden = shape->hidden, .bands = shape->bands};
    memcpy(n->band, shape->band, sizeof(n->band));
    n->stride = PADDED(n->channels);
    n->inputs = n->bands * n->channels;
    n->input_stride = PADDED(n->inputs - n->channels + n->stride);
    n->hidden_stride = PADDED(n->hidden);
}

NcaStatus nca_network_init(NcaNetwork *network, const NcaShape *shape, bool bf16,
                           NcaError *error)
{
    NcaNetwork n;
    set_sizes(&n, shape);
    size_t w1 = (size_t)n.inputs * n.hidden_stride, w2 = (size_t)n.hidden * n.stride;
    size_t w1t = (size_t)n.hidden * n.input_stride;
    size_t w2t = (size_t)n.channels * n.hidden_stride;
    size_t halves =
        bf16 ? bf16_rows(n.inputs) * n.hidden_stride + bf16_rows(n.hidden) * n.stride : 0;
    size_t floats = w1 + n.hidden_stride + w2 + n.stride + w1t + w2t;
    size_t bytes = (floats * sizeof(float) + halves * sizeof(uint16_t) + 63) / 64 * 64;
    float *p = aligned_alloc(64, bytes);
    if (!p)
        return nca_fail_memory(error, "the network");
    memset(p, 0, bytes);
    n.memory = n.w1 = p;
    n.b1 = n.w1 + w1;
    n.w2 = n.b1 + n.hidden_stride;
    n.b2 = n.w2 + w2;
    n.w1t = n.b2 + n.stride;
    n.w2t = n.w1t + w1t;
    if (bf16) {
        n.w1_bf16 = (uint16_t *)(p + floats);
        n.w2_bf16 = n.w1_bf16 + bf16_rows(n.inputs) * n.hidden_stride;
    }
    *network = n;
    return NCA_OK;
}

void nca_network_uninit(NcaNetwork *network)
{
    free(network->memory);
    *network = (NcaNetwork){0};
}

static int find_band(const NcaNetwork *n, NcaBand band)
{
    for (int b = 0; b < n->bands; b++)
        if (n->band[b] == band)
            return b;
    return -1;
}

/* How much of the packed band `to` the model's band `from` makes up: all of itself, and
 * the turned part of the other Sobel band.  A model with one of the pair cannot turn. */
static float turn(const NcaNetwork *n, const NcaShape *shape, int to, int from,
                  float angle)
{
    int x = find_band(n, NCA_BAND_SOBEL_X), y = find_band(n, NCA_BAND_SOBEL_Y);
    float scale = shape->band_scale[from];
    if (x < 0 || y < 0 || (from != x && from != y))
        return to == from ? scale : 0;
    if (to != x && to != y)
        return 0;
    double radians = angle * (M_PI / 180);
    float c = (float)cos(radians), s = (float)sin(radians);
    return scale * (to == from ? c : to == x ? s : -s);
}

static uint16_t to_bf16(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* Rows 2r and 2r+1 side by side, value by value. */
static void pack_pairs(uint16_t *pairs, const float *w, int rows, int width)
{
    for (int r = 0; r < rows; r++)
        for (int j = 0; j < width; j++)
            pairs[(size_t)(r / 2) * 2 * width + 2 * j + r % 2] =
                to_bf16(w[(size_t)r * width + j]);
}

/* Adds a part of the model's band `from` to the packed band `to`. */
static void add_band(NcaNetwork *n, const float *w1, int to, int from, float part)
{
    for (int c = 0; c < n->channels; c++)
        for (int j = 0; j < n->hidden; j++)
            n->w1[(to * n->channels + c) * n->hidden_stride + j] +=
                part * w1[j * n->inputs + from * n->channels + c];
}

static void pack_w1(NcaNetwork *n, const NcaModel *model, float angle)
{
    const float *w1 = nca_model_tensor(model, NCA_W1);
    memset(n->w1, 0, (size_t)n->inputs * n->hidden_stride * sizeof(float));
    for (int to = 0; to < n->bands; to++)
        for (int from = 0; from < n->bands; from++) {
            float part = turn(n, nca_model_shape(model), to, from, angle);
            if (part != 0)
                add_band(n, w1, to, from, part);
        }
    for (int k = 0; k < n->inputs; k++)
        for (int j = 0; j < n->hidden; j++)
            n->w1t[j * n->input_stride + k] = n->w1[k * n->hidden_stride + j];
}

static void pack_w2(NcaNetwork *n, const NcaModel *model, float step_size)
{
    const float *w2 = nca_model_tensor(model, NCA_W2);
    const float *b2 = nca_model_tensor(model, NCA_B2);
    for (int o = 0; o < n->channels; o++) {
        for (int j = 0; j < n->hidden; j++)
            n->w2[j * n->stride + o] = n->w2t[o * n->hidden_stride + j] =
                step_size * w2[o * n->hidden + j];
        n->b2[o] = b2 ? step_size * b2[o] : 0;
    }
}

void nca_network_pack(NcaNetwork *n, const NcaModel *model, float angle, float step_size)
{
    pack_w1(n, model, angle);
    memcpy(n->b1, nca_model_tensor(model, NCA_B1), (size_t)n->hidden * sizeof(float));
    pack_w2(n, model, step_size);
    if (!n->w1_bf16)
        return;
    pack_pairs(n->w1_bf16, n->w1, n->inputs, n->hidden_stride);
    pack_pairs(n->w2_bf16, n->w2, n->hidden, n->stride);
}

/* The adjoint of add_band. */
static void add_band_back(const NcaNetwork *n, const float *dw1, float *w1, int to,
                          int from, float part)
{
    for (int c = 0; c < n->channels; c++)
        for (int j = 0; j < n->hidden; j++)
            w1[j * n->inputs + from * n->channels + c] +=
                part * dw1[(to * n->channels + c) * n->hidden_stride + j];
}

void nca_network_unpack_gradient(const NcaNetwork *n, const NcaShape *shape, float angle,
                                 float step_size, const NcaGradient *packed,
                                 float *gradient)
{
    float *w1 = gradient, *b1 = w1 + (size_t)n->hidden * n->inputs;
    float *w2 = b1 + n->hidden, *b2 = w2 + (size_t)n->channels * n->hidden;
    memset(w1, 0, (size_t)n->hidden * n->inputs * sizeof(float));
    for (int to = 0; to < n->bands; to++)
        for (int from = 0; from < n->bands; from++) {
            float part = turn(n, shape, to, from, angle);
            if (part != 0)
                add_band_back(n, packed->dw1, w1, to, from, part);
        }
    memcpy(b1, packed->db1, (size_t)n->hidden * sizeof(float));
    for (int o = 0; o < n->channels; o++) {
        for (int j = 0; j < n->hidden; j++)
            w2[o * n->hidden + j] = step_size * packed->dw2[j * n->stride + o];
        if (shape->output_bias)
            b2[o] = step_size * packed->db2[o];
    }
}

NcaStatus nca_gradient_init(NcaGradient *gradient, const NcaNetwork *n, NcaError *error)
{
    size_t w1 = (size_t)NCA_PAD_ROWS(n->inputs) * n->hidden_stride;
    size_t w2 = (size_t)NCA_PAD_ROWS(n->hidden) * n->stride;
    size_t size = w1 + n->hidden_stride + w2 + n->stride;
    float *p = aligned_alloc(64, size * sizeof(float));
    if (!p)
        return nca_fail_memory(error, "gradients");
    gradient->dw1 = p;
    gradient->db1 = p + w1;
    gradient->dw2 = gradient->db1 + n->hidden_stride;
    gradient->db2 = gradient->dw2 + w2;
    gradient->size = size;
    nca_gradient_clear(gradient);
    return NCA_OK;
}

void nca_gradient_uninit(NcaGradient *gradient)
{
    free(gradient->dw1);
    *gradient = (NcaGradient){0};
}

void nca_gradient_clear(NcaGradient *gradient)
{
    memset(gradient->dw1, 0, gradient->size * sizeof(float));
}
