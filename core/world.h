/* SPDX-License-Identifier: MIT
 *
 * Cells and their life, without a model: what the step works on.
 *
 * Life is kept in bit planes, 64 cells a word, and each row knows the span of words that
 * can hold any; the cost of a step follows the living cells, not the canvas.  Memory of
 * the cells is touched only where there is life. */
#ifndef NCA_WORLD_H
#define NCA_WORLD_H

#include "nca.h"

/* Words first … last-1 of a row; none where last <= first. */
typedef struct NcaSpan {
    int first, last;
} NcaSpan;

typedef struct NcaWorld {
    int width, height;
    int channels, stride; /* floats of a cell: channels padded to NCA_LANES */
    int words;            /* of a row of a bit plane */
    uint64_t tail;        /* the bits in use of a row's last word */
    ptrdiff_t pitch;      /* floats from row to row; a frame of one cell is around */
    NcaAlive alive;
    float threshold;
    NcaEdge edge;
    float clamp;
    float *cells; /* cell (0, 0) */
    /* Of the cells that fire, row after row, without gaps; and room for a panel: */
    float *delta;       /* updates, [·][stride] */
    float *alpha_after; /* alpha with the update */
    /* Bit planes [height][words], 0 outside a row's span: */
    uint64_t *occupied; /* cells that may hold anything but 0 */
    uint64_t *mature;   /* alpha > threshold */
    uint64_t *pre;      /* this step: a mature cell in the 3×3 before */
    uint64_t *fired;    /* pre, and fires */
    uint64_t *grown;    /* mature after the update */
    uint64_t *life;     /* lives on */
    uint64_t *doubt;    /* pre, and dead unless a cell of the ring matures beside it */
    uint64_t *ring;     /* cells of the ring that are looked at for that */
    uint64_t *empty;    /* one row of 0, for outside */
    NcaSpan *held;      /* [height]: span of occupied */
    NcaSpan *done;   /* [height]: span of all that was pre or occupied at the last step */
    NcaSpan *todo;   /* [height]: span of this step's */
    int64_t *offset; /* [height + 1]: index of a row's first update in delta */
    int row_first, row_last; /* rows with a span that is not empty, held or done */
    void *memory;
} NcaWorld;

/* An empty world. */
NcaStatus nca_world_init(NcaWorld *world, const NcaShape *shape, NcaEdge edge, int width,
                         int height, NcaError *error);
void nca_world_uninit(NcaWorld *world);

/* Kills everything. */
void nca_world_clear(NcaWorld *world);

/* Bytes that nca_world_init asks for. */
size_t nca_world_size(const NcaShape *shape, int width, int height);

/* From and to [height][width][channels]. */
void nca_world_set(NcaWorld *world, const float *state);
/* As set, whatever was done to cells and planes before. */
void nca_world_reset(NcaWorld *world, const float *state);
void nca_world_get(const NcaWorld *world, float *state);
/* As set, but for who lives: the cells where lives [height][width] is not 0, even if they
 * are 0; all others are. */
void nca_world_load(NcaWorld *world, const float *state, const uint8_t *lives);

/* After cell (x, y) was changed by hand. */
void nca_world_touch(NcaWorld *world, int x, int y);

/* Zero one cell. */
void nca_world_kill(NcaWorld *world, int x, int y);

int64_t nca_world_alive(const NcaWorld *world);

/* Copies what the torus needs into the frame; nothing where the edge is zero. */
void nca_world_wrap(NcaWorld *world);

/* The same for the whole frame, whatever the spans say. */
void nca_world_wrap_all(NcaWorld *world);

static inline float *nca_world_cell(const NcaWorld *w, int x, int y)
{
    return w->cells + y * w->pitch + (ptrdiff_t)x * w->stride;
}

/* The row of a plane, wrapped or empty outside. */
static inline const uint64_t *nca_world_row(const NcaWorld *w, const uint64_t *plane,
                                            int y)
{
    if (y >= 0 && y < w->height)
        return plane + (size_t)y * w->words;
    if (w->edge == NCA_EDGE_ZERO)
        return w->empty;
    return plane + (size_t)(y < 0 ? y + w->height : y - w->height) * w->words;
}

/* out = the 3×3 maximum of the plane, row y, words of the span. */
void nca_world_dilate(const NcaWorld *world, uint64_t *out, const uint64_t *plane, int y,
                      NcaSpan span);

static inline NcaSpan nca_span_union(NcaSpan a, NcaSpan b)
{
    if (a.last <= a.first)
        return b;
    if (b.last <= b.first)
        return a;
    return (NcaSpan){a.first < b.first ? a.first : b.first,
                     a.last > b.last ? a.last : b.last};
}

#endif
