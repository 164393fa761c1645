/* SPDX-License-Identifier: MIT
 *
 * What a pointer does on a widget: paths of a pressed left button, and places where a
 * seed is wanted.  A click may be the first half of a double click, which plants and does
 * not erase: it becomes a path once it can't be one. */
#ifndef NCA_GIMP_POINTER_H
#define NCA_GIMP_POINTER_H

#include <gtk/gtk.h>

typedef struct Pointer Pointer;

/* All places are pixels of the widget. */
typedef struct PointerCalls {
    void (*begin)(gpointer user, double x, double y);   /* a path begins here … */
    void (*draw_on)(gpointer user, double x, double y); /* … and goes on to here */
    void (*plant)(gpointer user, double x, double y);
    void (*moved)(gpointer user); /* pointer_over tells otherwise than before */
    gpointer user;
} PointerCalls;

/* calls: copied.  Freed with the widget. */
Pointer *pointer_new(GtkWidget *widget, const PointerCalls *calls);

/* Where it is, if over the widget. */
gboolean pointer_over(const Pointer *pointer, double *x, double *y);

#endif
