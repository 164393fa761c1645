/* SPDX-License-Identifier: MIT
 *
 * A list of values and labels: the entries, a file where one was chosen, and the way to
 * another one.  The file chooser is a dialog beside, so that what lives in the window
 * goes on living. */
#include "model_box.h"

#include <glib/gi18n-lib.h>

enum { VALUE, LABEL, KIND, COLUMNS };

typedef enum Kind { ENTRY, FILE_CHOSEN, LINE, OTHER } Kind;

enum { CHARS_MOST = 32 }; /* of a label that is shown */

typedef struct ModelBox {
    GtkWidget *combo;
    GtkListStore *list; /* the combo's */
    GtkWidget *chooser; /* NULL: not open */
    char *value;        /* the choice, or NULL */
    ModelChosen *chosen;
    gpointer user;
} ModelBox;

static const char box_key[] = "model box";

static ModelBox *box_of(GtkWidget *widget)
{
    return g_object_get_data(G_OBJECT(widget), box_key);
}

static void free_box(gpointer box)
{
    g_free(((ModelBox *)box)->value);
    g_free(box);
}

/* -------------------------------------------------------------------- rows */

static Kind kind_at(const ModelBox *b, GtkTreeIter *row)
{
    int kind;
    gtk_tree_model_get(GTK_TREE_MODEL(b->list), row, KIND, &kind, -1);
    return (Kind)kind;
}

static char *value_at(const ModelBox *b, GtkTreeIter *row)
{
    char *value;
    gtk_tree_model_get(GTK_TREE_MODEL(b->list), row, VALUE, &value, -1);
    return value;
}

static void append(const ModelBox *b, Kind kind, const char *value, const char *label)
{
    gtk_list_store_insert_with_values(b->list, NULL, -1, VALUE, value, LABEL, label, KIND,
                                      (int)kind, -1);
}

/* The first row of that kind, and of that value unless it is NULL. */
static gboolean find_row(const ModelBox *b, Kind kind, const char *value,
                         GtkTreeIter *row)
{
    GtkTreeModel *list = GTK_TREE_MODEL(b->list);
    gboolean more = gtk_tree_model_get_iter_first(list, row);
    for (; more; more = gtk_tree_model_iter_next(list, row)) {
        char *its_value = value_at(b, row);
        gboolean found =
            kind_at(b, row) == kind && (!value || !g_strcmp0(its_value, value));
        g_free(its_value);
        if (found)
            return TRUE;
    }
    return FALSE;
}

/* The row of a file stands before the line above "Other file…". */
static void add_file(const ModelBox *b, const char *path, GtkTreeIter *row)
{
    GtkTreeIter line;
    char *label = g_filename_display_basename(path);
    if (!find_row(b, FILE_CHOSEN, NULL, row) && find_row(b, LINE, NULL, &line))
        gtk_list_store_insert_before(b->list, row, &line);
    gtk_list_store_set(b->list, row, VALUE, path, LABEL, label, KIND, (int)FILE_CHOSEN,
                       -1);
    g_free(label);
}

static gboolean is_line(GtkTreeModel *list, GtkTreeIter *row, gpointer user)
{
    int kind;
    (void)user;
    gtk_tree_model_get(list, row, KIND, &kind, -1);
    return kind == LINE;
}

/* ------------------------------------------------------------------ choice */

static void changed(GtkComboBox *combo, gpointer box);

static void set_row(ModelBox *b, GtkTreeIter *row)
{
    g_signal_handlers_block_by_func(b->combo, changed, b);
    gtk_combo_box_set_active_iter(GTK_COMBO_BOX(b->combo), row);
    g_signal_handlers_unblock_by_func(b->combo, changed, b);
}

void model_box_set(GtkWidget *box, const char *value)
{
    ModelBox *b = box_of(box);
    char *copy = g_strdup(value); /* it may be the choice itself */
    GtkTreeIter row;
    if (!find_row(b, ENTRY, copy, &row))
        add_file(b, copy, &row);
    set_row(b, &row);
    g_free(b->value);
    b->value = copy;
}

const char *model_box_get(GtkWidget *box)
{
    return box_of(box)->value;
}

static void choose(ModelBox *b, const char *value)
{
    model_box_set(b->combo, value);
    if (b->chosen)
        b->chosen(b->value, b->user);
}

/* -------------------------------------------------------------------- file */

static void responded(GtkDialog *dialog, int response, gpointer box)
{
    ModelBox *b = box;
    char *path = response == GTK_RESPONSE_ACCEPT
                     ? gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog))
                     : NULL;
    gtk_widget_destroy(GTK_WIDGET(dialog));
    if (path)
        choose(b, path);
    g_free(path);
}

