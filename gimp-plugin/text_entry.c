/* SPDX-License-Identifier: MIT
 *
 * The whole text is kept beside what is shown, until that changes. */
#include "text_entry.h"

static const char WHOLE[] = "nca-whole";

static void forget_whole(GtkWidget *entry)
{
    g_object_set_data(G_OBJECT(entry), WHOLE, NULL);
}

GtkWidget *text_entry_new(void)
{
    GtkWidget *entry = gtk_entry_new();
    g_signal_connect(entry, "changed", G_CALLBACK(forget_whole), NULL);
    return entry;
}

void text_entry_set(GtkWidget *entry, const gchar *text)
{
    gtk_entry_set_text(GTK_ENTRY(entry), text);
    g_object_set_data_full(G_OBJECT(entry), WHOLE, g_strdup(text), g_free);
}

const gchar *text_entry_get(GtkWidget *entry)
{
    const gchar *whole = g_object_get_data(G_OBJECT(entry), WHOLE);
    return whole ? whole : gtk_entry_get_text(GTK_ENTRY(entry));
}
