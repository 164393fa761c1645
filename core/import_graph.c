/* SPDX-License-Identifier: MIT
 *
 * A TF.js graph with its constants inlined: of all nodes, the two 1×1 kernels and the two
 * biases are the model. */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "import.h"
#include "status.h"

typedef struct Constant {
    size_t in, out; /* of a bias: 1, its size */
    float *values;  /* [in][out] */
} Constant;

typedef struct Graph {
    Constant kernel[2], bias[2];
    int kernels, biases;
} Graph;

static NcaStatus read_content(Constant *c, const json_t *tensor, NcaError *error)
{
    const char *text = json_string_value(json_object_get(tensor, "tensorContent"));
    const json_t *constant = json_array_get(json_object_get(tensor, "floatVal"), 0);
    size_t count = c->in * c->out;
    uint8_t *bytes = (uint8_t *)c->values;
    if (text && *text) {
        if (!nca_base64_decode(bytes, count * 4, text))
            return nca_fail(error, NCA_ERR_FORMAT,
                            "a constant is not base64 of %zu floats", count);
        for (size_t i = 0; i < count; i++)
            c->values[i] = nca_import_float(bytes, i);
        return NCA_OK;
    }
    double value = json_number_value(constant);
    if (!json_is_number(constant) || !(value >= -1e6 && value <= 1e6))
        return nca_fail(error, NCA_ERR_FORMAT, "a constant without a sensible value");
    for (size_t i = 0; i < count; i++)
        c->values[i] = (float)value;
    return NCA_OK;
}

/* d: the dimensions, of which a scalar or a filter that is not 1×1 is none of ours. */
static NcaStatus take_constant(Graph *g, const size_t *d, size_t dimensions,
                               const json_t *tensor, NcaError *error)
{
    bool kernel = dimensions == 4 && d[0] == 1 && d[1] == 1;
    bool bias = dimensions == 1 && d[0] > 1;
    if (!kernel && !bias)
        return NCA_OK;
    if (kernel ? g->kernels == 2 : g->biases == 2)
        return nca_fail(error, NCA_ERR_FORMAT, "the graph has more than two layers");
    Constant *c = kernel ? &g->kernel[g->kernels] : &g->bias[g->biases];
    c->in = kernel ? d[2] : 1;
    c->out = kernel ? d[3] : d[0];
    c->values = calloc(c->in * c->out, sizeof(float));
    if (!c->values)
        return nca_fail_memory(error, "a constant");
    g->kernels += kernel;
    g->biases += bias;
    return read_content(c, tensor, error);
}

/* Sizes are written as strings. */
static bool read_dimension(const json_t *dim, size_t *size)
{
    const json_t *json = json_object_get(dim, "size");
    const char *text = json_string_value(json);
    char *end = NULL;
    long long v = text ? strtoll(text, &end, 10) : json_integer_value(json);
    if ((text && *end) || v < 1 || v > NCA_HIDDEN_MAX)
        return false;
    *size = (size_t)v;
    return true;
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

/* Whether the layers fit in this order of kernels and of biases. */
static bool layers_fit(NcaLayers *l, const Graph *g, int kernel, int bias)
{
    const Constant *k1 = &g->kernel[kernel], *k2 = &g->kernel[1 - kernel];
    const Constant *b1 = &g->bias[bias], *b2 = &g->bias[1 - bias];
    *l = (NcaLayers){k1->in,     k1->out,    k2->out,    NCA_INTERLEAVED,
                     k1->values, b1->values, k2->values, b2->values};
    return k1->in == 3 * k2->out && k1->out == k2->in && b1->out == k1->out &&
           b2->out == k2->out;
}

static NcaStatus graph_to_model(NcaModel **model, const Graph *g, NcaError *error)
{
    NcaLayers layers;
    if (g->kernels != 2 || g->biases != 2)
        return nca_fail(error, NCA_ERR_FORMAT, "the graph has no two layers with biases");
    for (int order = 0; order < 4; order++)
        if (layers_fit(&layers, g, order >> 1, order & 1))
            return nca_import_layers(model, &layers, error);
    return nca_fail(error, NCA_ERR_FORMAT, "the graph's layers do not fit each other");
}

NcaStatus nca_import_graph(NcaModel **model, const json_t *json, NcaError *error)
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
        free(g.kernel[i].values);
        free(g.bias[i].values);
    }
    return status;
}
