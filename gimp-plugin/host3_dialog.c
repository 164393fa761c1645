/* SPDX-License-Identifier: MIT
 *
 * GIMP 3's own dialog of a procedure, with its presets and its reset, beside the body's
 * own widget.  GIMP makes all widgets but those of models. */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas.h"
#include "host.h"
#include "host3.h"
#include "model_row.h"

struct HostDialog {
    GtkWidget *window;
    Call *call;
    GimpProcedureConfig *config;
    HostDialogParams params;
    GtkWidget *model, *model_row; /* NULL: there is no such option */
    const Option *model_option;
};

static void model_chosen(const char *value, gpointer user)
{
    HostDialog *d = user;
    g_object_set(d->config, d->model_option->name, value, NULL);
}

/* No model, which is what a reset asks for, may be none of the list: it goes on with the
 * one that it has. */
static void take_model(HostDialog *d, const Option *o, const char *value)
{
    const char *shown = model_box_get(d->model);
    if (*value || d->params.no_model)
        model_box_set(d->model, value);
    else if (shown && *shown)
        g_object_set(d->config, o->name, shown, NULL);
}

/* GIMP's presets and its reset change the config, too. */
static void config_changed(HostDialog *d, GParamSpec *property)
{
    const Option *o = d->params.procedure->options;
    gchar *value;
    while (o->name && strcmp(o->name, property->name) != 0)
        o++;
    if (o->kind == OPTION_MODEL) {
        g_object_get(d->config, o->name, &value, NULL);
        take_model(d, o, value ? value : "");
        g_free(value);
    }
    if (o->name && d->params.changed)
        d->params.changed(o, d->params.user);
}

static GtkWidget *model_row(HostDialog *d, const Option *o, GtkSizeGroup *labels)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *label = gtk_label_new_with_mnemonic(_(o->label));
    d->model_option = o;
    d->model = model_row_new(d->params.no_model, *option_text(o, d->call->values),
                             model_chosen, d);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), d->model);
    gtk_widget_set_tooltip_text(d->model, _(o->help));
    gtk_size_group_add_widget(labels, label);
    gtk_box_pack_start(GTK_BOX(row), label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), d->model, TRUE, TRUE, 0);
    return d->model_row = row;
}

/* What is alike in all rows is as wide in all of them. */
typedef struct Columns {
    GtkSizeGroup *labels, *numbers;
} Columns;

static GtkWidget *option_widget(HostDialog *d, const Option *o, const Columns *columns)
{
    GtkWidget *widget;
    if (o->kind == OPTION_MODEL)
        return model_row(d, o, columns->labels);
    widget = gimp_procedure_dialog_get_widget(GIMP_PROCEDURE_DIALOG(d->window), o->name,
                                              G_TYPE_NONE);
    if (GIMP_IS_LABELED(widget))
        gtk_size_group_add_widget(columns->labels,
                                  gimp_labeled_get_label(GIMP_LABELED(widget)));
    if (GIMP_IS_LABEL_SPIN(widget))
        gtk_size_group_add_widget(
            columns->numbers, gimp_label_spin_get_spin_button(GIMP_LABEL_SPIN(widget)));
    return widget;
}

static GtkWidget *options_column(HostDialog *d)
{
    GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    Columns columns = {gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL),
                       gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL)};
    for (const Option *o = d->params.procedure->options; o->name; o++)
        gtk_box_pack_start(GTK_BOX(column), option_widget(d, o, &columns), FALSE, FALSE,
                           0);
    g_object_unref(columns.labels);
    g_object_unref(columns.numbers);
    return column;
}

void host_dialog_init(void)
{
    gimp_ui_init(HOST_BINARY);
}

HostDialog *host_dialog_new(Call *call, const HostDialogParams *params)
{
    const Host3 *host = call->host;
    HostDialog *d = g_new0(HostDialog, 1);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    d->call = call;
    d->config = host->config;
    d->params = *params;
    host3_write_values(d->config, params->procedure->options, call->values);
    d->window = gimp_procedure_dialog_new(host->procedure, d->config, params->title);
    gimp_procedure_dialog_set_ok_label(GIMP_PROCEDURE_DIALOG(d->window), params->ok);
    gtk_box_pack_start(GTK_BOX(box), params->side, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), options_column(d), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(d->window))), box,
                       TRUE, TRUE, 0);
    gtk_widget_show_all(box);
    g_signal_connect_swapped(d->config, "notify", G_CALLBACK(config_changed), d);
    return d;
}

void host_dialog_read(HostDialog *d)
{
    canvas_commit(d->window);
    host3_read_values(d->config, d->params.procedure->options, d->call->values);
}

void host_dialog_set_whole(HostDialog *d, const char *name, gint value)
{
    g_object_set(d->config, name, value, NULL);
}

void host_dialog_set_text(HostDialog *d, const char *name, const char *value)
{
    g_object_set(d->config, name, value, NULL);
}

void host_dialog_set_sensitive(HostDialog *d, const char *name, gboolean sensitive)
{
    if (d->model_option && !strcmp(d->model_option->name, name))
        gtk_widget_set_sensitive(d->model_row, sensitive);
    else
        gimp_procedure_dialog_set_sensitive(GIMP_PROCEDURE_DIALOG(d->window), name,
                                            sensitive, NULL, NULL, FALSE);
}

void host_dialog_set_ok_sensitive(HostDialog *d, gboolean sensitive)
{
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, sensitive);
}

gboolean host_dialog_run(HostDialog *d)
{
    gboolean ok = gimp_procedure_dialog_run(GIMP_PROCEDURE_DIALOG(d->window));
    host_dialog_read(d);
    return ok;
}

void host_dialog_free(HostDialog *d)
{
    g_signal_handlers_disconnect_by_data(d->config, d);
    gtk_widget_destroy(d->window);
    g_free(d);
}
