/* SPDX-License-Identifier: MIT
 *
 * Points in a row, thinned to every second one when they fill it; decades up the side,
 * round iterations along the foot, all in the text's colour. */
#include "curve.h"

#include <math.h>

#include "canvas.h"

enum { POINTS_MOST = 1000, MARGIN = 6, TICKS_MOST = 6, WIDTH = 360, HEIGHT = 120 };

static const double LINE = 1.5, FAINT = 0.15, LABEL = 0.65; /* the last two: opacity */

typedef struct Point {
    double iteration, log_loss; /* to base 10 */
} Point;

typedef struct Curve {
    GtkWidget *widget;
    Point point[POINTS_MOST];
    int count;
    int every, skipped; /* of that many points one is kept; how many were not since */
    double first;       /* iteration */
    double before;      /* iterations of earlier trainings */
    gint64 last;        /* as it was given */
} Curve;

/* The plot on the canvas, and what it spans. */
typedef struct Plot {
    double left, top, width, height;
    double first, last; /* iterations */
    int low, high;      /* decades */
} Plot;

static const char curve_key[] = "curve";

static Curve *curve_of(GtkWidget *widget)
{
    return g_object_get_data(G_OBJECT(widget), curve_key);
}

/* ------------------------------------------------------------------ points */

/* The last one always stays, as the line ends there. */
static void thin_out(Curve *c)
{
    int kept = 0;
    for (int i = 1; i < c->count; i += 2)
        c->point[kept++] = c->point[i];
    c->count = kept;
    c->every *= 2;
}

void curve_add(GtkWidget *curve, gint64 iteration, double loss)
{
    Curve *c = curve_of(curve);
    if (!(loss > 0) || !isfinite(loss))
        return;
    if (iteration < c->last)
        c->before += (double)c->last;
    c->last = iteration;
    if (!c->count)
        c->first = (double)iteration;
    if (c->count == POINTS_MOST)
        thin_out(c);
    /* Between those that are kept, the newest one takes the place of the one before. */
    if (c->count && c->skipped)
        c->count--;
    c->skipped = (c->skipped + 1) % c->every;
    c->point[c->count++] = (Point){c->before + (double)iteration, log10(loss)};
    gtk_widget_queue_draw(curve);
}

void curve_clear(GtkWidget *curve)
{
    Curve *c = curve_of(curve);
    c->count = c->skipped = 0;
    c->every = 1;
    c->before = 0;
    c->last = 0;
    gtk_widget_queue_draw(curve);
}

int curve_points(GtkWidget *curve)
{
    return curve_of(curve)->count;
}

/* -------------------------------------------------------------------- plot */

static double across(const Plot *p, double iteration)
{
    return p->left + p->width * (iteration - p->first) / (p->last - p->first);
}

static double down(const Plot *p, double log_loss)
{
    return p->top + p->height * (p->high - log_loss) / (p->high - p->low);
}

static void span(const Curve *c, Plot *p)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < c->count; i++) {
        low = fmin(low, c->point[i].log_loss);
        high = fmax(high, c->point[i].log_loss);
    }
    p->low = c->count ? (int)floor(low) : -3;
    p->high = c->count ? (int)ceil(high) : 0;
    if (p->high == p->low)
        p->high++;
    p->first = c->count ? c->first : 0;
    p->last = c->count ? c->point[c->count - 1].iteration : 1;
    if (p->last <= p->first)
        p->last = p->first + 1;
}

static void set_ink(const Curve *c, cairo_t *cr, double opacity)
{
    double rgb[3];
    canvas_ink(c->widget, rgb);
    cairo_set_source_rgba(cr, rgb[0], rgb[1], rgb[2], opacity);
}

/* Where of the text its place is: 0 its left or upper end, 1 the other one. */
typedef struct Anchor {
    double x, y;
} Anchor;

