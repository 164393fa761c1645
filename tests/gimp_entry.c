/* SPDX-License-Identifier: MIT
 *
 * The entry of a text that is longer than GTK's takes: it is given back whole until the
 * user changes it. */
#include "text_entry.h"

#include "gtk.h"

enum { LONG = 100000, SHOWN_MOST = 65534 };

static gboolean holds(GtkWidget *entry, const gchar *text)
{
    return !strcmp(text_entry_get(entry), text);
}

int main(int count, char **arguments)
{
    if (!begin_gtk(&count, &arguments))
        return TEST_SKIP;
    GtkWidget *entry = text_entry_new(), *window = window_with(entry);
    gchar *text = g_strnfill(LONG, 'x'), *other = g_strnfill(LONG + 1, 'x');
    int at = 0;
    CHECK(holds(entry, ""));
    text_entry_set(entry, text);
    CHECK(holds(entry, text));
    text_entry_set(entry, other); /* what is shown is the same */
    CHECK(holds(entry, other));
    gtk_editable_delete_text(GTK_EDITABLE(entry), 0, 10);
    CHECK(strlen(text_entry_get(entry)) == SHOWN_MOST - 10);
    gtk_editable_delete_text(GTK_EDITABLE(entry), 0, -1);
    CHECK(holds(entry, ""));
    gtk_editable_insert_text(GTK_EDITABLE(entry), "short", -1, &at);
    CHECK(holds(entry, "short"));
    text_entry_set(entry, "shorter");
    CHECK(holds(entry, "shorter"));
    text_entry_set(entry, "");
    CHECK(holds(entry, ""));
    g_free(text);
    g_free(other);
    gtk_widget_destroy(window);
    return test_end();
}
