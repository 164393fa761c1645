/* SPDX-License-Identifier: MIT */
#include "locale_folder.h"

#include <locale.h>

#include <glib/gi18n-lib.h>

#include "store.h"

gchar *locale_folder(void)
{
    gchar *own = store_own_folder("locale");
    if (g_file_test(own, G_FILE_TEST_IS_DIR))
        return own;
    g_free(own);
    return g_strdup(NCA_LOCALE_DIR);
}

void locale_init(void)
{
    gchar *folder = locale_folder();
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, folder);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    g_free(folder);
}
