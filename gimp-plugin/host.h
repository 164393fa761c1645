/* SPDX-License-Identifier: MIT
 *
 * What the body of the plug-in asks of GIMP, done by host2.c for 2.10 and by host3.c for
 * 3.x, which know no cells and no models.
 *
 * - Images, layers and other drawables are GIMP's numbers of them; -1 is none.
 * - All is for the main thread only.
 * - What is returned as gchar *, GBytes * or GeglBuffer * is the caller's. */
#ifndef NCA_GIMP_HOST_H
#define NCA_GIMP_HOST_H

#include <gegl.h>
#include <gtk/gtk.h>

#include "options.h"

/* -------------------------------------------------------------- procedures */

typedef enum Mode {
    MODE_INTERACTIVE, /* with a dialog */
    MODE_SCRIPT,      /* all values are given */
    MODE_REPEAT,      /* with the last values, no dialog */
} Mode;

typedef enum Outcome {
    OUTCOME_DONE,
    OUTCOME_CANCELLED,
    OUTCOME_FAILED, /* call->error says why */
} Outcome;

/* One run of a procedure. */
typedef struct Call {
    Mode mode;
    gint32 image, drawable; /* -1 where there is none */
    gpointer values;        /* of the procedure's options, in their ranges */
    gpointer host;          /* the host's own, for its dialog */
    gchar *error;           /* a sentence; the host frees it */
    gint32 new_image;       /* of procedures that return one */
    gchar *file;            /* of those that return one; the host frees it */
} Call;

typedef enum Returns { RETURNS_IMAGE, RETURNS_FILE } Returns;

typedef struct Procedure {
    const char *name;  /* in GIMP's data base */
    const char *label; /* in the menu, to be translated, as blurb and help are */
    const char *blurb, *help;
    const Option *options;
    size_t size;          /* of the struct of values */
    gboolean needs_layer; /* else it is there without an image, too */
    Returns returns;
    Outcome (*run)(Call *call);
} Procedure;

#define HOST_MENU "<Image>/Filters/Animation"
#define HOST_BRANCH "Neural Cellular Automaton" /* in that menu */
#define HOST_AUTHOR "The authors of nca"
#define HOST_YEAR "2026"
#define HOST_BINARY "nca"
#define HOST_HELP_DOMAIN "nca" /* ids are the names of procedures */

/* In procedures.c; up to NULL. */
extern const Procedure *const procedures[];

/* Fails the call with a sentence, which becomes the call's. */
Outcome call_fail(Call *call, gchar *sentence);

/* ------------------------------------------------------------------- items */

gboolean host_is_layer(gint32 drawable); /* false for what is gone */
gboolean host_is_group(gint32 layer);
gboolean host_is_locked(gint32 layer); /* its pixels, or its alpha, may not be changed */
gint32 host_image_of(gint32 drawable);
gchar *host_name(gint32 drawable);
void host_size(gint32 drawable, gint *width, gint *height);
void host_offsets(gint32 drawable, gint *x, gint *y);

/* The part of the drawable that the selection's box meets, or all where nothing is
 * selected; false where they do not meet. */
gboolean host_selected(gint32 drawable, GeglRectangle *part);
gint32 host_selection(gint32 image); /* -1 where nothing is selected */
gint32 host_mask(gint32 layer);      /* -1 where it has none, or that is off */

/* Its pixels; a shadow takes new ones, which host_merge_shadow brings in as one undo
 * step, where the selection lets them. */
GeglBuffer *host_buffer(gint32 drawable);
GeglBuffer *host_shadow(gint32 drawable);
void host_merge_shadow(gint32 drawable);
void host_add_alpha(gint32 layer); /* where it has none */

/* NULL where it has none of that name. */
GBytes *host_parasite(gint32 drawable, const char *name);
/* Stays with the drawable, in files too, and is undone with what is done beside it. */
void host_attach(gint32 drawable, const char *name, GBytes *data);

/* ------------------------------------------------------------------ images */

gboolean host_is_image(gint32 image); /* false for what is closed */
gboolean host_is_indexed(gint32 image);
gboolean host_is_floating(gint32 image); /* it has a floating selection: no new layers */
/* An RGB image of 8 bits, without undo, not shown. */
gint32 host_image_new(gint width, gint height);
/* Gives it its undo, and a window. */
void host_image_finish(gint32 image, gboolean show);

typedef struct HostLayer {
    const char *name;
    gint x, y, width, height;
} HostLayer;

/* A new layer with alpha, in the image's own type, to be filled and then inserted: in a
 * group that is locked GIMP ends who would fill it. */
gint32 host_layer_new(gint32 image, const HostLayer *as);
/* On `above`, and in its group; -1: on top of all. */
void host_layer_insert(gint32 image, gint32 layer, gint32 above);
/* Inserted there. */
gint32 host_layer_copy(gint32 image, gint32 layer, const char *name, gint32 above);

void host_undo_begin(gint32 image);
void host_undo_end(gint32 image);
void host_flush(void);

/* -------------------------------------------------------------------- talk */

/* The status bar: its Cancel kills the plug-in. */
void host_progress_begin(const char *text);
void host_progress(double part);
void host_progress_end(void);
void host_message(const char *sentence);

/* Runs another of our procedures with its dialog; FALSE where it was cancelled. */
gboolean host_call(const Procedure *procedure, gint32 image, gint32 drawable);

/* ------------------------------------------------------------------ dialog */

/* A window with widgets for the options of a procedure, made from its table. */
typedef struct HostDialog HostDialog;

typedef struct HostDialogParams {
    const Procedure *procedure;
    const char *title, *ok; /* translated, with a mnemonic in `ok` */
    const char *no_model;   /* what no model at all is called; NULL: there must be one */
    GtkWidget *side;        /* beside the options; the dialog's */
    /* An option was changed, by the user or by host_dialog_set_…; may be NULL. */
    void (*changed)(const Option *option, gpointer user);
    gpointer user;
} HostDialogParams;

/* Starts GTK, before any widget is made. */
void host_dialog_init(void);
/* call->values are what it shows first. */
HostDialog *host_dialog_new(Call *call, const HostDialogParams *params);
/* The values as they are now, into call->values. */
void host_dialog_read(HostDialog *dialog);
void host_dialog_set_whole(HostDialog *dialog, const char *name, gint value);
void host_dialog_set_text(HostDialog *dialog, const char *name, const char *value);
void host_dialog_set_sensitive(HostDialog *dialog, const char *name, gboolean sensitive);
void host_dialog_set_ok_sensitive(HostDialog *dialog, gboolean sensitive);
/* Until it is closed; whether by OK.  The values are read then. */
gboolean host_dialog_run(HostDialog *dialog);
void host_dialog_free(HostDialog *dialog);

#endif
