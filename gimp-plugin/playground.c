/* SPDX-License-Identifier: MIT
 *
 * A film that a timer moves on and that the pointer changes, by way of the record. */
#include "playground.h"

#include <glib/gi18n-lib.h>

#include "canvas.h"
#include "pace.h"
#include "pointer.h"
#include "record.h"

enum {
    VIEW_SIDE = 320,  /* pixels, at least */
    TICK = 33,        /* milliseconds between pictures */
    SPEED_MOST = 240, /* steps a second */
    SPEED = 30,
    ERASER_MOST = 40, /* cells */
    ERASER = 5,
    TURN_MOST = 180, /* degrees */
    VALUE_CHARS = 11,
};

static const double LATE_MOST = 0.1; /* seconds made up for after a tick that came late */

typedef struct Slider {
    GtkWidget *scale, *text;
} Slider;

struct Playground {
    PlaygroundCalls calls;
    GtkWidget *widget; /* NULL once destroyed */
    GtkWidget *canvas, *step, *living, *warning, *play, *restart, *clear;
    Slider eraser, angle, speed;
    Pointer *pointer;
    CanvasPicture *picture;
    guint8 *rgba;
    guint timer;
    gint64 ticked; /* microseconds */
    gboolean paused;
    gboolean told; /* that the processor took over */
    NcaFilm *film; /* NULL: nothing was shown yet; so are the next four */
    NcaModel *model;
    float *state;         /* of its own, or NULL as in the params */
    NcaFilmParams params; /* as shown, but with no events: those are the record's */
    Record *record;
};

/* ----------------------------------------------------------------- picture */

static NcaGrid *grid_of(const Playground *p)
{
    return nca_film_grid(p->film);
}

static void set_text(GtkWidget *label, char *text)
{
    gtk_label_set_text(GTK_LABEL(label), text);
    g_free(text);
}

static void warn(Playground *p, const char *sentence, const NcaError *error)
{
    char *text = g_strdup_printf(sentence, error->text);
    canvas_warning_set(p->warning, text);
    g_free(text);
}

static double value_of(const Slider *slider)
{
    return gtk_range_get_value(GTK_RANGE(slider->scale));
}

static void show_numbers(Playground *p)
{
    glong alive = (glong)nca_grid_alive(grid_of(p));
    set_text(p->step, g_strdup_printf(_("Step %ld"), (glong)nca_grid_time(grid_of(p))));
    set_text(p->living, g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%ld living cell",
                                                    "%ld living cells", (gulong)alive),
                                        alive));
}

static void show_grid(Playground *p)
{
    const NcaGrid *grid = grid_of(p);
    int width = nca_grid_width(grid), height = nca_grid_height(grid);
    nca_grid_read_rgba8(grid, p->rgba, (gsize)width * 4);
    canvas_picture_set(p->picture, p->rgba, width, height);
    gtk_widget_queue_draw(p->canvas);
    show_numbers(p);
}

/* White on black, so that it is seen on every colour. */
static void draw_eraser(const Playground *p, cairo_t *cr, double zoom)
{
    double x, y, radius = value_of(&p->eraser) * zoom;
    if (!pointer_over(p->pointer, &x, &y))
        return;
    cairo_arc(cr, x, y, radius, 0, 2 * G_PI);
    cairo_set_line_width(cr, 3);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_stroke_preserve(cr);
    cairo_set_line_width(cr, 1);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_stroke(cr);
}

static void draw(cairo_t *cr, int width, int height, gpointer playground)
{
    const Playground *p = playground;
    canvas_picture_draw(p->picture, cr, width, height);
    if (p->film)
        draw_eraser(p, cr, canvas_picture_place(p->picture, width, height).zoom);
}

/* Cells; the first of them reaches from 0 to 1. */
static void cells_at(const Playground *p, double *x, double *y)
{
    GtkAllocation size;
    gtk_widget_get_allocation(p->canvas, &size);
    CanvasPlace at = canvas_picture_place(p->picture, size.width, size.height);
    *x = (*x - at.left) / at.zoom;
    *y = (*y - at.top) / at.zoom;
}

