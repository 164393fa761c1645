/* SPDX-License-Identifier: MIT
 *
 * What lies beside the plug-in in a user's profile, or where the system has it. */
#ifndef NCA_GIMP_BESIDE_H
#define NCA_GIMP_BESIDE_H

#include <glib.h>

/* The folders of translations and of the help; to be freed. */
gchar *beside_locale(void);
gchar *beside_help(void);

/* Makes the models beside the plug-in known to nca_model_find, and binds its texts to
 * their translations; before the first of both. */
void beside_init(void);

#endif
