/* SPDX-License-Identifier: MIT
 *
 * What the tests of the judge share: targets, and looking at a grid by hand, losses
 * summed anew. */
#ifndef NCA_TEST_HANDS_H
#define NCA_TEST_HANDS_H

#include "grids.h"
#include "nca_train.h"

enum { STEPS_HEAL = 400, SHIFT_MOST = 8 };

static inline NcaTarget *target_of(const uint8_t *rgba, int width, int height, int size,
                                   int padding)
{
    NcaTarget *t = NULL;
    NcaTargetParams p = {size, padding};
    CHECK(nca_target_new(&t, rgba, width, height, (size_t)width * 4, &p, NULL) == NCA_OK);
    return t;
}

/* Colours and alphas without a pattern. */
static inline NcaTarget *colourful(int width, int height, int padding)
{
    uint8_t rgba[40 * 40 * 4];
    for (int i = 0; i < width * height * 4; i++)
        rgba[i] = (uint8_t)whole(0, 255);
    return target_of(rgba, width, height, width > height ? width : height, padding);
}

typedef struct Hand {
    const NcaTarget *target;
    const float *pixels; /* of the target, [h][w][4] */
    int w, h, pad;
    NcaGrid *grid;
    float *picture; /* [h][w][4], as the loss sees it */
} Hand;

static inline float at(const float *picture, int w, int h, int x, int y, int c)
{
    return x < 0 || y < 0 || x >= w || y >= h ? 0 : picture[(y * w + x) * 4 + c];
}

/* Of the picture moved by (dx, dy) on a plane without end. */
static inline double moved_loss(const Hand *a, int dx, int dy)
{
    double sum = 0;
    int far = a->pad > SHIFT_MOST ? a->pad : SHIFT_MOST;
    for (int y = -far; y < a->h + far; y++)
        for (int x = -far; x < a->w + far; x++)
            for (int c = 0; c < 4; c++) {
                double d = at(a->picture, a->w, a->h, x - dx, y - dy, c);
                d -= at(a->pixels, a->w, a->h, x, y, c);
                sum += d * d;
            }
    return sum / (4.0 * a->w * a->h);
}

static inline void look(Hand *a)
{
    int n = nca_grid_channels(a->grid);
    float *state = state_of(a->grid);
    for (int i = 0; i < a->w * a->h; i++)
        memcpy(a->picture + 4 * i, state + i * n, 4 * sizeof(float));
    free(state);
}

static inline Hand hand_of(const NcaModel *model, const NcaTarget *target, int pad)
{
    Hand a = {.target = target, .pixels = nca_target_pixels(target), .pad = pad};
    a.w = nca_target_width(target);
    a.h = nca_target_height(target);
    a.grid = grid_of(model, a.w, a.h, -1);
    a.picture = malloc((size_t)a.w * a.h * 4 * sizeof(float));
    return a;
}

static inline void hand_free(Hand *a)
{
    nca_grid_free(&a->grid);
    free(a->picture);
}

/* A difference may be rounded to a float before it is squared: 1e-7 each, less in sum. */
static inline bool near(double a, double b)
{
    return fabs(a - b) <= 1e-7 * fmax(1e-3, fabs(b));
}

/* The picture at the shift of up to `most` cells, and the padding, that fits best, the
 * first of equals. */
static inline NcaTrial best_within(const Hand *a, double before, int most)
{
    most = a->pad < most ? a->pad : most;
    NcaTrial best = {
        .loss = moved_loss(a, 0, 0), .before = before, .bound = fmax(3e-3, 2 * before)};
    for (int dy = -most; dy <= most; dy++)
        for (int dx = -most; dx <= most; dx++) {
            double loss = moved_loss(a, dx, dy);
            if (loss < best.loss * (1 - 1e-12)) {
                best.loss = loss;
                best.shift_x = dx;
                best.shift_y = dy;
            }
        }
    best.pass = best.loss <= best.bound;
    return best;
}

static inline NcaTrial best_of(const Hand *a, double before)
{
    return best_within(a, before, SHIFT_MOST);
}

#endif
