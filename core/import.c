/* SPDX-License-Identifier: MIT
 *
 * Models as others published them: the browser demo's 8-bit JSON (also written), a TF.js
 * graph with its constants inlined, and the data shard of a TensorFlow checkpoint.
 *
 * All of them store matrices as input × output, ours are output × input.  TensorFlow orders
 * the inputs channel·bands + band, the demo and this library band·channels + channel. */
#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "model.h"
#include "status.h"

typedef enum Order { BAND_MAJOR, INTERLEAVED } Order;

/* The input of ours that row r of the file is. */
static int input_of(const NcaShape *s, Order order, int r)
{
    return order == BAND_MAJOR ? r : r % s->bands * s->channels + r / s->bands;
}

static void set_w1(NcaModel *m, const float *rows, Order order)
{
    const NcaShape *s = &m->shape;
    int inputs = s->bands * s->channels;
    for (int r = 0; r < inputs; r++)
        for (int j = 0; j < s->hidden; j++)
            m->tensor[NCA_W1][j * inputs + input_of(s, order, r)] = rows[r * s->hidden + j];
}

static void set_w2(NcaModel *m, const float *rows)
{
    const NcaShape *s = &m->shape;
    for (int j = 0; j < s->hidden; j++)
        for (int o = 0; o < s->channels; o++)
            m->tensor[NCA_W2][o * s->hidden + j] = rows[j * s->channels + o];
}

/* The published shape with other sizes. */
static NcaStatus new_model(NcaModel **model, size_t inputs, size_t hidden, size_t channels,
                           NcaError *error)
{
    NcaShape shape = nca_shape_default();
    if (channels > NCA_CHANNELS_MAX || hidden > NCA_HIDDEN_MAX || inputs != 3 * channels)
        return nca_fail(error, NCA_ERR_FORMAT, "layers of %zu, %zu and %zu do not make a model",
                        inputs, hidden, channels);
    shape.channels = (int)channels;
    shape.hidden = (int)hidden;
    return nca_model_new(model, &shape, error) < 0 ? NCA_ERR_FORMAT : NCA_OK;
}

/* ------------------------------------------------------------ demo JSON, in */

/* A layer of the demo: (in + 1) × out bytes, the last row is the bias. */
typedef struct Layer {
    size_t in, out;
    float *rows; /* [in + 1][out] */
} Layer;

static NcaStatus read_layer(Layer *layer, const json_t *json, NcaError *error)
{
    const char *text = json_string_value(json_object_get(json, "data_b64"));
    const char *type = json_string_value(json_object_get(json, "type"));
    json_int_t in = json_integer_value(json_object_get(json, "in_ch"));
    json_int_t out = json_integer_value(json_object_get(json, "out_ch"));
    double scale = json_number_value(json_object_get(json, "weight_scale"));
    double bias_scale = json_number_value(json_object_get(json, "bias_scale"));
    if (!text || !type || strcmp(type, "uint8") || in < 1 || in > NCA_HIDDEN_MAX || out < 1 ||
        out > NCA_HIDDEN_MAX || !isfinite(scale) || !isfinite(bias_scale))
        return nca_fail(error, NCA_ERR_FORMAT, "a layer of the demo JSON is not as expected");
    size_t rows = (size_t)in + 1, size = rows * (size_t)out;
    uint8_t *bytes = malloc(size);
    float *values = malloc(size * sizeof(float));
    if (!bytes || !values || !nca_base64_decode(bytes, size, text)) {
        bool memory = !bytes || !values;
        free(bytes);
        free(values);
        return memory ? nca_fail_memory(error, "a layer")
                      : nca_fail(error, NCA_ERR_FORMAT,
                                 "a layer's data_b64 is not base64 of %zu bytes", size);
    }
    for (size_t i = 0; i < size; i++) {
        float s = (float)(i / (size_t)out < (size_t)in ? scale : bias_scale);
        values[i] = ((float)bytes[i] / 255.0f - 0.5f) * s;
    }
    free(bytes);
    *layer = (Layer){(size_t)in, (size_t)out, values};
    return NCA_OK;
}

