/* SPDX-License-Identifier: MIT
 *
 * One update, in the order of the paper: living → perceive → dense → fire → living, with
 * all that can be skipped exactly left out.
 *
 * Only cells that fire go through the network, and of those only `pre` cells, which have
 * a mature cell beside them.  A cell that fires next to a pre cell (the ring) ends as 0
 * itself, but the alpha it would have had counts in its neighbours' test afterwards.
 * That matters only where a pre cell would otherwise die: so the ring is looked at last,
 * and just there.  The result is bit-equal to updating every cell of the canvas. */
#include "step.h"

#include <string.h>

#include "random.h"

/* A pass over the rows, in bands that may run at once. */
typedef struct Pass {
    NcaWorld *world;
    const NcaStepParams *params;
    void (*row)(NcaWorld *world, const NcaStepParams *params, int y);
    int bands;
} Pass;

/* Fewer cells than this are done before a second thread has begun: bookkeeping, and
 * updates. */
static int cells_a_band(const NcaStepParams *p)
{
    return p->sleeping ? 8192 : 128;
}

static int cells_a_job(const NcaStepParams *p)
{
    return p->sleeping ? 2048 : NCA_PANEL;
}

static void run(const NcaStepParams *p, void (*job)(void *, int), void *arg, int count)
{
    if (count > 1 && p->parallel)
        p->parallel(p->host, job, arg, count);
    else
        for (int i = 0; i < count; i++)
            job(arg, i);
}

static void run_band(void *arg, int band)
{
    const Pass *pass = arg;
    NcaWorld *w = pass->world;
    int64_t rows = w->row_last - w->row_first;
    int first = w->row_first + (int)(rows * band / pass->bands);
    int last = w->row_first + (int)(rows * (band + 1) / pass->bands);
    for (int y = first; y < last; y++)
        pass->row(w, pass->params, y);
}

/* cells: about how many the pass will touch. */
static void for_rows(NcaWorld *w, const NcaStepParams *p, int64_t cells,
                     void (*row)(NcaWorld *, const NcaStepParams *, int))
{
    int64_t bands = cells / cells_a_band(p);
    int64_t most =
        p->slots < w->row_last - w->row_first ? p->slots : w->row_last - w->row_first;
    Pass pass = {w, p, row, (int)(bands > most ? most : bands < 1 ? 1 : bands)};
    run(p, run_band, &pass, pass.bands);
}

/* ------------------------------------------------------------------- spans */

static NcaSpan held_at(const NcaWorld *w, int y)
{
    if (w->edge == NCA_EDGE_WRAP)
        y = (y % w->height + w->height) % w->height;
    return y < 0 || y >= w->height ? (NcaSpan){0, 0} : w->held[y];
}

/* Life spreads by one cell, its ring by two. */
static NcaSpan reach(const NcaWorld *w, int y)
{
    NcaSpan s = {0, 0}, whole = {0, w->words};
    for (int dy = -2; dy <= 2; dy++)
        s = nca_span_union(s, held_at(w, y + dy));
    if (s.last <= s.first)
        return s;
    if (w->edge == NCA_EDGE_WRAP && (s.first == 0 || s.last * 64 + 2 > w->width))
        return whole;
    return (NcaSpan){s.first > 0 ? s.first - 1 : 0,
                     s.last < w->words ? s.last + 1 : w->words};
}

/* Rows and spans of this step; words that were in use at the last one are done again, so
 * that they become 0. */
static void plan(NcaWorld *w)
{
    bool whole = w->alive == NCA_ALIVE_NONE;
    if (whole) {
        w->row_first = 0;
        w->row_last = w->height;
    } else if (w->row_first < w->row_last) {
        w->row_first -= 2;
        w->row_last += 2;
        if (w->row_first < 0 || w->row_last > w->height) {
            bool wrap = w->edge == NCA_EDGE_WRAP;
            w->row_first = w->row_first < 0 || wrap ? 0 : w->row_first;
            w->row_last = w->row_last > w->height || wrap ? w->height : w->row_last;
        }
    }
    for (int y = w->row_first; y < w->row_last; y++)
        w->todo[y] =
            whole ? (NcaSpan){0, w->words} : nca_span_union(reach(w, y), w->done[y]);
}

