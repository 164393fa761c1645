/* SPDX-License-Identifier: MIT
 *
 * The window of Grow and of Regenerate: the creature lives in a playground, and what is
 * done to it there becomes the film's events. */
#ifndef NCA_GIMP_FILM_DIALOG_H
#define NCA_GIMP_FILM_DIALOG_H

#include "host.h"
#include "nca_film.h"

typedef struct FilmDialogParams {
    const Procedure *procedure;
    const char *title, *ok; /* translated */
    const char *no_model;   /* as in HostDialogParams */
    /* The creature and its film as call->values are now.  *model is the window's to free;
     * what *film points to is the caller's, until the next call. */
    NcaStatus (*film)(gpointer user, NcaModel **model, NcaFilmParams *film,
                      NcaError *error);
    /* Why that cannot be made of the image as it is now, a sentence to be freed; NULL: it
     * can.  The window stays then, with all that was done in it. */
    gchar *(*check)(gpointer user);
    gpointer user;
} FilmDialogParams;

/* Done: call->values are what the user chose. */
Outcome film_dialog(Call *call, const FilmDialogParams *params);

#endif
