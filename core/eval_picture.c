/* SPDX-License-Identifier: MIT
 *
 * The picture of all runs: one row of growth with the target at its end, then two rows
 * for every nine trials; on a light checkerboard, so that holes show. */
#include <string.h>

#include "eval.h"

enum {
    COLUMNS = NCA_SHOTS_GROWTH + 1,
    PANEL_LEAST = 144,
    GAP = 8,
    SQUARE = 8,
    FRAME = 2
};
enum { LIGHT = 255, DARK = 236 };

static const uint8_t passed[4] = {60, 160, 80, 255}, failed[4] = {220, 50, 50, 255};

typedef struct Sheet {
    uint8_t *picture;
    int width, height;             /* pixels */
    int panel_width, panel_height; /* pixels */
} Sheet;

static Sheet sheet_of(const NcaTarget *target, int trials, uint8_t *picture)
{
    int w = nca_target_width(target), h = nca_target_height(target),
        longer = w > h ? w : h;
    int zoom = (PANEL_LEAST + longer - 1) / longer;
    int rows = 1 + 2 * ((trials + COLUMNS - 1) / COLUMNS);
    return (Sheet){
        .picture = picture,
        .width = COLUMNS * (w * zoom + GAP) + GAP,
        .height = rows * (h * zoom + GAP) + GAP,
        .panel_width = w * zoom,
        .panel_height = h * zoom,
    };
}

void nca_eval_picture_size(const NcaTarget *target, bool hard, int *width, int *height)
{
    Sheet s = sheet_of(target, hard ? NCA_TRIALS : NCA_CUTS, NULL);
    *width = s.width;
    *height = s.height;
}

static int left_of(const Sheet *s, int column)
{
    return GAP + column * (s->panel_width + GAP);
}

static int top_of(const Sheet *s, int row)
{
    return GAP + row * (s->panel_height + GAP);
}

/* color is premultiplied, 0 … 255. */
static void draw_pixel(const Sheet *s, int x, int y, const int *color)
{
    int back = (x / SQUARE + y / SQUARE) % 2 ? DARK : LIGHT;
    uint8_t *pixel = s->picture + ((size_t)y * s->width + x) * 4;
    for (int c = 0; c < 3; c++)
        pixel[c] = (uint8_t)(color[c] + (back * (255 - color[3]) + 127) / 255);
}

/* Where the panel's pixel (x, y) lies in a picture of w × h cells: as large as fits by a
 * whole number, at least one pixel a cell, in the middle.  False outside of it. */
static bool cell_at(const Sheet *s, int w, int h, int *x, int *y)
{
    int zoom_x = s->panel_width / w, zoom_y = s->panel_height / h;
    int zoom = zoom_x < zoom_y ? zoom_x : zoom_y;
    zoom = zoom < 1 ? 1 : zoom;
    int px = *x - (s->panel_width - w * zoom) / 2;
    int py = *y - (s->panel_height - h * zoom) / 2;
    *x = px / zoom;
    *y = py / zoom;
    return px >= 0 && py >= 0 && *x < w && *y < h;
}

static void draw_shot(const Sheet *s, int column, int row, const NcaShot *shot)
{
    if (!shot->rgba)
        return;
    for (int i = 0; i < s->panel_width * s->panel_height; i++) {
        int px = i % s->panel_width, py = i / s->panel_width, x = px, y = py;
        int color[4] = {0};
        if (cell_at(s, shot->width, shot->height, &x, &y)) {
            const uint8_t *rgba = shot->rgba + ((size_t)y * shot->width + x) * 4;
            for (int c = 0; c < 3; c++)
                color[c] = rgba[c] * rgba[3] / 255;
            color[3] = rgba[3];
        }
        draw_pixel(s, left_of(s, column) + px, top_of(s, row) + py, color);
    }
}

static void draw_target(const Sheet *s, int column, const NcaTarget *target)
{
    int w = nca_target_width(target), h = nca_target_height(target);
    for (int i = 0; i < s->panel_width * s->panel_height; i++) {
        int px = i % s->panel_width, py = i / s->panel_width, x = px, y = py;
        int color[4] = {0};
        if (cell_at(s, w, h, &x, &y))
            for (int c = 0; c < 4; c++)
                color[c] = (int)(nca_target_pixels(target)[4 * (y * w + x) + c] * 255);
        draw_pixel(s, left_of(s, column) + px, top_of(s, 0) + py, color);
    }
}

/* Around the panel, in the gap. */
static void draw_frame(const Sheet *s, int column, int row, const uint8_t *color)
{
    int left = left_of(s, column) - FRAME, right = left + s->panel_width + 2 * FRAME;
    int top = top_of(s, row) - FRAME, bottom = top + s->panel_height + 2 * FRAME;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++)
            if (x < left + FRAME || x >= right - FRAME || y < top + FRAME ||
                y >= bottom - FRAME)
                memcpy(s->picture + ((size_t)y * s->width + x) * 4, color, 4);
}

static void draw_trial(const Sheet *s, int trial, const NcaShots *shots)
{
    int column = trial % COLUMNS, row = 1 + 2 * (trial / COLUMNS);
    const NcaShot *shot = &shots->shot[NCA_SHOTS_GROWTH + 2 * trial];
    draw_shot(s, column, row, shot);
    draw_shot(s, column, row + 1, shot + 1);
    if (shot[1].rgba)
        draw_frame(s, column, row + 1, shots->pass[trial] ? passed : failed);
}

void nca_eval_draw(uint8_t *picture, const NcaTarget *target, const NcaShots *shots)
{
    Sheet s = sheet_of(target, shots->trials, picture);
    memset(picture, 255, (size_t)s.width * s.height * 4);
    for (int i = 0; i < NCA_SHOTS_GROWTH; i++)
        draw_shot(&s, i, 0, &shots->shot[i]);
    draw_target(&s, NCA_SHOTS_GROWTH, target);
    for (int i = 0; i < shots->trials; i++)
        draw_trial(&s, i, shots);
}
