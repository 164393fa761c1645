/* SPDX-License-Identifier: MIT
 *
 * The trainer's panel: the creature that is learnt, growing beside its target, how far it
 * is and how good, and the buttons Train, Stop, Continue and Start Over. */
#ifndef NCA_GIMP_TRAIN_PANEL_H
#define NCA_GIMP_TRAIN_PANEL_H

#include <gtk/gtk.h>

#include "nca_train.h"

typedef struct TrainPanel TrainPanel;

typedef struct TrainPanelCalls {
    /* The target of the settings as they are now; the panel's to free. */
    NcaStatus (*target)(gpointer user, NcaTarget **target, NcaError *error);
    /* Starts a training of it; the job is the panel's.  `anew`: without what an earlier
     * one left.  Else it goes on; train_panel_model and _done still tell of the last one,
     * so that one that is done can go on from its model. */
    NcaStatus (*start)(gpointer user, const NcaTarget *target, gboolean anew,
                       NcaJob **job, NcaError *error);
    /* Whether an earlier training of this target and these settings can go on. */
    gboolean (*left_off)(gpointer user, const NcaTarget *target);
    /* Training began or ended; has_model: there is something to keep. */
    void (*changed)(gpointer user, gboolean training, gboolean has_model);
    gpointer user;
} TrainPanelCalls;

/* calls: copied; none of them may be NULL.  To be followed by train_panel_refresh:
 * nothing is called by itself. */
TrainPanel *train_panel_new(const TrainPanelCalls *calls);

/* The panel's; to be packed once.  It may be destroyed before the panel is freed: then
 * the training stops, _model and _done go on telling, and nothing is called any more. */
GtkWidget *train_panel_widget(TrainPanel *panel);

/* Settings changed: shows their target, asks left_off.  While a training runs this waits
 * for its end. */
void train_panel_refresh(TrainPanel *panel);

/* The newest, the caller's; NCA_ERR_ARGUMENT where there is none. */
NcaStatus train_panel_model(TrainPanel *panel, NcaModel **model, NcaError *error);

/* Shows what went wrong, until something else is to be shown. */
void train_panel_warn(TrainPanel *panel, const char *sentence);

/* The last training came to its end by itself. */
gboolean train_panel_done(const TrainPanel *panel);

/* Stops what runs; its checkpoint is written by the job.  NULL is accepted. */
void train_panel_free(TrainPanel *panel);

#endif
