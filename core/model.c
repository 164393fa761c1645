/* SPDX-License-Identifier: MIT
 *
 * Weights, metadata, and the choice of a format. */
#include "model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "number.h"
#include "status.h"
#include "utf8.h"

enum { FILE_MOST = 64 << 20, USUAL_SIDE = 72 };

NcaStatus nca_model_new(NcaModel **out, const NcaShape *shape, NcaError *error)
{
    NcaStatus status = nca_shape_check(shape, error);
    if (status < 0)
        return status;
    size_t floats = 0;
    for (int t = 0; t < NCA_TENSORS; t++)
        floats += nca_shape_tensor_size(shape, t);
    NcaModel *model = calloc(1, sizeof(*model));
    float *values = calloc(floats, sizeof(float));
    json_t *meta = json_object();
    if (!model || !values || !meta) {
        free(model);
        free(values);
        json_decref(meta);
        return nca_fail_memory(error, "a model");
    }
    *model = (NcaModel){.shape = *shape, .meta = meta};
    for (int t = 0; t < NCA_TENSORS; t++) {
        model->tensor[t] = values;
        values += nca_shape_tensor_size(shape, t);
    }
    *out = model;
    return NCA_OK;
}

void nca_model_free(NcaModel **model)
{
    if (!*model)
        return;
    free((*model)->tensor[0]);
    json_decref((*model)->meta);
    free(*model);
    *model = NULL;
}

NcaStatus nca_model_copy(NcaModel **copy, const NcaModel *model, NcaError *error)
{
    NcaModel *m = NULL;
    NcaStatus status = nca_model_new(&m, &model->shape, error);
    if (status < 0)
        return status;
    for (int t = 0; t < NCA_TENSORS; t++)
        memcpy(m->tensor[t], model->tensor[t],
               nca_shape_tensor_size(&model->shape, t) * sizeof(float));
    json_decref(m->meta);
    m->meta = json_deep_copy(model->meta);
    if (!m->meta) {
        nca_model_free(&m);
        return nca_fail_memory(error, "a model");
    }
    *copy = m;
    return NCA_OK;
}

const NcaShape *nca_model_shape(const NcaModel *model)
{
    return &model->shape;
}

size_t nca_model_tensor_size(const NcaModel *model, NcaTensor tensor)
{
    return nca_shape_tensor_size(&model->shape, tensor);
}

float *nca_model_tensor_mut(NcaModel *model, NcaTensor tensor)
{
    return nca_model_tensor_size(model, tensor) ? model->tensor[tensor] : NULL;
}

const float *nca_model_tensor(const NcaModel *model, NcaTensor tensor)
{
    return nca_model_tensor_size(model, tensor) ? model->tensor[tensor] : NULL;
}

const char *nca_model_meta(const NcaModel *model, const char *key)
{
    return json_string_value(json_object_get(model->meta, key));
}

int nca_model_meta_int(const NcaModel *model, const char *key, int most)
{
    const char *text = nca_model_meta(model, key), *end;
    double v;
    if (!text || !nca_number_parse(text, &end, &v) || *end || v < 0 || v > most ||
        v != (int)v)
        return -1;
    return (int)v;
}

uint64_t nca_model_work(const NcaModel *model, int width, int height)
{
    uint64_t weights = 0;
    for (int t = 0; t < NCA_TENSORS; t++)
        weights += nca_model_tensor_size(model, (NcaTensor)t);
    return weights * (uint64_t)width * (uint64_t)height;
}

void nca_model_trained_size(const NcaModel *model, int *width, int *height)
{
    *width = nca_model_meta_int(model, "width", NCA_TRAINED_MAX);
    *height = nca_model_meta_int(model, "height", NCA_TRAINED_MAX);
    if (*width < 1 || *height < 1 ||
        nca_model_work(model, *width, *height) > NCA_WORK_MAX)
        *width = *height = USUAL_SIDE;
}

