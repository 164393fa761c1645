/* SPDX-License-Identifier: MIT
 *
 * With x' = life·(x + fire·d(perceive(x))) the gradient of x is life·g plus what goes
 * back through the network, for cells that fired and live on.  life and fire have no
 * gradient.  Hidden activations are computed again from the restored cells, not
 * stored. */
#include "step_back.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"

enum { UPDATED, KILLED, LIFE, TAPE_PLANES };

/* -------------------------------------------------------------------- tape */

static size_t planes_size(const NcaWorld *w, int steps_max)
{
    return (size_t)steps_max * TAPE_PLANES * w->height * w->words * sizeof(uint64_t);
}

static size_t rows_size(int steps_max)
{
    return ((size_t)steps_max * sizeof(NcaSpan) + 63) / 64 * 64;
}

size_t nca_tape_fixed_size(const NcaWorld *w, int steps_max)
{
    return planes_size(w, steps_max) + rows_size(steps_max);
}

NcaStatus nca_tape_init(NcaTape *tape, const NcaWorld *w, int steps_max, size_t bytes,
                        NcaError *error)
{
    char *memory = malloc(nca_tape_fixed_size(w, steps_max) + bytes + 64);
    if (!memory)
        return nca_fail_memory(error, "the tape of a training sample");
    char *p = memory + (64 - (uintptr_t)memory % 64) % 64;
    *tape = (NcaTape){.values = (float *)p,
                      .capacity = bytes / 64 * 64 / sizeof(float),
                      .plane = (size_t)w->height * w->words,
                      .steps_max = steps_max,
                      .memory = memory};
    tape->planes = (uint64_t *)(p + bytes / 64 * 64);
    tape->rows = (NcaSpan *)((char *)tape->planes + planes_size(w, steps_max));
    return NCA_OK;
}

void nca_tape_uninit(NcaTape *tape)
{
    free(tape->memory);
    *tape = (NcaTape){0};
}

void nca_tape_clear(NcaTape *tape)
{
    tape->steps = 0;
    tape->used = 0;
}

static uint64_t *plane_of(const NcaTape *t, int step, int which)
{
    return t->planes + ((size_t)step * TAPE_PLANES + which) * t->plane;
}

static int64_t mark(NcaTape *t, const NcaWorld *w, int step)
{
    uint64_t *updated = plane_of(t, step, UPDATED), *killed = plane_of(t, step, KILLED);
    uint64_t *life = plane_of(t, step, LIFE);
    int64_t changes = 0;
    for (int y = w->row_first; y < w->row_last; y++)
        for (int i = 0; i < w->words; i++) {
            size_t at = (size_t)y * w->words + i;
            bool inside = i >= w->todo[y].first && i < w->todo[y].last;
            life[at] = inside ? w->life[at] : 0;
            updated[at] = inside ? w->fired[at] & w->life[at] : 0;
            killed[at] = inside ? w->occupied[at] & ~w->life[at] : 0;
            changes += __builtin_popcountll(updated[at] | killed[at]);
        }
    return changes;
}

bool nca_tape_record(NcaTape *t, const NcaWorld *w)
{
    if (t->steps == t->steps_max)
        return false;
    int64_t changes = mark(t, w, t->steps);
    if ((size_t)changes * w->stride > t->capacity - t->used)
        return false;
    const uint64_t *updated = plane_of(t, t->steps, UPDATED);
    const uint64_t *killed = plane_of(t, t->steps, KILLED);
    for (int y = w->row_first; y < w->row_last; y++)
        for (int i = w->todo[y].first; i < w->todo[y].last; i++) {
            size_t at = (size_t)y * w->words + i;
            for (uint64_t bits = updated[at] | killed[at]; bits; bits &= bits - 1) {
                memcpy(t->values + t->used,
                       nca_world_cell(w, i * 64 + __builtin_ctzll(bits), y),
                       (size_t)w->stride * sizeof(float));
                t->used += (size_t)w->stride;
            }
        }
    t->rows[t->steps++] = (NcaSpan){w->row_first, w->row_last};
    return true;
}

/* In the opposite order, so that the values end where they began. */
static void restore(NcaWorld *w, NcaTape *t, int step)
{
    const uint64_t *updated = plane_of(t, step, UPDATED),
                   *killed = plane_of(t, step, KILLED);
    for (int y = t->rows[step].last - 1; y >= t->rows[step].first; y--)
        for (int i = w->words - 1; i >= 0; i--) {
            size_t at = (size_t)y * w->words + i;
            for (uint64_t bits = updated[at] | killed[at]; bits;) {
                int b = 63 - __builtin_clzll(bits);
                t->used -= (size_t)w->stride;
                memcpy(nca_world_cell(w, i * 64 + b, y), t->values + t->used,
                       (size_t)w->stride * sizeof(float));
                bits ^= (uint64_t)1 << b;
            }
        }
}

/* ---------------------------------------------------------------- gradient */

NcaStatus nca_world_gradient_init(NcaWorldGradient *g, const NcaWorld *w, NcaError *error)
{
    size_t cells = (size_t)w->pitch * ((size_t)w->height + 2);
    size_t updates = ((size_t)w->width * w->height + NCA_PANEL) * w->stride;
    size_t support = (size_t)w->height * w->words;
    char *memory =
        calloc(1, (cells + updates) * sizeof(float) + support * sizeof(uint64_t) + 64);
    if (!memory)
        return nca_fail_memory(error, "the gradient of a training sample");
    float *p = (float *)(memory + (64 - (uintptr_t)memory % 64) % 64);
    *g = (NcaWorldGradient){.cells = p + w->pitch + w->stride,
                            .updates = p + cells,
                            .support = (uint64_t *)(p + cells + updates),
                            .memory = memory};
    return NCA_OK;
}

