/* SPDX-License-Identifier: MIT
 *
 * The plug-in's tables of options: sound in themselves, and their values as text.  With
 * the argument "list" it prints them for options.py: table, name, kind, default, range,
 * choices. */
#include "../gimp-plugin/options.h"

#include <string.h>

#include "nca.h"
#include "test.h"

static const Option *const tables[] = {train_options, grow_options, regenerate_options};
static const char *const procedures[] = {"gimp train", "gimp grow", "gimp regenerate"};
static const size_t sizes[] = {sizeof(TrainValues), sizeof(GrowValues),
                               sizeof(RegenerateValues)};

static gboolean is_text(const Option *o)
{
    return o->kind == OPTION_TEXT || o->kind == OPTION_MODEL;
}

static void print_option(const char *table, const Option *o)
{
    static const char *const kinds[] = {"whole", "real", "choice", "text", "model"};
    printf("%s\t%s\t%s\t", table, o->name, kinds[o->kind]);
    if (is_text(o))
        printf("%s\t\t", o->text);
    else if (o->kind == OPTION_CHOICE)
        printf("%s\t\t", o->choices[(int)o->initial].name);
    else
        printf("%.10g\t%.10g %.10g\t", o->initial, o->least, o->most);
    for (const OptionChoice *c = o->choices; c && c->name; c++)
        printf("%s%s", c == o->choices ? "" : "|", c->name);
    putchar('\n');
}

static void test_tables(void)
{
    for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
        for (const Option *o = tables[t]; o->name; o++) {
            CHECK(strspn(o->name, "abcdefghijklmnopqrstuvwxyz-") == strlen(o->name));
            CHECK(o->label && o->help);
            CHECK(is_text(o) == (o->text != NULL));
            CHECK(is_text(o) || (o->initial >= o->least && o->initial <= o->most));
            CHECK((o->kind == OPTION_CHOICE) == (o->choices != NULL));
            CHECK(!o->choices ||
                  (o->choices[(int)o->most].name && !o->choices[(int)o->most + 1].name));
            CHECK(o->offset < sizes[t]);
        }
}

/* Choices are libnca's numbers. */
static void test_devices(void)
{
    size_t found = 0;
    for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
        for (const Option *o = tables[t]; o->name; o++) {
            if (strcmp(o->name, "device") != 0)
                continue;
            found++;
            CHECK(strcmp(o->choices[NCA_DEVICE_CPU].name, "cpu") == 0);
            CHECK(strcmp(o->choices[NCA_DEVICE_OPENCL].name, "opencl") == 0);
        }
    CHECK(found == G_N_ELEMENTS(tables));
}

/* Values that differ from the defaults. */
static void change(const Option *options, gpointer values)
{
    for (const Option *o = options; o->name; o++)
        if (is_text(o)) {
            g_free(*option_text(o, values));
            *option_text(o, values) = g_strdup(" \"1;2\\3\n= é ");
        } else if (o->kind == OPTION_REAL) {
            *option_real(o, values) = o->least + (o->most - o->least) / 3;
        } else {
            *option_whole(o, values) = (gint)(o->initial == o->most ? o->least : o->most);
        }
}

static void test_text(void)
{
    for (size_t t = 0; t < G_N_ELEMENTS(tables); t++) {
        gpointer one = g_malloc0(sizes[t]), other = g_malloc0(sizes[t]);
        options_init(tables[t], one);
        options_init(tables[t], other);
        change(tables[t], one);
        gchar *text = options_format(tables[t], one), *initial, *back;
        initial = options_format(tables[t], other);
        CHECK(strcmp(text, initial) != 0);
        options_parse(tables[t], other, text);
        back = options_format(tables[t], other);
        CHECK(strcmp(text, back) == 0);
        CHECK(options_check(tables[t], other) == NULL);
        options_clear(tables[t], one);
        options_clear(tables[t], other);
        g_free(one);
        g_free(other);
        g_free(text);
        g_free(initial);
        g_free(back);
    }
}

/* A text from elsewhere: what is wrong in it stays as it was. */
static void test_wrong_text(void)
{
    TrainValues v;
    options_init(train_options, &v);
    options_parse(train_options, &v,
                  "[nca]\nsize=3\npadding=x\niterations=7\nnothing=1\n");
    CHECK(v.size == 40 && v.padding == 16 && v.iterations == 7);
    options_parse(train_options, &v, "no key file");
    options_parse(train_options, &v, "[nca]\nsize=1025\nseed=1e99\npreset=-1\n");
    CHECK(v.size == 40 && v.seed == 0 && v.preset == PRESET_DRAFT);
    CHECK(strcmp(v.from, "") == 0);
    options_clear(train_options, &v);
    CHECK(v.from == NULL);
}

static void test_check(void)
{
    for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
        for (const Option *o = tables[t]; o->name; o++) {
            gpointer values = g_malloc0(sizes[t]);
            options_init(tables[t], values);
            if (o->kind == OPTION_REAL)
                *option_real(o, values) = o->most + 0.5;
            else if (!is_text(o))
                *option_whole(o, values) = (gint)o->least - 1;
            gchar *sentence = options_check(tables[t], values);
            CHECK(is_text(o) ? !sentence : sentence && strstr(sentence, o->name));
            g_free(sentence);
            options_clear(tables[t], values);
            g_free(values);
        }
}

/* All digits are told. */
static void test_digits(void)
{
    RegenerateValues v;
    options_init(regenerate_options, &v);
    v.film.steps = 1000001;
    gchar *sentence = options_check(regenerate_options, &v);
    CHECK(sentence && strstr(sentence, " 1000001,") && strstr(sentence, " 1000000."));
    g_free(sentence);
    options_clear(regenerate_options, &v);
}

int main(int count, char **arguments)
{
    if (count > 1 && !strcmp(arguments[1], "list")) {
        for (size_t t = 0; t < G_N_ELEMENTS(tables); t++)
            for (const Option *o = tables[t]; o->name; o++)
                print_option(procedures[t], o);
        return 0;
    }
    test_tables();
    test_devices();
    test_text();
    test_wrong_text();
    test_check();
    test_digits();
    return test_end();
}
