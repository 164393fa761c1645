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
    NcaModel *model;
    gchar *checkpoint; /* of no more use once the model is kept; NULL: it is of use */
} Trained;

/* The window; what *trained then has is the caller's. */
Outcome training_dialog(Call *call, const Picture *picture, Trained *trained);

#endif
