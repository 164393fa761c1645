/* SPDX-License-Identifier: MIT
 *
 * Where the translations are: beside the plug-in, or where the system has them. */
#ifndef NCA_GIMP_LOCALE_FOLDER_H
#define NCA_GIMP_LOCALE_FOLDER_H

#include <glib.h>

/* To be freed. */
gchar *locale_folder(void);

/* Binds the plug-in's domain to it; before the first text. */
void locale_init(void);

#endif
