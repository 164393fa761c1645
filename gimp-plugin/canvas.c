/* SPDX-License-Identifier: MIT
 *
 * GTK 2 exposes and GTK 3 draws; boxes, scales and alignments have other names.  A
 * picture is a cairo surface that is scaled when it is drawn. */
#include "canvas.h"

/* GIMP's own checks as it comes: medium, 8 pixels, and their two greys. */
enum { CHECK_SIDE = 8, CHECK_DARK = 0x66, CHECK_LIGHT = 0x99 };

/* ------------------------------------------------------------------ canvas */

typedef struct Canvas {
    CanvasDraw *draw;
    gpointer user;
} Canvas;

static void draw_all(GtkWidget *widget, cairo_t *cr, const Canvas *canvas)
{
    GtkAllocation size;
    gtk_widget_get_allocation(widget, &size);
    canvas->draw(cr, size.width, size.height, canvas->user);
}

#if GTK_CHECK_VERSION(3, 0, 0)

static gboolean drawn(GtkWidget *widget, cairo_t *cr, gpointer canvas)
{
    draw_all(widget, cr, canvas);
    return TRUE;
}

static const char draw_signal[] = "draw";

void canvas_ink(GtkWidget *widget, double rgb[3])
{
    GdkRGBA color;
    gtk_style_context_get_color(gtk_widget_get_style_context(widget),
                                gtk_widget_get_state_flags(widget), &color);
    rgb[0] = color.red;
    rgb[1] = color.green;
    rgb[2] = color.blue;
}

GtkWidget *canvas_row(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_HORIZONTAL, spacing);
}

GtkWidget *canvas_column(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_VERTICAL, spacing);
}

static GtkWidget *scale_new(double least, double most)
{
    return gtk_scale_new_with_range(GTK_ORIENTATION_HORIZONTAL, least, most, 1);
}

static void begin_left(GtkWidget *label)
{
    gtk_label_set_xalign(GTK_LABEL(label), 0);
}

GtkWidget *canvas_progress(void)
{
    GtkWidget *bar = gtk_progress_bar_new();
    gtk_progress_bar_set_show_text(GTK_PROGRESS_BAR(bar), TRUE);
    return bar;
}

#else

static gboolean drawn(GtkWidget *widget, GdkEventExpose *event, gpointer canvas)
{
    cairo_t *cr = gdk_cairo_create(event->window);
    gdk_cairo_region(cr, event->region);
    cairo_clip(cr);
    draw_all(widget, cr, canvas);
    cairo_destroy(cr);
    return TRUE;
}

static const char draw_signal[] = "expose-event";

void canvas_ink(GtkWidget *widget, double rgb[3])
{
    const GdkColor *color =
        &gtk_widget_get_style(widget)->fg[gtk_widget_get_state(widget)];
    rgb[0] = color->red / 65535.0;
    rgb[1] = color->green / 65535.0;
    rgb[2] = color->blue / 65535.0;
}

GtkWidget *canvas_row(int spacing)
{
    return gtk_hbox_new(FALSE, spacing);
}

GtkWidget *canvas_column(int spacing)
{
    return gtk_vbox_new(FALSE, spacing);
}

static GtkWidget *scale_new(double least, double most)
{
    return gtk_hscale_new_with_range(least, most, 1);
}

static void begin_left(GtkWidget *label)
{
    gtk_misc_set_alignment(GTK_MISC(label), 0, 0.5f);
}

GtkWidget *canvas_progress(void)
{
    return gtk_progress_bar_new();
}

#endif

static void free_canvas(gpointer canvas, GClosure *closure)
{
    (void)closure;
    g_free(canvas);
}

GtkWidget *canvas_new(int width, int height, CanvasDraw *draw, gpointer user)
{
    Canvas *canvas = g_new(Canvas, 1);
    GtkWidget *widget = gtk_drawing_area_new();
    *canvas = (Canvas){draw, user};
    gtk_widget_set_size_request(widget, width, height);
    g_signal_connect_data(widget, draw_signal, G_CALLBACK(drawn), canvas, free_canvas, 0);
    return widget;
}

