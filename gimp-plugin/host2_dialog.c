/* SPDX-License-Identifier: MIT
 *
 * GIMP 2.10's dialog: a row for each option, beside the body's own widget. */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas.h"
#include "host.h"
#include "model_row.h"
#include "text_entry.h"

enum { ROWS_MOST = 64, TEXT_CHARACTERS = 24 };

typedef struct Row {
    const Option *option;
    GtkWidget *widget;
    HostDialog *dialog;
} Row;

struct HostDialog {
    GtkWidget *window;
    Call *call;
    HostDialogParams params;
    Row row[ROWS_MOST];
    gint rows;
};

/* ------------------------------------------------------------------ widgets */

static void row_changed(Row *row)
{
    const HostDialogParams *p = &row->dialog->params;
    if (p->changed)
        p->changed(row->option, p->user);
}

static void model_chosen(const char *value, gpointer user)
{
    (void)value;
    row_changed(user);
}

static GtkWidget *number_widget(Row *row, double value, guint digits)
{
    const Option *o = row->option;
    GtkWidget *spin = gtk_spin_button_new_with_range(o->least, o->most, digits ? 0.1 : 1);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(spin), digits);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(spin), value);
    gtk_entry_set_width_chars(GTK_ENTRY(spin), 8);
    gtk_entry_set_activates_default(GTK_ENTRY(spin), TRUE);
    g_signal_connect_swapped(spin, "value-changed", G_CALLBACK(row_changed), row);
    return spin;
}

static GtkWidget *choice_widget(Row *row, gint value)
{
    GtkWidget *combo = g_object_new(GIMP_TYPE_INT_COMBO_BOX, NULL);
    for (const OptionChoice *c = row->option->choices; c->name; c++)
        gimp_int_combo_box_append(GIMP_INT_COMBO_BOX(combo), GIMP_INT_STORE_VALUE,
                                  (gint)(c - row->option->choices), GIMP_INT_STORE_LABEL,
                                  _(c->label), -1);
    gimp_int_combo_box_set_active(GIMP_INT_COMBO_BOX(combo), value);
    g_signal_connect_swapped(combo, "changed", G_CALLBACK(row_changed), row);
    return combo;
}

static GtkWidget *text_widget(Row *row, const gchar *value)
{
    GtkWidget *entry = text_entry_new();
    text_entry_set(entry, value);
    gtk_entry_set_width_chars(GTK_ENTRY(entry), TEXT_CHARACTERS);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    g_signal_connect_swapped(entry, "changed", G_CALLBACK(row_changed), row);
    return entry;
}

static GtkWidget *widget_of(Row *row, gpointer values)
{
    const Option *o = row->option;
    switch (o->kind) {
    case OPTION_REAL:
        return number_widget(row, *option_real(o, values), 2);
    case OPTION_CHOICE:
        return choice_widget(row, *option_whole(o, values));
    case OPTION_TEXT:
        return text_widget(row, *option_text(o, values));
    case OPTION_MODEL:
        return model_row_new(row->dialog->params.no_model, *option_text(o, values),
                             model_chosen, row);
    default:
        return number_widget(row, *option_whole(o, values), 0);
    }
}

static void add_row(HostDialog *d, GtkWidget *table, const Option *o)
{
    Row *row = &d->row[d->rows];
    gchar *label = g_strdup_printf(_("%s:"), _(o->label));
    *row = (Row){.option = o, .dialog = d};
    row->widget = widget_of(row, d->call->values);
    gimp_help_set_help_data(row->widget, _(o->help), NULL);
    gimp_table_attach_aligned(GTK_TABLE(table), 0, d->rows++, label, 0, 0.5, row->widget,
                              1, o->kind == OPTION_WHOLE || o->kind == OPTION_REAL);
    g_free(label);
}

