/* SPDX-License-Identifier: MIT
 *
 * nca info: what a model file says of itself. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "program.h"

typedef struct InfoOptions {
    bool json;
} InfoOptions;

static const Option options[] = {
    {"json", 0, NULL, OPTION_FLAG, offsetof(InfoOptions, json), .help = "print JSON"},
    {NULL},
};

static const Command command = {
    .verb = "info",
    .operands = "MODEL...",
    .summary = "Prints what models are made of and what they tell of their training.",
    .options = options,
    .least = 1,
    .most = 1 << 20,
};

/* -------------------------------------------------------------------- words */

static const char *band_name(NcaBand band)
{
    static const char *const names[] = {"identity", "sobel_x", "sobel_y", "laplacian"};
    return names[band];
}

static const char *alive_name(NcaAlive alive)
{
    static const char *const names[] = {"pre+post", "pre", "none"};
    return names[alive];
}

static const char *edge_name(NcaEdge edge)
{
    static const char *const names[] = {"zero", "wrap"};
    return names[edge];
}

static const char *color_name(NcaColor color)
{
    static const char *const names[] = {"premultiplied", "x+0.5", "x/2+0.5"};
    return names[color];
}

static size_t parameters_of(const NcaModel *model)
{
    size_t count = 0;
    for (int tensor = 0; tensor < NCA_TENSORS; tensor++)
        count += nca_model_tensor_size(model, (NcaTensor)tensor);
    return count;
}

/* -------------------------------------------------------------------- plain */

static void print_shape(const NcaModel *model)
{
    const NcaShape *s = nca_model_shape(model);
    size_t parameters = parameters_of(model);
    printf("  %-14s %zu (%zu bytes)\n", "parameters", parameters,
           parameters * sizeof(float));
    printf("  %-14s %d\n  %-14s %d\n  %-14s ", "channels", s->channels, "hidden",
           s->hidden, "bands");
    for (int i = 0; i < s->bands; i++)
        printf("%s%s × %g", i ? ", " : "", band_name(s->band[i]),
               (double)s->band_scale[i]);
    printf("\n  %-14s %s, above %g\n", "alive", alive_name(s->alive),
           (double)s->alive_threshold);
    printf("  %-14s %s\n  %-14s %g\n", "edge", edge_name(s->edge), "fire_rate",
           (double)s->fire_rate);
    printf("  %-14s %s\n", "color", color_name(s->color));
    if (s->clamp > 0)
        printf("  %-14s ±%g\n", "clamp", (double)s->clamp);
}

static void print_pair(const char *key, const char *value)
{
    int width = 14 - (int)strlen(key);
    fputs("  ", stdout);
    print_text(stdout, key);
    printf("%*s", width > 0 ? width + 1 : 1, "");
    print_text(stdout, value);
    putchar('\n');
}

static void print_plain(const NcaModel *model, const char *name)
{
    const char *key, *value;
    print_text(stdout, name);
    putchar('\n');
    print_shape(model);
    for (size_t i = 0; nca_model_meta_at(model, i, &key, &value); i++)
        print_pair(key, value);
}

/* --------------------------------------------------------------------- JSON */

static json_t *bands_of(const NcaShape *s)
{
    json_t *bands = json_array();
    for (int i = 0; i < s->bands; i++)
        json_array_append_new(bands,
                              json_pack("{s:s, s:f}", "name", band_name(s->band[i]),
                                        "scale", (double)s->band_scale[i]));
    return bands;
}

static json_t *metadata_of(const NcaModel *model)
{
    const char *key, *value;
    json_t *metadata = json_object();
    for (size_t i = 0; nca_model_meta_at(model, i, &key, &value); i++)
        json_object_set_new(metadata, key, json_string(value));
    return metadata;
}

static json_t *json_of(const NcaModel *model, const char *name)
{
    const NcaShape *s = nca_model_shape(model);
    return json_pack(
        "{s:s, s:I, s:i, s:i, s:o, s:s, s:f, s:s, s:f, s:s, s:f, s:b, s:o}", "model",
        name, "parameters", (json_int_t)parameters_of(model), "channels", s->channels,
        "hidden", s->hidden, "bands", bands_of(s), "alive", alive_name(s->alive),
        "alive_threshold", (double)s->alive_threshold, "edge", edge_name(s->edge),
        "fire_rate", (double)s->fire_rate, "color", color_name(s->color), "clamp",
        (double)s->clamp, "output_bias", s->output_bias, "metadata", metadata_of(model));
}

int info_main(int argc, char **argv)
{
    InfoOptions o = {false};
    Arguments arguments;
    int status = options_parse(&command, argc, argv, &o, &arguments);
    if (status != OPTIONS_GO_ON)
        return status;
    json_t *all = json_array();
    status = EXIT_GOOD;
    for (int i = 0; i < arguments.operands; i++) {
        const char *name = arguments.operand[i];
        NcaModel *model;
        if (load_model(&model, name) != EXIT_GOOD) {
            status = EXIT_FAILED;
            continue;
        }
        if (o.json && append_json(all, json_of(model, name), name) != EXIT_GOOD)
            status = EXIT_FAILED;
        else if (!o.json)
            print_plain(model, name);
        nca_model_free(&model);
    }
    if (!o.json)
        json_decref(all);
    else if (print_json(all) != EXIT_GOOD)
        status = EXIT_FAILED;
    return status;
}
