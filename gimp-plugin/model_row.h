/* SPDX-License-Identifier: MIT
 *
 * The choice of a model in a dialog, for the hosts. */
#ifndef NCA_GIMP_MODEL_ROW_H
#define NCA_GIMP_MODEL_ROW_H

#include "model_box.h"

/* A model_box of all models that nca_model_find knows.  none: what the empty value is
 * called, in the first row; NULL: there is no such row. */
GtkWidget *model_row_new(const char *none, const char *value, ModelChosen *chosen,
                         gpointer user);

#endif
