/* SPDX-License-Identifier: MIT
 *
 * The browser demo's JSON, in and out: two layers of (inputs + 1) × outputs bytes in
 * base64, the last row the bias; weight = (byte / 255 − 0.5) · scale. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "import.h"
#include "json_text.h"
#include "status.h"

/* ---------------------------------------------------------------------- in */

typedef struct Layer {
    size_t in, out;
    float *rows; /* [in + 1][out] */
} Layer;

static bool read_side(const json_t *layer, const char *key, size_t *side)
{
    json_int_t v = json_integer_value(json_object_get(layer, key));
    *side = v < 0 ? 0 : (size_t)v;
    return v >= 1 && v <= NCA_HIDDEN_MAX;
}

static bool read_scale(const json_t *layer, const char *key, float *scale)
{
    const json_t *number = json_object_get(layer, key);
    double v = json_number_value(number);
    if (!json_is_number(number) || !(v >= 0 && v <= 1e6))
        return false;
    *scale = (float)v;
    return true;
}

static void decode(float *values, const uint8_t *bytes, size_t count, float scale)
{
    for (size_t i = 0; i < count; i++)
        values[i] = ((float)bytes[i] / 255.0f - 0.5f) * scale;
}

static NcaStatus read_layer(Layer *layer, const json_t *json, NcaError *error)
{
    const char *text = json_string_value(json_object_get(json, "data_b64"));
    const char *type = json_string_value(json_object_get(json, "type"));
    size_t in, out;
    float scale, bias_scale;
    if (!text || !type || strcmp(type, "uint8") || !read_side(json, "in_ch", &in) ||
        !read_side(json, "out_ch", &out) || !read_scale(json, "weight_scale", &scale) ||
        !read_scale(json, "bias_scale", &bias_scale))
        return nca_fail(error, NCA_ERR_FORMAT,
                        "a layer of the demo JSON is not as expected");
    NcaStatus status = NCA_OK;
    size_t size = (in + 1) * out;
    uint8_t *bytes = malloc(size);
    float *values = malloc(size * sizeof(float));
    if (!bytes || !values) {
        status = nca_fail_memory(error, "a layer");
    } else if (!nca_base64_decode(bytes, size, text)) {
        status = nca_fail(error, NCA_ERR_FORMAT,
                          "a layer's data_b64 is not base64 of %zu bytes", size);
    } else {
        decode(values, bytes, in * out, scale);
        decode(values + in * out, bytes + in * out, out, bias_scale);
        *layer = (Layer){in, out, values};
        values = NULL;
    }
    free(bytes);
    free(values);
    return status;
}

NcaStatus nca_import_demo(NcaModel **model, const json_t *json, NcaError *error)
{
    Layer a = {0}, b = {0};
    if (json_array_size(json) != 2)
        return nca_fail(error, NCA_ERR_FORMAT, "a demo JSON has two layers, this one %zu",
                        json_array_size(json));
    NcaStatus status = read_layer(&a, json_array_get(json, 0), error);
    if (status == NCA_OK)
        status = read_layer(&b, json_array_get(json, 1), error);
    if (status == NCA_OK && a.out != b.in)
        status = nca_fail(error, NCA_ERR_FORMAT, "the two layers do not fit each other");
    if (status == NCA_OK) {
        NcaLayers layers = {a.in,   a.out,
                            b.out,  NCA_BAND_MAJOR,
                            a.rows, a.rows + a.in * a.out,
                            b.rows, b.rows + b.in * b.out};
        status = nca_import_layers(model, &layers, error);
    }
    free(a.rows);
    free(b.rows);
    return status;
}

/* --------------------------------------------------------------------- out */

/* 0 for all zeros: the bytes then stand for exactly that. */
static float scale_of(const float *values, size_t count)
{
    float most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, fabsf(values[i]));
    return 2 * most;
}

static uint8_t quantised(float value, float scale)
{
    return scale > 0 ? (uint8_t)lrintf((value / scale + 0.5f) * 255) : 128;
}

void nca_demo_round(float *values, size_t count)
{
    float scale = scale_of(values, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = quantised(values[i], scale);
        decode(&values[i], &byte, 1, scale);
    }
}

/* w [out][in] and bias [out], which may be NULL. */
static json_t *write_layer(const float *w, const float *bias, int in, int out)
{
    size_t size = (size_t)(in + 1) * (size_t)out;
    float scale = scale_of(w, (size_t)in * (size_t)out);
    float bias_scale = bias ? scale_of(bias, (size_t)out) : 0;
    uint8_t *bytes = malloc(size);
    char *text = malloc(4 * ((size + 2) / 3) + 1);
    json_t *json = NULL;
    if (!bytes || !text)
        goto done;
    for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++)
            bytes[i * out + o] = quantised(w[o * in + i], scale);
        bytes[in * out + o] = quantised(bias ? bias[o] : 0, bias_scale);
    }
    nca_base64_encode(text, bytes, size);
    json = json_pack("{s:s,s:i,s:i,s:f,s:f,s:s}", "data_b64", text, "in_ch", in, "out_ch",
                     out, "weight_scale", (double)scale, "bias_scale", (double)bias_scale,
                     "type", "uint8");
done:
    free(bytes);
    free(text);
    return json;
}

/* The demo knows one kind of model, and runs it on a torus whatever its edge is. */
static bool demo_can(const NcaShape *s)
{
    NcaShape demo = nca_shape_default();
    return s->bands == demo.bands &&
           !memcmp(s->band, demo.band, sizeof(s->band[0]) * 3) &&
           !memcmp(s->band_scale, demo.band_scale, sizeof(float) * 3) &&
           s->alive == demo.alive && s->alive_threshold == demo.alive_threshold &&
           s->fire_rate == demo.fire_rate && s->color == demo.color &&
           s->clamp == demo.clamp;
}

static bool weights_fit(const NcaModel *m)
{
    for (int t = 0; t < NCA_TENSORS; t++)
        if (scale_of(m->tensor[t], nca_model_tensor_size(m, t)) > 1e6f)
            return false;
    return true;
}

NcaStatus nca_export_demo(const NcaModel *m, void **data, size_t *size, NcaError *error)
{
    const NcaShape *s = &m->shape;
    if (!demo_can(s))
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "the demo's JSON holds only models of the published kind");
    if (!weights_fit(m))
        return nca_fail(error, NCA_ERR_ARGUMENT, "the weights are too large for 8 bits");
    json_t *json = json_array();
    int wrong =
        json_array_append_new(json, write_layer(m->tensor[NCA_W1], m->tensor[NCA_B1],
                                                s->bands * s->channels, s->hidden));
    wrong |= json_array_append_new(json, write_layer(m->tensor[NCA_W2],
                                                     nca_model_tensor(m, NCA_B2),
                                                     s->hidden, s->channels));
    char *text = wrong ? NULL : nca_json_text(json);
    json_decref(json);
    if (!text)
        return nca_fail_memory(error, "a model file");
    *data = text;
    *size = strlen(text);
    return NCA_OK;
}