void nca_world_gradient_uninit(NcaWorldGradient *g)
{
    free(g->memory);
    *g = (NcaWorldGradient){0};
}

void nca_world_gradient_clear(NcaWorldGradient *g, const NcaWorld *w)
{
    memset(g->cells - w->pitch - w->stride, 0,
           (size_t)w->pitch * ((size_t)w->height + 2) * sizeof(float));
    memset(g->support, 0, (size_t)w->height * w->words * sizeof(uint64_t));
}

static float *gradient_cell(const NcaWorldGradient *g, const NcaWorld *w, int x, int y)
{
    return g->cells + y * w->pitch + (ptrdiff_t)x * w->stride;
}

/* The gradient of a cell that does not live on ends here. */
static void mask_by_life(NcaWorldGradient *g, const NcaWorld *w, const uint64_t *life,
                         NcaSpan rows)
{
    for (int y = 0; y < w->height; y++)
        for (int i = 0; i < w->words; i++) {
            size_t at = (size_t)y * w->words + i;
            uint64_t lives = y >= rows.first && y < rows.last ? life[at] : 0;
            for (uint64_t bits = g->support[at] & ~lives; bits; bits &= bits - 1)
                memset(gradient_cell(g, w, i * 64 + __builtin_ctzll(bits), y), 0,
                       (size_t)w->stride * sizeof(float));
            g->support[at] &= lives;
        }
}

/* dL/d(update) of all cells before any neighbour adds to them. */
static void take_updates(NcaWorldGradient *g, const NcaWorld *w, const uint64_t *updated,
                         NcaSpan rows)
{
    float *to = g->updates;
    for (int y = rows.first; y < rows.last; y++)
        for (int i = 0; i < w->words; i++)
            for (uint64_t bits = updated[(size_t)y * w->words + i]; bits;
                 bits &= bits - 1) {
                memcpy(to, gradient_cell(g, w, i * 64 + __builtin_ctzll(bits), y),
                       (size_t)w->stride * sizeof(float));
                to += w->stride;
            }
}

/* What was added to the frame belongs to the other side of the torus. */
static void fold_frame(NcaWorldGradient *g, const NcaWorld *w)
{
    for (int y = -1; y <= w->height; y++)
        for (int x = -1; x <= w->width; x++) {
            if (y >= 0 && y < w->height && x == 0)
                x = w->width; /* the inside is not the frame */
            float *from = gradient_cell(g, w, x, y);
            float *to = gradient_cell(g, w, (x + w->width) % w->width,
                                      (y + w->height) % w->height);
            for (int c = 0; c < w->stride; c++) {
                to[c] += from[c];
                from[c] = 0;
            }
        }
}

/* support = all cells that `updated` reaches, and what was there. */
static void widen_support(NcaWorldGradient *g, const NcaWorld *w, const uint64_t *updated,
                          NcaSpan rows, uint64_t *row)
{
    bool wrap = w->edge == NCA_EDGE_WRAP;
    int first = wrap || rows.first < 1 ? 0 : rows.first - 1;
    int last = wrap || rows.last >= w->height ? w->height : rows.last + 1;
    for (int y = first; y < last; y++) {
        nca_world_dilate(w, row, updated, y, (NcaSpan){0, w->words});
        for (int i = 0; i < w->words; i++)
            g->support[(size_t)y * w->words + i] |= row[i];
    }
}

/* Rows outside those that the step looked at were not written. */
static void blank_outside(const NcaWorld *w, uint64_t *plane, NcaSpan rows)
{
    memset(plane, 0, (size_t)rows.first * w->words * sizeof(uint64_t));
    memset(plane + (size_t)rows.last * w->words, 0,
           (size_t)(w->height - rows.last) * w->words * sizeof(uint64_t));
}

static NcaCursor cursor_over(NcaWorld *w, const uint64_t *updated, NcaSpan rows)
{
    for (int y = 0; y < w->height; y++)
        w->todo[y] = (NcaSpan){0, w->words};
    return nca_cursor_begin(w, updated, rows.first, rows.last);
}

static void panels_back(NcaWorld *w, NcaWorldGradient *g, NcaCursor cursor,
                        NcaGradient *weights, const NcaNetwork *n, const NcaKernels *k,
                        const NcaScratch *s)
{
    int64_t done = 0;
    uint32_t cell[NCA_PANEL];
    uint64_t mode = nca_flush_begin(); /* as the step did */
    for (int count; (count = nca_cursor_next(&cursor, cell, NCA_PANEL)) > 0;
         done += count) {
        const float *dd = g->updates + done * w->stride;
        k->perceive(n, s->y, w->cells, w->pitch, cell, count);
        k->hidden(n, s->h, s->y, count);
        k->dense_back(n, weights, s, dd, count);
        k->perceive_back(n, g->cells, w->pitch, cell, s->dy, count);
    }
    nca_flush_end(mode);
}

void nca_step_back(NcaWorld *w, NcaTape *t, NcaWorldGradient *g, NcaGradient *weights,
                   const NcaNetwork *n, const NcaKernels *k, const NcaScratch *s)
{
    int step = --t->steps;
    NcaSpan rows = t->rows[step];
    uint64_t *updated = plane_of(t, step, UPDATED);
    restore(w, t, step);
    nca_world_wrap_all(w);
    mask_by_life(g, w, plane_of(t, step, LIFE), rows);
    take_updates(g, w, updated, rows);
    panels_back(w, g, cursor_over(w, updated, rows), weights, n, k, s);
    if (w->edge == NCA_EDGE_WRAP)
        fold_frame(g, w);
    blank_outside(w, updated, rows);
    widen_support(g, w, updated, rows, plane_of(t, step, KILLED));
}
