/* SPDX-License-Identifier: MIT
 *
 * libFuzzer: whatever text is taken for events, and what is accepted can be done. */
#include <stdlib.h>
#include <string.h>

#include "nca.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static NcaGrid *new_grid(void)
{
    NcaGrid *grid = NULL;
    NcaModel *model = NULL;
    NcaShape shape = nca_shape_default();
    NcaGridParams params = nca_grid_params_default();
    shape.hidden = 1;
    params.width = 9;
    params.height = 7;
    if (nca_model_new(&model, &shape, NULL) < 0 ||
        nca_grid_new(&grid, model, &params, NULL) < 0)
        abort();
    nca_model_free(&model);
    return grid;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NcaEvents *events = NULL;
    NcaGrid *grid = new_grid();
    char *text = calloc(size + 1, 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    if (nca_events_parse(&events, text, NULL) == NCA_OK)
        nca_grid_run(grid, events, 8);
    nca_grid_command(grid, text, NULL);
    nca_events_free(&events);
    nca_grid_free(&grid);
    free(text);
    return 0;
}
