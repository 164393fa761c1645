/* SPDX-License-Identifier: MIT
 *
 * The procedures with a host in memory and without windows: what the user does to the image
 * while a window is open, what becomes of a training that cannot be kept, names of models,
 * and how many frames there are.  Usage: gimp_body LIZARD.bin */
#include <gio/gio.h>
#include <glib/gstdio.h>

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

/* Something was learnt to the end; its checkpoint is there. */
Outcome training_dialog(Call *call, const Picture *picture, Trained *trained)
{
    (void)picture;
    trained->checkpoint = g_strdup(path_of("checkpoint"));
    CHECK(g_file_set_contents(trained->checkpoint, "", 0, NULL));
    CHECK(nca_model_load(&trained->model, lizard, NULL) == NCA_OK);
    meanwhile(call);
    return OUTCOME_DONE;
}

gboolean host_call(const Procedure *procedure, gint32 image, gint32 drawable)
{
    CHECK(procedure == &procedure_grow && host_image_of(drawable) == image);
    return TRUE;
}

/* -------------------------------------------------------------------- calls */

static const char *const nothing[] = {NULL};

static void set_value(const Option *o, gpointer values, const char *text)
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

/* set: names and values in turn, up to NULL.  The call's error and file are the caller's. */
static Call run(const Procedure *p, Mode mode, gint32 layer, const char *const *set)
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
static gboolean says(Call call, const char *words)
{
    gboolean as = words ? call.error && strstr(call.error, words) : !call.error;
    if (!as)
        fprintf(stderr, "says “%s”\n", call.error ? call.error : "nothing");
    g_free(call.error);
    g_free(call.file);
    return as;
}

/* A layer of 72×72 with a lizard. */
static gint32 grown(void)
{
    const char *set[] = {"model", lizard,   "steps", "60", "scale",
                         "1",     "output", "2",     NULL};
    gint32 picture = fake_layer("picture", 80, 80), image = host_image_of(picture);
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, picture, set), NULL));
    CHECK(fake_layers(image) == 2);
    return fake_newest(image);
}

/* ---------------------------------------------------------------- meanwhile */

static void do_nothing(Call *call)
{
    (void)call;
}

static void enlarge(Call *call)
{
    fake_scale(call->drawable, 500, 500);
}

static void shrink(Call *call)
{
    fake_scale(call->drawable, 20, 20);
}

static void delete_layer(Call *call)
{
    fake_delete(call->drawable);
}

static void close_image(Call *call)
{
    fake_close(call->image);
}

static void lock(Call *call)
{
    fake_lock(call->drawable);
}

static void select_beside(Call *call)
{
    fake_select(call->image, (GeglRectangle){79, 79, 1, 1});
}

static void test_regenerate(void)
{
    static const char *const frames[] = {"output", "0", "steps", "2", "every", "1", NULL};
    static const struct {
        void (*what)(Call *call);
        const char *in_place, *frames;
    } all[] = {{do_nothing, NULL, NULL},
               {enlarge, "has changed", "has changed"},
               {shrink, "has changed", "has changed"},
               {delete_layer, "has changed", "has changed"},
               {close_image, "has changed", "has changed"},
               {lock, "locked", NULL},
               {select_beside, "does not touch", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        meanwhile = all[i].what;
        CHECK_MSG(says(run(&procedure_regenerate, MODE_INTERACTIVE, grown(), nothing),
                       all[i].in_place),
                  "%zu", i);
        CHECK_MSG(says(run(&procedure_regenerate, MODE_INTERACTIVE, grown(), frames),
                       all[i].frames),
                  "%zu", i);
    }
}

/* Grow needs no layer: it goes on without. */
static void test_grow(void)
{
    static void (*const all[])(Call *) = {do_nothing, enlarge, shrink, delete_layer,
                                          close_image};
    static const char *const outputs[] = {"0", "1", "2"};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        for (gsize o = 0; o < G_N_ELEMENTS(outputs); o++) {
            const char *set[] = {"output", outputs[o], "steps", "2", "every", "1", NULL};
            meanwhile = all[i];
            Call call = run(&procedure_grow, MODE_INTERACTIVE, grown(), set);
            CHECK_MSG(fake_layers(call.new_image) >= (o == 2 ? 1 : 3), "%zu %zu", i, o);
            CHECK_MSG(says(call, NULL), "%zu %zu", i, o);
        }
}

/* Nothing of that size is made before it is refused. */
static void test_large(void)
{
    gint32 layer = grown();
    gint width, height;
    host_size(layer, &width, &height);
    fake_scale(layer, 500 * width, 500 * height);
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, nothing), "too large"));
}

/* ------------------------------------------------------------------- frames */

static void test_frames(void)
{
    const char *one[] = {"output", "2", "steps", "2000", "every", "1", NULL};
    const char *many[] = {"output", "0", "steps", "2000", "every", "1", NULL};
    const char *back[] = {"output", "0",    "steps", "1001", "every",
                          "1",      "loop", "1",     NULL};
    const char *few[] = {"output", "1", "steps", "7", "every", "2", "loop", "1", NULL};
    gint32 layer = grown(), image = host_image_of(layer);
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, one), NULL));
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, many), "more than 2000"));
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, back), "more than 2000"));
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, few), NULL));
    CHECK(fake_layers(image) == 2 + 4 + 2);
}

/* -------------------------------------------------------------------- train */

/* A picture to learn, of one colour. */
static gint32 picture(const char *name, const char *color)
{
    gint32 layer = fake_layer(name, 16, 16);
    GeglBuffer *pixels = host_buffer(layer);
    GeglColor *paint = gegl_color_new(color);
    gegl_buffer_set_color(pixels, NULL, paint);
    g_object_unref(paint);
    g_object_unref(pixels);
    return layer;
}

