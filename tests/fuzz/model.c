/* SPDX-License-Identifier: MIT
 *
 * Whatever bytes are taken for a model: safetensors, the demo's JSON, a TF.js graph or a
 * TensorFlow shard.  What is accepted can be written, is the same when read again, and
 * runs. */
#include <string.h>

#include "fuzz.h"
#include "model.h"

static void run(const NcaModel *model)
{
    NcaGrid *grid = NULL;
    NcaGridParams params = nca_grid_params_default();
    params.width = 9;
    params.height = 7;
    MUST(nca_grid_new(&grid, model, &params, NULL) == NCA_OK);
    nca_grid_plant(grid, 4, 3);
    nca_grid_step(grid, 3);
    nca_grid_free(&grid);
}

static void check_same(const NcaModel *a, const NcaModel *b)
{
    for (int t = 0; t < NCA_TENSORS; t++) {
        size_t size = nca_model_tensor_size(a, t);
        MUST(size == nca_model_tensor_size(b, t));
        MUST(!size || !memcmp(nca_model_tensor(a, t), nca_model_tensor(b, t),
                              size * sizeof(float)));
    }
    MUST(json_equal(a->meta, b->meta));
}

/* As safetensors it loses nothing, but that more metadata can be read than written. */
static void write_and_run(const NcaModel *model)
{
    NcaModel *again = NULL;
    NcaError error;
    void *written = NULL;
    size_t length;
    if (nca_model_format(model, NCA_FORMAT_SAFETENSORS, &written, &length, &error) < 0) {
        MUST(strstr(error.text, "too much metadata"));
        return;
    }
    MUST(nca_model_parse(&again, written, length, NULL) == NCA_OK);
    check_same(model, again);
    run(again);
    free(written);
    nca_model_free(&again);
}

/* The demo's JSON is for some models only. */
static void write_demo(const NcaModel *model)
{
    NcaModel *again = NULL;
    void *written = NULL;
    size_t length;
    if (nca_model_format(model, NCA_FORMAT_DEMO_JSON, &written, &length, NULL) < 0)
        return;
    MUST(nca_model_parse(&again, written, length, NULL) == NCA_OK);
    free(written);
    nca_model_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NcaModel *model = NULL;
    NcaError error = {""};
    if (nca_model_parse(&model, data, size, &error) < 0) {
        MUST(!model && *error.text);
        return 0;
    }
    MUST(!*error.text);
    fuzz_accepted++;
    write_and_run(model);
    write_demo(model);
    nca_model_free(&model);
    return 0;
}
