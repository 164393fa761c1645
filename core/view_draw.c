/* SPDX-License-Identifier: MIT
 *
 * Drawing: a row of samples is mixed from two rows of cells, stretched to the samples, and
 * laid over the image; first a pair of rows' chroma, for it needs their old alpha, then the
 * others, alpha last (Porter and Duff 1984, "over", with straight alpha in the image). */
#include <assert.h>
#include <string.h>

#include "grid.h"
#include "view.h"

typedef struct Drawing {
    const NcaView *view;
    const NcaPlane *image;
    NcaBlend blend;
} Drawing;

/* Samples first … last-1 of one row, and their paint, line[first] the first's. */
typedef struct Stretch {
    int y, first, last;
    const NcaPaint *line;
} Stretch;

enum { LUMA, CHROMA, ALPHA = 3 };

static uint8_t *sample_row(const NcaPlane *plane, int y)
{
    return plane->data + y * plane->stride;
}

/* ------------------------------------------------------------------- paint */

static uint16_t mix(unsigned a, unsigned b, unsigned weight)
{
    return (uint16_t)((a * (256 - weight) + b * weight + 128) >> 8);
}

/* A row of cells; those beyond the grid are its frame. */
static int cell_row(const NcaView *v, int y)
{
    bool wrap = v->edge == NCA_EDGE_WRAP;
    if (y < 0)
        return wrap ? v->height - 1 : 0;
    if (y >= v->height)
        return wrap ? 0 : v->height - 1;
    return y;
}

static void mix_rows(const NcaView *v, NcaPaint *out, int above, int below, int weight,
                     NcaReach reach)
{
    size_t pitch = (size_t)v->width + 2;
    const uint16_t *a = v->cells[(size_t)above * pitch].c;
    const uint16_t *b = v->cells[(size_t)below * pitch].c;
    uint16_t *o = out->c;
    for (int i = 4 * reach.first; i < 4 * (reach.last + 2); i++)
        o[i] = mix(a[i], b[i], (unsigned)weight);
}

static void stretch_row(const NcaTap *tap, const NcaPaint *cells, NcaPaint *line,
                        int first, int last)
{
    for (int x = first; x < last; x++) {
        const NcaPaint *a = cells + tap[x].cell, *b = a + 1;
        for (int c = 0; c < 4; c++)
            line[x].c[c] = mix(a->c[c], b->c[c], (unsigned)tap[x].weight);
    }
}

