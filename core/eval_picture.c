/* SPDX-License-Identifier: MIT
 *
 * The picture of a run: one row of growth with the target at its end, one of wounds, one
 * of what became of them; on a light checkerboard, so that holes show. */
#include <string.h>

#include "eval.h"

enum { COLUMNS = NCA_SHOTS_GROWTH + 1, ROWS = 3, PANEL_LEAST = 144, GAP = 8, SQUARE = 8 };
enum { LIGHT = 255, DARK = 236 };

typedef struct Sheet {
    uint8_t *picture;
    int width, height;    /* pixels */
    int cells_x, cells_y; /* of a panel */
    int zoom;             /* pixels of a cell, either way */
} Sheet;

static Sheet sheet_of(const NcaTarget *target, uint8_t *picture)
{
    int w = nca_target_width(target), h = nca_target_height(target),
        longer = w > h ? w : h;
    int zoom = (PANEL_LEAST + longer - 1) / longer;
    return (Sheet){
        .picture = picture,
        .width = COLUMNS * (w * zoom + GAP) + GAP,
        .height = ROWS * (h * zoom + GAP) + GAP,
        .cells_x = w,
        .cells_y = h,
        .zoom = zoom,
    };
}

void nca_eval_picture_size(const NcaTarget *target, int *width, int *height)
{
    Sheet s = sheet_of(target, NULL);
    *width = s.width;
    *height = s.height;
}

/* color is premultiplied, 0 … 255. */
static void draw_cell(const Sheet *s, int column, int row, int x, int y, const int *color)
{
    int left = GAP + column * (s->cells_x * s->zoom + GAP) + x * s->zoom;
    int top = GAP + row * (s->cells_y * s->zoom + GAP) + y * s->zoom;
    for (int i = 0; i < s->zoom * s->zoom; i++) {
        int px = left + i % s->zoom, py = top + i / s->zoom;
        int back = (px / SQUARE + py / SQUARE) % 2 ? DARK : LIGHT;
        uint8_t *pixel = s->picture + ((size_t)py * s->width + px) * 4;
        for (int c = 0; c < 3; c++)
            pixel[c] = (uint8_t)(color[c] + (back * (255 - color[3]) + 127) / 255);
    }
}

static void draw_shot(const Sheet *s, int column, int row, const uint8_t *rgba)
{
    for (int y = 0; y < s->cells_y; y++)
        for (int x = 0; x < s->cells_x; x++, rgba += 4) {
            int color[4] = {0, 0, 0, rgba[3]};
            for (int c = 0; c < 3; c++)
                color[c] = rgba[c] * rgba[3] / 255;
            draw_cell(s, column, row, x, y, color);
        }
}

static void draw_target(const Sheet *s, int column, const NcaTarget *target)
{
    const float *rgba = nca_target_pixels(target);
    for (int y = 0; y < s->cells_y; y++)
        for (int x = 0; x < s->cells_x; x++, rgba += 4) {
            int color[4];
            for (int c = 0; c < 4; c++)
                color[c] = (int)(rgba[c] * 255);
            draw_cell(s, column, 0, x, y, color);
        }
}

void nca_eval_draw(uint8_t *picture, const NcaTarget *target, const uint8_t *shots)
{
    Sheet s = sheet_of(target, picture);
    size_t shot = (size_t)s.cells_x * s.cells_y * 4;
    memset(picture, 255, (size_t)s.width * s.height * 4);
    for (int i = 0; i < NCA_SHOTS_GROWTH; i++)
        draw_shot(&s, i, 0, shots + (NCA_SHOT_GROWTH + i) * shot);
    draw_target(&s, NCA_SHOTS_GROWTH, target);
    for (int i = 0; i < NCA_CUTS; i++) {
        draw_shot(&s, i, 1, shots + (NCA_SHOT_WOUND + i) * shot);
        draw_shot(&s, i, 2, shots + (NCA_SHOT_HEALED + i) * shot);
    }
}
