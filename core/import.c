/* SPDX-License-Identifier: MIT
 *
 * Models as others published them: which of them it is, and the data shard of a
 * TensorFlow checkpoint, which is nothing but floats: w1 [48][128], b1, w2 [128][16],
 * b2. */
#include "import.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

enum { JSON_MOST = 4 << 20 };

float nca_import_float(const uint8_t *data, size_t i)
{
    uint32_t bits;
    float value;
    memcpy(&bits, data + 4 * i, 4);
    bits = le32toh(bits);
    memcpy(&value, &bits, 4);
    return value;
}

/* The input of ours that row r of the file is. */
static size_t input_of(const NcaShape *s, NcaOrder order, size_t r)
{
    size_t bands = (size_t)s->bands, channels = (size_t)s->channels;
    return order == NCA_BAND_MAJOR ? r : r % bands * channels + r / bands;
}

static void set_weights(NcaModel *m, const NcaLayers *l)
{
    for (size_t r = 0; r < l->inputs; r++)
        for (size_t j = 0; j < l->hidden; j++)
            m->tensor[NCA_W1][j * l->inputs + input_of(&m->shape, l->order, r)] =
                l->w1[r * l->hidden + j];
    for (size_t j = 0; j < l->hidden; j++)
        for (size_t o = 0; o < l->channels; o++)
            m->tensor[NCA_W2][o * l->hidden + j] = l->w2[j * l->channels + o];
    memcpy(m->tensor[NCA_B1], l->b1, l->hidden * sizeof(float));
    memcpy(m->tensor[NCA_B2], l->b2, l->channels * sizeof(float));
}

NcaStatus nca_import_layers(NcaModel **model, const NcaLayers *l, NcaError *error)
{
    NcaShape shape = nca_shape_default();
    if (l->channels > NCA_CHANNELS_MAX || l->hidden > NCA_HIDDEN_MAX ||
        l->inputs != (size_t)shape.bands * l->channels)
        return nca_fail(error, NCA_ERR_FORMAT,
                        "layers of %zu, %zu and %zu do not make a model", l->inputs,
                        l->hidden, l->channels);
    shape.channels = (int)l->channels;
    shape.hidden = (int)l->hidden;
    NcaModel *m = NULL;
    NcaStatus status = nca_model_new(&m, &shape, error);
    if (status < 0)
        return status == NCA_ERR_ARGUMENT ? NCA_ERR_FORMAT : status;
    set_weights(m, l);
    *model = m;
    return NCA_OK;
}

/* -------------------------------------------------------------------- JSON */

/* A shard of floats may begin with a bracket, but it is not all text. */
bool nca_import_is_json(const char *text, size_t size)
{
    size_t begin = 0;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < ' ' && (!text[i] || !strchr("\t\r\n", text[i])))
            return false;
    while (begin < size && strchr(" \t\r\n", text[begin]))
        begin++;
    return begin < size && (text[begin] == '[' || text[begin] == '{');
}

NcaStatus nca_import_json(NcaModel **model, const char *text, size_t size,
                          NcaError *error)
{
    json_error_t where;
    if (size > JSON_MOST)
        return nca_fail(error, NCA_ERR_FORMAT,
                        "a JSON of %zu bytes, at most %d are possible", size, JSON_MOST);
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    if (!json)
        return nca_fail_json(error, &where, "the JSON");
    NcaStatus status = json_is_array(json) ? nca_import_demo(model, json, error)
                                           : nca_import_graph(model, json, error);
    json_decref(json);
    return status;
}

/* -------------------------------------------------------- TensorFlow shard */

enum {
    IN = 48,
    HIDDEN = 128,
    OUT = 16,
    SHARD = IN * HIDDEN + HIDDEN + HIDDEN * OUT + OUT
};

bool nca_import_is_shard(size_t size)
{
    return size == SHARD * sizeof(float);
}

NcaStatus nca_import_shard(NcaModel **model, const uint8_t *data, NcaError *error)
{
    float *values = malloc(SHARD * sizeof(float));
    if (!values)
        return nca_fail_memory(error, "a shard");
    for (size_t i = 0; i < SHARD; i++)
        values[i] = nca_import_float(data, i);
    const float *b1 = values + IN * HIDDEN, *w2 = b1 + HIDDEN, *b2 = w2 + HIDDEN * OUT;
    NcaLayers layers = {IN, HIDDEN, OUT, NCA_INTERLEAVED, values, b1, w2, b2};
    NcaStatus status = nca_import_layers(model, &layers, error);
    free(values);
    return status;
}
