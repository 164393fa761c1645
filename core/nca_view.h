/* SPDX-License-Identifier: MIT
 *
 * The cells of a grid over the pixels of an image: drawn on it, and wounded by what it
 * shows.  The conventions of nca.h hold.
 *
 * - An image is four planes of 8-bit samples in the caller's memory: R, G, B, A, or
 *   Y', Cb, Cr, A.  Its alpha is straight; an image without it is opaque.
 * - Positions on an image are pixels; (0, 0) is the top left corner of the top left
 *   pixel.
 * - All drawing on samples is of integers: the same bits on every machine and for any
 *   number of threads. */
#ifndef NCA_VIEW_H
#define NCA_VIEW_H

#include "nca.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NCA_VIEW_SIDE_MAX 65536                 /* pixels */
#define NCA_VIEW_MEMORY_MAX ((uint64_t)1 << 32) /* bytes */
#define NCA_VIEW_SCALE_MIN 1e-4
#define NCA_VIEW_SCALE_MAX 1e5

/* One component of an image. */
typedef struct NcaPlane {
    uint8_t *data;    /* the top left sample; NULL: the image has no such component */
    ptrdiff_t stride; /* bytes from row to row, may be negative */
    int step;         /* bytes from sample to sample */
} NcaPlane;

typedef enum NcaInterp {
    NCA_INTERP_NEAREST,
    NCA_INTERP_BILINEAR, /* of premultiplied colours */
} NcaInterp;

/* What becomes of the pixels. */
typedef enum NcaBlend {
    NCA_BLEND_OVER,    /* the creature over the image */
    NCA_BLEND_REPLACE, /* the creature on opaque black instead of the image */
    NCA_BLEND_ALPHA,   /* the creature alone on clear black, as far as there is alpha */
} NcaBlend;

/* What in an image kills the cell under it.  The mean of a cell's pixels counts; luma is
 * 0 (black) … 1 (white). */
typedef enum NcaWound {
    NCA_WOUND_NONE,
    NCA_WOUND_MOTION, /* luma changed by more than the threshold since the last call */
    NCA_WOUND_DARK,   /* luma is less than the threshold */
    NCA_WOUND_BRIGHT, /* luma is more */
    NCA_WOUND_ALPHA,  /* alpha is more */
} NcaWound;

typedef struct NcaViewParams {
    int width, height; /* pixels of the image, 1 … NCA_VIEW_SIDE_MAX */
    double scale;      /* pixels per cell, NCA_VIEW_SCALE_MIN … NCA_VIEW_SCALE_MAX */
    double x, y;       /* where the top left corner of the grid is, ±1e6 */
    NcaInterp interp;
    bool yuv;              /* Y', Cb, Cr, A; the following count for these only: */
    int shift_x, shift_y;  /* log2 of pixels to a chroma sample, 0 or 1 */
    double site_x, site_y; /* the centre of the first chroma sample: 0.5 beside the first
                              pixel's, 1 between two pixels, 1.5 beside the second */
    double kr, kb;         /* luma's share of R and B: 0.299, 0.114 (BT.601) */
    bool full_range;       /* luma 0 … 255, not 16 … 235 */
    NcaParallel *parallel; /* as in NcaGridParams */
    void *host;
    int threads;
} NcaViewParams;

/* A grid as it lies on images of one kind. */
typedef struct NcaView NcaView;

/* An image of 1×1 pixel, scale 1, at 0, 0, bilinear, RGB (for Y', Cb, Cr: BT.601, limited
 * range, 4:4:4), one thread. */
NCA_API NcaViewParams nca_view_params_default(void);

/* Pixels per cell at which the picture that the model was trained on fills the height of
 * an image; with a grid (neither 0), at which the whole grid fits. */
NCA_API double nca_view_scale(const NcaModel *model, int grid_width, int grid_height,
                              int image_width, int image_height);

/* How many cells cover an image, each side 1 … NCA_SIDE_MAX.  NCA_ERR_ARGUMENT where they
 * would take more than NCA_VIEW_MEMORY_MAX, or more than NCA_WORK_MAX a step, once
 * all live: nobody has asked for so many. */
NCA_API NcaStatus nca_view_cover(const NcaModel *model, double scale, int image_width,
                                 int image_height, int *width, int *height,
                                 NcaError *error);

/* For grids of that many cells, 1 … NCA_SIDE_MAX.  NCA_ERR_ARGUMENT, NCA_ERR_MEMORY. */
NCA_API NcaStatus nca_view_new(NcaView **view, int width, int height,
                               const NcaViewParams *params, NcaError *error);
NCA_API void nca_view_free(NcaView **view);

/* Other images.  The luma that motion is measured from is forgotten, unless the cells lie
 * as they did.  NCA_ERR_ARGUMENT, NCA_ERR_MEMORY. */
NCA_API NcaStatus nca_view_set(NcaView *view, const NcaViewParams *params,
                               NcaError *error);

/* Draws the grid on the image.  opacity: 0 … 1, held to that.  Cannot fail.
 * With NCA_BLEND_OVER the image stays as it is where the grid is clear. */
NCA_API void nca_view_draw(NcaView *view, const NcaGrid *grid, const NcaPlane image[4],
                           NcaBlend blend, double opacity);

/* Kills cells of the grid by what the image shows.  threshold: 0 … 1; negative: the usual
 * one, 0.1 for motion, 0.2 for dark, 0.8 for bright, 0.5 for alpha. */
NCA_API void nca_view_wound(NcaView *view, NcaGrid *grid, const NcaPlane image[4],
                            NcaWound wound, double threshold);

#ifdef __cplusplus
}
#endif
#endif
