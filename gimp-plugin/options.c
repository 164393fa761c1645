/* SPDX-License-Identifier: MIT
 *
 * The tables, and what can be done with any of them. */
#include "options.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "nca_film.h"

#define DELAY_MOST 60000
#define SEED_MOST G_MAXINT

static const OptionChoice presets[] = {{"draft", N_("Draft (a minute or two)")},
                                       {"standard", N_("Standard (about ten minutes)")},
                                       {"best", N_("Best (about an hour)")},
                                       {NULL, NULL}};
static const OptionChoice edges[] = {{"model", N_("As the model was trained")},
                                     {"zero", N_("Nothing is outside")},
                                     {"wrap", N_("The other side is outside")},
                                     {NULL, NULL}};
static const OptionChoice interps[] = {
    {"nearest", N_("Crisp")}, {"bilinear", N_("Smooth")}, {NULL, NULL}};
static const OptionChoice devices[] = {
    {"cpu", N_("The processor")}, {"opencl", N_("An OpenCL device")}, {NULL, NULL}};
static const OptionChoice grow_outputs[] = {{"new-image", N_("Frames of a new image")},
                                            {"layers", N_("Frames in this image")},
                                            {"layer", N_("One layer in this image")},
                                            {NULL, NULL}};
static const OptionChoice regenerate_outputs[] = {
    {"new-image", N_("Frames of a new image")},
    {"layers", N_("Frames in this image")},
    {"in-place", N_("This layer, healed")},
    {NULL, NULL}};
static const OptionChoice loops[] = {{"restart", N_("From the start again")},
                                     {"back", N_("Backwards to the start")},
                                     {NULL, NULL}};

/* clang-format off */
#define AT(type, field) offsetof(type, field)
#define WHOLE(n, l, h, at, least, most, initial) \
    {n, l, h, OPTION_WHOLE, at, least, most, initial, NULL, NULL}
#define REAL(n, l, h, at, least, most, initial) \
    {n, l, h, OPTION_REAL, at, least, most, initial, NULL, NULL}
#define CHOICE(n, l, h, at, list, initial) \
    {n, l, h, OPTION_CHOICE, at, 0, (double)G_N_ELEMENTS(list) - 2, initial, NULL, list}
#define TEXT(n, l, h, kind, at, initial) {n, l, h, kind, at, 0, 0, 0, initial, NULL}

#define DEVICE(at) \
    CHOICE("device", N_("Computed by"), \
           N_("What computes; where there is no OpenCL device, or it fails, " \
              "the processor"), \
           at, devices, 0)

const Option train_options[] = {
    CHOICE("preset", N_("_Preset"), N_("The recipe: sooner or better"),
           AT(TrainValues, preset), presets, PRESET_DRAFT),
    WHOLE("size", N_("Si_ze"), N_("Longest side of the picture, in cells"),
          AT(TrainValues, size), 4, 1024, 40),
    WHOLE("padding", N_("Pa_dding"), N_("Cells around the picture"),
          AT(TrainValues, padding), 0, 256, 16),
    TEXT("from", N_("Start _from"),
         N_("The model whose weights the training starts with: what it knows of growing "
            "serves another picture too; empty: those that nca brings along"),
         OPTION_MODEL, AT(TrainValues, from), ""),
    WHOLE("iterations", N_("_Iterations"),
          N_("How long to train; 0: as long as the preset says"),
          AT(TrainValues, iterations), 0, 1e9, 0),
    WHOLE("seed", N_("S_eed"), N_("Of all that is random"), AT(TrainValues, seed), 0,
          SEED_MOST, 0),
    DEVICE(AT(TrainValues, device)),
    TEXT("output", N_("_Name"),
         N_("The name to keep the model under, or a file; empty: the layer's name"),
         OPTION_TEXT, AT(TrainValues, output), ""),
    {NULL},
};

/* What Grow and Regenerate share, in struct `t`. */
#define FILM_OUTPUT(t, outputs, initial) \
    CHOICE("output", N_("_Output"), N_("Where the result goes"), \
           AT(t, film.output), outputs, initial)
#define FILM_STEPS(t) \
    WHOLE("steps", N_("Steps i_n all"), N_("Steps to make"), AT(t, film.steps), 0, \
          1000000, 200), \
    WHOLE("every", N_("Steps per _frame"), N_("Steps from frame to frame"), \
          AT(t, film.every), 1, NCA_FILM_STEPS_MAX, 4)
#define FILM_LIFE(t, planted, turns, rate) \
    TEXT("events", N_("E_vents"), \
         N_("Plants and wounds: STEP VERB ARGS, parted by |, as in " \
            "\"0 plant 50% 50% | 100 erase half lower\""), \
         OPTION_TEXT, AT(t, film.events), planted), \
    REAL("angle", N_("Start angle"), turns, AT(t, film.angle), -1e6, 1e6, 0), \
    REAL("fire-rate", N_("F_ire rate"), rate, AT(t, film.fire_rate), -1, 1, -1), \
    WHOLE("seed", N_("Seed"), N_("Of the random choice of cells"), AT(t, film.seed), 0, \
          SEED_MOST, 0), \
    DEVICE(AT(t, film.device))
