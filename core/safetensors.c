/* SPDX-License-Identifier: MIT
 *
 * safetensors: 8 bytes of header length, little-endian; a JSON header that tells type,
 * shape and place of each tensor; the tensors, without gaps.
 * https://github.com/huggingface/safetensors, section "Format". */
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "model.h"
#include "status.h"

enum { HEADER_MOST = 1 << 20, META_MOST = 4096, SIDE_MOST = 4096 };

static const char *const tensor_names[NCA_TENSORS] = {"w1", "b1", "w2", "b2"};

typedef enum Type { F32, F16, BF16, TYPES } Type;

static const char *const type_names[TYPES] = {"F32", "F16", "BF16"};
static const size_t type_sizes[TYPES] = {4, 2, 2};

/* A tensor as the header describes it. */
typedef struct Entry {
    bool there;
    Type type;
    int dimensions;
    size_t dimension[2];
    size_t begin, end; /* bytes after the header */
} Entry;

static uint64_t header_length(const uint8_t *data)
{
    uint64_t length;
    memcpy(&length, data, 8);
    return le64toh(length);
}

bool nca_safetensors_sniff(const uint8_t *data, size_t size)
{
    return size > 8 && header_length(data) <= size - 8 && data[8] == '{';
}

/* -------------------------------------------------------------------- read */

static float half_to_float(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31,
             mantissa = h & 0x3ff;
    uint32_t bits;
    float value;
    if (exponent == 0) {
        value = (float)mantissa * 0x1p-24f;
        return sign ? -value : value;
    }
    exponent = exponent == 31 ? 255 : exponent + 112;
    bits = sign | exponent << 23 | mantissa << 13;
    memcpy(&value, &bits, 4);
    return value;
}

static float value_at(const uint8_t *data, Type type, size_t i)
{
    uint32_t bits;
    uint16_t half;
    float value;
    if (type == F32) {
        memcpy(&bits, data + 4 * i, 4);
        bits = le32toh(bits);
    } else {
        memcpy(&half, data + 2 * i, 2);
        half = le16toh(half);
        if (type == F16)
            return half_to_float(half);
        bits = (uint32_t)half << 16;
    }
    memcpy(&value, &bits, 4);
    return value;
}

static bool read_size(const json_t *number, size_t most, size_t *size)
{
    json_int_t v = json_integer_value(number);
    if (!json_is_integer(number) || v < 0 || (uint64_t)v > most)
        return false;
    *size = (size_t)v;
    return true;
}

static bool read_type(const json_t *tensor, Type *type)
{
    const char *name = json_string_value(json_object_get(tensor, "dtype"));
    for (int t = 0; name && t < TYPES; t++)
        if (!strcmp(name, type_names[t])) {
            *type = t;
            return true;
        }
    return false;
}

static NcaStatus read_entry(Entry *e, const char *name, const json_t *tensor,
                            size_t bytes, NcaError *error)
{
    const json_t *shape = json_object_get(tensor, "shape");
    const json_t *place = json_object_get(tensor, "data_offsets");
    if (!read_type(tensor, &e->type))
        return nca_fail(error, NCA_ERR_FORMAT, "%s is not of type F32, F16 or BF16",
                        name);
    e->dimensions = (int)json_array_size(shape);
    size_t values = 1;
    for (int i = 0; i < e->dimensions && i < 2; i++) {
        if (!read_size(json_array_get(shape, i), SIDE_MOST, &e->dimension[i]))
            return nca_fail(error, NCA_ERR_FORMAT, "%s has an absurd shape", name);
        values *= e->dimension[i];
    }
    if (e->dimensions < 1 || e->dimensions > 2)
        return nca_fail(error, NCA_ERR_FORMAT, "%s has an absurd shape", name);
    if (json_array_size(place) != 2 ||
        !read_size(json_array_get(place, 0), bytes, &e->begin) ||
        !read_size(json_array_get(place, 1), bytes, &e->end) || e->end < e->begin)
        return nca_fail(error, NCA_ERR_FORMAT, "%s lies outside the file", name);
    if (e->end - e->begin != values * type_sizes[e->type])
        return nca_fail(error, NCA_ERR_FORMAT,
                        "%s has %zu bytes where its shape needs %zu", name,
                        e->end - e->begin, values * type_sizes[e->type]);
    e->there = true;
    return NCA_OK;
}

/* What is not ours would be lost in silence. */
static NcaStatus check_names(const json_t *header, NcaError *error)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)header, key, value)
    {
        bool known = !strcmp(key, "__metadata__");
        for (int t = 0; t < NCA_TENSORS; t++)
            known |= !strcmp(key, tensor_names[t]);
        if (!known)
            return nca_fail(error, NCA_ERR_FORMAT,
                            "the tensor \"%.60s\" is not a model's", key);
    }
    return NCA_OK;
}

