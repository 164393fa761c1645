/* SPDX-License-Identifier: MIT
 *
 * The box of models: what is chosen by the host is not told, what is chosen by the user
 * is; files get a row of their own. */
#include "model_box.h"

#include "folder.h"
#include "gtk.h"

#ifdef __SANITIZE_ADDRESS__
/* Whole stacks, which tell what GTK 3's chooser forgets (gtk.h).  GTK 2's does so here
 * and there, and the box is the same with both. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return GTK_MAJOR_VERSION == 2 ? "detect_leaks=0" : "fast_unwind_on_malloc=0";
}
#endif

static const ModelEntry entries[] = {{"lizard", "Lizard"}, {"own/frog", "Frog"}};
static const ModelEntry others[] = {{"smiley", "Smiley"}, {"own/frog", "My frog"}};

static int told;
static char told_value[1024];

static void chosen(const char *value, gpointer user)
{
    told++;
    g_strlcpy(told_value, value, sizeof(told_value));
    CHECK(!strcmp(value, model_box_get(*(GtkWidget **)user)));
}

static int rows(GtkWidget *box)
{
    return gtk_tree_model_iter_n_children(gtk_combo_box_get_model(GTK_COMBO_BOX(box)),
                                          NULL);
}

/* As a user does. */
static void choose_row(GtkWidget *box, int row)
{
    gtk_combo_box_set_active(GTK_COMBO_BOX(box), row);
}

static GtkWidget *chooser(void)
{
    GtkWidget *found = NULL;
    GList *windows = gtk_window_list_toplevels();
    for (GList *w = windows; w; w = w->next)
        if (GTK_IS_FILE_CHOOSER(w->data) && gtk_widget_get_visible(w->data))
            found = w->data;
    g_list_free(windows);
    return found;
}

static gboolean has_file(gpointer path)
{
    char *name = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(chooser()));
    gboolean same = !g_strcmp0(name, path);
    g_free(name);
    return same;
}

static void test_entries(GtkWidget *box)
{
    CHECK(!strcmp(model_box_get(box), "lizard") && rows(box) == 4);
    model_box_set(box, "own/frog");
    CHECK(!strcmp(model_box_get(box), "own/frog") && !told);
    choose_row(box, 0);
    CHECK(told == 1 && !strcmp(told_value, "lizard"));
    choose_row(box, 0);
    CHECK(told == 1);
    model_box_set(box, "/far/away/newt.bin");
    CHECK(rows(box) == 5 && !strcmp(model_box_get(box), "/far/away/newt.bin"));
    model_box_set(box, "/far/away/toad.json");
    CHECK(rows(box) == 5 && told == 1);
    model_box_set_entries(box, others, 2);
    CHECK(rows(box) == 5 && !strcmp(model_box_get(box), "/far/away/toad.json"));
    model_box_set(box, "own/frog");
    model_box_set_entries(box, entries, 2);
    CHECK(rows(box) == 4 && !strcmp(model_box_get(box), "own/frog") && told == 1);
    model_box_set_entries(box, others, 1);
    CHECK(!strcmp(model_box_get(box), "smiley") && told == 1);
    model_box_set_entries(box, NULL, 0);
    CHECK(!model_box_get(box) && rows(box) == 2);
    model_box_set_entries(box, entries, 2);
    CHECK(!strcmp(model_box_get(box), "lizard") && told == 1);
}

static void test_file(GtkWidget *box)
{
    const char *path = path_of("gecko.bin");
    fclose(fopen(path, "w"));
    told = 0;
    choose_row(box, 3);
    CHECK(chooser() && !strcmp(model_box_get(box), "lizard") && !told);
    CHECK(gtk_combo_box_get_active(GTK_COMBO_BOX(box)) == 0);
    gtk_dialog_response(GTK_DIALOG(chooser()), GTK_RESPONSE_CANCEL);
    CHECK(!chooser() && !told && !strcmp(model_box_get(box), "lizard"));
    choose_row(box, 3);
    gtk_file_chooser_set_filename(GTK_FILE_CHOOSER(chooser()), path);
    CHECK(wait_until(has_file, (gpointer)path, 10));
    gtk_dialog_response(GTK_DIALOG(chooser()), GTK_RESPONSE_ACCEPT);
    CHECK(!chooser() && told == 1 && !strcmp(told_value, path));
    CHECK(!strcmp(model_box_get(box), path) && rows(box) == 5);
    choose_row(box, 1);
    choose_row(box, 2);
    CHECK(told == 3 && !strcmp(told_value, path));
    choose_row(box, 4); /* still open at the end */
    CHECK(chooser() != NULL);
}

int main(int count, char **arguments)
{
    GtkWidget *box;
    if (!folder_make())
        return test_end();
    g_setenv("XDG_CONFIG_HOME", folder, TRUE); /* where GTK 2 notes its chooser's size */
    if (!begin_gtk(&count, &arguments)) {
        folder_remove();
        return TEST_SKIP;
    }
    box = model_box_new(entries, 2, chosen, &box);
    GtkWidget *window = window_with(box);
    test_entries(box);
    test_file(box);
    gtk_widget_destroy(window);
    CHECK(!chooser());
    folder_remove();
    return test_end();
}