#define FILM_TIMES(t) \
    WHOLE("delay", N_("Dela_y (ms)"), N_("How long a frame is shown, in milliseconds"), \
          AT(t, film.delay), 10, DELAY_MOST, 100), \
    WHOLE("hold-first", N_("Hold first (ms)"), \
          N_("How long the first frame is shown; 0: as long as the others"), \
          AT(t, film.hold_first), 0, DELAY_MOST, 0), \
    WHOLE("hold-last", N_("Hold last (ms)"), \
          N_("How long the last frame is shown; 0: as long as the others"), \
          AT(t, film.hold_last), 0, DELAY_MOST, 0), \
    CHOICE("loop", N_("Loop"), N_("What comes after the last frame"), \
           AT(t, film.loop), loops, LOOP_RESTART)

const Option grow_options[] = {
    TEXT("model", N_("_Model"),
         N_("A model's name, or its file; empty: the layer's own creature, else lizard"),
         OPTION_MODEL, AT(GrowValues, model), ""),
    FILM_OUTPUT(GrowValues, grow_outputs, OUTPUT_NEW_IMAGE),
    FILM_STEPS(GrowValues),
    FILM_LIFE(GrowValues, NCA_EVENTS_DEFAULT,
              N_("Turns the creature counter-clockwise, degrees"),
              N_("How many of the cells change in a step; -1: as the model says")),
    CHOICE("edge", N_("Edge"), N_("What is outside the grid"), AT(GrowValues, edge),
           edges, 0),
    REAL("scale", N_("Scale"), N_("Pixels per cell; 0: as large as the layer"),
         AT(GrowValues, scale), 0, 10000, 0),
    CHOICE("interp", N_("Pi_xels"), N_("How cells become pixels"),
           AT(GrowValues, interp), interps, 1),
    FILM_TIMES(GrowValues),
    {NULL},
};

const Option regenerate_options[] = {
    FILM_OUTPUT(RegenerateValues, regenerate_outputs, OUTPUT_LAYER),
    FILM_STEPS(RegenerateValues),
    FILM_LIFE(RegenerateValues, "",
              N_("Turns the creature further, counter-clockwise, degrees"),
              N_("How many of the cells change in a step; -1: as it grew")),
    FILM_TIMES(RegenerateValues),
    {NULL},
};
/* clang-format on */

/* ------------------------------------------------------------------ values */

gint *option_whole(const Option *o, gpointer values)
{
    return (gint *)((char *)values + o->offset);
}

gdouble *option_real(const Option *o, gpointer values)
{
    return (gdouble *)((char *)values + o->offset);
}

gchar **option_text(const Option *o, gpointer values)
{
    return (gchar **)((char *)values + o->offset);
}

static gboolean is_text(const Option *o)
{
    return o->kind == OPTION_TEXT || o->kind == OPTION_MODEL;
}

static void option_init(const Option *o, gpointer values)
{
    if (is_text(o))
        *option_text(o, values) = g_strdup(o->text);
    else if (o->kind == OPTION_REAL)
        *option_real(o, values) = o->initial;
    else
        *option_whole(o, values) = (gint)o->initial;
}

void options_init(const Option *options, gpointer values)
{
    for (const Option *o = options; o->name; o++)
        option_init(o, values);
}

void options_forget(const Option *options, gpointer values, const char *name)
{
    const Option *o = options;
    while (strcmp(o->name, name) != 0)
        o++;
    if (is_text(o))
        g_free(*option_text(o, values));
    option_init(o, values);
}

void options_clear(const Option *options, gpointer values)
{
    for (const Option *o = options; o->name; o++)
        if (is_text(o))
            g_clear_pointer(option_text(o, values), g_free);
}

static gboolean in_range(const Option *o, double value)
{
    return value >= o->least && value <= o->most;
}

gchar *options_check(const Option *options, gconstpointer values)
{
    for (const Option *o = options; o->name; o++) {
        gpointer at = (gpointer)values;
        double value;
        if (is_text(o))
            continue;
        value = o->kind == OPTION_REAL ? *option_real(o, at) : *option_whole(o, at);
        if (!in_range(o, value))
            return g_strdup_printf(_("“%s” is %.10g, and must be from %.10g to %.10g."),
                                   o->name, value, o->least, o->most);
    }
    return NULL;
}

/* -------------------------------------------------------------------- text */

static const char GROUP[] = "nca";

gchar *options_format(const Option *options, gconstpointer values)
{
    GKeyFile *file = g_key_file_new();
    gpointer at = (gpointer)values;
    for (const Option *o = options; o->name; o++)
        if (is_text(o))
            g_key_file_set_string(file, GROUP, o->name, *option_text(o, at));
        else if (o->kind == OPTION_REAL)
            g_key_file_set_double(file, GROUP, o->name, *option_real(o, at));
        else
            g_key_file_set_integer(file, GROUP, o->name, *option_whole(o, at));
    gchar *text = g_key_file_to_data(file, NULL, NULL);
    g_key_file_free(file);
    return text;
}

static void parse_number(const Option *o, gpointer values, GKeyFile *file)
{
    GError *error = NULL;
    double value = g_key_file_get_double(file, GROUP, o->name, &error);
    if (error)
        g_error_free(error);
    else if (in_range(o, value) && o->kind == OPTION_REAL)
        *option_real(o, values) = value;
    else if (in_range(o, value))
        *option_whole(o, values) = (gint)value;
}

void options_parse(const Option *options, gpointer values, const char *text)
{
    GKeyFile *file = g_key_file_new();
    if (g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
        for (const Option *o = options; o->name; o++) {
            gchar *value =
                is_text(o) ? g_key_file_get_string(file, GROUP, o->name, NULL) : NULL;
            if (!is_text(o))
                parse_number(o, values, file);
            else if (value) {
                g_free(*option_text(o, values));
                *option_text(o, values) = value;
            }
        }
    g_key_file_free(file);
}
