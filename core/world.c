/* SPDX-License-Identifier: MIT
 *
 * The memory of a world and the upkeep of its bit planes. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "kernels.h"
#include "status.h"

enum { PLANES = 8 };

/* Sizes in bytes of the parts of the one block, in its order. */
typedef struct Layout {
    size_t cells, delta, alpha_after, planes, spans, offsets;
    size_t all;
} Layout;

static size_t rounded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static Layout layout_of(const NcaShape *shape, int width, int height)
{
    size_t stride = (size_t)(shape->channels + NCA_LANES - 1) / NCA_LANES * NCA_LANES;
    size_t words = ((size_t)width + 63) / 64, area = (size_t)width * height;
    Layout l = {
        .cells = ((size_t)width + 2) * ((size_t)height + 2) * stride * sizeof(float),
        .delta = (area + NCA_PANEL) * stride * sizeof(float),
        .alpha_after = rounded((area + NCA_PANEL) * sizeof(float)),
        .planes = rounded((PLANES * (size_t)height + 1) * words * sizeof(uint64_t)),
        .spans = rounded(3 * (size_t)height * sizeof(NcaSpan)),
        .offsets = rounded(((size_t)height + 1) * sizeof(int64_t)),
    };
    l.all = l.cells + l.delta + l.alpha_after + l.planes + l.spans + l.offsets + 64;
    return l;
}

size_t nca_world_size(const NcaShape *shape, int width, int height)
{
    return layout_of(shape, width, height).all;
}

static void place(NcaWorld *w, char *p, const Layout *l)
{
    size_t plane = (size_t)w->height * w->words;
    w->cells = (float *)p + w->pitch + w->stride;
    w->delta = (float *)(p += l->cells);
    w->alpha_after = (float *)(p += l->delta);
    w->occupied = (uint64_t *)(p += l->alpha_after);
    w->mature = w->occupied + plane;
    w->pre = w->mature + plane;
    w->fired = w->pre + plane;
    w->grown = w->fired + plane;
    w->life = w->grown + plane;
    w->doubt = w->life + plane;
    w->ring = w->doubt + plane;
    w->empty = w->ring + plane;
    w->held = (NcaSpan *)(p += l->planes);
    w->done = w->held + w->height;
    w->todo = w->done + w->height;
    w->offset = (int64_t *)(p + l->spans);
}

NcaStatus nca_world_init(NcaWorld *world, const NcaShape *shape, NcaEdge edge, int width,
                         int height, NcaError *error)
{
    Layout l = layout_of(shape, width, height);
    char *memory = calloc(1, l.all); /* fresh pages stay untouched */
    if (!memory)
        return nca_fail(error, NCA_ERR_MEMORY, "out of memory for %d×%d cells: %.1f GiB",
                        width, height, (double)l.all / (1 << 30));
    int words = (width + 63) / 64;
    *world = (NcaWorld){
        .width = width,
        .height = height,
        .channels = shape->channels,
        .stride = (shape->channels + NCA_LANES - 1) / NCA_LANES * NCA_LANES,
        .words = words,
        .tail = ~(uint64_t)0 >> (words * 64 - width),
        .alive = shape->alive,
        .threshold = shape->alive_threshold,
        .edge = edge,
        .clamp = shape->clamp,
        .memory = memory,
    };
    world->pitch = (ptrdiff_t)(width + 2) * world->stride;
    place(world, memory + (64 - (uintptr_t)memory % 64) % 64, &l);
    return NCA_OK;
}

void nca_world_uninit(NcaWorld *world)
{
    free(world->memory);
    *world = (NcaWorld){0};
}

static void zero_cells(NcaWorld *w, int y, uint64_t bits, int word)
{
    for (; bits; bits &= bits - 1)
        memset(nca_world_cell(w, word * 64 + __builtin_ctzll(bits), y), 0,
               (size_t)w->stride * sizeof(float));
}

void nca_world_clear(NcaWorld *w)
{
    for (int y = w->row_first; y < w->row_last; y++) {
        uint64_t *occupied = w->occupied + (size_t)y * w->words;
        uint64_t *mature = w->mature + (size_t)y * w->words;
        for (int i = w->held[y].first; i < w->held[y].last; i++) {
            zero_cells(w, y, occupied[i], i);
            occupied[i] = mature[i] = 0;
        }
        w->done[y] = nca_span_union(w->done[y], w->held[y]);
        w->held[y] = (NcaSpan){0, 0};
    }
}

static bool all_zero(const float *cell, int channels)
{
    for (int c = 0; c < channels; c++)
        if (cell[c] != 0)
            return false;
    return true;
}

/* Marks it as one that lives. */
static void occupy(NcaWorld *w, int x, int y)
{
    const float *cell = nca_world_cell(w, x, y);
    size_t word = (size_t)y * w->words + x / 64;
    uint64_t bit = (uint64_t)1 << x % 64;
    w->occupied[word] |= bit;
    if (w->channels > 3 && cell[3] > w->threshold)
        w->mature[word] |= bit;
    w->held[y] = nca_span_union(w->held[y], (NcaSpan){x / 64, x / 64 + 1});
    NcaSpan rows =
        nca_span_union((NcaSpan){w->row_first, w->row_last}, (NcaSpan){y, y + 1});
    w->row_first = rows.first;
    w->row_last = rows.last;
}

