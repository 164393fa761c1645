/* SPDX-License-Identifier: MIT
 *
 * The window of Train: the panel trains, the options say how.  While it does, options
 * that the training depends on wait. */
#include <glib/gi18n-lib.h>

#include "frames.h"
#include "procedures.h"
#include "store.h"
#include "train_panel.h"
#include "training.h"

typedef struct TrainingDialog {
    Call *call;
    const Picture *picture;
    HostDialog *dialog;
    TrainPanel *panel;
    gchar *checkpoint; /* of the training that was started last; NULL: none yet */
} TrainingDialog;

static NcaStatus target(gpointer user, NcaTarget **out, NcaError *error)
{
    TrainingDialog *d = user;
    host_dialog_read(d->dialog);
    return training_target(out, d->picture, d->call->values, error);
}

/* One that came to its end, or of which no checkpoint could be kept, goes on from what it
 * learnt, under the settings that it had; under others there may be another's checkpoint
 * to go on from. */
static NcaStatus start(gpointer user, const NcaTarget *of, gboolean anew, NcaJob **job,
                       NcaError *error)
{
    TrainingDialog *d = user;
    NcaModel *from = NULL;
    NcaStatus status = NCA_OK;
    gchar *checkpoint = store_checkpoint(of, d->call->values);
    gboolean further =
        !anew && !g_strcmp0(checkpoint, d->checkpoint) &&
        (train_panel_done(d->panel) || !training_left_off(of, d->call->values));
    if (further)
        status = train_panel_model(d->panel, &from, error);
    if (status == NCA_OK)
        status = training_start(job, of, d->call->values, from, anew || further, error);
    nca_model_free(&from);
    if (status == NCA_OK) {
        g_free(d->checkpoint);
        d->checkpoint = g_steal_pointer(&checkpoint);
    }
    g_free(checkpoint);
    return status;
}

static gboolean left_off(gpointer user, const NcaTarget *of)
{
    const TrainingDialog *d = user;
    return training_left_off(of, d->call->values);
}

static void training_changed(gpointer user, gboolean training, gboolean has_model)
{
    TrainingDialog *d = user;
    for (const Option *o = train_options; o->name; o++)
        if (o->offset != offsetof(TrainValues, output))
            host_dialog_set_sensitive(d->dialog, o->name, !training);
    host_dialog_set_ok_sensitive(d->dialog, has_model && !training);
}

static void option_changed(const Option *option, gpointer user)
{
    TrainingDialog *d = user;
    if (option->offset != offsetof(TrainValues, output))
        train_panel_refresh(d->panel);
}

static gchar *keep(TrainingDialog *d, Trained *trained)
{
    NcaError error;
    if (train_panel_model(d->panel, &trained->model, &error) < 0)
        return frames_sentence(&error);
    trained->checkpoint = train_panel_done(d->panel) ? g_strdup(d->checkpoint) : NULL;
    return training_keep(d->call, trained);
}

/* Whether the user wants the model, and it is kept: what cannot be kept stays here. */
static gboolean ask(TrainingDialog *d, Trained *trained)
{
    while (host_dialog_run(d->dialog)) {
        gchar *sentence = keep(d, trained);
        if (!sentence)
            return TRUE;
        train_panel_warn(d->panel, sentence);
        nca_model_free(&trained->model);
        g_clear_pointer(&trained->checkpoint, g_free);
        g_free(sentence);
    }
    return FALSE;
}

Outcome training_dialog(Call *call, const Picture *picture, Trained *trained)
{
    TrainingDialog d = {.call = call, .picture = picture};
    TrainPanelCalls calls = {target, start, left_off, training_changed, &d};
    host_dialog_init();
    d.panel = train_panel_new(&calls);
    HostDialogParams dialog = {.procedure = &procedure_train,
                               .title = _("Train on Layer"),
                               .ok = _("_Grow…"),
                               .no_model = _("What nca brings along"),
                               .side = train_panel_widget(d.panel),
                               .changed = option_changed,
                               .user = &d};
    d.dialog = host_dialog_new(call, &dialog);
    host_dialog_set_ok_sensitive(d.dialog, FALSE);
    train_panel_refresh(d.panel);
    gboolean kept = ask(&d, trained);
    train_panel_free(d.panel);
    host_dialog_free(d.dialog);
    g_free(d.checkpoint);
    return kept ? OUTCOME_DONE : OUTCOME_CANCELLED;
}
