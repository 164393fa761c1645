/* SPDX-License-Identifier: MIT
 *
 * A loss that falls: a widget with a logarithmic scale over iterations. */
#ifndef NCA_GIMP_CURVE_H
#define NCA_GIMP_CURVE_H

#include <gtk/gtk.h>

/* Floating; it frees itself with the widget. */
GtkWidget *curve_new(void);

/* The next point; a loss that is not a positive number is left out.  Iterations less than
 * the last are of a training that went on from the model, and are drawn behind it. */
void curve_add(GtkWidget *curve, gint64 iteration, double loss);
void curve_clear(GtkWidget *curve);

/* Points that it keeps at present: it thins itself out. */
int curve_points(GtkWidget *curve);

#endif
