/* SPDX-License-Identifier: MIT
 *
 * A job that a timer looks at.  The panel's three states are those of the job: none, one
 * that runs, one that was asked to stop; the button says what a click does then. */
#include "train_panel.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "canvas.h"
#include "curve.h"
#include "growth.h"
#include "marks.h"

enum {
    VIEW_SIDE = 200, /* pixels */
    TICK = 100,      /* milliseconds */
};

struct TrainPanel {
    TrainPanelCalls calls;
    GtkWidget *widget; /* NULL once destroyed */
    GtkWidget *goal, *curve, *bar, *iteration, *loss, *size, *warning, *train,
        *start_over;
    CanvasPicture *goal_picture;
    Growth *growth;
    Marks *marks;
    guint timer;
    NcaTarget *target; /* that of the settings, or of the training; NULL: none yet */
    NcaJob *job;       /* NULL: none runs */
    gboolean stopping;
    NcaModel *model;      /* of the last training, NULL: none */
    gboolean done;        /* the last training */
    gboolean continuable; /* there is something to go on from */
    gboolean refresh_due; /* settings changed while a training ran */
    gboolean told;        /* that the processor took over */
};

/* ------------------------------------------------------------------- texts */

static void set_text(GtkWidget *label, char *text)
{
    gtk_label_set_text(GTK_LABEL(label), text);
    g_free(text);
}

static void warn(TrainPanel *p, const char *sentence, const NcaError *error)
{
    char *text = g_strdup_printf(sentence, error->text);
    canvas_warning_set(p->warning, text);
    g_free(text);
}

static char *time_left(int percent, double seconds)
{
    int s = (int)fmin(rint(seconds), 1e9);
    if (s < 100)
        return g_strdup_printf(_("%d %% – %d s left"), percent, s);
    if (s < 100 * 60)
        return g_strdup_printf(_("%d %% – %d min left"), percent, (s + 30) / 60);
    return g_strdup_printf(_("%d %% – %d h %d min left"), percent, s / 3600,
                           s % 3600 / 60);
}

static char *progress_text(const TrainPanel *p, const NcaTrainStatus *s, int percent)
{
    if (s->done)
        return g_strdup(_("Done"));
    if (!p->job)
        return g_strdup_printf(_("%d %% – stopped"), percent);
    if (p->stopping)
        return g_strdup_printf(_("%d %% – stopping"), percent);
    if (isnan(s->seconds_left))
        return g_strdup_printf(_("%d %%"), percent);
    return time_left(percent, s->seconds_left);
}

static void show_status(TrainPanel *p, const NcaTrainStatus *s)
{
    double part = (double)s->iteration / (double)MAX(s->iterations, 1);
    char *text = progress_text(p, s, (int)(100 * part));
    gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(p->bar), CLAMP(part, 0, 1));
    gtk_progress_bar_set_text(GTK_PROGRESS_BAR(p->bar), text);
    g_free(text);
    set_text(p->iteration, g_strdup_printf(_("Iteration %ld of %ld"), (glong)s->iteration,
                                           (glong)s->iterations));
    set_text(p->loss, isnan(s->smooth_loss)
                          ? g_strdup(_("Loss –"))
                          : g_strdup_printf(_("Loss %.5f"), s->smooth_loss));
    set_text(p->size,
             g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "Learning at %d cell",
                                         "Learning at %d cells", (gulong)s->size),
                             s->size));
    curve_add(p->curve, s->iteration, s->smooth_loss);
}

static void show_nothing(TrainPanel *p)
{
    gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(p->bar), 0);
    gtk_progress_bar_set_text(GTK_PROGRESS_BAR(p->bar), p->continuable
                                                            ? _("Can be continued")
                                                            : _("Not trained yet"));
    gtk_label_set_text(GTK_LABEL(p->iteration), _("Iteration –"));
    gtk_label_set_text(GTK_LABEL(p->loss), _("Loss –"));
    gtk_label_set_text(GTK_LABEL(p->size), "");
}

