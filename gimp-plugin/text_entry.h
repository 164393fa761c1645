/* SPDX-License-Identifier: MIT
 *
 * An entry for texts of any length.  GTK's takes no more than 65534 bytes, and without a
 * word; a long afternoon's wounds are more. */
#ifndef NCA_GIMP_TEXT_ENTRY_H
#define NCA_GIMP_TEXT_ENTRY_H

#include <gtk/gtk.h>

/* A GtkEntry, floating. */
GtkWidget *text_entry_new(void);

/* What does not fit is not shown, but is there. */
void text_entry_set(GtkWidget *entry, const gchar *text);

/* What was set; once the user has changed it, what is shown.  Good until it changes. */
const gchar *text_entry_get(GtkWidget *entry);

#endif
