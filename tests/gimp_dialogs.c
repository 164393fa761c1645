/* SPDX-License-Identifier: MIT
 *
 * The windows of Train and of Grow with a host in memory: several trainings in one
 * window, each with its own checkpoint, and what is refused while all can still be
 * mended.  Usage: gimp_dialogs LIZARD.bin */
#include "../gimp-plugin/film_dialog.h"
#include "../gimp-plugin/procedures.h"
#include "../gimp-plugin/store.h"
#include "../gimp-plugin/training.h"
#include "folder.h"
#include "gimp_host.h"
#include "gtk.h"

#include <glib/gstdio.h>

/* -------------------------------------------------------------------- dialog */

/* Its widgets are call->values themselves. */
struct HostDialog {
    Call *call;
    HostDialogParams params;
    GtkWidget *window;
    gboolean can_end; /* by OK */
};

/* What the user does; whether it ends by OK. */
static gboolean (*user)(HostDialog *d);

void host_dialog_init(void) {}

HostDialog *host_dialog_new(Call *call, const HostDialogParams *params)
{
    HostDialog *d = g_new0(HostDialog, 1);
    d->call = call;
    d->params = *params;
    d->window = window_with(params->side);
    return d;
}

/* What the user is still typing; it is taken when the values are read. */
static void (*typing)(HostDialog *d);

void host_dialog_read(HostDialog *d)
{
    void (*what)(HostDialog *) = typing;
    typing = NULL;
    if (what)
        what(d);
}

static const Option *option_of(const HostDialog *d, const char *name)
{
    const Option *o = d->params.procedure->options;
    while (strcmp(o->name, name) != 0)
        o++;
    return o;
}

void host_dialog_set_whole(HostDialog *d, const char *name, gint value)
{
    *option_whole(option_of(d, name), d->call->values) = value;
    d->params.changed(option_of(d, name), d->params.user);
}

void host_dialog_set_text(HostDialog *d, const char *name, const char *value)
{
    gchar **text = option_text(option_of(d, name), d->call->values);
    gchar *copy = g_strdup(value);
    g_free(*text);
    *text = copy;
    d->params.changed(option_of(d, name), d->params.user);
}

void host_dialog_set_sensitive(HostDialog *d, const char *name, gboolean sensitive)
{
    (void)d;
    (void)name;
    (void)sensitive;
}

void host_dialog_set_ok_sensitive(HostDialog *d, gboolean sensitive)
{
    d->can_end = sensitive;
}

gboolean host_dialog_run(HostDialog *d)
{
    return user(d);
}

void host_dialog_free(HostDialog *d)
{
    gtk_widget_destroy(d->window);
    g_free(d);
}

gboolean host_call(const Procedure *procedure, gint32 image, gint32 drawable)
{
    (void)image;
    return procedure == &procedure_grow && host_is_layer(drawable);
}

/* A run with its window; `steps` or `size` is a first value. */
static Outcome run(const Procedure *p, gint32 layer, Call *call)
{
    *call = (Call){.mode = MODE_INTERACTIVE,
                   .image = host_image_of(layer),
                   .drawable = layer,
                   .new_image = -1,
                   .values = g_malloc0(p->size)};
    options_init(p->options, call->values);
    return p->run(call);
}

static void end(const Procedure *p, Call *call)
{
    options_clear(p->options, call->values);
    g_free(call->values);
    g_free(call->error);
    g_free(call->file);
}

/* ----------------------------------------------------------------- trainings */

enum { LONG = 1000000, SHORT = 3 };

static gint asked; /* how often the user was */

static gint32 picture(void)
{
    gint32 layer = fake_layer("picture", 16, 16);
    GeglBuffer *pixels = host_buffer(layer);
    GeglColor *red = gegl_color_new("red");
    gegl_buffer_set_color(pixels, NULL, red);
    g_object_unref(red);
    g_object_unref(pixels);
    return layer;
}

static glong iteration(const HostDialog *d)
{
    GtkWidget *label = find(d->window, is_label, "Iteration", 0);
    const char *text = label ? gtk_label_get_text(GTK_LABEL(label)) : "";
    glong n = -1;
    return sscanf(text, "Iteration %ld", &n) == 1 ? n : -1;
}

