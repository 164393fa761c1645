/* SPDX-License-Identifier: MIT
 *
 * From a layer to a model: what the dialog and a run without one share. */
#ifndef NCA_GIMP_TRAINING_H
#define NCA_GIMP_TRAINING_H

#include "host.h"
#include "layer.h"
#include "nca_train.h"

/* A picture's target as values ask for it. */
NcaStatus training_target(NcaTarget **target, const Picture *picture,
                          const TrainValues *values, NcaError *error);

/* Starts it, going on from its checkpoint where there is one and not `anew`.
 * from: the model to start with; NULL: the one that values name. */
NcaStatus training_start(NcaJob **job, const NcaTarget *target, const TrainValues *values,
                         const NcaModel *from, gboolean anew, NcaError *error);

/* Whether there is such a checkpoint. */
gboolean training_left_off(const NcaTarget *target, const TrainValues *values);

/* What was learnt. */
typedef struct Trained {
    const gchar *layer; /* the name of the layer that it is of */
    NcaModel *model;
    gchar *checkpoint; /* of no more use once the model is kept; NULL: it is of use */
} Trained;

/* Keeps the model where call->values say, and tells the call which file that is.  On
 * failure a sentence to be freed; the checkpoint stays then. */
gchar *training_keep(Call *call, const Trained *trained);

/* The window, until the model is kept or it is closed; what *trained then has is the
 * caller's. */
Outcome training_dialog(Call *call, const Picture *picture, Trained *trained);

#endif