void nca_world_touch(NcaWorld *w, int x, int y)
{
    size_t word = (size_t)y * w->words + x / 64;
    uint64_t bit = (uint64_t)1 << x % 64;
    w->occupied[word] &= ~bit;
    w->mature[word] &= ~bit;
    if (!all_zero(nca_world_cell(w, x, y), w->channels))
        occupy(w, x, y);
}

void nca_world_kill(NcaWorld *w, int x, int y)
{
    size_t word = (size_t)y * w->words + x / 64;
    uint64_t bit = (uint64_t)1 << x % 64;
    zero_cells(w, y, w->occupied[word] & bit, x / 64);
    w->occupied[word] &= ~bit;
    w->mature[word] &= ~bit;
}

void nca_world_set(NcaWorld *w, const float *state)
{
    nca_world_clear(w);
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++, state += w->channels) {
            if (all_zero(state, w->channels))
                continue;
            memcpy(nca_world_cell(w, x, y), state, (size_t)w->channels * sizeof(float));
            nca_world_touch(w, x, y);
        }
}

void nca_world_load(NcaWorld *w, const float *state, const uint8_t *lives)
{
    nca_world_clear(w);
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++, state += w->channels) {
            if (!*lives++)
                continue;
            memcpy(nca_world_cell(w, x, y), state, (size_t)w->channels * sizeof(float));
            occupy(w, x, y);
        }
}

void nca_world_reset(NcaWorld *w, const float *state)
{
    NcaSpan whole = {0, w->words};
    memset(w->cells - w->pitch - w->stride, 0,
           (size_t)w->pitch * ((size_t)w->height + 2) * sizeof(float));
    memset(w->occupied, 0, (size_t)w->height * w->words * sizeof(uint64_t));
    memset(w->mature, 0, (size_t)w->height * w->words * sizeof(uint64_t));
    for (int y = 0; y < w->height; y++) {
        w->held[y] = (NcaSpan){0, 0};
        w->done[y] = whole;
    }
    w->row_first = 0;
    w->row_last = w->height;
    nca_world_set(w, state);
}

void nca_world_get(const NcaWorld *w, float *state)
{
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++, state += w->channels)
            memcpy(state, nca_world_cell(w, x, y), (size_t)w->channels * sizeof(float));
}

int64_t nca_world_alive(const NcaWorld *w)
{
    int64_t alive = 0;
    for (int y = w->row_first; y < w->row_last; y++)
        for (int i = w->held[y].first; i < w->held[y].last; i++)
            alive += __builtin_popcountll(w->occupied[(size_t)y * w->words + i]);
    return alive;
}

static void copy_cells(NcaWorld *w, int to_x, int to_y, int x, int y, int count)
{
    memcpy(nca_world_cell(w, to_x, to_y), nca_world_cell(w, x, y),
           (size_t)count * w->stride * sizeof(float));
}

/* Only spans that held life now or at the last step can differ from their copies. */
static void wrap_row(NcaWorld *w, int to_y, int y)
{
    NcaSpan span = nca_span_union(w->held[y], w->done[y]);
    int first = span.first * 64, last = span.last * 64;
    if (last > w->width)
        last = w->width;
    if (last > first)
        copy_cells(w, first, to_y, first, y, last - first);
    copy_cells(w, -1, to_y, w->width - 1, y, 1);
    copy_cells(w, w->width, to_y, 0, y, 1);
}

void nca_world_wrap(NcaWorld *w)
{
    if (w->edge != NCA_EDGE_WRAP)
        return;
    for (int y = w->row_first; y < w->row_last; y++) {
        copy_cells(w, -1, y, w->width - 1, y, 1);
        copy_cells(w, w->width, y, 0, y, 1);
    }
    wrap_row(w, -1, w->height - 1);
    wrap_row(w, w->height, 0);
}

void nca_world_wrap_all(NcaWorld *w)
{
    if (w->edge != NCA_EDGE_WRAP)
        return;
    for (int y = 0; y < w->height; y++) {
        copy_cells(w, -1, y, w->width - 1, y, 1);
        copy_cells(w, w->width, y, 0, y, 1);
    }
    copy_cells(w, -1, -1, -1, w->height - 1, w->width + 2);
    copy_cells(w, -1, w->height, -1, 0, w->width + 2);
}

void nca_world_dilate(const NcaWorld *w, uint64_t *out, const uint64_t *plane, int y,
                      NcaSpan span)
{
    const uint64_t *up = nca_world_row(w, plane, y - 1),
                   *row = nca_world_row(w, plane, y);
    const uint64_t *down = nca_world_row(w, plane, y + 1);
    const bool wrap = w->edge == NCA_EDGE_WRAP;
    const int end = w->words - 1, end_bit = (w->width - 1) % 64;
#define COLUMNS(i) (up[i] | row[i] | down[i])
    for (int i = span.first; i < span.last; i++) {
        uint64_t all = COLUMNS(i), left = 0, right = 0;
        if (i > 0)
            left = COLUMNS(i - 1) >> 63;
        else if (wrap)
            left = COLUMNS(end) >> end_bit & 1;
        if (i < end)
            right = COLUMNS(i + 1) << 63;
        else if (wrap)
            right = (COLUMNS(0) & 1) << end_bit;
        out[i] = all | all << 1 | left | all >> 1 | right;
    }
#undef COLUMNS
    if (span.last == w->words)
        out[end] &= w->tail;
}