NcaStatus nca_model_set_meta(NcaModel *model, const char *key, const char *value)
{
    if (nca_shape_is_key(key) || !*key || !nca_utf8_valid(key) ||
        (value && !nca_utf8_valid(value)))
        return NCA_ERR_ARGUMENT;
    if (!value) {
        json_object_del(model->meta, key);
        return NCA_OK;
    }
    /* Takes the text, or frees it; NULL is an error like any other. */
    return json_object_set_new(model->meta, key, json_string(value)) == 0
               ? NCA_OK
               : NCA_ERR_MEMORY;
}

bool nca_model_meta_at(const NcaModel *model, size_t i, const char **key,
                       const char **value)
{
    void *at = json_object_iter(model->meta);
    for (; at && i > 0; i--)
        at = json_object_iter_next(model->meta, at);
    if (!at)
        return false;
    *key = json_object_iter_key(at);
    *value = json_string_value(json_object_iter_value(at));
    return true;
}

NcaStatus nca_fail_json(NcaError *error, const json_error_t *where, const char *what)
{
    /* Not all of jansson's failed allocations leave a word. */
    if (json_error_code(where) == json_error_out_of_memory || !*where->text)
        return nca_fail_memory(error, what);
    return nca_fail(error, NCA_ERR_FORMAT, "%s, line %d: %s", what, where->line,
                    where->text);
}

NcaStatus nca_model_check(const NcaModel *model, NcaError *error)
{
    static const char *const names[NCA_TENSORS] = {"w1", "b1", "w2", "b2"};
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            if (!isfinite(model->tensor[t][i]))
                return nca_fail(error, NCA_ERR_FORMAT, "%s[%zu] is not a finite number",
                                names[t], i);
    return NCA_OK;
}

/* safetensors first: read as its length, the first 8 characters of a text are a number
 * far beyond any size, while a length may well look like a text's '{'. */
static NcaStatus read_any(NcaModel **model, const void *data, size_t size,
                          NcaError *error)
{
    if (nca_safetensors_sniff(data, size))
        return nca_safetensors_read(model, data, size, error);
    if (nca_import_is_json(data, size))
        return nca_import_json(model, data, size, error);
    if (nca_import_is_shard(size))
        return nca_import_shard(model, data, error);
    return nca_fail(
        error, NCA_ERR_FORMAT,
        "not a model, or cut off: neither safetensors nor a published format");
}

NcaStatus nca_model_parse(NcaModel **out, const void *data, size_t size, NcaError *error)
{
    NcaModel *model = NULL;
    NcaStatus status = read_any(&model, data, size, error);
    if (status == NCA_OK)
        status = nca_model_check(model, error);
    if (status == NCA_OK)
        *out = model;
    else
        nca_model_free(&model);
    return status;
}

NcaStatus nca_model_load(NcaModel **model, const char *path, NcaError *error)
{
    void *data;
    size_t size;
    NcaStatus status = nca_file_read(path, FILE_MOST, &data, &size, error);
    if (status < 0)
        return status;
    status = nca_model_parse(model, data, size, error);
    free(data);
    return status < 0 ? nca_fail_at(error, status, path) : NCA_OK;
}

NcaStatus nca_model_format(const NcaModel *model, NcaFormat format, void **data,
                           size_t *size, NcaError *error)
{
    NcaStatus status = nca_model_check(model, error);
    if (status < 0)
        return status;
    return format == NCA_FORMAT_DEMO_JSON
               ? nca_export_demo(model, data, size, error)
               : nca_safetensors_write(model, data, size, error);
}

NcaStatus nca_model_save(const NcaModel *model, const char *path, NcaFormat format,
                         NcaError *error)
{
    void *data;
    size_t size;
    NcaStatus status = nca_model_format(model, format, &data, &size, error);
    if (status < 0)
        return nca_fail_at(error, status, path);
    status = nca_file_write(path, data, size, error);
    free(data);
    return status;
}
