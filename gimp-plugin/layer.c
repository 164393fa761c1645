/* SPDX-License-Identifier: MIT
 *
 * Pixels pass through GEGL, which knows all types and precisions of layers: R'G'B' is the
 * colour that is seen, whatever the layer stores.  Masks are multiplied to premultiplied
 * pixels, which then become straight. */
#include "layer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const double PIXELS_MOST = 4 << 20; /* of a picture to learn from */
enum { OPAQUE = 65535, SIDE_MOST = 65535 };

gchar *layer_check(gint32 drawable)
{
    gint width, height;
    if (drawable < 0)
        return g_strdup(_("There is no layer: open or draw a picture first."));
    if (!host_is_layer(drawable))
        return g_strdup(_("This is a mask or a channel: choose a layer first."));
    host_size(drawable, &width, &height);
    if (width > SIDE_MOST || height > SIDE_MOST)
        return g_strdup(_("The layer is too large: 65535 pixels a side at the most."));
    return NULL;
}

static void multiply(guint16 *rgba, const guint16 *mask, gsize pixels)
{
    for (gsize i = 0; i < 4 * pixels; i++)
        rgba[i] = (guint16)(((guint32)rgba[i] * mask[i / 4] + OPAQUE / 2) / OPAQUE);
}

static void make_straight(guint16 *rgba, gsize pixels)
{
    for (guint16 *p = rgba; p < rgba + 4 * pixels; p += 4)
        for (int c = 0; c < 3 && p[3] > 0; c++)
            p[c] = (guint16)MIN(((guint32)p[c] * OPAQUE + p[3] / 2) / p[3], OPAQUE);
}

/* Reads `where`, in the drawable's own pixels, at that scale. */
static void read_scaled(gint32 drawable, const char *format, GeglRectangle where,
                        double scale, const Picture *p, gpointer out)
{
    GeglBuffer *buffer = host_buffer(drawable);
    GeglRectangle scaled = {(gint)floor(where.x * scale), (gint)floor(where.y * scale),
                            p->width, p->height};
    gegl_buffer_get(buffer, &scaled, scale, babl_format(format), out, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    g_object_unref(buffer);
}

static void apply_mask(const Picture *p, gint32 mask, gint x, gint y, double scale)
{
    gsize pixels = (gsize)p->width * (gsize)p->height;
    GeglRectangle where = p->part;
    guint16 *values;
    if (mask < 0)
        return;
    values = g_new(guint16, pixels);
    where.x += x;
    where.y += y;
    read_scaled(mask, "Y u16", where, scale, p, values);
    multiply(p->rgba, values, pixels);
    g_free(values);
}

gchar *layer_read(gint32 layer, Picture *p)
{
    double scale;
    gint x, y;
    if (!host_selected(layer, &p->part))
        return g_strdup(_("The selection does not touch the layer."));
    /* With sides of at most SIDE_MOST none becomes less than one pixel. */
    scale = MIN(1, sqrt(PIXELS_MOST / ((double)p->part.width * p->part.height)));
    p->width = (gint)(p->part.width * scale);
    p->height = (gint)(p->part.height * scale);
    p->rgba = g_new0(guint16, 4 * (gsize)p->width * (gsize)p->height);
    read_scaled(layer, "R'aG'aB'aA u16", p->part, scale, p, p->rgba);
    host_size(layer, &p->layer_width, &p->layer_height);
    host_offsets(layer, &x, &y);
    apply_mask(p, host_selection(host_image_of(layer)), x, y, scale);
    apply_mask(p, host_mask(layer), 0, 0, scale);
    make_straight(p->rgba, (gsize)p->width * (gsize)p->height);
    return NULL;
}

/* ------------------------------------------------------------ whole layers */

static const Babl *straight8(void)
{
    return babl_format("R'G'B'A u8");
}

guint8 *layer_read8(gint32 layer)
{
    gint width, height;
    GeglBuffer *buffer = host_buffer(layer);
    host_size(layer, &width, &height);
    guint8 *rgba = g_new0(guint8, 4 * (gsize)width * (gsize)height);
    gegl_buffer_get(buffer, GEGL_RECTANGLE(0, 0, width, height), 1, straight8(), rgba,
                    GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    g_object_unref(buffer);
    return rgba;
}

void layer_round(gint32 layer, guint8 *rgba)
{
    gint width, height;
    GeglBuffer *buffer = host_buffer(layer), *same;
    host_size(layer, &width, &height);
    same = gegl_buffer_new(GEGL_RECTANGLE(0, 0, width, height),
                           gegl_buffer_get_format(buffer));
    gegl_buffer_set(same, NULL, 0, straight8(), rgba, GEGL_AUTO_ROWSTRIDE);
    gegl_buffer_get(same, NULL, 1, straight8(), rgba, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    g_object_unref(same);
    g_object_unref(buffer);
}

guint8 *layer_read_selection(gint32 layer)
{
    gint32 selection = host_selection(host_image_of(layer));
    gint x, y, width, height;
    GeglBuffer *buffer;
    guint8 *alpha;
    if (selection < 0)
        return NULL;
    host_size(layer, &width, &height);
    host_offsets(layer, &x, &y);
    buffer = host_buffer(selection);
    alpha = g_new0(guint8, (gsize)width * (gsize)height);
    gegl_buffer_get(buffer, GEGL_RECTANGLE(x, y, width, height), 1, babl_format("Y u8"),
                    alpha, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    g_object_unref(buffer);
    return alpha;
}

static void set_pixels(GeglBuffer *buffer, gint32 layer, const guint8 *rgba)
{
    gint width, height;
    host_size(layer, &width, &height);
    gegl_buffer_set(buffer, GEGL_RECTANGLE(0, 0, width, height), 0, straight8(), rgba,
                    GEGL_AUTO_ROWSTRIDE);
    g_object_unref(buffer); /* and so it reaches GIMP */
}

void layer_fill(gint32 layer, const guint8 *rgba)
{
    set_pixels(host_buffer(layer), layer, rgba);
}

void layer_change(gint32 layer, const guint8 *rgba)
{
    set_pixels(host_shadow(layer), layer, rgba);
    host_merge_shadow(layer);
}