static NcaStatus import_demo(NcaModel **out, const json_t *json, NcaError *error)
{
    Layer layer[2] = {0};
    NcaModel *m = NULL;
    NcaStatus status = NCA_OK;
    if (json_array_size(json) != 2)
        return nca_fail(error, NCA_ERR_FORMAT, "a demo JSON has two layers, this one %zu",
                        json_array_size(json));
    for (int i = 0; i < 2 && status == NCA_OK; i++)
        status = read_layer(&layer[i], json_array_get(json, i), error);
    if (status == NCA_OK && layer[0].out != layer[1].in)
        status = nca_fail(error, NCA_ERR_FORMAT, "the two layers do not fit each other");
    if (status == NCA_OK)
        status = new_model(&m, layer[0].in, layer[0].out, layer[1].out, error);
    if (status == NCA_OK) {
        set_w1(m, layer[0].rows, BAND_MAJOR);
        set_w2(m, layer[1].rows);
        memcpy(m->tensor[NCA_B1], layer[0].rows + layer[0].in * layer[0].out,
               layer[0].out * sizeof(float));
        memcpy(m->tensor[NCA_B2], layer[1].rows + layer[1].in * layer[1].out,
               layer[1].out * sizeof(float));
        *out = m;
    }
    free(layer[0].rows);
    free(layer[1].rows);
    return status;
}

/* ------------------------------------------------------------- TF.js graph */

static float float_at(const uint8_t *data, size_t i)
{
    uint32_t bits;
    float value;
    memcpy(&bits, data + 4 * i, 4);
    bits = le32toh(bits);
    memcpy(&value, &bits, 4);
    return value;
}

static NcaStatus read_content(float *values, size_t count, const json_t *tensor, NcaError *error)
{
    const char *text = json_string_value(json_object_get(tensor, "tensorContent"));
    const json_t *constant = json_array_get(json_object_get(tensor, "floatVal"), 0);
    uint8_t *bytes = (uint8_t *)values;
    if (text && *text) {
        if (!nca_base64_decode(bytes, count * 4, text))
            return nca_fail(error, NCA_ERR_FORMAT, "a constant is not base64 of %zu floats",
                            count);
        for (size_t i = 0; i < count; i++)
            values[i] = float_at(bytes, i);
        return NCA_OK;
    }
    if (!json_is_number(constant))
        return nca_fail(error, NCA_ERR_FORMAT, "a constant without a value");
    for (size_t i = 0; i < count; i++)
        values[i] = (float)json_number_value(constant);
    return NCA_OK;
}

/* The four constants that matter: 1×1 kernels and biases. */
typedef struct Graph {
    size_t in[2], out[2], bias_size[2];
    float *kernel[2], *bias[2];
    int kernels, biases;
} Graph;

static NcaStatus take_constant(Graph *g, const size_t *d, size_t dimensions,
                               const json_t *tensor, NcaError *error)
{
    bool kernel = dimensions == 4 && d[0] == 1 && d[1] == 1;
    bool bias = dimensions == 1 && d[0] > 1;
    if (!kernel && !bias)
        return NCA_OK;
    if (kernel ? g->kernels == 2 : g->biases == 2)
        return nca_fail(error, NCA_ERR_FORMAT, "the graph has more than two layers");
    size_t count = kernel ? d[2] * d[3] : d[0];
    float *values = calloc(count ? count : 1, sizeof(float));
    if (!values)
        return nca_fail_memory(error, "a constant");
    if (kernel) {
        g->in[g->kernels] = d[2];
        g->out[g->kernels] = d[3];
        g->kernel[g->kernels++] = values;
    } else {
        g->bias_size[g->biases] = d[0];
        g->bias[g->biases++] = values;
    }
    return read_content(values, count, tensor, error);
}

