/* SPDX-License-Identifier: MIT
 *
 * The files of the plug-in: the user's models, and checkpoints of trainings. */
#ifndef NCA_GIMP_STORE_H
#define NCA_GIMP_STORE_H

#include <glib.h>

#include "nca_train.h"
#include "options.h"

/* Keeps a model under `name`, its own metadata's name included, or in that file where the
 * name has a '/'.  Without a name: under the layer's.  Either gets a number where a model
 * that is not in the user's folder has it, the layer's also where another picture's has,
 * or one that was trained longer.  *file is to be freed, and on failure the sentence. */
gchar *store_keep(NcaModel *model, const char *name, const char *layer, gchar **file);

/* The file of the checkpoint of a training of that target with those values, to be
 * freed. */
gchar *store_checkpoint(const NcaTarget *target, const TrainValues *values);

/* For a training that begins: its folder is made, and beside that file only the newest
 * few stay there. */
void store_make_room(const gchar *checkpoint);

#endif
