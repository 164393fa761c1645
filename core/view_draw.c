/* SPDX-License-Identifier: MIT
 *
 * Drawing: rows of cells are stretched to the samples of a row, each once; a row of
 * samples is mixed from two of them and laid over the image (Porter and Duff 1984,
 * "over", with straight alpha in the image).  A pair of rows' chroma comes first, for it
 * needs their old alpha, then the others, alpha last. */
#include <assert.h>
#include <string.h>

#include "grid.h"
#include "view.h"

typedef struct Drawing {
    const NcaView *view;
    const NcaPlane *image;
    NcaBlend blend;
    int bands;
} Drawing;

/* The lines of a band for luma or for chroma. */
typedef struct Lines {
    int row[2]; /* of cells, that are stretched to the first two lines; -1: none */
    uint16_t *line[NCA_VIEW_LINES][4];
} Lines;

/* What a band works with. */
typedef struct Band {
    const Drawing *drawing;
    Lines lines[2];
} Band;

/* Samples first … last-1 of a row, and their paint by component. */
typedef struct Stretch {
    int y, first, last;
    uint16_t *const *paint;
} Stretch;

enum { LUMA, CHROMA, ALPHA = 3 };

static uint8_t *sample_row(const NcaPlane *plane, int y)
{
    return plane->data + y * plane->stride;
}

/* ------------------------------------------------------------------- paint */

static bool is_chroma(const NcaView *v, int c)
{
    return v->params.yuv && (c == 1 || c == 2);
}

/* Whether such samples are made of the component; all of them have alpha. */
static bool has(const NcaView *v, int kind, int c)
{
    return c == ALPHA || is_chroma(v, c) == (kind == CHROMA);
}

