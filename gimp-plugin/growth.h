/* SPDX-License-Identifier: MIT
 *
 * A creature that grows from its seed, again and again, so that one sees what the
 * training has made of it. */
#ifndef NCA_GIMP_GROWTH_H
#define NCA_GIMP_GROWTH_H

#include <gtk/gtk.h>

#include "nca.h"

typedef struct Growth Growth;

/* The widget asks for side × side pixels. */
Growth *growth_new(int side);
GtkWidget *growth_widget(Growth *growth); /* floating at first */

/* Shows an empty picture of so many cells; nothing grows. */
void growth_clear(Growth *growth, int width, int height);

/* Whether it has grown to its end, or nothing grows: time for the newest model. */
gboolean growth_over(const Growth *growth);

/* Plants a seed in the middle.  The model is copied; without memory nothing changes. */
void growth_begin(Growth *growth, const NcaModel *model, int width, int height);

/* The next picture; to be called ten times a second. */
void growth_next(Growth *growth);

void growth_free(Growth *growth); /* after its widget's end; that is its parent's */

#endif
