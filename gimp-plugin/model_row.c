/* SPDX-License-Identifier: MIT */
#include "model_row.h"

#include "nca.h"

static void clear_entry(gpointer entry)
{
    ModelEntry *e = entry;
    g_free((gchar *)e->value);
    g_free((gchar *)e->label);
}

static void add_entry(GArray *entries, const char *value, const char *label)
{
    ModelEntry entry = {g_strdup(value), g_strdup(label)};
    g_array_append_val(entries, entry);
}

static bool add_model(void *arg, const char *name, const char *path)
{
    (void)path;
    add_entry(arg, name, name);
    return true;
}

GtkWidget *model_row_new(const char *none, const char *value, ModelChosen *chosen,
                         gpointer user)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(ModelEntry));
    g_array_set_clear_func(entries, clear_entry);
    if (none)
        add_entry(entries, "", none);
    nca_model_each(add_model, entries);
    GtkWidget *box = model_box_new((const ModelEntry *)(void *)entries->data,
                                   (int)entries->len, chosen, user);
    if (none || *value)
        model_box_set(box, value);
    g_array_free(entries, TRUE);
    return box;
}
