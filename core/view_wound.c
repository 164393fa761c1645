/* SPDX-License-Identifier: MIT
 *
 * Wounds by what an image shows: the mean of the pixels whose centres a cell covers, or
 * of the one under its own centre where it covers none. */
#include <assert.h>
#include <math.h>

#include "grid.h"
#include "view.h"

typedef struct Looking {
    NcaView *view;
    const NcaPlane *image;
    NcaWound wound;
    double threshold;
    int bands;
} Looking;

/* Pixels left … right-1, top … bottom-1. */
typedef struct Box {
    int left, top, right, bottom;
} Box;

/* Pixels *first … *last-1 of `length` lie on the cell. */
static void pixels_of(int cell, double origin, double scale, int length, int *first,
                      int *last)
{
    double from = ceil(origin + cell * scale - 0.5);
    double to = ceil(origin + (cell + 1) * scale - 0.5);
    if (to <= from) {
        from = floor(origin + (cell + 0.5) * scale);
        to = from + 1;
    }
    *first = from < 0 ? 0 : from > length ? length : (int)from;
    *last = to < 0 ? 0 : to > length ? length : (int)to;
}

static double mean(const NcaPlane *plane, Box box)
{
    uint64_t sum = 0;
    for (int y = box.top; y < box.bottom; y++) {
        const uint8_t *row = plane->data + y * plane->stride;
        uint32_t part = 0;
        if (plane->step == 1)
            for (int x = box.left; x < box.right; x++)
                part += row[x];
        else
            for (int x = box.left; x < box.right; x++)
                part += row[x * plane->step];
        sum += part;
    }
    return (double)sum / ((double)(box.right - box.left) * (box.bottom - box.top) * 255);
}

static double luma(const Looking *l, Box box)
{
    const NcaViewParams *p = &l->view->params;
    double first = mean(&l->image[0], box);
    if (p->yuv)
        return p->full_range ? first : fmin(fmax((first * 255 - 16) / 219, 0), 1);
    return p->kr * first + (1 - p->kr - p->kb) * mean(&l->image[1], box) +
           p->kb * mean(&l->image[2], box);
}

static bool dies(const Looking *l, Box box, float *before)
{
    switch (l->wound) {
    case NCA_WOUND_MOTION: {
        float then = *before;
        *before = (float)luma(l, box);
        return then >= 0 && fabsf(*before - then) > (float)l->threshold;
    }
    case NCA_WOUND_DARK:
        return luma(l, box) < l->threshold;
    case NCA_WOUND_BRIGHT:
        return luma(l, box) > l->threshold;
    case NCA_WOUND_ALPHA:
        return (l->image[3].data ? mean(&l->image[3], box) : 1) > l->threshold;
    case NCA_WOUND_NONE:
        break;
    }
    return false;
}

static void look_at_row(const Looking *l, int y)
{
    NcaView *v = l->view;
    const NcaViewParams *p = &v->params;
    Box box;
    pixels_of(y, p->y, p->scale, p->height, &box.top, &box.bottom);
    for (int x = 0; x < v->width; x++) {
        size_t i = (size_t)y * (size_t)v->width + (size_t)x;
        pixels_of(x, p->x, p->scale, p->width, &box.left, &box.right);
        v->killed[i] =
            box.left < box.right && box.top < box.bottom && dies(l, box, &v->luma[i]);
    }
}

static void look_at_band(void *arg, int band)
{
    const Looking *l = arg;
    int first, last;
    nca_view_band(l->bands, band, l->view->height, &first, &last);
    for (int y = first; y < last; y++)
        look_at_row(l, y);
}

/* Only who looks for motion needs memory for it. */
static void forget_luma(NcaView *view)
{
    for (size_t i = 0; i < (size_t)view->width * (size_t)view->height; i++)
        view->luma[i] = -1;
    view->luma_known = true;
}

void nca_view_wound(NcaView *view, NcaGrid *grid, const NcaPlane image[4], NcaWound wound,
                    double threshold)
{
    static const double usual[] = {[NCA_WOUND_NONE] = 0,
                                   [NCA_WOUND_MOTION] = 0.1,
                                   [NCA_WOUND_DARK] = 0.2,
                                   [NCA_WOUND_BRIGHT] = 0.8,
                                   [NCA_WOUND_ALPHA] = 0.5};
    Looking l = {view, image, wound, threshold < 0 ? usual[wound] : threshold,
                 nca_view_bands(view, view->params.width, view->params.height)};
    assert(grid->world.width == view->width && grid->world.height == view->height);
    if (wound == NCA_WOUND_NONE)
        return;
    if (wound == NCA_WOUND_MOTION && !view->luma_known)
        forget_luma(view);
    nca_view_run(view, l.bands, look_at_band, &l);
    nca_grid_erase_mask(grid, view->killed);
}
