/* SPDX-License-Identifier: MIT */
#include "shift.h"

#include <math.h>
#include <stddef.h>

enum { LANES = 8 };

/* The columns and rows of a canvas outside of which all is 0; right, bottom: past
 * them. */
typedef struct Box {
    int left, top, right, bottom;
} Box;

typedef struct Image {
    const float *rgba;
    int width;
    Box box;
} Image;

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int greatest(int a, int b)
{
    return a > b ? a : b;
}

/* What is outside of its box is 0; NAN is not. */
static Image image_of(const float *rgba, int width, int height)
{
    Image image = {rgba, width, {width, height, 0, 0}};
    Box *box = &image.box;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, rgba += 4) {
            if (rgba[0] == 0 && rgba[1] == 0 && rgba[2] == 0 && rgba[3] == 0)
                continue;
            box->left = least(box->left, x);
            box->top = least(box->top, y);
            box->right = greatest(box->right, x + 1);
            box->bottom = y + 1;
        }
    return image;
}

static const float *at(const Image *image, int x, int y)
{
    return image->rgba + ((size_t)y * image->width + x) * 4;
}

/* Sums that do not wait for each other.  A product of two floats is exact, so a fused
 * multiply-add gives the same bits. */
static double dot(const float *a, const float *b, size_t count)
{
    double lane[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += (double)a[i + k] * b[i + k];
    for (size_t k = 0; i + k < count; k++)
        lane[k] += (double)a[i + k] * b[i + k];
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

/* sum P(x - s) T(x), where neither is 0. */
static double correlation(const Image *picture, const Image *target, int dx, int dy)
{
    const Box *p = &picture->box, *t = &target->box;
    int left = greatest(t->left, p->left + dx), right = least(t->right, p->right + dx);
    int top = greatest(t->top, p->top + dy), bottom = least(t->bottom, p->bottom + dy);
    double sum = 0;
    for (int y = top; y < bottom && left < right; y++)
        sum += dot(at(picture, left - dx, y - dy), at(target, left, y),
                   4 * (size_t)(right - left));
    return sum;
}

NcaShift nca_shift_find(const float *picture, const float *target, int width, int height,
                        int most)
{
    NcaShift shift = {0, 0, 0};
    Image p = image_of(picture, width, height), t = image_of(target, width, height);
    size_t count = (size_t)width * height * 4;
    double best = correlation(&p, &t, 0, 0);
    for (int dy = -most; dy <= most; dy++)
        for (int dx = -most; dx <= most; dx++) {
            double c = correlation(&p, &t, dx, dy);
            if (!(c > best))
                continue;
            best = c;
            shift.x = dx;
            shift.y = dy;
        }
    shift.loss = (dot(picture, picture, count) + dot(target, target, count) - 2 * best) /
                 (double)count;
    return shift;
}
