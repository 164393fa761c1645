/* SPDX-License-Identifier: MIT
 *
 * What GTK 2.24 (GIMP 2.10) and GTK 3.24 (GIMP 3) do differently, in one place, and
 * pictures of cells.  All of it belongs to the main thread.
 * Widgets are returned floating, as GTK's own constructors do. */
#ifndef NCA_GIMP_CANVAS_H
#define NCA_GIMP_CANVAS_H

#include <gtk/gtk.h>

/* Space between things that belong together, and between groups; pixels. */
enum { CANVAS_NEAR = 6, CANVAS_FAR = 12 };

/* ------------------------------------------------------------------ canvas */

/* Draws the whole of it, width × height pixels, where `cr` begins at its corner. */
typedef void CanvasDraw(cairo_t *cr, int width, int height, gpointer user);

/* Asks for at least width × height pixels and may grow.  gtk_widget_queue_draw draws it
 * anew. */
GtkWidget *canvas_new(int width, int height, CanvasDraw *draw, gpointer user);

/* The colour of text on the widget's ground, for lines and labels; 0 … 1 each. */
void canvas_ink(GtkWidget *widget, double rgb[3]);

/* ----------------------------------------------------------------- picture */

/* Cells to be shown.  One from canvas_picture_new, even without pixels, is freed with
 * canvas_picture_free. */
typedef struct CanvasPicture CanvasPicture;

CanvasPicture *canvas_picture_new(void);
void canvas_picture_free(CanvasPicture *picture);

/* width × height pixels of straight RGBA, row after row without padding; copied.  NULL:
 * all transparent.  False where there is no memory: then it stays as it was. */
gboolean canvas_picture_set(CanvasPicture *picture, const guint8 *rgba, int width,
                            int height);
int canvas_picture_width(const CanvasPicture *picture); /* 0: none was set */
int canvas_picture_height(const CanvasPicture *picture);

/* Where a picture lies on a canvas: its pixel (x, y) at left + x·zoom, top + y·zoom. */
typedef struct CanvasPlace {
    double left, top, zoom;
} CanvasPlace;

/* As large as fits into width × height, and in its middle. */
CanvasPlace canvas_picture_place(const CanvasPicture *picture, int width, int height);

/* Crisp, at that place, on GIMP's checks. */
void canvas_picture_draw(const CanvasPicture *picture, cairo_t *cr, int width,
                         int height);

/* ------------------------------------------------------------------- parts */

GtkWidget *canvas_row(int spacing);
GtkWidget *canvas_column(int spacing);

/* In a row it keeps its own height, in the row's middle; shown with its parent. */
GtkWidget *canvas_middle(GtkWidget *widget);

/* Of at least `chars` characters' width, so that nothing moves when its text changes;
 * begins at the left. */
GtkWidget *canvas_label(const char *text, int chars);

/* A button whose text may be one of `texts` (with mnemonics, NULL at the end) and that is
 * as wide as the longest of them.  It begins with the first. */
GtkWidget *canvas_button(const char *const *texts);
void canvas_button_set(GtkWidget *button, const char *text);

/* A slider in whole numbers, without a text. */
GtkWidget *canvas_slider(double least, double most, double value);

/* Takes a number that is being typed in a field of the window; GTK does when that is
 * left, which neither a button's key nor a hand on a canvas does. */
void canvas_commit(GtkWidget *window);

/* Which shows its text. */
GtkWidget *canvas_progress(void);

/* A place for what went wrong: a sign and a text that wraps; empty for NULL. */
GtkWidget *canvas_warning(void);
void canvas_warning_set(GtkWidget *warning, const char *text);

#endif
