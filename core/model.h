/* SPDX-License-Identifier: MIT
 *
 * The inside of an NcaModel, and the formats it is read from and written to. */
#ifndef NCA_MODEL_H
#define NCA_MODEL_H

#include <jansson.h>

#include "nca.h"

struct NcaModel {
    NcaShape shape;
    float *tensor[NCA_TENSORS]; /* in one block from tensor[0] */
    json_t *meta;               /* object of strings, without the shape's keys */
};

/* NCA_ERR_ARGUMENT for a shape out of range. */
NcaStatus nca_shape_check(const NcaShape *shape, NcaError *error);

size_t nca_shape_tensor_size(const NcaShape *shape, NcaTensor tensor);

/* Shape ↔ metadata.  write: adds the keys to `meta`.  read: takes them, where there, over
 * what *shape holds; channels and hidden are checked against it. */
NcaStatus nca_shape_write(const NcaShape *shape, json_t *meta, NcaError *error);
NcaStatus nca_shape_read(NcaShape *shape, const json_t *meta, NcaError *error);
bool nca_shape_is_key(const char *key);

/* Words what jansson refused about `what`: NCA_ERR_FORMAT or NCA_ERR_MEMORY. */
NcaStatus nca_fail_json(NcaError *error, const json_error_t *where, const char *what);

/* NCA_ERR_FORMAT where a weight is not finite. */
NcaStatus nca_model_check(const NcaModel *model, NcaError *error);

/* Weights times cells of a grid of that size. */
uint64_t nca_model_work(const NcaModel *model, int width, int height);

/* A whole number of the metadata within 0 … most, or -1. */
int nca_model_meta_int(const NcaModel *model, const char *key, int most);

/* safetensors.c; read: data that the sniff takes; write: free(*data) is the caller's. */
bool nca_safetensors_sniff(const uint8_t *data, size_t size);
NcaStatus nca_safetensors_read(NcaModel **model, const uint8_t *data, size_t size,
                               NcaError *error);
NcaStatus nca_safetensors_write(const NcaModel *model, void **data, size_t *size,
                                NcaError *error);
/* NCA_ERR_ARGUMENT where its metadata take more than half of what a file may have of
 * them: others are to be added, and hours later is too late to find no room. */
NcaStatus nca_safetensors_check_room(const NcaModel *model, NcaError *error);

/* import.c: a TensorFlow shard, or a JSON: the demo's or a TF.js graph. */
bool nca_import_is_json(const char *text, size_t size);
NcaStatus nca_import_json(NcaModel **model, const char *text, size_t size,
                          NcaError *error);
bool nca_import_is_shard(size_t size);
NcaStatus nca_import_shard(NcaModel **model, const uint8_t *data, NcaError *error);

/* import_demo.c; export: free(*data) is the caller's. */
NcaStatus nca_import_demo(NcaModel **model, const json_t *json, NcaError *error);
NcaStatus nca_export_demo(const NcaModel *model, void **data, size_t *size,
                          NcaError *error);
/* What is left of weights that share a scale after that format's 8 bits. */
void nca_demo_round(float *values, size_t count);

/* import_graph.c */
NcaStatus nca_import_graph(NcaModel **model, const json_t *json, NcaError *error);

#endif