static double loss(const HostDialog *d)
{
    GtkWidget *label = find(d->window, is_label, "Loss", 0);
    const char *text = label ? gtk_label_get_text(GTK_LABEL(label)) : "";
    return g_ascii_strtod(text + strcspn(text, "0123456789"), NULL);
}

static gboolean has_begun(gpointer d)
{
    return iteration(d) > 0 && iteration(d) < 500 && loss(d) > 0;
}

static gboolean has_some(gpointer d)
{
    return iteration(d) > 500;
}

static gboolean is_at_rest(gpointer d)
{
    return !has_button(((HostDialog *)d)->window, "Stop");
}

static gboolean is_done(gpointer d)
{
    return is_at_rest(d) && iteration(d) == SHORT;
}

static gboolean is_further(gpointer d)
{
    return iteration(d) > SHORT;
}

/* A long one is stopped; gives where. */
static glong train_long(HostDialog *d)
{
    host_dialog_set_whole(d, "size", 8);
    host_dialog_set_whole(d, "padding", 2);
    host_dialog_set_whole(d, "iterations", LONG);
    press_button(d->window, "Train");
    CHECK(wait_until(has_some, d, 60));
    press_button(d->window, "Stop");
    CHECK(wait_until(is_at_rest, d, 60));
    return iteration(d);
}

/* And then a short one comes to its end. */
static glong train_twice(HostDialog *d)
{
    glong stopped = train_long(d);
    host_dialog_set_whole(d, "iterations", SHORT);
    press_button(d->window, "Train");
    CHECK(wait_until(is_done, d, 60));
    host_dialog_set_whole(d, "iterations", LONG);
    CHECK(has_button(d->window, "Continue") && d->can_end);
    return stopped;
}

static gint files_in(const char *name)
{
    GDir *dir = g_dir_open(path_of(name), 0, NULL);
    gint number = 0;
    while (dir && g_dir_read_name(dir))
        number++;
    g_clear_pointer(&dir, g_dir_close);
    return number;
}

static gboolean go_on(HostDialog *d)
{
    glong stopped = train_twice(d);
    press_button(d->window, "Continue");
    CHECK(wait_until(is_further, d, 60));
    press_button(d->window, "Stop");
    CHECK(wait_until(is_at_rest, d, 60));
    CHECK_MSG(iteration(d) >= stopped, "%ld, stopped at %ld", iteration(d), stopped);
    CHECK(files_in("cache/nca/checkpoints") == 2);
    return FALSE;
}

static gboolean keep(HostDialog *d)
{
    train_twice(d);
    return TRUE;
}

static gchar *checkpoint_of(const TrainValues *v)
{
    guint8 rgba[4 * 16 * 16];
    NcaTargetParams params = {8, 2};
    NcaTarget *target = NULL;
    for (gsize i = 0; i < sizeof(rgba); i++)
        rgba[i] = i % 4 % 3 ? 0 : 255;
    CHECK(nca_target_new(&target, rgba, 16, 16, 64, &params, NULL) == NCA_OK);
    gchar *path = store_checkpoint(target, v);
    nca_target_free(&target);
    return path;
}

static gboolean is_there(Call *call, gint iterations)
{
    TrainValues v = *(TrainValues *)call->values;
    v.iterations = iterations;
    gchar *path = checkpoint_of(&v);
    gboolean there = g_file_test(path, G_FILE_TEST_IS_REGULAR);
    g_remove(path);
    g_free(path);
    return there;
}

static void type_long(HostDialog *d)
{
    host_dialog_set_whole(d, "iterations", LONG);
}

/* Train by its key, while a number is being typed under which there is a checkpoint. */
static gboolean type_on(HostDialog *d)
{
    glong stopped = train_twice(d);
    host_dialog_set_whole(d, "iterations", SHORT + 1);
    CHECK(has_button(d->window, "Train"));
    typing = type_long;
    press_button(d->window, "Train");
    CHECK(wait_until(is_further, d, 60));
    press_button(d->window, "Stop");
    CHECK(wait_until(is_at_rest, d, 60));
    CHECK_MSG(iteration(d) >= stopped, "%ld, stopped at %ld", iteration(d), stopped);
    CHECK(is_there(d->call, LONG) && is_there(d->call, SHORT));
    return FALSE;
}

