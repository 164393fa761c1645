/* SPDX-License-Identifier: MIT
 *
 * A combo box of models, with "Other file…" at its end. */
#ifndef NCA_GIMP_MODEL_BOX_H
#define NCA_GIMP_MODEL_BOX_H

#include <gtk/gtk.h>

typedef struct ModelEntry {
    const char *value; /* what nca_model_find takes, or whatever the host means by it */
    const char *label; /* what is shown */
} ModelEntry;

/* The user chose another one: an entry's value, or a file's path. */
typedef void ModelChosen(const char *value, gpointer user);

/* Floating; entries are copied, and the first of them is chosen.  chosen: may be NULL. */
GtkWidget *model_box_new(const ModelEntry *entries, int count, ModelChosen *chosen,
                         gpointer user);

/* Other entries, say after a model was saved; the choice stays where it still is one, or
 * is a file, else it is the first.  `chosen` is not called. */
void model_box_set_entries(GtkWidget *box, const ModelEntry *entries, int count);

/* One that is not among the entries is a file, and gets a row of its own.  `chosen` is
 * not called. */
void model_box_set(GtkWidget *box, const char *value);

/* NULL where nothing is chosen.  Good until the choice changes. */
const char *model_box_get(GtkWidget *box);

#endif