/* Sizes are written as strings. */
static bool read_dimension(const json_t *dim, size_t *size)
{
    const json_t *json = json_object_get(dim, "size");
    const char *text = json_string_value(json);
    long v = text ? strtol(text, NULL, 10) : (long)json_integer_value(json);
    *size = v > 0 ? (size_t)v : 0;
    return v >= 0 && v <= 4 * NCA_HIDDEN_MAX;
}

static NcaStatus take_node(Graph *g, const json_t *node, NcaError *error)
{
    const char *op = json_string_value(json_object_get(node, "op"));
    const json_t *attr = json_object_get(node, "attr");
    const json_t *tensor = json_object_get(json_object_get(attr, "value"), "tensor");
    const char *type = json_string_value(json_object_get(tensor, "dtype"));
    const json_t *dims = json_object_get(json_object_get(tensor, "tensorShape"), "dim");
    size_t d[4] = {0}, dimensions = json_array_size(dims);
    if (!op || strcmp(op, "Const") || !type || strcmp(type, "DT_FLOAT") || dimensions > 4)
        return NCA_OK;
    for (size_t i = 0; i < dimensions; i++)
        if (!read_dimension(json_array_get(dims, i), &d[i]))
            return NCA_OK;
    return take_constant(g, d, dimensions, tensor, error);
}

static NcaStatus graph_to_model(NcaModel **out, const Graph *g, NcaError *error)
{
    if (g->kernels != 2 || g->biases != 2)
        return nca_fail(error, NCA_ERR_FORMAT, "the graph has no two layers with biases");
    int first = g->out[0] >= g->out[1] ? 0 : 1, second = 1 - first;
    int bias = g->bias_size[0] >= g->bias_size[1] ? 0 : 1;
    NcaModel *m = NULL;
    if (g->out[first] != g->in[second] || g->bias_size[bias] != g->out[first] ||
        g->bias_size[1 - bias] != g->out[second])
        return nca_fail(error, NCA_ERR_FORMAT, "the graph's layers do not fit each other");
    NcaStatus status = new_model(&m, g->in[first], g->out[first], g->out[second], error);
    if (status < 0)
        return status;
    set_w1(m, g->kernel[first], INTERLEAVED);
    set_w2(m, g->kernel[second]);
    memcpy(m->tensor[NCA_B1], g->bias[bias], g->bias_size[bias] * sizeof(float));
    memcpy(m->tensor[NCA_B2], g->bias[1 - bias], g->bias_size[1 - bias] * sizeof(float));
    *out = m;
    return NCA_OK;
}

static NcaStatus import_graph(NcaModel **model, const json_t *json, NcaError *error)
{
    const json_t *nodes = json_object_get(json_object_get(json, "modelTopology"), "node");
    Graph g = {0};
    NcaStatus status = NCA_OK;
    if (!json_is_array(nodes))
        return nca_fail(error, NCA_ERR_FORMAT, "neither a demo JSON nor a TF.js graph");
    for (size_t i = 0; i < json_array_size(nodes) && status == NCA_OK; i++)
        status = take_node(&g, json_array_get(nodes, i), error);
    if (status == NCA_OK)
        status = graph_to_model(model, &g, error);
    for (int i = 0; i < 2; i++) {
        free(g.kernel[i]);
        free(g.bias[i]);
    }
    return status;
}

NcaStatus nca_import_json(NcaModel **model, const void *data, size_t size, NcaError *error)
{
    json_error_t where;
    json_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES, &where);
    if (!json)
        return nca_fail(error, NCA_ERR_FORMAT, "line %d: %s", where.line, where.text);
    NcaStatus status =
        json_is_array(json) ? import_demo(model, json, error) : import_graph(model, json, error);
    json_decref(json);
    return status;
}

/* -------------------------------------------------------- TensorFlow shard */

enum { IN = 48, HIDDEN = 128, OUT = 16, SHARD = IN * HIDDEN + HIDDEN + HIDDEN * OUT + OUT };

