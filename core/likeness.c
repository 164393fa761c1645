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

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* An empty box where all of the target is 0. */
static void find_box(NcaLikeness *l)
{
    const float *t = l->target;
    l->left = l->width;
    l->top = l->height;
    for (int y = 0; y < l->height; y++)
        for (int x = 0; x < l->width; x++, t += 4) {
            if (t[0] == 0 && t[1] == 0 && t[2] == 0 && t[3] == 0)
                continue;
            l->left = least(l->left, x);
            l->top = least(l->top, y);
            l->right = most(l->right, x + 1);
            l->bottom = y + 1;
        }
}

NcaStatus nca_likeness_init(NcaLikeness *likeness, const float *target, int width,
                            int height, int channels, int shift_most, NcaError *error)
{
    NcaLikeness l = {
        .width = width, .height = height, .target = target, .shift_most = shift_most};
    find_box(&l);
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

static double sum_of_squares(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * values[i];
    return sum;
}

/* sum P(x - s) T(x). */
static double correlation(const NcaLikeness *l, int dx, int dy)
{
    int left = most(l->left, dx), right = least(l->right, l->width + dx);
    int top = most(l->top, dy), bottom = least(l->bottom, l->height + dy);
    double sum = 0;
    for (int y = top; y < bottom; y++) {
        const float *t = l->target + ((size_t)y * l->width + left) * 4;
        const float *p = l->picture + ((size_t)(y - dy) * l->width + left - dx) * 4;
        for (int i = 0; i < (right - left) * 4; i++)
            sum += (double)p[i] * t[i];
    }
    return sum;
}

NcaShift nca_likeness_shift(const NcaLikeness *l)
{
    NcaShift shift = {0, 0, 0};
    double best = correlation(l, 0, 0);
    double squares = sum_of_squares(l->picture, 4 * cells_of(l)) +
                     sum_of_squares(l->target, 4 * cells_of(l));
    for (int dy = -l->shift_most; dy <= l->shift_most; dy++)
        for (int dx = -l->shift_most; dx <= l->shift_most; dx++) {
            double c = correlation(l, dx, dy);
            if (!(c > best))
                continue;
            best = c;
            shift.x = dx;
            shift.y = dy;
        }
    shift.loss = finite_loss((squares - 2 * best) / (4.0 * (double)cells_of(l)));
    return shift;
}
