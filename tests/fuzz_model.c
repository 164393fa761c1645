/* SPDX-License-Identifier: MIT
 *
 * libFuzzer: whatever bytes are taken for a model, what is accepted can be written, read
 * again and run. */
#include <stdlib.h>

#include "model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const NcaModel *model)
{
    NcaGrid *grid = NULL;
    NcaGridParams params = nca_grid_params_default();
    params.width = 9;
    params.height = 7;
    if (nca_grid_new(&grid, model, &params, NULL) < 0)
        return;
    nca_grid_plant(grid, 4, 3);
    nca_grid_step(grid, 3);
    nca_grid_free(&grid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NcaModel *model = NULL, *again = NULL;
    void *written = NULL;
    size_t length;
    if (nca_model_parse(&model, data, size, NULL) < 0)
        return 0;
    if (nca_safetensors_write(model, &written, &length, NULL) < 0 ||
        nca_model_parse(&again, written, length, NULL) < 0)
        abort();
    run(again);
    free(written);
    nca_model_free(&again);
    nca_model_free(&model);
    return 0;
}