/* ----------------------------------------------------------- what is done */

static void tell(Playground *p)
{
    show_grid(p);
    if (p->calls.recorded)
        p->calls.recorded(record_text(p->record), record_last(p->record), p->calls.user);
}

static void begin_path(gpointer playground, double x, double y)
{
    Playground *p = playground;
    if (!p->film)
        return;
    cells_at(p, &x, &y);
    record_erase(p->record, grid_of(p), x, y, value_of(&p->eraser));
    tell(p);
}

static void draw_path(gpointer playground, double x, double y)
{
    Playground *p = playground;
    if (!p->film)
        return;
    cells_at(p, &x, &y);
    if (record_erase_to(p->record, grid_of(p), x, y, value_of(&p->eraser)))
        tell(p);
}

static void plant(gpointer playground, double x, double y)
{
    Playground *p = playground;
    if (!p->film)
        return;
    cells_at(p, &x, &y);
    if (record_plant(p->record, grid_of(p), x, y))
        tell(p);
}

static void turned(GtkRange *angle, gpointer playground)
{
    Playground *p = playground;
    if (!p->film)
        return;
    record_turn(p->record, grid_of(p), gtk_range_get_value(angle));
    tell(p);
}

/* The slider follows what was recorded, without recording it again. */
static void show_angle(Playground *p)
{
    double degrees =
        record_angle(p->record, nca_grid_time(grid_of(p)), p->params.grid.angle);
    g_signal_handlers_block_by_func(p->angle.scale, turned, p);
    gtk_range_set_value(GTK_RANGE(p->angle.scale), degrees);
    g_signal_handlers_unblock_by_func(p->angle.scale, turned, p);
}

static void moved(gpointer playground)
{
    gtk_widget_queue_draw(((Playground *)playground)->canvas);
}

/* -------------------------------------------------------------------- time */

/* A film that begins anew takes the warning away. */
static void check_device(Playground *p)
{
    NcaError error;
    if (p->told || nca_grid_device(grid_of(p), &error) == NCA_OK)
        return;
    p->told = TRUE;
    warn(p, _("The processor computes: %s."), &error);
}

static gboolean tick(gpointer playground)
{
    Playground *p = playground;
    gint64 now = g_get_monotonic_time();
    double passed = MIN((double)(now - p->ticked) / G_USEC_PER_SEC, LATE_MOST);
    p->ticked = now;
    if (!p->film || p->paused || !gtk_widget_get_mapped(p->canvas))
        return TRUE;
    pace_film(p->film, passed * value_of(&p->speed));
    show_grid(p);
    show_angle(p);
    check_device(p);
    return TRUE;
}

static void set_paused(Playground *p, gboolean paused)
{
    p->paused = paused;
    canvas_button_set(p->play, paused ? _("_Play") : _("_Pause"));
}

static void play_clicked(GtkButton *button, gpointer playground)
{
    Playground *p = playground;
    (void)button;
    set_paused(p, !p->paused);
}

void playground_complain(Playground *p, const NcaError *error)
{
    warn(p, _("This creature cannot be shown: %s."), error);
}

void playground_warn(Playground *p, const char *sentence)
{
    canvas_warning_set(p->warning, sentence);
}

/* Puts a film in the place of the one that was. */
static void take_film(Playground *p, NcaFilm *film)
{
    const NcaGrid *grid = nca_film_grid(film);
    nca_film_free(&p->film);
    p->film = film;
    p->rgba =
        g_renew(guint8, p->rgba, (gsize)4 * nca_grid_width(grid) * nca_grid_height(grid));
    canvas_warning_set(p->warning, NULL);
    p->told = FALSE;
    show_grid(p);
    show_angle(p);
    check_device(p);
}