static NcaSpan trim(const uint64_t *row, NcaSpan s)
{
    while (s.first < s.last && !row[s.first])
        s.first++;
    while (s.first < s.last && !row[s.last - 1])
        s.last--;
    return s;
}

static bool idle(const NcaWorld *w, int y)
{
    NcaSpan s = nca_span_union(w->held[y], w->done[y]);
    return s.first >= s.last;
}

static void shrink_rows(NcaWorld *w)
{
    while (w->row_first < w->row_last && idle(w, w->row_first))
        w->row_first++;
    while (w->row_first < w->row_last && idle(w, w->row_last - 1))
        w->row_last--;
}

/* ----------------------------------------------------------------- cursors */

NcaCursor nca_cursor_begin(const NcaWorld *w, const uint64_t *plane, int y, int y_last)
{
    NcaCursor c = {.world = w, .plane = plane, .y = y, .y_last = y_last};
    if (y < y_last) {
        c.word = w->todo[y].first;
        c.bits = c.word < w->todo[y].last ? plane[(size_t)y * w->words + c.word] : 0;
    }
    return c;
}

/* To the next word that has a bit; false past the last row. */
static bool advance(NcaCursor *c)
{
    const NcaWorld *w = c->world;
    while (!c->bits) {
        if (c->y >= c->y_last)
            return false;
        if (++c->word >= w->todo[c->y].last) {
            if (++c->y >= c->y_last)
                return false;
            c->word = w->todo[c->y].first;
            if (c->word >= w->todo[c->y].last)
                continue;
        }
        c->bits = c->plane[(size_t)c->y * w->words + c->word];
    }
    return true;
}

int nca_cursor_next(NcaCursor *c, uint32_t *cell, int most)
{
    int count = 0;
    while (count < most && advance(c)) {
        uint32_t row = (uint32_t)c->y * (uint32_t)(c->world->width + 2);
        for (; c->bits && count < most; c->bits &= c->bits - 1)
            cell[count++] = row + (uint32_t)(c->word * 64 + __builtin_ctzll(c->bits));
    }
    return count;
}

static void skip(NcaCursor *c, int64_t count)
{
    while (count > 0 && advance(c)) {
        int here = __builtin_popcountll(c->bits);
        if (here <= count) {
            c->bits = 0;
            count -= here;
        } else {
            for (; count > 0; count--)
                c->bits &= c->bits - 1;
        }
    }
}

/* ------------------------------------------------------------------ decide */

static void fire_row(const NcaWorld *w, const NcaStepParams *p, uint64_t *bits,
                     const uint64_t *wanted, int y)
{
    NcaSpan s = w->todo[y];
    uint32_t key =
        nca_fire_skip(nca_fire_row_key(p->seed, p->time, y), (uint32_t)s.first * 64);
    if (s.last > s.first)
        p->kernels->fire(bits + s.first, wanted + s.first, s.last - s.first, key,
                         p->limit);
}

static void find_fired(NcaWorld *w, const NcaStepParams *p, int y)
{
    size_t row = (size_t)y * w->words;
    NcaSpan s = w->todo[y];
    if (w->alive == NCA_ALIVE_NONE) {
        memset(w->pre + row, 0xff, (size_t)w->words * sizeof(uint64_t));
        w->pre[row + w->words - 1] = w->tail;
    } else {
        nca_world_dilate(w, w->pre + row, w->mature, y, s);
    }
    fire_row(w, p, w->fired + row, w->pre + row, y);
    w->offset[y + 1] = 0;
    for (int i = s.first; i < s.last; i++)
        w->offset[y + 1] += __builtin_popcountll(w->fired[row + i]);
}

static void sum_offsets(NcaWorld *w)
{
    w->offset[w->row_first] = 0;
    for (int y = w->row_first; y < w->row_last; y++)
        w->offset[y + 1] += w->offset[y];
}

/* delta has room for a whole panel. */
static void update_panel(const NcaWorld *w, const NcaStepParams *p, const NcaScratch *s,
                         float *delta, const uint32_t *cell, int count)
{
    uint64_t mode = nca_flush_begin();
    p->kernels->perceive(p->network, s->y, w->cells, w->pitch, cell, count);
    if (p->bf16) {
        p->bf16(p->network, delta, s->h, s->y, count);
    } else {
        p->kernels->hidden(p->network, s->h, s->y, count);
        p->kernels->output(p->network, delta, s->h, count);
    }
    nca_flush_end(mode);
}

