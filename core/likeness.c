/* SPDX-License-Identifier: MIT */
#include "likeness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "rollout.h"
#include "status.h"

static size_t cells_of(const NcaLikeness *l)
{
    return (size_t)l->width * l->height;
}

NcaStatus nca_likeness_init(NcaLikeness *likeness, const float *target, int width,
                            int height, int channels, int shift_most, NcaError *error)
{
    NcaLikeness l = {
        .width = width, .height = height, .target = target, .shift_most = shift_most};
    l.picture = malloc(cells_of(&l) * 4 * sizeof(float));
    l.state = malloc(cells_of(&l) * (size_t)channels * sizeof(float));
    *likeness = l;
    if (l.picture && l.state)
        return NCA_OK;
    nca_likeness_uninit(likeness);
    return nca_fail_memory(error, "judging the model");
}

void nca_likeness_uninit(NcaLikeness *likeness)
{
    free(likeness->picture);
    free(likeness->state);
    likeness->picture = likeness->state = NULL;
}

/* [height][width][4] out of all channels. */
static void take_colours(NcaLikeness *l, int channels)
{
    for (size_t i = 0; i < cells_of(l); i++)
        memcpy(l->picture + 4 * i, l->state + i * (size_t)channels, 4 * sizeof(float));
}

static void hide(NcaLikeness *l, int first, int last)
{
    for (int y = 0; y < l->height; y++)
        for (int x = 0; x < l->width; x++)
            if (x < first || x >= last)
                memset(l->picture + 4 * ((size_t)y * l->width + x), 0, 4 * sizeof(float));
}

void nca_likeness_look(NcaLikeness *l, const NcaGrid *grid, int first, int last)
{
    if (nca_model_shape(grid->model)->color != NCA_COLOR_PREMULTIPLIED) {
        nca_grid_read_rgba(grid, l->picture, (size_t)l->width * 4 * sizeof(float));
    } else {
        nca_grid_read_state(grid, l->state);
        take_colours(l, nca_grid_channels(grid));
    }
    if (first > 0 || last < l->width)
        hide(l, first, last);
}

static double finite_loss(double loss)
{
    return isfinite(loss) ? fmax(loss, 0) : INFINITY;
}

double nca_likeness_loss(const NcaLikeness *l)
{
    return finite_loss(nca_state_loss(l->picture, 4, l->target, l->width, l->height));
}

NcaShift nca_likeness_shift(const NcaLikeness *l)
{
    NcaShift shift =
        nca_shift_find(l->picture, l->target, l->width, l->height, l->shift_most);
    shift.loss = finite_loss(shift.loss);
    return shift;
}