static void begin_again(Playground *p)
{
    NcaFilm *film = NULL;
    NcaFilmParams params = p->params;
    NcaError error;
    params.events = record_text(p->record);
    if (nca_film_new(&film, p->model, &params, &error) == NCA_OK)
        take_film(p, film);
    else
        playground_complain(p, &error);
}

static void restart_clicked(GtkButton *button, gpointer playground)
{
    (void)button;
    begin_again(playground);
}

static void clear_clicked(GtkButton *button, gpointer playground)
{
    Playground *p = playground;
    (void)button;
    record_clear(p->record);
    begin_again(p);
    tell(p);
}

/* ------------------------------------------------------------------ set-up */

static void show_values(Playground *p)
{
    int cells = (int)value_of(&p->eraser), speed = (int)value_of(&p->speed);
    set_text(p->eraser.text, g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%d cell",
                                                         "%d cells", (gulong)cells),
                                             cells));
    set_text(p->angle.text, g_strdup_printf(_("%d°"), (int)value_of(&p->angle)));
    set_text(p->speed.text, g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%d step/s",
                                                        "%d steps/s", (gulong)speed),
                                            speed));
}

/* Between its label and its value; labels of one group are as wide as each other. */
static void add_slider(GtkWidget *column, GtkSizeGroup *group, const char *name,
                       const Slider *slider)
{
    GtkWidget *row = canvas_row(CANVAS_FAR), *label = canvas_label(NULL, 0);
    gtk_label_set_text_with_mnemonic(GTK_LABEL(label), name);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), slider->scale);
    gtk_size_group_add_widget(group, label);
    gtk_box_pack_start(GTK_BOX(row), label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), slider->scale, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(row), slider->text, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(column), row, FALSE, FALSE, 0);
}

static Slider slider_new(Playground *p, double least, double most, double value)
{
    Slider slider = {canvas_slider(least, most, value), canvas_label("", VALUE_CHARS)};
    g_signal_connect_swapped(slider.scale, "value-changed", G_CALLBACK(show_values), p);
    return slider;
}

static GtkWidget *sliders_new(Playground *p)
{
    GtkWidget *column = canvas_column(CANVAS_NEAR);
    GtkSizeGroup *group = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    p->eraser = slider_new(p, 1, ERASER_MOST, ERASER);
    p->angle = slider_new(p, -TURN_MOST, TURN_MOST, 0);
    p->speed = slider_new(p, 1, SPEED_MOST, SPEED);
    add_slider(column, group, _("_Eraser:"), &p->eraser);
    add_slider(column, group, _("_Angle:"), &p->angle);
    add_slider(column, group, _("Spee_d:"), &p->speed);
    g_object_unref(group);
    g_signal_connect(p->angle.scale, "value-changed", G_CALLBACK(turned), p);
    show_values(p);
    return column;
}

static GtkWidget *add_button(Playground *p, GtkWidget *row, GtkWidget *button,
                             void (*clicked)(GtkButton *, gpointer))
{
    g_signal_connect(button, "clicked", G_CALLBACK(clicked), p);
    gtk_box_pack_start(GTK_BOX(row), button, FALSE, FALSE, 0);
    return button;
}

static GtkWidget *buttons_new(Playground *p)
{
    GtkWidget *row = canvas_row(CANVAS_FAR), *buttons = canvas_row(CANVAS_NEAR);
    const char *play[] = {_("_Pause"), _("_Play"), NULL};
    const char *restart[] = {_("Res_tart"), NULL}, *clear[] = {_("Clear"), NULL};
    p->play = add_button(p, buttons, canvas_button(play), play_clicked);
    p->restart = add_button(p, buttons, canvas_button(restart), restart_clicked);
    p->clear = add_button(p, buttons, canvas_button(clear), clear_clicked);
    gtk_widget_set_tooltip_text(
        p->restart, _("From the beginning, with all that was done at its time"));
    gtk_widget_set_tooltip_text(p->clear, _("From the beginning, without what was done"));
    p->warning = canvas_warning();
    gtk_box_pack_start(GTK_BOX(row), canvas_middle(buttons), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), p->warning, TRUE, TRUE, 0);
    return row;
}