static NcaStatus read_entries(Entry *entries, const json_t *header, size_t bytes,
                              NcaError *error)
{
    size_t covered = 0;
    for (int t = 0; t < NCA_TENSORS; t++) {
        const json_t *tensor = json_object_get(header, tensor_names[t]);
        if (!tensor && t != NCA_B2)
            return nca_fail(error, NCA_ERR_FORMAT, "the tensor %s is missing",
                            tensor_names[t]);
        if (!tensor)
            continue;
        NcaStatus status = read_entry(&entries[t], tensor_names[t], tensor, bytes, error);
        if (status < 0)
            return status;
        covered += entries[t].end - entries[t].begin;
        for (int other = 0; other < t; other++)
            if (entries[other].there && entries[t].begin < entries[other].end &&
                entries[other].begin < entries[t].end)
                return nca_fail(error, NCA_ERR_FORMAT, "%s and %s overlap",
                                tensor_names[other], tensor_names[t]);
    }
    if (covered != bytes)
        return nca_fail(error, NCA_ERR_FORMAT, "%zu bytes of tensors where there are %zu",
                        covered, bytes);
    return NCA_OK;
}

static NcaStatus read_meta(json_t *meta, const json_t *header, NcaError *error)
{
    const json_t *from = json_object_get(header, "__metadata__");
    const char *key;
    json_t *value;
    if (from && !json_is_object(from))
        return nca_fail(error, NCA_ERR_FORMAT, "__metadata__ is not an object");
    if (json_object_size(from) > META_MOST)
        return nca_fail(error, NCA_ERR_FORMAT, "%zu metadata, at most %d are possible",
                        json_object_size(from), META_MOST);
    json_object_foreach((json_t *)from, key, value)
    {
        if (!json_is_string(value))
            return nca_fail(error, NCA_ERR_FORMAT, "metadata \"%.60s\" is not a string",
                            key);
        if (!nca_shape_is_key(key) && json_object_set(meta, key, value) != 0)
            return nca_fail_memory(error, "metadata");
    }
    return NCA_OK;
}

/* The shape that tensors and metadata agree on. */
static NcaStatus read_shape(NcaShape *s, const Entry *e, const json_t *header,
                            NcaError *error)
{
    const json_t *meta = json_object_get(header, "__metadata__");
    *s = nca_shape_default();
    if (e[NCA_W1].dimensions != 2 || e[NCA_W2].dimensions != 2)
        return nca_fail(error, NCA_ERR_FORMAT, "w1 and w2 must have two dimensions");
    if (e[NCA_W2].dimension[0] > NCA_CHANNELS_MAX ||
        e[NCA_W2].dimension[1] > NCA_HIDDEN_MAX)
        return nca_fail(error, NCA_ERR_FORMAT, "w2 is %zu×%zu, at most %d×%d is possible",
                        e[NCA_W2].dimension[0], e[NCA_W2].dimension[1], NCA_CHANNELS_MAX,
                        NCA_HIDDEN_MAX);
    s->channels = (int)e[NCA_W2].dimension[0];
    s->hidden = (int)e[NCA_W2].dimension[1];
    s->output_bias = e[NCA_B2].there;
    NcaStatus status = nca_shape_read(s, meta, error);
    if (status < 0)
        return status;
    if (nca_shape_check(s, error) < 0)
        return NCA_ERR_FORMAT;
    if (e[NCA_W1].dimension[0] != (size_t)s->hidden ||
        e[NCA_W1].dimension[1] != (size_t)s->bands * s->channels)
        return nca_fail(error, NCA_ERR_FORMAT, "w1 is %zu×%zu where %d×%d is needed",
                        e[NCA_W1].dimension[0], e[NCA_W1].dimension[1], s->hidden,
                        s->bands * s->channels);
    if (e[NCA_B1].dimensions != 1 || e[NCA_B1].dimension[0] != (size_t)s->hidden ||
        (s->output_bias &&
         (e[NCA_B2].dimensions != 1 || e[NCA_B2].dimension[0] != (size_t)s->channels)))
        return nca_fail(error, NCA_ERR_FORMAT, "b1 or b2 does not fit w2");
    return NCA_OK;
}

static NcaStatus read_model(NcaModel **out, const json_t *header, const uint8_t *data,
                            size_t bytes, NcaError *error)
{
    Entry entries[NCA_TENSORS] = {0};
    NcaShape shape;
    NcaModel *model = NULL;
    NcaStatus status = check_names(header, error);
    if (status == NCA_OK)
        status = read_entries(entries, header, bytes, error);
    if (status == NCA_OK)
        status = read_shape(&shape, entries, header, error);
    if (status == NCA_OK)
        status = nca_model_new(&model, &shape, error);
    if (status == NCA_OK)
        status = read_meta(model->meta, header, error);
    if (status < 0) {
        nca_model_free(&model);
        return status;
    }
    assert(model);
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            model->tensor[t][i] = value_at(data + entries[t].begin, entries[t].type, i);
    *out = model;
    return NCA_OK;
}

