/* SPDX-License-Identifier: MIT
 *
 * The options of the three procedures, each declared once: a host makes the arguments of
 * GIMP's procedure, the widgets of its dialog and the last values from these tables.
 * Names, ranges and defaults are those of `nca` and of the FFmpeg filter; GIMP parts
 * words by '-' where FFmpeg has '_'. */
#ifndef NCA_GIMP_OPTIONS_H
#define NCA_GIMP_OPTIONS_H

#include <glib.h>
#include <stddef.h>

typedef enum OptionKind {
    OPTION_WHOLE,  /* gint */
    OPTION_REAL,   /* gdouble */
    OPTION_CHOICE, /* gint, an index of `choices` */
    OPTION_TEXT,   /* gchar *, never NULL once set */
    OPTION_MODEL,  /* the same: a model's name or file, or empty */
} OptionKind;

typedef struct OptionChoice {
    const char *name, *label;
} OptionChoice;

typedef struct Option {
    const char *name;
    const char *label; /* with its mnemonic, to be translated, as `help` is */
    const char *help;
    OptionKind kind;
    size_t offset;               /* of its value in the procedure's struct */
    double least, most, initial; /* of numbers and choices */
    const char *text;            /* initial, of texts and models */
    const OptionChoice *choices; /* up to one without a name */
} Option;

typedef enum TrainPreset { PRESET_DRAFT, PRESET_STANDARD, PRESET_BEST } TrainPreset;

typedef struct TrainValues {
    gint preset; /* TrainPreset */
    gint size, padding, iterations, seed;
    gint device; /* NCA_DEVICE_CPU or NCA_DEVICE_OPENCL */
    gchar *from, *output;
} TrainValues;

typedef enum Output { OUTPUT_NEW_IMAGE, OUTPUT_LAYERS, OUTPUT_LAYER } Output;

typedef enum Loop { LOOP_RESTART, LOOP_BACK } Loop;

/* How a film becomes layers: of Grow and of Regenerate. */
typedef struct FilmValues {
    gint output; /* Output; OUTPUT_LAYER: a new layer for Grow, in place for Regenerate */
    gint steps, every, seed;
    gchar *events;
    gdouble angle, fire_rate;
    gint delay, hold_first, hold_last; /* milliseconds; no hold: the delay */
    gint loop;                         /* Loop */
    gint device;                       /* as in TrainValues */
} FilmValues;

typedef struct GrowValues {
    FilmValues film;
    gchar *model;
    gint edge;   /* 0: the model's, then NcaEdge + 1 */
    gint interp; /* NcaInterp */
    gdouble scale;
} GrowValues;

typedef struct RegenerateValues {
    FilmValues film;
} RegenerateValues;

/* Each ends with an option without a name. */
extern const Option train_options[], grow_options[], regenerate_options[];

/* Where its value is. */
gint *option_whole(const Option *o, gpointer values);
gdouble *option_real(const Option *o, gpointer values);
gchar **option_text(const Option *o, gpointer values);

/* All values at their defaults; texts are then to be freed. */
void options_init(const Option *options, gpointer values);
void options_clear(const Option *options, gpointer values);

/* The value of that name becomes what it is initially. */
void options_forget(const Option *options, gpointer values, const char *name);

/* What is wrong with the first value that is out of its range, a sentence to be freed;
 * NULL: all is well. */
gchar *options_check(const Option *options, gconstpointer values);

/* The values as text, for a host to keep, and back: what the text does not have, or has
 * out of range, stays as it is. */
gchar *options_format(const Option *options, gconstpointer values);
void options_parse(const Option *options, gpointer values, const char *text);

#endif