/* ----------------------------------------------------------------- picture */

struct CanvasPicture {
    cairo_surface_t *surface; /* NULL: none was set */
    cairo_pattern_t *checks;
    int width, height;
};

static cairo_pattern_t *checks_new(void)
{
    enum { SIDE = 2 * CHECK_SIDE };
    cairo_surface_t *tile = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIDE, SIDE);
    cairo_t *cr = cairo_create(tile);
    cairo_set_source_rgb(cr, CHECK_LIGHT / 255.0, CHECK_LIGHT / 255.0,
                         CHECK_LIGHT / 255.0);
    cairo_paint(cr);
    cairo_set_source_rgb(cr, CHECK_DARK / 255.0, CHECK_DARK / 255.0, CHECK_DARK / 255.0);
    cairo_rectangle(cr, CHECK_SIDE, 0, CHECK_SIDE, CHECK_SIDE);
    cairo_rectangle(cr, 0, CHECK_SIDE, CHECK_SIDE, CHECK_SIDE);
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_pattern_t *checks = cairo_pattern_create_for_surface(tile);
    cairo_surface_destroy(tile);
    cairo_pattern_set_extend(checks, CAIRO_EXTEND_REPEAT);
    cairo_pattern_set_filter(checks, CAIRO_FILTER_NEAREST);
    return checks;
}

CanvasPicture *canvas_picture_new(void)
{
    CanvasPicture *picture = g_new0(CanvasPicture, 1);
    picture->checks = checks_new();
    return picture;
}

void canvas_picture_free(CanvasPicture *picture)
{
    if (picture->surface)
        cairo_surface_destroy(picture->surface);
    cairo_pattern_destroy(picture->checks);
    g_free(picture);
}

static guint32 premultiplied(const guint8 *rgba)
{
    guint32 a = rgba[3], pixel = a << 24;
    for (int c = 0; c < 3; c++)
        pixel |= (rgba[c] * a + 127) / 255 << (16 - 8 * c);
    return pixel;
}

static void fill(cairo_surface_t *surface, const guint8 *rgba, int width, int height)
{
    cairo_surface_flush(surface);
    for (int y = 0; y < height; y++) {
        guint32 *row =
            (guint32 *)(void *)(cairo_image_surface_get_data(surface) +
                                (gsize)y * cairo_image_surface_get_stride(surface));
        for (int x = 0; x < width; x++)
            row[x] = rgba ? premultiplied(rgba + 4 * ((gsize)y * width + x)) : 0;
    }
    cairo_surface_mark_dirty(surface);
}

gboolean canvas_picture_set(CanvasPicture *picture, const guint8 *rgba, int width,
                            int height)
{
    cairo_surface_t *surface = picture->surface;
    if (!surface || width != picture->width || height != picture->height) {
        surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
        if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
            cairo_surface_destroy(surface);
            return FALSE;
        }
        if (picture->surface)
            cairo_surface_destroy(picture->surface);
    }
    fill(surface, rgba, width, height);
    picture->surface = surface;
    picture->width = width;
    picture->height = height;
    return TRUE;
}

int canvas_picture_width(const CanvasPicture *picture)
{
    return picture->width;
}

int canvas_picture_height(const CanvasPicture *picture)
{
    return picture->height;
}

CanvasPlace canvas_picture_place(const CanvasPicture *picture, int width, int height)
{
    int w = MAX(picture->width, 1), h = MAX(picture->height, 1);
    double zoom = MIN((double)width / w, (double)height / h);
    return (CanvasPlace){(int)((width - w * zoom) / 2), (int)((height - h * zoom) / 2),
                         zoom};
}