/* Each goes on from its own checkpoint, and the one that is kept needs its no longer. */
static void test_trainings(void)
{
    Call call;
    user = go_on;
    CHECK(run(&procedure_train, picture(), &call) == OUTCOME_CANCELLED);
    CHECK(is_there(&call, LONG) && is_there(&call, SHORT));
    end(&procedure_train, &call);
    user = keep;
    CHECK(run(&procedure_train, picture(), &call) == OUTCOME_DONE);
    CHECK(is_there(&call, LONG) && !is_there(&call, SHORT));
    end(&procedure_train, &call);
    user = type_on;
    CHECK(run(&procedure_train, picture(), &call) == OUTCOME_CANCELLED);
    end(&procedure_train, &call);
}

/* Without a checkpoint it goes on from what it learnt, not from the beginning. */
static gboolean go_on_without(HostDialog *d)
{
    train_long(d);
    double before = loss(d);
    CHECK(is_there(d->call, LONG)); /* and goes */
    press_button(d->window, "Continue");
    CHECK(wait_until(has_begun, d, 60));
    press_button(d->window, "Stop");
    CHECK(wait_until(is_at_rest, d, 60));
    /* With a new pool it is a few times as much, and from the beginning 200 times. */
    CHECK_MSG(loss(d) < 30 * before, "%g, before %g", loss(d), before);
    CHECK(is_there(d->call, LONG));
    return FALSE;
}

static void test_lost_checkpoint(void)
{
    Call call;
    user = go_on_without;
    CHECK(run(&procedure_train, picture(), &call) == OUTCOME_CANCELLED);
    end(&procedure_train, &call);
}

/* The window stays until the model is kept. */
static gboolean keep_at_last(HostDialog *d)
{
    if (asked++ == 0) {
        train_twice(d);
        host_dialog_set_text(d, "output", path_of("no-such/folder.bin"));
    } else {
        CHECK(says(d->window, "no-such/folder.bin"));
        host_dialog_set_text(d, "output", path_of("kept.bin"));
    }
    return TRUE;
}

static void test_kept(void)
{
    Call call;
    user = keep_at_last;
    asked = 0;
    CHECK(run(&procedure_train, picture(), &call) == OUTCOME_DONE && asked == 2);
    CHECK(call.file && !strcmp(call.file, path_of("kept.bin")));
    CHECK(g_file_test(path_of("kept.bin"), G_FILE_TEST_IS_REGULAR));
    CHECK(is_there(&call, LONG) && !is_there(&call, SHORT));
    end(&procedure_train, &call);
}

/* ---------------------------------------------------------------------- film */

static const char typed[] = "0 plant 50% 50% | 7 erase half left";

/* What was recorded, but too much of it. */
static gchar *too_many(void)
{
    GString *text = g_string_new(NULL);
    for (gint i = 0; i <= 100000; i++)
        g_string_append_printf(text, "%s%d erase all", i ? "|" : "", i);
    return g_string_free(text, FALSE);
}

static gboolean mend(HostDialog *d)
{
    if (asked++ == 0) {
        gchar *events = too_many();
        host_dialog_set_text(d, "events", events);
        g_free(events);
        return TRUE;
    }
    if (asked == 2) {
        CHECK(says(d->window, "more than 100000 events"));
        host_dialog_set_text(d, "events", typed);
        host_dialog_set_whole(d, "steps", 5000);
        host_dialog_set_whole(d, "every", 1);
        return TRUE;
    }
    CHECK(says(d->window, "more than 2000 frames"));
    CHECK(!strcmp(*option_text(option_of(d, "events"), d->call->values), typed));
    host_dialog_set_whole(d, "steps", 8);
    return TRUE;
}

/* What cannot be made is told before the window goes, and all that was done with it. */
static void test_refused(void)
{
    Call call;
    user = mend;
    asked = 0;
    CHECK(run(&procedure_grow, fake_layer("there", 40, 40), &call) == OUTCOME_DONE);
    CHECK(asked == 3 && fake_layers(call.new_image) == 9);
    end(&procedure_grow, &call);
}