static GtkWidget *options_table(HostDialog *d)
{
    GtkWidget *table = gtk_table_new(1, 2, FALSE);
    gtk_table_set_col_spacings(GTK_TABLE(table), 6);
    gtk_table_set_row_spacings(GTK_TABLE(table), 6);
    for (const Option *o = d->params.procedure->options; o->name; o++)
        add_row(d, table, o);
    return table;
}

/* ------------------------------------------------------------------- values */

static void set_text(gchar **text, const gchar *value)
{
    gchar *copy = g_strdup(value ? value : "");
    g_free(*text);
    *text = copy;
}

static void read_row(const Row *row, gpointer values)
{
    const Option *o = row->option;
    switch (o->kind) {
    case OPTION_REAL:
        *option_real(o, values) = gtk_spin_button_get_value(GTK_SPIN_BUTTON(row->widget));
        break;
    case OPTION_CHOICE:
        gimp_int_combo_box_get_active(GIMP_INT_COMBO_BOX(row->widget),
                                      option_whole(o, values));
        break;
    case OPTION_TEXT:
        set_text(option_text(o, values), text_entry_get(row->widget));
        break;
    case OPTION_MODEL:
        set_text(option_text(o, values), model_box_get(row->widget));
        break;
    default:
        *option_whole(o, values) =
            gtk_spin_button_get_value_as_int(GTK_SPIN_BUTTON(row->widget));
    }
}

void host_dialog_read(HostDialog *d)
{
    canvas_commit(d->window);
    for (gint i = 0; i < d->rows; i++)
        read_row(&d->row[i], d->call->values);
}

static GtkWidget *find(HostDialog *d, const char *name)
{
    gint i = 0;
    while (strcmp(d->row[i].option->name, name) != 0)
        i++;
    return d->row[i].widget;
}

void host_dialog_set_whole(HostDialog *d, const char *name, gint value)
{
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(find(d, name)), value);
}

void host_dialog_set_text(HostDialog *d, const char *name, const char *value)
{
    text_entry_set(find(d, name), value);
}

void host_dialog_set_sensitive(HostDialog *d, const char *name, gboolean sensitive)
{
    GtkWidget *widget = find(d, name);
    /* GTK 2 draws what is selected as if it could be changed. */
    if (!sensitive && GTK_IS_EDITABLE(widget))
        gtk_editable_select_region(GTK_EDITABLE(widget), 0, 0);
    gtk_widget_set_sensitive(widget, sensitive);
}

void host_dialog_set_ok_sensitive(HostDialog *d, gboolean sensitive)
{
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, sensitive);
}

/* ------------------------------------------------------------------- window */

void host_dialog_init(void)
{
    gimp_ui_init(HOST_BINARY, FALSE);
}

HostDialog *host_dialog_new(Call *call, const HostDialogParams *params)
{
    HostDialog *d = g_new0(HostDialog, 1);
    GtkWidget *box = gtk_hbox_new(FALSE, 12), *column = gtk_vbox_new(FALSE, 0);
    d->call = call;
    d->params = *params;
    d->window =
        gimp_dialog_new(params->title, HOST_BINARY, NULL, 0, gimp_standard_help_func,
                        params->procedure->name, _("_Cancel"), GTK_RESPONSE_CANCEL,
                        params->ok, GTK_RESPONSE_OK, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(d->window), GTK_RESPONSE_OK);
    gimp_window_set_transient(GTK_WINDOW(d->window));
    gtk_container_set_border_width(GTK_CONTAINER(box), 12);
    gtk_box_pack_start(GTK_BOX(box), params->side, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(column), options_table(d), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), column, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(d->window))), box,
                       TRUE, TRUE, 0);
    gtk_widget_show_all(box);
    return d;
}

gboolean host_dialog_run(HostDialog *d)
{
    gtk_widget_show(d->window);
    gboolean ok = gimp_dialog_run(GIMP_DIALOG(d->window)) == GTK_RESPONSE_OK;
    host_dialog_read(d);
    return ok;
}

void host_dialog_free(HostDialog *d)
{
    gtk_widget_destroy(d->window);
    g_free(d);
}
