/* SPDX-License-Identifier: MIT
 *
 * A profile's plug-in folder holds all; else everything is where it was installed, and
 * libnca finds its models alone. */
#include "beside.h"

#include <locale.h>

#include <glib/gi18n-lib.h>

/* The plug-in's own folder `name`; NULL where there is none. */
static gchar *own_folder(const char *name)
{
    gchar *program = g_file_read_link("/proc/self/exe", NULL);
    gchar *folder = g_path_get_dirname(program ? program : ".");
    gchar *path = g_build_filename(folder, name, NULL);
    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        g_clear_pointer(&path, g_free);
    g_free(program);
    g_free(folder);
    return path;
}

gchar *beside_locale(void)
{
    gchar *own = own_folder("locale");
    return own ? own : g_strdup(NCA_LOCALE_DIR);
}

gchar *beside_help(void)
{
    gchar *own = own_folder("help");
    return own ? own : g_strdup(NCA_HELP_DIR);
}

/* Behind the user's folder, which is what nothing between two colons stands for. */
static void find_models(void)
{
    const gchar *others = g_getenv("NCA_MODEL_PATH");
    gchar *own = own_folder("models"), *all;
    if (!own)
        return;
    all = g_strconcat(others ? others : "", "::", own, NULL);
    g_setenv("NCA_MODEL_PATH", all, TRUE);
    g_free(all);
    g_free(own);
}

void beside_init(void)
{
    gchar *folder = beside_locale();
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, folder);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    g_free(folder);
    find_models();
}