static void draw_text(const Curve *c, cairo_t *cr, const char *text, double x, double y,
                      Anchor anchor)
{
    PangoLayout *layout = gtk_widget_create_pango_layout(c->widget, text);
    PangoAttrList *small = pango_attr_list_new();
    int width, height;
    pango_attr_list_insert(small, pango_attr_scale_new(PANGO_SCALE_SMALL));
    pango_layout_set_attributes(layout, small);
    pango_attr_list_unref(small);
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_move_to(cr, x - anchor.x * width, y - anchor.y * height);
    pango_cairo_show_layout(cr, layout);
    g_object_unref(layout);
}

/* Room for the labels. */
static void place(const Curve *c, Plot *p, int width, int height)
{
    PangoLayout *layout = gtk_widget_create_pango_layout(c->widget, "0.0000");
    int w, h;
    pango_layout_get_pixel_size(layout, &w, &h);
    g_object_unref(layout);
    p->left = w + MARGIN;
    p->top = h / 2.0;
    p->width = MAX(width - p->left - 3 * MARGIN, 1);
    p->height = MAX(height - p->top - h - MARGIN, 1);
}

static void draw_line(cairo_t *cr, double x0, double y0, double x1, double y1)
{
    cairo_move_to(cr, floor(x0) + 0.5, floor(y0) + 0.5);
    cairo_line_to(cr, floor(x1) + 0.5, floor(y1) + 0.5);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
}

static void draw_decades(const Curve *c, cairo_t *cr, const Plot *p)
{
    /* Not closer than one and a half lines of text. */
    int every = 1 + (int)((p->high - p->low) * 1.5 * (2 * p->top) / p->height);
    for (int decade = p->low; decade <= p->high; decade++) {
        char *text = g_strdup_printf("%g", pow(10, decade));
        double y = down(p, decade);
        set_ink(c, cr, FAINT);
        draw_line(cr, p->left, y, p->left + p->width, y);
        set_ink(c, cr, LABEL);
        if ((decade - p->low) % every == 0)
            draw_text(c, cr, text, p->left - MARGIN, y, (Anchor){1, 0.5});
        g_free(text);
    }
}

/* 1, 2 or 5 times a power of ten, so that there are few. */
static double round_step(double range)
{
    double step = pow(10, floor(log10(range / TICKS_MOST)));
    static const double factors[] = {1, 2, 5, 10};
    for (gsize i = 0; i < G_N_ELEMENTS(factors); i++)
        if (step * factors[i] * TICKS_MOST >= range)
            return MAX(step * factors[i], 1);
    return MAX(step * 10, 1);
}

static void draw_iterations(const Curve *c, cairo_t *cr, const Plot *p)
{
    double step = round_step(p->last - p->first), foot = p->top + p->height;
    for (double at = ceil(p->first / step) * step; at <= p->last; at += step) {
        char *text = g_strdup_printf("%.0f", at);
        set_ink(c, cr, FAINT);
        draw_line(cr, across(p, at), foot, across(p, at), foot + MARGIN / 2.0);
        set_ink(c, cr, LABEL);
        draw_text(c, cr, text, across(p, at), foot + MARGIN / 2.0, (Anchor){0.5, 0});
        g_free(text);
    }
}

static void draw_points(const Curve *c, cairo_t *cr, const Plot *p)
{
    cairo_new_path(cr); /* labels leave a point behind */
    for (int i = 0; i < c->count; i++)
        cairo_line_to(cr, across(p, c->point[i].iteration),
                      down(p, c->point[i].log_loss));
    cairo_set_line_width(cr, LINE);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    set_ink(c, cr, 1);
    cairo_stroke(cr);
}

static void draw(cairo_t *cr, int width, int height, gpointer curve)
{
    const Curve *c = curve;
    Plot plot;
    place(c, &plot, width, height);
    span(c, &plot);
    draw_decades(c, cr, &plot);
    if (!c->count)
        return;
    draw_iterations(c, cr, &plot);
    draw_points(c, cr, &plot);
}

GtkWidget *curve_new(void)
{
    Curve *c = g_new0(Curve, 1);
    c->widget = canvas_new(WIDTH, HEIGHT, draw, c);
    g_object_set_data_full(G_OBJECT(c->widget), curve_key, c, g_free);
    curve_clear(c->widget);
    return c->widget;
}
