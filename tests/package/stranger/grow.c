/* SPDX-License-Identifier: MIT
 *
 * A program of somebody else, in what C and C++ have in common, that has nothing but the
 * installed library: an installed creature after 60 steps, as a PAM picture.  Usage: grow
 * NAME >FILE.pam */
#include <nca.h>
#include <nca_film.h>
#include <nca_train.h>
#include <nca_view.h>
#include <stdio.h>
#include <stdlib.h>

static bool write_picture(const NcaGrid *grid)
{
    size_t width = (size_t)nca_grid_width(grid), height = (size_t)nca_grid_height(grid);
    uint8_t *rgba = (uint8_t *)malloc(width * height * 4);
    if (!rgba)
        return false;
    nca_grid_read_rgba8(grid, rgba, width * 4);
    printf("P7\nWIDTH %zu\nHEIGHT %zu\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n",
           width, height);
    bool written = fwrite(rgba, width * 4, height, stdout) == height;
    free(rgba);
    return written;
}

int main(int count, char **arguments)
{
    NcaError error;
    NcaModel *model = NULL;
    NcaGrid *grid = NULL;
    NcaGridParams params = nca_grid_params_default();
    NcaStatus status = nca_model_find(&model, count > 1 ? arguments[1] : "", &error);
    if (status == NCA_OK) {
        nca_model_trained_size(model, &params.width, &params.height);
        status = nca_grid_new(&grid, model, &params, &error);
    }
    if (status == NCA_OK) {
        nca_grid_plant(grid, params.width / 2, params.height / 2);
        nca_grid_step(grid, 60);
        status = write_picture(grid) ? NCA_OK : NCA_ERR_IO;
    } else {
        fprintf(stderr, "grow: %s\n", error.text);
    }
    nca_grid_free(&grid);
    nca_model_free(&model);
    return status == NCA_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