NcaStatus nca_safetensors_read(NcaModel **model, const uint8_t *data, size_t size,
                               NcaError *error)
{
    size_t length = (size_t)header_length(data);
    if (length > HEADER_MOST)
        return nca_fail(error, NCA_ERR_FORMAT,
                        "a header of %zu bytes, at most %d are possible", length,
                        HEADER_MOST);
    json_error_t where;
    json_t *header =
        json_loadb((const char *)data + 8, length, JSON_REJECT_DUPLICATES, &where);
    if (!header)
        return nca_fail_json(error, &where, "the header");
    NcaStatus status =
        read_model(model, header, data + 8 + length, size - 8 - length, error);
    json_decref(header);
    return status;
}

/* ------------------------------------------------------------------- write */

static json_t *describe(const NcaShape *s, NcaTensor t, size_t begin)
{
    json_int_t size = (json_int_t)nca_shape_tensor_size(s, t);
    json_int_t end = (json_int_t)begin + size * 4;
    json_t *shape = t == NCA_W1   ? json_pack("[i,i]", s->hidden, s->bands * s->channels)
                    : t == NCA_W2 ? json_pack("[i,i]", s->channels, s->hidden)
                                  : json_pack("[I]", size);
    json_t *place = json_pack("[I,I]", (json_int_t)begin, end);
    json_t *tensor = json_pack("{s:s}", "dtype", "F32");
    int wrong = json_object_set_new(tensor, "shape", shape);
    wrong |= json_object_set_new(tensor, "data_offsets", place);
    if (!wrong)
        return tensor;
    json_decref(tensor);
    return NULL;
}

static json_t *make_header(const NcaModel *model, NcaError *error)
{
    json_t *header = json_object(), *meta = json_object();
    bool good = header && meta && nca_shape_write(&model->shape, meta, error) == NCA_OK &&
                json_object_update(meta, model->meta) == 0 &&
                json_object_set(header, "__metadata__", meta) == 0;
    size_t begin = 0;
    for (int t = 0; good && t < NCA_TENSORS; t++) {
        if (nca_model_tensor_size(model, t))
            good = json_object_set_new(header, tensor_names[t],
                                       describe(&model->shape, t, begin)) == 0;
        begin += nca_model_tensor_size(model, t) * 4;
    }
    json_decref(meta);
    if (good)
        return header;
    json_decref(header);
    nca_fail_memory(error, "a model file");
    return NULL;
}

static void put_floats(uint8_t *to, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, 4);
        bits = htole32(bits);
        memcpy(to + 4 * i, &bits, 4);
    }
}

NcaStatus nca_safetensors_write(const NcaModel *model, void **data, size_t *size,
                                NcaError *error)
{
    NcaStatus status = NCA_OK;
    json_t *header = make_header(model, error);
    char *text = nca_json_text(header);
    size_t length = text ? strlen(text) : 0, padded = (length + 7) / 8 * 8, bytes = 0;
    for (int t = 0; t < NCA_TENSORS; t++)
        bytes += nca_model_tensor_size(model, t) * 4;
    uint8_t *file = text ? malloc(8 + padded + bytes) : NULL;
    if (!file)
        status = nca_fail_memory(error, "a model file");
    else if (padded > HEADER_MOST ||
             json_object_size(json_object_get(header, "__metadata__")) > META_MOST)
        status = nca_fail(error, NCA_ERR_ARGUMENT, "too much metadata to be read again");
    if (status < 0) {
        free(file);
        goto done;
    }
    uint64_t le = htole64(padded);
    memcpy(file, &le, 8);
    memset(file + 8, ' ', padded);
    memcpy(file + 8, text, length);
    uint8_t *to = file + 8 + padded;
    for (int t = 0; t < NCA_TENSORS; t++) {
        put_floats(to, model->tensor[t], nca_model_tensor_size(model, t));
        to += nca_model_tensor_size(model, t) * 4;
    }
    *data = file;
    *size = 8 + padded + bytes;
done:
    free(text);
    json_decref(header);
    return status;
}

NcaStatus nca_safetensors_check_room(const NcaModel *model, NcaError *error)
{
    if (json_object_size(model->meta) > META_MOST / 2 ||
        json_dumpb(model->meta, NULL, 0, 0) > HEADER_MOST / 2)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "the model to begin with has more than %d metadata, or %d bytes "
                        "of them",
                        META_MOST / 2, HEADER_MOST / 2);
    return NCA_OK;
}
