/* SPDX-License-Identifier: MIT
 *
 * The inside of an NcaView. */
#ifndef NCA_VIEW_INSIDE_H
#define NCA_VIEW_INSIDE_H

#include "nca_view.h"

/* Alpha 1; a premultiplied sample of 0 … 255 is 0 … 255·128. */
#define NCA_VIEW_ONE 32768

/* Rows of samples that a band works on: two of cells, stretched, and what lies
 * between. */
#define NCA_VIEW_LINES 3

/* Where a sample of the image lies between two cells: cell, counted from the frame of one
 * cell that is around the grid, and in 256ths how much of the next one there is. */
typedef struct NcaTap {
    int cell;
    uint16_t weight;
} NcaTap;

/* The samples of an image along x or y. */
typedef struct NcaAxis {
    int length;      /* of all samples */
    int first, last; /* those that show cells: first … last-1 */
    NcaTap *tap;     /* [length] */
} NcaAxis;

/* A cell's colour: three premultiplied components and alpha. */
typedef struct NcaPaint {
    uint16_t c[4];
} NcaPaint;

typedef struct NcaReach {
    int first, last; /* cells of a row that are not clear: first … last-1 */
} NcaReach;

/* All that depends on the image's kind. */
typedef struct NcaLayout {
    NcaAxis column[2], row[2]; /* of luma or RGB; of chroma */
    int bands;                 /* jobs that may run at once */
    uint16_t *lines;           /* [bands][2 kinds][NCA_VIEW_LINES][4][pixels of a row] */
} NcaLayout;

struct NcaView {
    int width, height; /* cells */
    NcaViewParams params;
    NcaLayout layout;
    NcaPaint *cells; /* [height][width + 2], with a frame at the sides */
    NcaReach *reach; /* [height] */
    NcaEdge edge;    /* of the grid that was read last */
    float *luma;     /* [height][width], of the last image; negative: unknown */
    bool luma_known; /* false: none of it is, and nothing stands there */
    uint8_t *killed; /* [height][width] */
};

/* How many bands a pass over so many pixels or cells is worth. */
int nca_view_bands(const NcaView *view, int width, int height);

/* Does job(arg, 0 … bands-1) on the host's threads. */
void nca_view_run(const NcaView *view, int bands, void (*job)(void *arg, int band),
                  void *arg);

/* Things *first … *last-1 of `count` are those of a band. */
void nca_view_band(int bands, int band, int count, int *first, int *last);

/* Cells into view->cells and view->reach. */
void nca_view_read(NcaView *view, const NcaGrid *grid, double opacity);

#endif
