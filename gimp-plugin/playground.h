/* SPDX-License-Identifier: MIT
 *
 * The article's playground: a creature that lives in a widget.  A left click or drag
 * erases along the pointer's path, a double, middle or right click plants a seed; sliders
 * turn it and speed it up.  What is done is recorded as events, and a film of them shows
 * the same, bit for bit. */
#ifndef NCA_GIMP_PLAYGROUND_H
#define NCA_GIMP_PLAYGROUND_H

#include <gtk/gtk.h>

#include "nca_film.h"

typedef struct Playground Playground;

typedef struct PlaygroundCalls {
    /* After each wound, plant or turn, and after "Clear": all events so far in nca.h's
     * language (those the film began with, then what was done), and the step of the last.
     * May be NULL. */
    void (*recorded)(const char *events, gint64 last, gpointer user);
    gpointer user;
} PlaygroundCalls;

/* calls: copied. */
Playground *playground_new(const PlaygroundCalls *calls);

/* The playground's; to be packed once.  It may be destroyed before the playground is
 * freed, which then only can be freed. */
GtkWidget *playground_widget(Playground *p);

/* Begins this creature anew; what was recorded is forgotten, but where the film's events
 * are just that: then Clear still takes it away.  The model and what params point to are
 * copied, but for parallel and host, which must outlive it.  On failure the error's text
 * is shown in the playground and returned, what lived before stays. */
NcaStatus playground_show(Playground *p, const NcaModel *model,
                          const NcaFilmParams *params, NcaError *error);

/* Tells in the playground why there is nothing new to show. */
void playground_complain(Playground *p, const NcaError *error);

/* Shows a sentence there in its place; NULL: none. */
void playground_warn(Playground *p, const char *sentence);

/* What lives there now, to be read; NULL before the first playground_show.  Good until
 * the main loop runs again. */
const NcaGrid *playground_grid(const Playground *p);

/* The recorded text; "" before the first playground_show.  Good until it changes. */
const char *playground_events(const Playground *p);

/* NULL is accepted. */
void playground_free(Playground *p);

#endif
