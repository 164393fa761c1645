/* SPDX-License-Identifier: MIT
 *
 * Options that change the creature's life begin it anew; the events that the playground
 * tells of do not, they are its own. */
#include "film_dialog.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "playground.h"

enum { HEALING_STEPS = 200 }; /* that are added behind a wound */

typedef struct FilmDialog {
    Call *call;
    const FilmDialogParams *params;
    HostDialog *dialog;
    Playground *playground;
    gboolean recording; /* the playground's own events arrive */
    gboolean stale;     /* and something else was still being typed */
    gboolean shown;     /* what the options say is what lives there */
} FilmDialog;

static void set_shown(FilmDialog *d, gboolean shown)
{
    d->shown = shown;
    host_dialog_set_ok_sensitive(d->dialog, shown);
}

static NcaStatus plan(const FilmDialog *d, FramesParams *frames, NcaModel **model,
                      NcaError *error)
{
    return d->params->plan.plan(d->params->plan.user, frames, model, error);
}

static void show_film(FilmDialog *d)
{
    NcaModel *model = NULL;
    FramesParams frames;
    NcaError error;
    NcaStatus status;
    host_dialog_read(d->dialog);
    status = plan(d, &frames, &model, &error);
    if (status == NCA_OK)
        status = playground_show(d->playground, model, &frames.film, NULL);
    else
        playground_complain(d->playground, &error);
    set_shown(d, status == NCA_OK);
    nca_model_free(&model);
}

/* Events that were half typed are those of what lives there now. */
static void look_again(FilmDialog *d)
{
    NcaModel *model = NULL;
    FramesParams frames;
    if (d->shown || plan(d, &frames, &model, NULL) < 0)
        return;
    playground_warn(d->playground, NULL);
    set_shown(d, TRUE);
    nca_model_free(&model);
}

/* What the film looks like depends on these; the rest is of its frames. */
static gboolean is_of_life(const Option *o)
{
    static const char *const names[] = {"model", "events", "angle",  "fire-rate",
                                        "edge",  "seed",   "device", NULL};
    return g_strv_contains(names, o->name);
}

static void changed(const Option *option, gpointer user)
{
    FilmDialog *d = user;
    if (is_of_life(option) && !d->recording)
        show_film(d);
    else if (is_of_life(option) && strcmp(option->name, "events") != 0)
        d->stale = TRUE;
}

/* A film that ended before its last wound healed would not show it. */
static void recorded(const char *events, gint64 last, gpointer user)
{
    FilmDialog *d = user;
    FilmValues *film;
    d->recording = TRUE;
    host_dialog_set_text(d->dialog, "events", events);
    host_dialog_read(d->dialog);
    film = d->call->values;
    if (last > 0 && film->steps < last + HEALING_STEPS)
        host_dialog_set_whole(d->dialog, "steps",
                              (gint)MIN(last + HEALING_STEPS, G_MAXINT));
    d->recording = FALSE;
    if (d->stale)
        show_film(d);
    else
        look_again(d);
    d->stale = FALSE;
}

/* Whether the user wants it made, and it can be. */
static gboolean ask(FilmDialog *d)
{
    gchar *sentence = NULL;
    while (host_dialog_run(d->dialog)) {
        if (!(sentence = frames_check(&d->params->plan)))
            return TRUE;
        playground_warn(d->playground, sentence);
        g_free(sentence);
    }
    return FALSE;
}

Outcome film_dialog(Call *call, const FilmDialogParams *params)
{
    FilmDialog d = {.call = call, .params = params};
    PlaygroundCalls calls = {recorded, &d};
    /* What was done to the last creature is not done to the next one. */
    options_forget(params->procedure->options, call->values, "events");
    host_dialog_init();
    d.playground = playground_new(&calls);
    HostDialogParams dialog = {.procedure = params->procedure,
                               .title = params->title,
                               .ok = params->ok,
                               .no_model = params->no_model,
                               .side = playground_widget(d.playground),
                               .changed = changed,
                               .user = &d};
    d.dialog = host_dialog_new(call, &dialog);
    show_film(&d);
    gboolean made = ask(&d);
    playground_free(d.playground);
    host_dialog_free(d.dialog);
    return made ? OUTCOME_DONE : OUTCOME_CANCELLED;
}
