/* SPDX-License-Identifier: MIT
 *
 * What GIMP's menu and its data base say of the plug-in. */
#include "procedures.h"

#include <glib/gi18n-lib.h>

const Procedure procedure_train = {
    .name = "plug-in-nca-train",
    .label = N_("_Train on Layer…"),
    .blurb = N_("Learn the layer, so that it grows from one cell and heals"),
    .help =
        N_("Trains a neural cellular automaton on what is selected of the layer. The "
           "model is kept under a name, for Grow and for FFmpeg, and with the layer."),
    .options = train_options,
    .size = sizeof(TrainValues),
    .needs_layer = TRUE,
    .returns = RETURNS_FILE,
    .run = train_run,
};

const Procedure procedure_grow = {
    .name = "plug-in-nca-grow",
    .label = N_("_Grow…"),
    .blurb = N_("Grow a learnt creature from one cell, as frames or as one layer"),
    .help = N_("Grows a model, with the plants and wounds that events tell, and makes "
               "layers of it that GIF and WebP can take as an animation."),
    .options = grow_options,
    .size = sizeof(GrowValues),
    .returns = RETURNS_IMAGE,
    .run = grow_run,
};

const Procedure procedure_regenerate = {
    .name = "plug-in-nca-regenerate",
    .label = N_("_Regenerate…"),
    .blurb = N_("Heal what was erased, painted over or is selected of a grown layer"),
    .help = N_("The layer's creature goes on living from its cells. Those that were "
               "erased or painted over, or that are selected, are dead and grow again."),
    .options = regenerate_options,
    .size = sizeof(RegenerateValues),
    .needs_layer = TRUE,
    .returns = RETURNS_IMAGE,
    .run = regenerate_run,
};

const Procedure *const procedures[] = {&procedure_train, &procedure_grow,
                                       &procedure_regenerate, NULL};

Outcome call_fail(Call *call, gchar *sentence)
{
    g_free(call->error);
    call->error = sentence;
    return OUTCOME_FAILED;
}
