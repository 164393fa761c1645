/* SPDX-License-Identifier: MIT
 *
 * What the judge says of a model, as a row of marks: "Grows ✓  Stays ✓  Heals 4 of 5",
 * and whether that is good enough. */
#ifndef NCA_GIMP_MARKS_H
#define NCA_GIMP_MARKS_H

#include <gtk/gtk.h>

#include "nca_train.h"

typedef struct Marks Marks;

Marks *marks_new(void);
GtkWidget *marks_widget(Marks *marks); /* floating at first */

/* No marks, no judge.  The first one of a training is due some seconds later. */
void marks_clear(Marks *marks);

/* Whether it is time to judge again: none judges, and judges take a tenth of the time. */
gboolean marks_due(const Marks *marks);

/* Judges this model; one that is still judged is dropped. */
void marks_judge(Marks *marks, const NcaModel *model, const NcaTarget *target);

/* Shows the verdict once it is there; to be called now and then. */
void marks_poll(Marks *marks);

void marks_free(Marks *marks); /* after its widget's end; that is its parent's */

#endif