static void show_buttons(TrainPanel *p)
{
    const char *text = p->continuable ? _("Contin_ue") : _("_Train");
    canvas_button_set(p->train, p->job ? _("St_op") : text);
    gtk_widget_set_sensitive(p->train, !p->stopping);
    gtk_widget_set_visible(p->start_over, p->continuable && !p->job);
}

/* ---------------------------------------------------------------- pictures */

static void draw_goal(cairo_t *cr, int width, int height, gpointer panel)
{
    canvas_picture_draw(((TrainPanel *)panel)->goal_picture, cr, width, height);
}

static guint8 byte_of(float value)
{
    return (guint8)lrintf(255 * CLAMP(value, 0, 1));
}

/* From premultiplied to straight. */
static void show_target(TrainPanel *p)
{
    int width = nca_target_width(p->target), height = nca_target_height(p->target);
    const float *from = nca_target_pixels(p->target);
    guint8 *rgba = g_new(guint8, (gsize)4 * width * height);
    for (gsize i = 0; i < (gsize)4 * width * height; i += 4) {
        float alpha = from[i + 3];
        for (int c = 0; c < 3; c++)
            rgba[i + c] = byte_of(alpha > 0 ? from[i + c] / alpha : 0);
        rgba[i + 3] = byte_of(alpha);
    }
    canvas_picture_set(p->goal_picture, rgba, width, height);
    gtk_widget_queue_draw(p->goal);
    g_free(rgba);
}

/* The newest model from the seed on, on the target's canvas. */
static void show_growth(TrainPanel *p)
{
    NcaModel *model = NULL;
    if (!gtk_widget_get_mapped(p->goal))
        return;
    if (!growth_over(p->growth)) {
        growth_next(p->growth);
    } else if (p->target && train_panel_model(p, &model, NULL) == NCA_OK) {
        growth_begin(p->growth, model, nca_target_width(p->target),
                     nca_target_height(p->target));
        nca_model_free(&model);
    }
}

static void judge(TrainPanel *p)
{
    NcaModel *model = NULL;
    if (train_panel_model(p, &model, NULL) < 0)
        return;
    marks_judge(p->marks, model, p->target);
    nca_model_free(&model);
}

/* ---------------------------------------------------------------- training */

static NcaStatus take_target(TrainPanel *p)
{
    NcaTarget *target = NULL;
    NcaError error = {""};
    NcaStatus status = p->calls.target(p->calls.user, &target, &error);
    if (status < 0) {
        warn(p, _("This picture cannot be learnt: %s."), &error);
        return status;
    }
    nca_target_free(&p->target);
    p->target = target;
    show_target(p);
    return NCA_OK;
}

/* What was trained under other settings can still be kept, but not be gone on with. */
static void refresh(TrainPanel *p)
{
    p->refresh_due = FALSE;
    if (take_target(p) < 0)
        return;
    p->continuable = p->calls.left_off(p->calls.user, p->target);
    if (!p->model)
        growth_clear(p->growth, nca_target_width(p->target),
                     nca_target_height(p->target));
    if (!p->model || !p->continuable)
        show_nothing(p);
    show_buttons(p);
}

/* Its model is kept where it made at least one iteration. */
static void take_job(TrainPanel *p, const NcaTrainStatus *status, NcaError *error,
                     NcaStatus *verdict)
{
    NcaModel *model = NULL;
    *verdict = nca_job_wait(p->job, error);
    if (status->iteration > 0 && nca_job_model(p->job, &model, NULL) == NCA_OK) {
        nca_model_free(&p->model);
        p->model = model;
        p->continuable = TRUE;
    }
    p->done = status->done;
    nca_job_free(&p->job);
    p->stopping = FALSE;
}

