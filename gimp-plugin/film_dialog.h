/* SPDX-License-Identifier: MIT
 *
 * The window of Grow and of Regenerate: the creature lives in a playground, and what is
 * done to it there becomes the film's events. */
#ifndef NCA_GIMP_FILM_DIALOG_H
#define NCA_GIMP_FILM_DIALOG_H

#include "frames.h"

typedef struct FilmDialogParams {
    const Procedure *procedure;
    const char *title, *ok; /* translated */
    const char *no_model;   /* as in HostDialogParams */
    FramesPlan plan;        /* of call->values */
} FilmDialogParams;

/* Done: call->values are what the user chose, and can be made.  While they cannot the
 * window stays, with all that was done in it. */
Outcome film_dialog(Call *call, const FilmDialogParams *params);

#endif
