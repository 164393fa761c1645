/* SPDX-License-Identifier: MIT
 *
 * A model file of each format that libnca reads, made by hand. */
#ifndef NCA_TEST_MEMORY_MODELS_H
#define NCA_TEST_MEMORY_MODELS_H

#include "../folder.h"
#include "../models.h"
#include "base64.h"

static inline void write_bytes(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(path_of(name), "wb");
    CHECK(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

/* safetensors of two bytes a number. */
static inline void write_short(const char *name, const char *type)
{
    char file[512] = {0};
    int n = snprintf(file + 8, sizeof(file) - 8,
                     "{\"__metadata__\":{\"format\":\"nca\",\"a\":\"b\"},"
                     "\"b1\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,4]},"
                     "\"w2\":{\"dtype\":\"%s\",\"shape\":[4,2],\"data_offsets\":[4,20]},"
                     "\"w1\":{\"dtype\":\"%s\",\"shape\":[2,12],\"data_offsets\":[20,68]}"
                     "}",
                     type, type, type);
    file[0] = (char)(n % 256);
    file[1] = (char)(n / 256);
    write_bytes(name, file, (size_t)(8 + n + 68));
}

static inline int add_node(char *text, const char *dims, int count)
{
    static const float values[64];
    char content[512];
    nca_base64_encode(content, (const uint8_t *)values, (size_t)count * 4);
    return sprintf(text,
                   ",{\"op\":\"Const\",\"attr\":{\"value\":{\"tensor\":{\"dtype\":\"DT_"
                   "FLOAT\",\"tensorShape\":{\"dim\":[%s]},\"tensorContent\":\"%s\"}}}}",
                   dims, content);
}

#define DIM(n) "{\"size\":\"" #n "\"}"

/* A TF.js graph of 4 channels and 3 hidden. */
static inline void write_graph(const char *name)
{
    char text[4096], *p = text;
    p += sprintf(p, "{\"modelTopology\":{\"node\":[{\"op\":\"Const\"}");
    p += add_node(p, DIM(1) "," DIM(1) "," DIM(12) "," DIM(3), 36);
    p += add_node(p, DIM(3), 3);
    p += add_node(p, DIM(1) "," DIM(1) "," DIM(3) "," DIM(4), 12);
    p += add_node(p, DIM(4), 4);
    p += sprintf(p, "]}}\n");
    write_bytes(name, text, (size_t)(p - text));
}

static const char *const model_files[] = {"own.bin",   "f16.bin",   "bf16.bin",
                                          "demo.json", "tfjs.json", "shard"};
enum { MODEL_FILES = sizeof(model_files) / sizeof(model_files[0]) };

static inline void write_models(void)
{
    static const float shard[33344 / 4];
    NcaShape shape = tiny_shape();
    NcaModel *m = random_model(&shape, 0.1, 1);
    CHECK(nca_model_set_meta(m, "name", "own") == NCA_OK);
    CHECK(nca_model_save(m, path_of("own.bin"), NCA_FORMAT_SAFETENSORS, NULL) == NCA_OK);
    CHECK(nca_model_save(m, path_of("demo.json"), NCA_FORMAT_DEMO_JSON, NULL) == NCA_OK);
    write_short("f16.bin", "F16");
    write_short("bf16.bin", "BF16");
    write_graph("tfjs.json");
    write_bytes("shard", shard, sizeof(shard));
    nca_model_free(&m);
}

#endif