static void add_filter(GtkFileChooser *chooser, const char *name, const char *first,
                       const char *second)
{
    GtkFileFilter *filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, name);
    gtk_file_filter_add_pattern(filter, first);
    if (second)
        gtk_file_filter_add_pattern(filter, second);
    gtk_file_chooser_add_filter(chooser, filter);
}

static void open_chooser(ModelBox *b)
{
    GtkWidget *window = gtk_widget_get_toplevel(b->combo);
    b->chooser = gtk_file_chooser_dialog_new(
        _("Open Model"), GTK_IS_WINDOW(window) ? GTK_WINDOW(window) : NULL,
        GTK_FILE_CHOOSER_ACTION_OPEN, _("_Cancel"), GTK_RESPONSE_CANCEL, _("_Open"),
        GTK_RESPONSE_ACCEPT, NULL);
    GtkFileChooser *chooser = GTK_FILE_CHOOSER(b->chooser);
    gtk_dialog_set_default_response(GTK_DIALOG(b->chooser), GTK_RESPONSE_ACCEPT);
    gtk_window_set_modal(GTK_WINDOW(b->chooser), TRUE);
    add_filter(chooser, _("Models (*.bin, *.json)"), "*.bin", "*.json");
    add_filter(chooser, _("All files"), "*", NULL);
    if (b->value && g_path_is_absolute(b->value))
        gtk_file_chooser_set_filename(chooser, b->value);
    g_signal_connect(b->chooser, "response", G_CALLBACK(responded), b);
    g_signal_connect(b->chooser, "destroy", G_CALLBACK(gtk_widget_destroyed),
                     &b->chooser);
    gtk_widget_show(b->chooser);
}

static void changed(GtkComboBox *combo, gpointer box)
{
    ModelBox *b = box;
    GtkTreeIter row;
    if (!gtk_combo_box_get_active_iter(combo, &row))
        return;
    if (kind_at(b, &row) == OTHER) {
        if (b->value)
            model_box_set(b->combo, b->value);
        else
            gtk_combo_box_set_active(combo, -1);
        open_chooser(b);
        return;
    }
    char *value = value_at(b, &row);
    choose(b, value);
    g_free(value);
}

static void destroyed(GtkWidget *combo, gpointer box)
{
    ModelBox *b = box;
    (void)combo;
    if (b->chooser)
        gtk_widget_destroy(b->chooser);
}

/* ------------------------------------------------------------------ public */

void model_box_set_entries(GtkWidget *box, const ModelEntry *entries, int count)
{
    ModelBox *b = box_of(box);
    GtkTreeIter row;
    gboolean file = find_row(b, FILE_CHOSEN, b->value, &row);
    g_signal_handlers_block_by_func(b->combo, changed, b);
    gtk_list_store_clear(b->list);
    for (int i = 0; i < count; i++)
        append(b, ENTRY, entries[i].value, entries[i].label);
    append(b, LINE, NULL, NULL);
    append(b, OTHER, NULL, _("Other file…"));
    g_signal_handlers_unblock_by_func(b->combo, changed, b);
    if (b->value && (file || find_row(b, ENTRY, b->value, &row)))
        model_box_set(box, b->value);
    else if (count)
        model_box_set(box, entries[0].value);
    else
        g_clear_pointer(&b->value, g_free);
}

GtkWidget *model_box_new(const ModelEntry *entries, int count, ModelChosen *chosen,
                         gpointer user)
{
    ModelBox *b = g_new0(ModelBox, 1);
    GtkCellRenderer *cell = gtk_cell_renderer_text_new();
    b->list = gtk_list_store_new(COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_INT);
    b->combo = gtk_combo_box_new_with_model(GTK_TREE_MODEL(b->list));
    b->chosen = chosen;
    b->user = user;
    g_object_unref(b->list);
    g_object_set(cell, "ellipsize", PANGO_ELLIPSIZE_MIDDLE, "width-chars", CHARS_MOST,
                 NULL);
    gtk_cell_layout_pack_start(GTK_CELL_LAYOUT(b->combo), cell, TRUE);
    gtk_cell_layout_set_attributes(GTK_CELL_LAYOUT(b->combo), cell, "text", LABEL, NULL);
    gtk_combo_box_set_row_separator_func(GTK_COMBO_BOX(b->combo), is_line, NULL, NULL);
    g_object_set_data_full(G_OBJECT(b->combo), box_key, b, free_box);
    g_signal_connect(b->combo, "changed", G_CALLBACK(changed), b);
    g_signal_connect(b->combo, "destroy", G_CALLBACK(destroyed), b);
    model_box_set_entries(b->combo, entries, count);
    gtk_widget_show(b->combo);
    return b->combo;
}