void canvas_picture_draw(const CanvasPicture *picture, cairo_t *cr, int width, int height)
{
    if (!picture->surface)
        return;
    CanvasPlace at = canvas_picture_place(picture, width, height);
    cairo_save(cr);
    cairo_translate(cr, at.left, at.top);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    cairo_rectangle(cr, 0, 0, picture->width * at.zoom, picture->height * at.zoom);
    cairo_set_source(cr, picture->checks);
    cairo_fill_preserve(cr);
    cairo_scale(cr, at.zoom, at.zoom);
    cairo_set_source_surface(cr, picture->surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_fill(cr);
    cairo_restore(cr);
}

/* ------------------------------------------------------------------- parts */

GtkWidget *canvas_label(const char *text, int chars)
{
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_width_chars(GTK_LABEL(label), chars);
    begin_left(label);
    return label;
}

GtkWidget *canvas_button(const char *const *texts)
{
    GtkWidget *button = gtk_button_new();
    GtkWidget *label = gtk_label_new_with_mnemonic(texts[0]);
    glong chars = 0;
    for (int i = 0; texts[i]; i++)
        chars = MAX(chars, g_utf8_strlen(texts[i], -1));
    gtk_label_set_width_chars(GTK_LABEL(label), (int)chars);
    gtk_container_add(GTK_CONTAINER(button), label);
    return button;
}

void canvas_button_set(GtkWidget *button, const char *text)
{
    gtk_label_set_text_with_mnemonic(GTK_LABEL(gtk_bin_get_child(GTK_BIN(button))), text);
}

GtkWidget *canvas_middle(GtkWidget *widget)
{
    GtkWidget *column = canvas_column(0);
    gtk_box_pack_start(GTK_BOX(column), widget, TRUE, FALSE, 0);
    return column;
}

GtkWidget *canvas_slider(double least, double most, double value)
{
    GtkWidget *slider = scale_new(least, most);
    gtk_scale_set_draw_value(GTK_SCALE(slider), FALSE);
    gtk_range_set_round_digits(GTK_RANGE(slider), 0);
    gtk_range_set_value(GTK_RANGE(slider), value);
    return slider;
}

void canvas_commit(GtkWidget *window)
{
    GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));
    if (GTK_IS_SPIN_BUTTON(focus))
        gtk_spin_button_update(GTK_SPIN_BUTTON(focus));
}

/* It wraps here, lest it widens its dialog: the natural width, and the least. */
enum { WARNING_CHARS = 30, WARNING_WIDTH = 220 };

static const char warning_image[] = "image", warning_text[] = "text";

GtkWidget *canvas_warning(void)
{
    GtkWidget *row = canvas_row(CANVAS_NEAR), *text = canvas_label("", 0);
    GtkWidget *image =
        gtk_image_new_from_icon_name("dialog-warning", GTK_ICON_SIZE_BUTTON);
    gtk_label_set_line_wrap(GTK_LABEL(text), TRUE);
    gtk_label_set_max_width_chars(GTK_LABEL(text), WARNING_CHARS);
    gtk_widget_set_size_request(text, WARNING_WIDTH, -1);
    gtk_label_set_selectable(GTK_LABEL(text), TRUE);
    gtk_box_pack_start(GTK_BOX(row), image, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), text, TRUE, TRUE, 0);
    gtk_widget_show_all(row);
    gtk_widget_set_no_show_all(image, TRUE);
    g_object_set_data(G_OBJECT(row), warning_image, image);
    g_object_set_data(G_OBJECT(row), warning_text, text);
    canvas_warning_set(row, NULL);
    return row;
}

void canvas_warning_set(GtkWidget *warning, const char *text)
{
    GtkWidget *image = g_object_get_data(G_OBJECT(warning), warning_image);
    GtkWidget *label = g_object_get_data(G_OBJECT(warning), warning_text);
    gtk_label_set_text(GTK_LABEL(label), text ? text : "");
    gtk_widget_set_visible(image, text != NULL);
}