static GtkWidget *numbers_new(Playground *p)
{
    GtkWidget *row = canvas_row(CANVAS_FAR);
    GtkWidget *hint = canvas_label(_("Drag to erase, double-click to plant"), 0);
    p->step = canvas_label("", 12);
    p->living = canvas_label("", 20);
    gtk_box_pack_start(GTK_BOX(row), p->step, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), p->living, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(row), hint, FALSE, FALSE, 0);
    return row;
}

static void set_usable(Playground *p, gboolean usable)
{
    GtkWidget *all[] = {p->play, p->restart, p->clear, p->angle.scale};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        gtk_widget_set_sensitive(all[i], usable);
}

static void destroyed(GtkWidget *widget, gpointer playground)
{
    Playground *p = playground;
    g_source_remove(p->timer);
    p->widget = NULL;
    g_object_unref(widget);
}

Playground *playground_new(const PlaygroundCalls *calls)
{
    Playground *p = g_new0(Playground, 1);
    p->calls = *calls;
    p->picture = canvas_picture_new();
    p->canvas = canvas_new(VIEW_SIDE, VIEW_SIDE, draw, p);
    p->pointer =
        pointer_new(p->canvas, &(PointerCalls){begin_path, draw_path, plant, moved, p});
    p->widget = canvas_column(CANVAS_FAR);
    gtk_box_pack_start(GTK_BOX(p->widget), p->canvas, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(p->widget), numbers_new(p), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(p->widget), sliders_new(p), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(p->widget), buttons_new(p), FALSE, FALSE, 0);
    set_usable(p, FALSE);
    gtk_widget_show_all(p->widget);
    g_object_ref_sink(p->widget);
    g_signal_connect(p->widget, "destroy", G_CALLBACK(destroyed), p);
    p->timer = g_timeout_add_full(PACE_PRIORITY, TICK, tick, p, NULL);
    return p;
}

GtkWidget *playground_widget(Playground *p)
{
    return p->widget;
}

/* -------------------------------------------------------------------- show */

/* What the film was made of, for "Restart". */
static void keep(Playground *p, NcaModel *model, const NcaFilmParams *params)
{
    gsize size = sizeof(float) * (gsize)params->grid.width * (gsize)params->grid.height *
                 (gsize)nca_model_shape(model)->channels;
    float *state = g_memdup2(params->state, params->state ? size : 0);
    Record *record = record_again(p->record, params->events);
    record_free(p->record);
    p->record = record;
    nca_model_free(&p->model);
    p->model = model;
    g_free(p->state);
    p->state = state;
    p->params = *params;
    p->params.state = state;
    p->params.events = NULL;
}

NcaStatus playground_show(Playground *p, const NcaModel *model,
                          const NcaFilmParams *params, NcaError *error)
{
    NcaError own;
    NcaModel *copy = NULL;
    NcaFilm *film = NULL;
    NcaStatus status = nca_model_copy(&copy, model, &own);
    if (status == NCA_OK)
        status = nca_film_new(&film, model, params, &own);
    if (status < 0) {
        nca_model_free(&copy);
        playground_complain(p, &own);
        if (error)
            *error = own;
        return status;
    }
    keep(p, copy, params);
    take_film(p, film);
    set_usable(p, TRUE);
    return NCA_OK;
}

const NcaGrid *playground_grid(const Playground *p)
{
    return p->film ? nca_film_grid(p->film) : NULL;
}

const char *playground_events(const Playground *p)
{
    return p->record ? record_text(p->record) : "";
}

void playground_free(Playground *p)
{
    if (!p)
        return;
    if (p->widget)
        gtk_widget_destroy(p->widget);
    canvas_picture_free(p->picture);
    g_free(p->rgba);
    nca_film_free(&p->film);
    nca_model_free(&p->model);
    g_free(p->state);
    record_free(p->record);
    g_free(p);
}
