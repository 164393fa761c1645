/* SPDX-License-Identifier: MIT
 *
 * Procedures are called as a host calls them; windows do what a test tells them to. */
#ifndef NCA_TEST_GIMP_CALLS_H
#define NCA_TEST_GIMP_CALLS_H

#include "../gimp-plugin/creature.h"
#include "../gimp-plugin/film_dialog.h"
#include "../gimp-plugin/procedures.h"
#include "../gimp-plugin/training.h"
#include "folder.h"
#include "gimp_host.h"

static const char *lizard;

/* ------------------------------------------------------------------ windows */

static void (*meanwhile)(Call *call);

/* The user does something to the image, then presses the button. */
Outcome film_dialog(Call *call, const FilmDialogParams *params)
{
    (void)params;
    meanwhile(call);
    return OUTCOME_DONE;
}

/* Something was learnt to the end, and is kept; its checkpoint is there. */
Outcome training_dialog(Call *call, const Picture *picture, Trained *trained)
{
    (void)picture;
    trained->checkpoint = g_strdup(path_of("checkpoint"));
    CHECK(g_file_set_contents(trained->checkpoint, "", 0, NULL));
    CHECK(nca_model_load(&trained->model, lizard, NULL) == NCA_OK);
    meanwhile(call);
    gchar *sentence = training_keep(call, trained);
    return sentence ? call_fail(call, sentence) : OUTCOME_DONE;
}

gboolean host_call(const Procedure *procedure, gint32 image, gint32 drawable)
{
    CHECK(procedure == &procedure_grow && host_image_of(drawable) == image);
    return TRUE;
}

/* -------------------------------------------------------------------- calls */

static inline void set_value(const Option *o, gpointer values, const char *text)
{
    if (o->kind == OPTION_TEXT || o->kind == OPTION_MODEL) {
        g_free(*option_text(o, values));
        *option_text(o, values) = g_strdup(text);
    } else if (o->kind == OPTION_REAL) {
        *option_real(o, values) = g_ascii_strtod(text, NULL);
    } else {
        *option_whole(o, values) = atoi(text);
    }
}

/* set: names and values in turn, up to NULL.  The call's error and file are the
 * caller's. */
static inline Call run(const Procedure *p, Mode mode, gint32 layer,
                       const char *const *set)
{
    Call call = {.mode = mode, .drawable = layer, .image = -1, .new_image = -1};
    if (layer >= 0)
        call.image = host_image_of(layer);
    call.values = g_malloc0(p->size);
    options_init(p->options, call.values);
    for (; *set; set += 2)
        for (const Option *o = p->options; o->name; o++)
            if (!strcmp(o->name, set[0]))
                set_value(o, call.values, set[1]);
    Outcome outcome = p->run(&call);
    CHECK((outcome == OUTCOME_FAILED) == (call.error != NULL));
    CHECK(fake_undo_depth() == 0);
    options_clear(p->options, call.values);
    g_free(call.values);
    return call;
}

/* Whether it is refused in a sentence with those words; NULL: it is not refused. */
static inline gboolean says(Call call, const char *words)
{
    gboolean as = words ? call.error && strstr(call.error, words) : !call.error;
    if (!as)
        fprintf(stderr, "says “%s”\n", call.error ? call.error : "nothing");
    g_free(call.error);
    g_free(call.file);
    return as;
}

/* A layer of 72×72 with a lizard. */
static inline gint32 grown(void)
{
    const char *set[] = {"model", lizard,   "steps", "60", "scale",
                         "1",     "output", "2",     NULL};
    gint32 picture = fake_layer("picture", 80, 80), image = host_image_of(picture);
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, picture, set), NULL));
    CHECK(fake_layers(image) == 2);
    return fake_newest(image);
}

/* A picture to learn, of one colour. */
static inline gint32 picture(const char *name, const char *color)
{
    gint32 layer = fake_layer(name, 16, 16);
    GeglBuffer *pixels = host_buffer(layer);
    GeglColor *paint = gegl_color_new(color);
    gegl_buffer_set_color(pixels, NULL, paint);
    g_object_unref(paint);
    g_object_unref(pixels);
    return layer;
}

static inline Call train(gint32 layer, const char *output)
{
    const char *set[] = {"size",       "8", "padding", "2",    "from", lizard,
                         "iterations", "1", "output",  output, NULL};
    return run(&procedure_train, MODE_SCRIPT, layer, set);
}

/* A folder of its own, and GEGL.  argument: the lizard's file. */
static inline gboolean begin_calls(int count, char **arguments)
{
    if (count < 2 || !folder_make())
        return FALSE;
    lizard = arguments[1];
    g_setenv("XDG_DATA_HOME", path_of("data"), TRUE);
    g_setenv("XDG_CACHE_HOME", path_of("cache"), TRUE);
    g_setenv("GEGL_PATH", folder, TRUE); /* buffers need no operations */
    g_unsetenv("NCA_MODEL_PATH");
    gegl_init(NULL, NULL);
    return TRUE;
}

static inline int end_calls(void)
{
    fake_end();
    folder_remove();
    return test_end();
}

#endif