static void end(TrainPanel *p)
{
    NcaError error = {""};
    NcaStatus verdict;
    NcaTrainStatus status = nca_job_status(p->job);
    take_job(p, &status, &error, &verdict);
    if (verdict < 0)
        warn(p, _("The training failed: %s."), &error);
    show_status(p, &status);
    show_buttons(p);
    judge(p);
    p->calls.changed(p->calls.user, FALSE, p->model != NULL);
    if (p->refresh_due && !p->job)
        refresh(p);
}

static void check_device(TrainPanel *p)
{
    NcaError error;
    if (p->told || nca_job_device(p->job, &error) == NCA_OK)
        return;
    p->told = TRUE;
    warn(p, _("The processor computes: %s."), &error);
}

static gboolean tick(gpointer panel)
{
    TrainPanel *p = panel;
    if (p->job)
        check_device(p);
    if (p->job && nca_job_finished(p->job)) {
        end(p);
    } else if (p->job) {
        NcaTrainStatus status = nca_job_status(p->job);
        show_status(p, &status);
        if (!p->stopping && status.iteration > 0 && marks_due(p->marks))
            judge(p);
    }
    marks_poll(p->marks);
    show_growth(p);
    return TRUE;
}

static void begin(TrainPanel *p, gboolean anew)
{
    NcaJob *job = NULL;
    NcaError error = {""};
    canvas_warning_set(p->warning, NULL);
    if (take_target(p) < 0)
        return;
    if (p->calls.start(p->calls.user, p->target, anew, &job, &error) < 0) {
        warn(p, _("The training could not be started: %s."), &error);
        return;
    }
    p->job = job;
    p->done = FALSE;
    p->told = FALSE;
    if (anew) {
        curve_clear(p->curve);
        growth_clear(p->growth, nca_target_width(p->target),
                     nca_target_height(p->target));
    }
    marks_clear(p->marks);
    show_buttons(p);
    p->calls.changed(p->calls.user, TRUE, p->model != NULL);
}

static void train_clicked(GtkButton *button, gpointer panel)
{
    TrainPanel *p = panel;
    (void)button;
    if (!p->job) {
        if (take_target(p) == NCA_OK) /* with what is being typed it may be continued */
            begin(p, !p->continuable);
        return;
    }
    nca_job_stop(p->job);
    p->stopping = TRUE;
    show_buttons(p);
}

static void start_over_clicked(GtkButton *button, gpointer panel)
{
    (void)button;
    begin(panel, TRUE);
}

/* ------------------------------------------------------------------ set-up */

static GtkWidget *captioned(const char *caption, GtkWidget *canvas)
{
    GtkWidget *column = canvas_column(CANVAS_NEAR);
    gtk_box_pack_start(GTK_BOX(column), gtk_label_new(caption), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(column), canvas, TRUE, TRUE, 0);
    return column;
}

static GtkWidget *pictures_new(TrainPanel *p)
{
    GtkWidget *row = canvas_row(CANVAS_FAR);
    gtk_box_set_homogeneous(GTK_BOX(row), TRUE);
    p->growth = growth_new(VIEW_SIDE);
    p->goal_picture = canvas_picture_new();
    p->goal = canvas_new(VIEW_SIDE, VIEW_SIDE, draw_goal, p);
    gtk_box_pack_start(GTK_BOX(row), captioned(_("Creature"), growth_widget(p->growth)),
                       TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(row), captioned(_("Target"), p->goal), TRUE, TRUE, 0);
    return row;
}

static GtkWidget *numbers_new(TrainPanel *p)
{
    GtkWidget *row = canvas_row(CANVAS_FAR);
    GtkWidget **labels[] = {&p->iteration, &p->loss, &p->size};
    static const int chars[] = {20, 11, 16};
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
        *labels[i] = canvas_label("", chars[i]);
        gtk_box_pack_start(GTK_BOX(row), *labels[i], FALSE, FALSE, 0);
    }
    return row;
}

