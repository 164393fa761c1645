/* SPDX-License-Identifier: MIT
 *
 * Whatever text is taken for events, and what is accepted can be done. */
#include <string.h>

#include "fuzz.h"
#include "nca.h"

static NcaGrid *new_grid(void)
{
    NcaGrid *grid = NULL;
    NcaModel *model = NULL;
    NcaShape shape = nca_shape_default();
    NcaGridParams params = nca_grid_params_default();
    shape.hidden = 1;
    params.width = 9;
    params.height = 7;
    MUST(nca_model_new(&model, &shape, NULL) == NCA_OK);
    MUST(nca_grid_new(&grid, model, &params, NULL) == NCA_OK);
    nca_model_free(&model);
    return grid;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NcaEvents *events = NULL;
    NcaError error = {""};
    NcaGrid *grid = new_grid();
    char *text = calloc(size + 1, 1);
    MUST(text);
    memcpy(text, data, size);
    if (nca_events_parse(&events, text, &error) == NCA_OK) {
        MUST(nca_events_last(events) >= 0);
        nca_grid_run(grid, events, 8);
        MUST(nca_grid_time(grid) == 8);
        fuzz_accepted++;
    } else {
        MUST(!events && *error.text && !strchr(error.text, '\n'));
    }
    nca_grid_command(grid, text, NULL);
    MUST(nca_grid_alive(grid) >= 0 && nca_grid_alive(grid) <= 9 * 7);
    nca_events_free(&events);
    nca_grid_free(&grid);
    free(text);
    return 0;
}
