/* SPDX-License-Identifier: MIT
 *
 * Under which names models are kept, and which of them make room for others.
 * Usage: gimp_names LIZARD.bin */
#include "gimp_calls.h"

#include <glib/gstdio.h>

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
    CHECK(is_kept("fish v1.2", "red", "", "fish v1.2"));
    CHECK(is_kept("Dr. Smith", "red", "", "Dr. Smith"));
    CHECK(is_kept("one\ntwo\r", "red", "", "one-two"));
    CHECK(is_kept("", "red", " toad.bin ", "toad"));
    CHECK(is_kept("", "red", ".bin", "Creature"));
}

/* A quick look does not cost what was trained for long. */
static void test_longer(void)
{
    const char *set[] = {"size", "8",          "padding", "2", "from",
                         lizard, "iterations", "2",       NULL};
    gint32 layer = picture("newt", "red");
    CHECK(says(run(&procedure_train, MODE_SCRIPT, layer, set), NULL));
    CHECK(is_kept("newt", "red", "", "newt 2"));
    CHECK(is_kept("newt", "red", "", "newt 2"));
    Call call = run(&procedure_train, MODE_SCRIPT, layer, set);
    CHECK(!g_strcmp0(call.file, path_of("data/nca/models/newt.bin")));
    CHECK(says(call, NULL));
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
    if (!begin_calls(count, arguments))
        return 1;
    test_names();
    test_longer();
    test_elsewhere();
    test_long_name();
    return end_calls();
}
