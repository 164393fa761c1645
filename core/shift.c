/* SPDX-License-Identifier: MIT */
#include "shift.h"

#include <math.h>
#include <stddef.h>

/* The columns and rows of a canvas outside of which all is 0; right, bottom: past them. */
typedef struct Box {
    int left, top, right, bottom;
} Box;

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int greatest(int a, int b)
{
    return a > b ? a : b;
}

static Box box_of(const float *rgba, int width, int height)
{
    Box box = {width, height, 0, 0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, rgba += 4) {
            if (rgba[0] == 0 && rgba[1] == 0 && rgba[2] == 0 && rgba[3] == 0)
                continue;
            box.left = least(box.left, x);
            box.top = least(box.top, y);
            box.right = greatest(box.right, x + 1);
            box.bottom = y + 1;
        }
    return box;
}

static double sum_of_squares(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * values[i];
    return sum;
}

/* sum P(x - s) T(x) over the box of T. */
static double correlation(const float *picture, const float *target, int width,
                          int height, const Box *box, int dx, int dy)
{
    int left = greatest(box->left, dx), right = least(box->right, width + dx);
    int top = greatest(box->top, dy), bottom = least(box->bottom, height + dy);
    double sum = 0;
    for (int y = top; y < bottom && left < right; y++) {
        const float *t = target + ((size_t)y * width + left) * 4;
        const float *p = picture + ((size_t)(y - dy) * width + left - dx) * 4;
        for (int i = 0; i < (right - left) * 4; i++)
            sum += (double)p[i] * t[i];
    }
    return sum;
}

NcaShift nca_shift_find(const float *picture, const float *target, int width, int height,
                        int most)
{
    NcaShift shift = {0, 0, 0};
    Box box = box_of(target, width, height);
    size_t count = (size_t)width * height * 4;
    double best = correlation(picture, target, width, height, &box, 0, 0);
    for (int dy = -most; dy <= most; dy++)
        for (int dx = -most; dx <= most; dx++) {
            double c = correlation(picture, target, width, height, &box, dx, dy);
            if (!(c > best))
                continue;
            best = c;
            shift.x = dx;
            shift.y = dy;
        }
    shift.loss =
        (sum_of_squares(picture, count) + sum_of_squares(target, count) - 2 * best) /
        (double)count;
    return shift;
}