static gboolean look_at_events(HostDialog *d)
{
    CHECK(!strcmp(*option_text(option_of(d, "events"), d->call->values),
                  NCA_EVENTS_DEFAULT));
    return FALSE;
}

/* What was done to the last creature is not done to this one. */
static void test_anew(void)
{
    gint32 layer = fake_layer("there", 40, 40);
    GrowValues values = {.model = NULL};
    Call call = {.mode = MODE_INTERACTIVE, .image = host_image_of(layer)};
    call.drawable = layer;
    call.values = &values;
    options_init(grow_options, &values);
    g_free(values.film.events);
    values.film.events = g_strdup(typed);
    user = look_at_events;
    CHECK(procedure_grow.run(&call) == OUTCOME_CANCELLED);
    options_clear(grow_options, &values);
}

static void drag(HostDialog *d)
{
    GtkWidget *area = find(d->window, is_area, NULL, 0);
    GtkAllocation size;
    run_for(0.2);
    gtk_widget_get_allocation(area, &size);
    point(area, GDK_BUTTON_PRESS, 1, size.width / 2.0, size.height / 2.0);
    point(area, GDK_MOTION_NOTIFY, 1, size.width / 2.0 + 30, size.height / 2.0);
    run_for(0.2);
    point(area, GDK_BUTTON_RELEASE, 1, size.width / 2.0 + 30, size.height / 2.0);
    run_for(0.2);
}

static gboolean half_typed(HostDialog *d)
{
    CHECK(d->can_end);
    host_dialog_set_text(d, "events", "0 plant 50% 50% | 7 er");
    CHECK(!d->can_end && says(d->window, "This creature cannot be shown"));
    drag(d);
    CHECK(strstr(*option_text(option_of(d, "events"), d->call->values), "circle"));
    CHECK(d->can_end && !says(d->window, "This creature cannot be shown"));
    return FALSE;
}

static void type_angle(HostDialog *d)
{
    const Option *o = option_of(d, "angle");
    *option_real(o, d->call->values) = 90;
    d->params.changed(o, d->params.user);
}

static double angle_shown(HostDialog *d)
{
    GtkWidget *angle = find(d->window, is_slider, NULL, 1);
    return angle ? gtk_range_get_value(GTK_RANGE(angle)) : NAN;
}

/* A drag takes the angle that is still being typed: it is what lives there then. */
static gboolean type_and_drag(HostDialog *d)
{
    CHECK(angle_shown(d) == 0);
    typing = type_angle;
    drag(d);
    CHECK_MSG(angle_shown(d) == 90, "%g", angle_shown(d));
    CHECK(strstr(*option_text(option_of(d, "events"), d->call->values), "circle"));
    return FALSE;
}

/* A drag makes them whole again. */
static void test_half_typed(void)
{
    Call call;
    user = type_and_drag;
    CHECK(run(&procedure_grow, fake_layer("there", 40, 40), &call) == OUTCOME_CANCELLED);
    end(&procedure_grow, &call);
    user = half_typed;
    CHECK(run(&procedure_grow, fake_layer("there", 40, 40), &call) == OUTCOME_CANCELLED);
    end(&procedure_grow, &call);
}

int main(int count, char **arguments)
{
    if (count < 2 || !folder_make())
        return test_end();
    gchar *models = g_path_get_dirname(arguments[1]);
    g_setenv("NCA_MODEL_PATH", models, TRUE);
    g_setenv("XDG_DATA_HOME", path_of("data"), TRUE);
    g_setenv("XDG_CACHE_HOME", path_of("cache"), TRUE);
    g_setenv("GEGL_PATH", folder, TRUE); /* buffers need no operations */
    if (!begin_gtk(&count, &arguments)) {
        folder_remove();
        return TEST_SKIP;
    }
    gegl_init(NULL, NULL);
    test_trainings();
    test_lost_checkpoint();
    test_kept();
    test_refused();
    test_anew();
    test_half_typed();
    fake_end();
    g_free(models);
    folder_remove();
    return test_end();
}