bool nca_import_is_shard(size_t size)
{
    return size == SHARD * sizeof(float);
}

NcaStatus nca_import_shard(NcaModel **model, const uint8_t *data, NcaError *error)
{
    float *values = malloc(SHARD * sizeof(float)), *at = values;
    NcaModel *m = NULL;
    if (!values)
        return nca_fail_memory(error, "a shard");
    for (size_t i = 0; i < SHARD; i++)
        values[i] = float_at(data, i);
    NcaStatus status = new_model(&m, IN, HIDDEN, OUT, error);
    if (status == NCA_OK) {
        set_w1(m, at, INTERLEAVED);
        memcpy(m->tensor[NCA_B1], at += IN * HIDDEN, HIDDEN * sizeof(float));
        set_w2(m, at += HIDDEN);
        memcpy(m->tensor[NCA_B2], at += HIDDEN * OUT, OUT * sizeof(float));
        *model = m;
    }
    free(values);
    return status;
}

/* ----------------------------------------------------------- demo JSON, out */

static float largest(const float *values, size_t count)
{
    float most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, fabsf(values[i]));
    return most;
}

static uint8_t quantised(float value, float scale)
{
    return (uint8_t)lrintf((value / scale + 0.5f) * 255);
}

/* w [out][in] and bias [out] as a layer. */
static json_t *write_layer(const float *w, const float *bias, int in, int out)
{
    size_t size = (size_t)(in + 1) * (size_t)out;
    float scale = 2 * largest(w, (size_t)in * (size_t)out);
    float bias_scale = bias ? 2 * largest(bias, (size_t)out) : 0;
    uint8_t *bytes = malloc(size);
    char *text = malloc(4 * ((size + 2) / 3) + 1);
    json_t *json = NULL;
    scale = scale > 0 ? scale : 1;
    bias_scale = bias_scale > 0 ? bias_scale : 0; /* all bytes alike stand for 0 then */
    for (int r = 0; bytes && r <= in; r++)
        for (int o = 0; o < out; o++)
            bytes[r * out + o] = r < in           ? quantised(w[o * in + r], scale)
                                 : bias_scale > 0 ? quantised(bias[o], bias_scale)
                                                  : 128;
    if (bytes && text) {
        nca_base64_encode(text, bytes, size);
        json = json_pack("{s:s,s:i,s:i,s:f,s:f,s:s}", "data_b64", text, "in_ch", in, "out_ch",
                         out, "weight_scale", (double)scale, "bias_scale", (double)bias_scale,
                         "type", "uint8");
    }
    free(bytes);
    free(text);
    return json;
}

static bool demo_can(const NcaShape *s)
{
    NcaShape demo = nca_shape_default();
    return s->bands == demo.bands && !memcmp(s->band, demo.band, 3 * sizeof(s->band[0])) &&
           !memcmp(s->band_scale, demo.band_scale, 3 * sizeof(float)) && !s->alive &&
           s->alive_threshold == demo.alive_threshold && !s->color && s->clamp == 0;
}

NcaStatus nca_export_demo(const NcaModel *model, void **data, size_t *size, NcaError *error)
{
    const NcaShape *s = &model->shape;
    if (!demo_can(s))
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "the demo's JSON holds only models of the published kind");
    json_t *first = write_layer(model->tensor[NCA_W1], model->tensor[NCA_B1],
                                s->bands * s->channels, s->hidden);
    json_t *second = write_layer(model->tensor[NCA_W2], nca_model_tensor(model, NCA_B2),
                                 s->hidden, s->channels);
    json_t *json = first && second ? json_pack("[o,o]", first, second) : NULL;
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (!json) {
        json_decref(first);
        json_decref(second);
    }
    json_decref(json);
    if (!text)
        return nca_fail_memory(error, "a model file");
    *data = text;
    *size = strlen(text);
    return NCA_OK;
}
