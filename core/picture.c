/* SPDX-License-Identifier: MIT
 *
 * On output alpha is clamped to 0…1 first, then R, G and B to 0…alpha, and then they are
 * divided by it. */
#include "picture.h"

#include <math.h>
#include <string.h>

#include "batch_remote.h"
#include "grid.h"
#include "trainer.h"

void nca_picture_color(NcaColor color, const float *cell, float *rgba)
{
    if (color != NCA_COLOR_PREMULTIPLIED) {
        float scale = color == NCA_COLOR_HALF ? 1.0f : 0.5f;
        for (int c = 0; c < 3; c++)
            rgba[c] = fminf(fmaxf(cell[c] * scale + 0.5f, 0), 1);
        rgba[3] = 1;
        return;
    }
    float alpha = fminf(fmaxf(cell[3], 0), 1);
    for (int c = 0; c < 3; c++)
        rgba[c] = alpha > 0 ? fminf(fmaxf(cell[c], 0), alpha) / alpha : 0;
    rgba[3] = alpha;
}

void nca_picture_color8(NcaColor color, const float *cell, uint8_t *rgba)
{
    float value[4];
    nca_picture_color(color, cell, value);
    for (int c = 0; c < 4; c++)
        rgba[c] = (uint8_t)(value[c] * 255 + 0.5f);
}

/* -------------------------------------------------------------------- grid */

static NcaColor color_of(const NcaGrid *grid)
{
    return nca_model_shape(grid->model)->color;
}

static bool is_empty(const NcaGrid *grid, int x, int y)
{
    const NcaWorld *w = &grid->world;
    return color_of(grid) == NCA_COLOR_PREMULTIPLIED &&
           !(w->occupied[(size_t)y * w->words + x / 64] >> x % 64 & 1);
}

void nca_grid_read_rgba8(const NcaGrid *grid, uint8_t *out, size_t stride)
{
    const NcaWorld *w = nca_grid_world(grid);
    for (int y = 0; y < w->height; y++, out += stride) {
        memset(out, 0, (size_t)w->width * 4);
        for (int x = 0; x < w->width; x++)
            if (!is_empty(grid, x, y))
                nca_picture_color8(color_of(grid), nca_world_cell(w, x, y), out + x * 4);
    }
}

void nca_grid_read_rgba(const NcaGrid *grid, float *out, size_t stride_bytes)
{
    const NcaWorld *w = nca_grid_world(grid);
    for (int y = 0; y < w->height; y++) {
        float *row = (float *)((char *)out + y * stride_bytes);
        memset(row, 0, (size_t)w->width * 4 * sizeof(float));
        for (int x = 0; x < w->width; x++)
            if (!is_empty(grid, x, y))
                nca_picture_color(color_of(grid), nca_world_cell(w, x, y), row + x * 4);
    }
}

/* ----------------------------------------------------------------- trainer */

void nca_trainer_preview_size(const NcaTrainer *trainer, int *width, int *height)
{
    *width = trainer->params.batch * trainer->canvas.width;
    *height = 2 * trainer->canvas.height;
}

static void draw_state(const NcaTrainer *t, const float *state, uint8_t *rgba)
{
    size_t row = (size_t)t->params.batch * t->canvas.width * 4;
    for (int y = 0; y < t->canvas.height; y++)
        for (int x = 0; x < t->canvas.width; x++, state += t->canvas.channels)
            nca_picture_color8(nca_model_shape(t->model)->color, state,
                               rgba + y * row + (size_t)x * 4);
}

void nca_trainer_preview(const NcaTrainer *t, uint8_t *rgba)
{
    size_t column = (size_t)t->canvas.width * 4;
    size_t below = (size_t)t->params.batch * column * (size_t)t->canvas.height;
    nca_batch_remote_fetch_samples((NcaTrainer *)t); /* what it keeps, not what it is */
    for (int i = 0; i < t->params.batch; i++) {
        draw_state(t, t->sample[i].before, rgba + i * column);
        draw_state(t, t->sample[i].after, rgba + i * column + below);
    }
}