/* weight: 0 … 256 of b.  Products of 16 bits, which every vector unit has. */
static uint16_t mix(uint16_t a, uint16_t b, uint16_t weight)
{
    uint16_t rest = (uint16_t)(256 - weight);
    return (uint16_t)(((uint32_t)a * rest + (uint32_t)b * weight + 128) >> 8);
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

/* The samples that a row of cells reaches; all others of its line are clear. */
static void stretch_row(const NcaView *v, int kind, int row, uint16_t *const *line)
{
    const NcaAxis *axis = &v->layout.column[kind];
    const NcaPaint *cells = v->cells + (size_t)row * ((size_t)v->width + 2);
    NcaReach reach = v->reach[row];
    int first = sample_at(axis, reach.first), last = sample_at(axis, reach.last + 1);
    for (int c = 0; c < 4; c++) {
        if (!has(v, kind, c))
            continue;
        memset(line[c], 0, (size_t)axis->length * sizeof(*line[c]));
        for (int x = first; x < last; x++) {
            const NcaPaint *cell = &cells[axis->tap[x].cell];
            line[c][x] = mix(cell[0].c[c], cell[1].c[c], axis->tap[x].weight);
        }
    }
}

/* The line with that row of cells, not in the place of row `keep`'s. */
static int stretched(const NcaView *v, int kind, Lines *lines, int row, int keep)
{
    int i =
        lines->row[0] == row || (lines->row[1] != row && lines->row[0] != keep) ? 0 : 1;
    if (lines->row[i] != row)
        stretch_row(v, kind, row, lines->line[i]);
    lines->row[i] = row;
    return i;
}

static void mix_lines(uint16_t *restrict out, const uint16_t *above,
                      const uint16_t *below, int first, int last, uint16_t weight)
{
    for (int x = first; x < last; x++)
        out[x] = mix(above[x], below[x], weight);
}

/* The paint for row y of the luma or chroma samples; false where all of it is clear. */
static bool paint_row(Band *b, int kind, int y, Stretch *out)
{
    const NcaView *v = b->drawing->view;
    const NcaAxis *rows = &v->layout.row[kind], *columns = &v->layout.column[kind];
    Lines *lines = &b->lines[kind];
    if (y < rows->first || y >= rows->last)
        return false;
    uint16_t weight = rows->tap[y].weight;
    int row = cell_row(v, rows->tap[y].cell - 1), next = cell_row(v, rows->tap[y].cell);
    NcaReach r = v->reach[row], s = v->reach[next];
    out->y = y;
    out->first = sample_at(columns, r.first < s.first ? r.first : s.first);
    out->last = sample_at(columns, (r.last > s.last ? r.last : s.last) + 1);
    out->paint = lines->line[2];
    if (out->last <= out->first)
        return false;
    uint16_t *const *above = lines->line[stretched(v, kind, lines, row, next)];
    uint16_t *const *below = lines->line[stretched(v, kind, lines, next, row)];
    for (int c = 0; c < 4; c++)
        if (has(v, kind, c))
            mix_lines(out->paint[c], above[c], below[c], out->first, out->last, weight);
    return true;
}

/* ------------------------------------------------------------------- blend */

static uint8_t over(uint8_t below, uint16_t paint, uint16_t alpha)
{
    uint16_t clear = (uint16_t)(NCA_VIEW_ONE - alpha), wide = below;
    return (uint8_t)(((uint32_t)wide * clear + paint * 256u + NCA_VIEW_ONE / 2) >> 15);
}

/* Over a sample whose alpha is `old`; where that is 255 it is the same as over().  Paint
 * is rounded, so that a thin layer of it may come to a bit more than 255. */
static uint8_t over_straight(unsigned below, unsigned old, uint16_t paint, uint16_t alpha)
{
    uint32_t kept = old * (NCA_VIEW_ONE - (uint32_t)alpha);
    uint32_t whole = alpha * 255u + kept;
    uint32_t sum = paint * (256u * 255u) + below * kept;
    uint32_t value = whole ? (sum + whole / 2) / whole : below;
    return (uint8_t)(value < 255 ? value : 255);
}

static void lay_over(uint8_t *restrict out, const uint16_t *restrict paint,
                     const uint16_t *restrict alpha, int count)
{
    for (int x = 0; x < count; x++)
        out[x] = over(out[x], paint[x], alpha[x]);
}

static void blend_opaque(const Stretch *s, const NcaPlane *plane, int c)
{
    uint8_t *out = sample_row(plane, s->y);
    const uint16_t *paint = s->paint[c], *alpha = s->paint[ALPHA];
    int first = s->first, last = s->last, step = plane->step;
    if (step == 1)
        lay_over(out + first, paint + first, alpha + first, last - first);
    else
        for (int x = first; x < last; x++)
            out[x * step] = over(out[x * step], paint[x], alpha[x]);
}

static void blend_straight(const Stretch *s, const NcaPlane *plane, const NcaPlane *old,
                           int c)
{
    const uint16_t *paint = s->paint[c], *alpha = s->paint[ALPHA];
    uint8_t *out = sample_row(plane, s->y) + s->first * plane->step;
    const uint8_t *o = sample_row(old, s->y) + s->first * old->step;
    int last = s->last, step = plane->step, old_step = old->step;
    for (int x = s->first; x < last; x++, out += step, o += old_step)
        if (*o == 255)
            *out = over(*out, paint[x], alpha[x]);
        else if (alpha[x])
            *out = over_straight(*out, *o, paint[x], alpha[x]);
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
    assert(count > 0);
    return (sum + count / 2) / count;
}

static void blend_chroma_straight(const Drawing *d, const Stretch *s)
{
    const NcaPlane *cb = &d->image[1], *cr = &d->image[2];
    uint8_t *u = sample_row(cb, s->y), *v = sample_row(cr, s->y);
    for (int x = s->first; x < s->last; x++) {
        uint16_t alpha = s->paint[ALPHA][x];
        if (!alpha)
            continue;
        unsigned old = alpha_below(d, x, s->y);
        u[x * cb->step] = over_straight(u[x * cb->step], old, s->paint[1][x], alpha);
        v[x * cr->step] = over_straight(v[x * cr->step], old, s->paint[2][x], alpha);
    }
}

/* Alpha over alpha: as a component that is 255 in every cell. */
static void blend_alpha(const Stretch *s, const NcaPlane *plane)
{
    uint8_t *out = sample_row(plane, s->y);
    for (int x = s->first; x < s->last; x++) {
        uint32_t alpha = s->paint[ALPHA][x];
        uint32_t kept = out[x * plane->step] * (NCA_VIEW_ONE - alpha);
        out[x * plane->step] = (uint8_t)((alpha * 255 + kept + NCA_VIEW_ONE / 2) >> 15);
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

/* Black: opaque, or clear. */
static void clear_row(const Drawing *d, int kind, int y)
{
    const NcaView *v = d->view;
    uint8_t alpha = d->blend == NCA_BLEND_ALPHA ? 0 : 255;
    uint8_t black = v->params.yuv && !v->params.full_range ? 16 : 0;
    for (int c = 0; c < 4; c++)
        if (d->image[c].data && (c == ALPHA ? kind == LUMA : has(v, kind, c)))
            fill_row(&d->image[c], y, v->layout.column[kind].length,
                     c == ALPHA       ? alpha
                     : kind == CHROMA ? 128
                                      : black);
}

static void draw_row(Band *b, int kind, int y)
{
    const Drawing *d = b->drawing;
    const NcaPlane *image = d->image, *alpha = &image[ALPHA];
    Stretch s;
    if (!paint_row(b, kind, y, &s))
        return;
    if (kind == CHROMA && alpha->data) {
        blend_chroma_straight(d, &s);
        return;
    }
    for (int c = 0; c < ALPHA; c++) {
        if (!has(d->view, kind, c))
            continue;
        if (alpha->data)
            blend_straight(&s, &image[c], alpha, c);
        else
            blend_opaque(&s, &image[c], c);
    }
    if (alpha->data)
        blend_alpha(&s, alpha);
}

/* Rows first … last-1 of a kind. */
static void clear_rows(const Drawing *d, int kind, int first, int last)
{
    for (int y = first; d->blend != NCA_BLEND_OVER && y < last; y++)
        clear_row(d, kind, y);
}

static Band band_of(const Drawing *d, int band)
{
    const NcaView *v = d->view;
    size_t width = (size_t)v->params.width;
    uint16_t *line = v->layout.lines + (size_t)band * 2 * NCA_VIEW_LINES * 4 * width;
    Band b = {.drawing = d};
    for (int kind = 0; kind < 2; kind++) {
        b.lines[kind].row[0] = b.lines[kind].row[1] = -1;
        for (int i = 0; i < NCA_VIEW_LINES * 4; i++, line += width)
            b.lines[kind].line[i / 4][i % 4] = line;
    }
    return b;
}

/* A chroma row and the luma rows that share it, so that no two bands share a pixel. */
static void draw_band(void *arg, int band)
{
    const Drawing *d = arg;
    const NcaView *v = d->view;
    Band b = band_of(d, band);
    int shift = v->params.yuv ? v->params.shift_y : 0, height = v->params.height;
    int first, last;
    nca_view_band(d->bands, band, (height + (1 << shift) - 1) >> shift, &first, &last);
    for (int y = first; y < last; y++) {
        int top = y << shift, end = (y + 1) << shift;
        end = end < height ? end : height;
        clear_rows(d, LUMA, top, end);
        if (v->params.yuv) {
            clear_rows(d, CHROMA, y, y + 1);
            draw_row(&b, CHROMA, y);
        }
        for (int row = top; row < end; row++)
            draw_row(&b, LUMA, row);
    }
}

void nca_view_draw(NcaView *view, const NcaGrid *grid, const NcaPlane image[4],
                   NcaBlend blend, double opacity)
{
    Drawing d = {view, image, blend,
                 nca_view_bands(view, view->params.width, view->params.height)};
    assert(grid->world.width == view->width && grid->world.height == view->height);
    nca_view_read(view, grid, opacity);
    nca_view_run(view, d.bands, draw_band, &d);
}