/* While cells and updates are in the cache. */
static void add_alpha(const NcaWorld *w, float *alpha, const float *delta,
                      const uint32_t *cell, int count)
{
    for (int i = 0; i < count; i++)
        alpha[i] = w->cells[(size_t)cell[i] * w->stride + 3] + delta[i * w->stride + 3];
}

/* The row in which the update of this index stands. */
static int row_of(const NcaWorld *w, int64_t index)
{
    int low = w->row_first, high = w->row_last;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (w->offset[middle] <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

typedef struct Updates {
    NcaWorld *world;
    const NcaStepParams *params;
    int64_t panels;
    int jobs;
} Updates;

static void update_cells(void *arg, int job)
{
    const Updates *u = arg;
    NcaWorld *w = u->world;
    int64_t index = u->panels * job / u->jobs * NCA_PANEL;
    int64_t last = u->panels * (job + 1) / u->jobs * NCA_PANEL;
    NcaCursor cursor = nca_cursor_begin(w, w->fired, row_of(w, index), w->row_last);
    skip(&cursor, index - w->offset[cursor.y]);
    while (index < last) { /* the last panel of all may be short */
        uint32_t cell[NCA_PANEL];
        float *delta = w->delta + index * w->stride;
        int count = nca_cursor_next(&cursor, cell, NCA_PANEL);
        if (count == 0)
            break;
        update_panel(w, u->params, &u->params->scratch[job], delta, cell, count);
        add_alpha(w, w->alpha_after + index, delta, cell, count);
        index += count;
    }
}

static void update(NcaWorld *w, const NcaStepParams *p, int64_t fired)
{
    int64_t jobs = (fired + cells_a_job(p) - 1) / cells_a_job(p);
    Updates u = {w, p, (fired + NCA_PANEL - 1) / NCA_PANEL, 0};
    u.jobs = (int)(jobs < p->slots ? jobs : p->slots);
    run(p, update_cells, &u, u.jobs);
}

static void find_grown(NcaWorld *w, const NcaStepParams *p, int y)
{
    (void)p;
    size_t row = (size_t)y * w->words;
    const float *alpha = w->alpha_after + w->offset[y];
    for (int i = w->todo[y].first; i < w->todo[y].last; i++) {
        uint64_t grown = w->mature[row + i] & ~w->fired[row + i];
        for (uint64_t bits = w->fired[row + i]; bits; bits &= bits - 1)
            if (*alpha++ > w->threshold)
                grown |= bits & -bits;
        w->grown[row + i] = grown;
    }
}

static void find_life(NcaWorld *w, const NcaStepParams *p, int y)
{
    (void)p;
    size_t row = (size_t)y * w->words;
    nca_world_dilate(w, w->life + row, w->grown, y, w->todo[y]);
    for (int i = w->todo[y].first; i < w->todo[y].last; i++) {
        w->life[row + i] &= w->pre[row + i];
        w->doubt[row + i] = w->pre[row + i] & ~w->life[row + i];
    }
}

static void life_is_pre(NcaWorld *w, const NcaStepParams *p, int y)
{
    (void)p;
    size_t row = (size_t)y * w->words;
    for (int i = w->todo[y].first; i < w->todo[y].last; i++)
        w->life[row + i] = w->pre[row + i];
}

/* Cells beside a doubtful one that are not pre and fire; whether there are any. */
static bool find_ring(NcaWorld *w, const NcaStepParams *p, int y)
{
    uint64_t *ring = w->ring + (size_t)y * w->words, any = 0;
    const uint64_t *pre = w->pre + (size_t)y * w->words;
    nca_world_dilate(w, ring, w->doubt, y, w->todo[y]);
    for (int i = w->todo[y].first; i < w->todo[y].last; i++)
        any |= ring[i] &= ~pre[i];
    if (any)
        fire_row(w, p, ring, ring, y);
    return any;
}

/* Whether a cell of the row's ring would mature. */
static bool grow_ring(NcaWorld *w, const NcaStepParams *p, int y)
{
    bool any = false;
    float alpha[NCA_PANEL];
    uint32_t cell[NCA_PANEL];
    NcaCursor cursor = nca_cursor_begin(w, w->ring, y, y + 1);
    for (int count; (count = nca_cursor_next(&cursor, cell, NCA_PANEL)) > 0;) {
        update_panel(w, p, &p->scratch[0], p->scratch[0].d, cell, count);
        add_alpha(w, alpha, p->scratch[0].d, cell, count);
        for (int i = 0; i < count; i++) {
            int x = (int)(cell[i] % (uint32_t)(w->width + 2));
            if (!(alpha[i] > w->threshold))
                continue;
            w->grown[(size_t)y * w->words + x / 64] |= (uint64_t)1 << x % 64;
            any = true;
        }
    }
    return any;
}

static void settle_doubts(NcaWorld *w, const NcaStepParams *p)
{
    bool any = false;
    for (int y = w->row_first; y < w->row_last; y++)
        if (find_ring(w, p, y))
            any |= grow_ring(w, p, y);
    for (int y = w->row_first; any && y < w->row_last; y++)
        find_life(w, p, y);
}

void nca_step_decide(NcaWorld *w, const NcaStepParams *p)
{
    plan(w);
    nca_world_wrap(w);
    int64_t area = (int64_t)(w->row_last - w->row_first) * w->words * 8;
    for_rows(w, p, area, find_fired);
    sum_offsets(w);
    int64_t fired = w->offset[w->row_last];
    update(w, p, fired);
    if (w->alive != NCA_ALIVE_NONE)
        for_rows(w, p, fired, find_grown);
    if (w->alive != NCA_ALIVE_PRE_POST) {
        for_rows(w, p, area, life_is_pre);
        return;
    }
    for_rows(w, p, area, find_life);
    settle_doubts(w, p);
}

/* ------------------------------------------------------------------- apply */

static void clamp_cells(NcaWorld *w, int y, int word, uint64_t bits)
{
    for (; bits; bits &= bits - 1) {
        float *cell = nca_world_cell(w, word * 64 + __builtin_ctzll(bits), y);
        for (int c = 0; c < w->channels; c++)
            cell[c] = cell[c] > w->clamp    ? w->clamp
                      : cell[c] < -w->clamp ? -w->clamp
                                            : cell[c];
    }
}

static void change_cells(NcaWorld *w, int y, int word, const float *delta)
{
    size_t at = (size_t)y * w->words + word;
    for (uint64_t bits = w->fired[at]; bits; bits &= bits - 1, delta += w->stride) {
        if (!(w->life[at] & bits & -bits))
            continue;
        float *cell = nca_world_cell(w, word * 64 + __builtin_ctzll(bits), y);
        for (int c = 0; c < w->stride; c++)
            cell[c] += delta[c];
    }
    for (uint64_t bits = w->occupied[at] & ~w->life[at]; bits; bits &= bits - 1)
        memset(nca_world_cell(w, word * 64 + __builtin_ctzll(bits), y), 0,
               (size_t)w->stride * sizeof(float));
    if (w->clamp > 0)
        clamp_cells(w, y, word, w->life[at]);
}

static void apply_row(NcaWorld *w, const NcaStepParams *p, int y)
{
    (void)p;
    size_t row = (size_t)y * w->words;
    int64_t index = w->offset[y];
    /* Held to no more than the threshold, nobody is mature. */
    uint64_t may_mature = w->clamp > 0 && w->clamp <= w->threshold ? 0 : ~(uint64_t)0;
    for (int i = w->todo[y].first; i < w->todo[y].last; i++) {
        change_cells(w, y, i, w->delta + index * w->stride);
        index += __builtin_popcountll(w->fired[row + i]);
        w->occupied[row + i] = w->life[row + i];
        w->mature[row + i] = w->grown[row + i] & w->life[row + i] & may_mature;
    }
    w->done[y] = nca_span_union(trim(w->pre + row, w->todo[y]), w->held[y]);
    w->held[y] = trim(w->occupied + row, w->todo[y]);
}

void nca_step_apply(NcaWorld *w, const NcaStepParams *p)
{
    for_rows(w, p, w->offset[w->row_last], apply_row);
    shrink_rows(w);
}