static Call train(gint32 layer, const char *output)
{
    const char *set[] = {"size",       "8", "padding", "2",    "from", lizard,
                         "iterations", "1", "output",  output, NULL};
    return run(&procedure_train, MODE_SCRIPT, layer, set);
}

static gint checkpoints(void)
{
    GDir *dir = g_dir_open(path_of("cache/nca/checkpoints"), 0, NULL);
    gint number = 0;
    while (dir && g_dir_read_name(dir))
        number++;
    g_clear_pointer(&dir, g_dir_close);
    return number;
}

/* What was learnt is not lost where it cannot be kept. */
static void test_kept(void)
{
    const char *nowhere[] = {"output", "/no/such/folder/x.bin", NULL};
    gint32 layer = picture("kept", "red");
    CHECK(says(train(layer, nowhere[1]), "cannot be kept"));
    CHECK(checkpoints() == 1);
    CHECK(says(train(layer, ""), NULL));
    CHECK(checkpoints() == 0);
}

static void save_nowhere(Call *call)
{
    TrainValues *v = call->values;
    CHECK(!*v->output); /* the last name is the last creature's */
    g_free(v->output);
    v->output = g_strdup("/no/such/folder/x.bin");
}

static void test_window(void)
{
    const char *last[] = {"output", "last time's", NULL};
    gint32 layer = picture("window", "red");
    meanwhile = save_nowhere;
    CHECK(says(run(&procedure_train, MODE_INTERACTIVE, layer, last), "cannot be kept"));
    CHECK(g_file_test(path_of("checkpoint"), G_FILE_TEST_EXISTS));
    meanwhile = do_nothing;
    CHECK(says(run(&procedure_train, MODE_INTERACTIVE, layer, last), NULL));
    CHECK(!g_file_test(path_of("checkpoint"), G_FILE_TEST_EXISTS));
    CHECK(!*fake_message());
    meanwhile = delete_layer;
    CHECK(says(run(&procedure_train, MODE_INTERACTIVE, layer, last), NULL));
    CHECK(strstr(fake_message(), "window.bin"));
}

/* Trains a layer of that name; whether the model is then kept under that one. */
static gboolean is_kept(const char *layer, const char *color, const char *output,
                        const char *as)
{
    gchar *base = g_strconcat("data/nca/models/", as, ".bin", NULL);
    Call call = train(picture(layer, color), output);
    NcaModel *model = NULL;
    gboolean right = call.file && !strcmp(call.file, path_of(base)) &&
                     nca_model_load(&model, call.file, NULL) == NCA_OK &&
                     !g_strcmp0(nca_model_meta(model, "name"), as);
    if (!right)
        fprintf(stderr, "kept as %s\n", call.file);
    nca_model_free(&model);
    g_free(base);
    return says(call, NULL) && right;
}

static void test_names(void)
{
    CHECK(is_kept("toad", "red", "", "toad"));
    CHECK(is_kept("toad.png", "red", "", "toad"));
    CHECK(is_kept("toad", "blue", "", "toad 2"));
    CHECK(is_kept("toad", "blue", "", "toad 2"));
    CHECK(is_kept("toad", "lime", "", "toad 3"));
    CHECK(is_kept("toad", "lime", "toad", "toad"));
    CHECK(is_kept("a/b.jpeg #2", "red", "", "a-b"));
    CHECK(is_kept(".toad", "red", "", "-toad"));
    CHECK(is_kept("Dr. Smith", "red", "", "Dr. Smith"));
    CHECK(is_kept("one\ntwo\r", "red", "", "one-two"));
    CHECK(is_kept("", "red", " toad.bin ", "toad"));
    CHECK(is_kept("", "red", ".bin", "Creature"));
}

/* What came with the plug-in, or is elsewhere, is found first: its name is taken. */
static void test_elsewhere(void)
{
    gchar *elsewhere = g_strdup(path_of("elsewhere"));
    CHECK(g_mkdir(elsewhere, 0700) == 0 && g_setenv("NCA_MODEL_PATH", elsewhere, TRUE));
    Call call = train(picture("frog", "red"), path_of("elsewhere/frog.bin"));
    CHECK(says(call, NULL));
    CHECK(is_kept("frog", "red", "", "frog 2"));
    CHECK(is_kept("frog", "blue", "", "frog 3"));
    CHECK(is_kept("newt", "blue", "frog", "frog 2"));
    g_unsetenv("NCA_MODEL_PATH");
    g_free(elsewhere);
}

/* Letters are not cut in two. */
static void test_long_name(void)
{
    GString *name = g_string_new("x");
    while (name->len < 600)
        g_string_append(name, "é");
    Call call = train(picture(name->str, "red"), "");
    gchar *base = g_path_get_basename(call.file ? call.file : "");
    CHECK(strlen(base) <= 104 && strlen(base) >= 100 && g_utf8_validate(base, -1, NULL));
    CHECK(says(call, NULL));
    g_free(base);
    g_string_free(name, TRUE);
}

int main(int count, char **arguments)
{
    if (count < 2 || !folder_make())
        return 1;
    lizard = arguments[1];
    g_setenv("XDG_DATA_HOME", path_of("data"), TRUE);
    g_setenv("XDG_CACHE_HOME", path_of("cache"), TRUE);
    g_setenv("GEGL_PATH", folder, TRUE); /* buffers need no operations */
    g_unsetenv("NCA_MODEL_PATH");
    gegl_init(NULL, NULL);
    test_regenerate();
    test_grow();
    test_large();
    test_frames();
    test_kept();
    test_window();
    test_names();
    test_elsewhere();
    test_long_name();
    fake_end();
    folder_remove();
    return test_end();
}