/* The first sample that lies at this cell or after it. */
static int sample_at(const NcaAxis *axis, int cell)
{
    int low = axis->first, high = axis->last;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (axis->tap[middle].cell < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The paint for row y of the luma or chroma samples; false where all of it is clear. */
static bool paint_row(const Drawing *d, int band, int kind, int y, Stretch *out)
{
    const NcaView *v = d->view;
    const NcaAxis *rows = &v->layout.row[kind], *columns = &v->layout.column[kind];
    if (y < rows->first || y >= rows->last)
        return false;
    NcaPaint *cells = v->layout.mix + (size_t)band * ((size_t)v->width + 2);
    NcaPaint *line = v->layout.line + (size_t)band * (size_t)v->params.width;
    int above = cell_row(v, rows->tap[y].cell - 1);
    int below = cell_row(v, rows->tap[y].cell);
    NcaReach a = v->reach[above], b = v->reach[below];
    NcaReach reach = {a.first < b.first ? a.first : b.first,
                      a.last > b.last ? a.last : b.last};
    if (reach.last <= reach.first)
        return false;
    out->y = y;
    out->first = sample_at(columns, reach.first);
    out->last = sample_at(columns, reach.last + 1);
    out->line = line;
    mix_rows(v, cells, above, below, rows->tap[y].weight, reach);
    stretch_row(columns->tap, cells, line, out->first, out->last);
    return true;
}

/* ------------------------------------------------------------------- blend */

static uint8_t over(unsigned below, const NcaPaint *paint, int c)
{
    unsigned clear = NCA_VIEW_ONE - paint->c[3];
    return (uint8_t)((below * clear + paint->c[c] * 256u + NCA_VIEW_ONE / 2) >> 15);
}

/* Over a sample whose alpha is `alpha`.  Paint is rounded, so that a thin layer of it may
 * come to a bit more than 255. */
static uint8_t over_straight(unsigned below, unsigned alpha, const NcaPaint *paint, int c)
{
    uint32_t kept = alpha * (NCA_VIEW_ONE - paint->c[3]);
    uint32_t whole = paint->c[3] * 255u + kept;
    uint32_t sum = paint->c[c] * (256u * 255u) + below * kept;
    uint32_t value = whole ? (sum + whole / 2) / whole : below;
    return (uint8_t)(value < 255 ? value : 255);
}

static void blend_opaque(const Stretch *s, uint8_t *out, int step, int c)
{
    if (step == 1)
        for (int x = s->first; x < s->last; x++)
            out[x] = over(out[x], &s->line[x], c);
    else
        for (int x = s->first; x < s->last; x++)
            out[x * step] = over(out[x * step], &s->line[x], c);
}

static void blend_straight(const Stretch *s, const NcaPlane *plane, const NcaPlane *alpha,
                           int c)
{
    uint8_t *out = sample_row(plane, s->y);
    const uint8_t *a = sample_row(alpha, s->y);
    for (int x = s->first; x < s->last; x++)
        if (s->line[x].c[3])
            out[x * plane->step] =
                over_straight(out[x * plane->step], a[x * alpha->step], &s->line[x], c);
}

/* The mean alpha of the pixels of a chroma sample. */
static unsigned alpha_below(const Drawing *d, int x, int y)
{
    const NcaViewParams *p = &d->view->params;
    const NcaPlane *plane = &d->image[ALPHA];
    unsigned sum = 0, count = 0;
    for (int py = y << p->shift_y; py < (y + 1) << p->shift_y && py < p->height; py++)
        for (int px = x << p->shift_x; px < (x + 1) << p->shift_x && px < p->width;
             px++) {
            sum += sample_row(plane, py)[px * plane->step];
            count++;
        }
    return (sum + count / 2) / count;
}

static void blend_chroma_straight(const Drawing *d, const Stretch *s)
{
    const NcaPlane *cb = &d->image[1], *cr = &d->image[2];
    uint8_t *u = sample_row(cb, s->y), *v = sample_row(cr, s->y);
    for (int x = s->first; x < s->last; x++) {
        if (!s->line[x].c[3])
            continue;
        unsigned alpha = alpha_below(d, x, s->y);
        u[x * cb->step] = over_straight(u[x * cb->step], alpha, &s->line[x], 1);
        v[x * cr->step] = over_straight(v[x * cr->step], alpha, &s->line[x], 2);
    }
}

/* Alpha over alpha: as a component that is 255 in every cell. */
static void blend_alpha(const Stretch *s, const NcaPlane *plane)
{
    uint8_t *out = sample_row(plane, s->y);
    for (int x = s->first; x < s->last; x++) {
        unsigned kept = out[x * plane->step] * (NCA_VIEW_ONE - (unsigned)s->line[x].c[3]);
        out[x * plane->step] =
            (uint8_t)((s->line[x].c[3] * 255u + kept + NCA_VIEW_ONE / 2) >> 15);
    }
}

/* ------------------------------------------------------------------- bands */

static void fill_row(const NcaPlane *plane, int y, int length, uint8_t value)
{
    uint8_t *out = sample_row(plane, y);
    if (plane->step == 1)
        memset(out, value, (size_t)length);
    else
        for (int x = 0; x < length; x++)
            out[x * plane->step] = value;
}

static bool is_chroma(const NcaView *v, int c)
{
    return v->params.yuv && (c == 1 || c == 2);
}

/* Black: opaque, or clear. */
static void clear_row(const Drawing *d, int kind, int y)
{
    const NcaView *v = d->view;
    uint8_t alpha = d->blend == NCA_BLEND_ALPHA ? 0 : 255;
    uint8_t black = v->params.yuv && !v->params.full_range ? 16 : 0;
    for (int c = 0; c < 4; c++)
        if (d->image[c].data && is_chroma(v, c) == (kind == CHROMA))
            fill_row(&d->image[c], y, v->layout.column[kind].length,
                     c == ALPHA       ? alpha
                     : kind == CHROMA ? 128
                                      : black);
}

static void draw_chroma(const Drawing *d, int band, int y)
{
    Stretch s;
    if (!paint_row(d, band, CHROMA, y, &s))
        return;
    if (d->image[ALPHA].data) {
        blend_chroma_straight(d, &s);
        return;
    }
    for (int c = 1; c < 3; c++)
        blend_opaque(&s, sample_row(&d->image[c], y), d->image[c].step, c);
}

static void draw_luma(const Drawing *d, int band, int y)
{
    Stretch s;
    if (!paint_row(d, band, LUMA, y, &s))
        return;
    for (int c = 0; c < 3; c++) {
        if (is_chroma(d->view, c))
            continue;
        if (d->image[ALPHA].data)
            blend_straight(&s, &d->image[c], &d->image[ALPHA], c);
        else
            blend_opaque(&s, sample_row(&d->image[c], y), d->image[c].step, c);
    }
    if (d->image[ALPHA].data)
        blend_alpha(&s, &d->image[ALPHA]);
}

/* Rows first … last-1 of a kind. */
static void clear_rows(const Drawing *d, int kind, int first, int last)
{
    for (int y = first; d->blend != NCA_BLEND_OVER && y < last; y++)
        clear_row(d, kind, y);
}

/* A chroma row and the luma rows that share it, so that no two bands share a pixel. */
static void draw_band(void *arg, int band)
{
    const Drawing *d = arg;
    const NcaView *v = d->view;
    int shift = v->params.yuv ? v->params.shift_y : 0, height = v->params.height;
    int first, last;
    nca_view_band(v, band, (height + (1 << shift) - 1) >> shift, &first, &last);
    for (int y = first; y < last; y++) {
        int top = y << shift, end = (y + 1) << shift;
        end = end < height ? end : height;
        clear_rows(d, LUMA, top, end);
        if (v->params.yuv) {
            clear_rows(d, CHROMA, y, y + 1);
            draw_chroma(d, band, y);
        }
        for (int row = top; row < end; row++)
            draw_luma(d, band, row);
    }
}

void nca_view_draw(NcaView *view, const NcaGrid *grid, const NcaPlane image[4],
                   NcaBlend blend, double opacity)
{
    Drawing d = {view, image, blend};
    assert(grid->world.width == view->width && grid->world.height == view->height);
    nca_view_read(view, grid, opacity);
    nca_view_run(view, draw_band, &d);
}