static GtkWidget *buttons_new(TrainPanel *p)
{
    GtkWidget *row = canvas_row(CANVAS_FAR), *buttons = canvas_row(CANVAS_NEAR);
    const char *train[] = {_("_Train"), _("St_op"), _("Contin_ue"), NULL};
    const char *start_over[] = {_("Start O_ver"), NULL};
    p->train = canvas_button(train);
    p->start_over = canvas_button(start_over);
    p->warning = canvas_warning();
    gtk_widget_set_tooltip_text(p->start_over,
                                _("Forgets what was learnt and begins again"));
    g_signal_connect(p->train, "clicked", G_CALLBACK(train_clicked), p);
    g_signal_connect(p->start_over, "clicked", G_CALLBACK(start_over_clicked), p);
    gtk_box_pack_start(GTK_BOX(row), p->warning, TRUE, TRUE, 0);
    gtk_box_pack_end(GTK_BOX(row), canvas_middle(buttons), FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(buttons), p->train, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(buttons), p->start_over, FALSE, FALSE, 0);
    gtk_widget_show_all(p->start_over);
    gtk_widget_set_no_show_all(p->start_over, TRUE);
    return row;
}

/* What runs is told to stop at once, and waited for when the panel is freed. */
static void destroyed(GtkWidget *widget, gpointer panel)
{
    TrainPanel *p = panel;
    g_source_remove(p->timer);
    if (p->job)
        nca_job_stop(p->job);
    p->widget = NULL;
    g_object_unref(widget);
}

static void fill(TrainPanel *p)
{
    GtkWidget *parts[] = {numbers_new(p), marks_widget(p->marks), buttons_new(p)};
    p->curve = curve_new();
    p->bar = canvas_progress();
    gtk_box_pack_start(GTK_BOX(p->widget), pictures_new(p), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(p->widget), p->curve, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(p->widget), p->bar, FALSE, FALSE, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        gtk_box_pack_start(GTK_BOX(p->widget), parts[i], FALSE, FALSE, 0);
    gtk_widget_show_all(p->widget);
}

TrainPanel *train_panel_new(const TrainPanelCalls *calls)
{
    TrainPanel *p = g_new0(TrainPanel, 1);
    p->calls = *calls;
    p->marks = marks_new();
    p->widget = canvas_column(CANVAS_FAR);
    fill(p);
    show_nothing(p);
    show_buttons(p);
    g_object_ref_sink(p->widget);
    g_signal_connect(p->widget, "destroy", G_CALLBACK(destroyed), p);
    p->timer = g_timeout_add(TICK, tick, p);
    return p;
}

GtkWidget *train_panel_widget(TrainPanel *panel)
{
    return panel->widget;
}

void train_panel_refresh(TrainPanel *panel)
{
    panel->refresh_due = panel->job != NULL;
    if (panel->job)
        return;
    canvas_warning_set(panel->warning, NULL);
    refresh(panel);
}

NcaStatus train_panel_model(TrainPanel *panel, NcaModel **model, NcaError *error)
{
    if (panel->job && nca_job_status(panel->job).iteration > 0)
        return nca_job_model(panel->job, model, error);
    if (panel->model)
        return nca_model_copy(model, panel->model, error);
    if (error)
        g_strlcpy(error->text, _("nothing was trained yet"), sizeof(error->text));
    return NCA_ERR_ARGUMENT;
}

void train_panel_warn(TrainPanel *panel, const char *sentence)
{
    canvas_warning_set(panel->warning, sentence);
}

gboolean train_panel_done(const TrainPanel *panel)
{
    return panel->done;
}

void train_panel_free(TrainPanel *panel)
{
    if (!panel)
        return;
    if (panel->widget)
        gtk_widget_destroy(panel->widget);
    nca_job_free(&panel->job);
    nca_model_free(&panel->model);
    nca_target_free(&panel->target);
    canvas_picture_free(panel->goal_picture);
    growth_free(panel->growth);
    marks_free(panel->marks);
    g_free(panel);
}
