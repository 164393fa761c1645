/* SPDX-License-Identifier: MIT
 *
 * Names, order, ranges and defaults are those of the options of libavfilter's nca. */
#include "parameters.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(Values, field)
#define BEGINS .begins = true

const Parameter parameters[] = {
    {"model", "a file, or the name of an installed model", "lizard", KIND_TEXT, AT(model),
     BEGINS},
    {"scale", "pixels per cell; 0: as large as fits", "0", KIND_REAL, AT(scale), 0, 10000,
     BEGINS},
    {"grid", "cells, WxH; empty: as many as the picture has room for", "", KIND_SIZE,
     AT(grid_width), 1, NCA_SIDE_MAX, BEGINS},
    {"steps", "steps per frame, may be a fraction", "1", KIND_REAL, AT(steps), 0,
     NCA_FILM_STEPS_MAX},
    {"warmup", "steps before the first frame", "0", KIND_WHOLE, AT(warmup), 0,
     NCA_FILM_WARMUP_MAX, BEGINS},
    {"events", "plants and wounds, STEP VERB ARGS | ..., or ';' for '|'",
     NCA_EVENTS_DEFAULT, KIND_TEXT, AT(events), BEGINS},
    {"angle", "degrees counter-clockwise", "0", KIND_REAL, AT(angle), -1e6, 1e6},
    {"fire_rate", "share of cells that change in a step; -1: the model's", "-1",
     KIND_REAL, AT(fire_rate), -1, 1},
    {"edge", "what is outside the grid: model, zero, wrap", "model", KIND_CHOICE,
     AT(edge), -1, 1, "model|zero|wrap", BEGINS},
    {"seed", "of the random choice of cells", "0", KIND_WHOLE, AT(seed), 0, UINT32_MAX,
     BEGINS},
    {"interp", "how cells become pixels: nearest, bilinear", "bilinear", KIND_CHOICE,
     AT(interp), 0, 1, "nearest|bilinear", BEGINS},
#if !NCA_SOURCE
    {"mode", "what is shown: overlay, replace, alpha", "overlay", KIND_CHOICE, AT(mode),
     0, 2, "overlay|replace|alpha"},
    {"wound", "what kills cells: none, motion, dark, bright, alpha", "none", KIND_CHOICE,
     AT(wound), 0, 4, "none|motion|dark|bright|alpha", BEGINS},
    {"threshold", "how much of it kills; -1: 0.1, 0.2, 0.8 or 0.5", "-1", KIND_REAL,
     AT(threshold), -1, 1},
#endif
    {"rate",
     "frames of the creature in a second; 0: each call is one; auto: 25 in MLT, else 0",
     "auto", KIND_RATE, AT(rate), 0, 1000, BEGINS},
    {"opacity", "0 to 1", "1", KIND_NUMBER, AT(opacity), 0, 1},
    {"x", "share of the free width that is left of the grid", "0.5", KIND_NUMBER, AT(x),
     0, 1},
    {"y", "share of the free height that is above it", "0.5", KIND_NUMBER, AT(y), 0, 1},
};

_Static_assert(sizeof(parameters) / sizeof(parameters[0]) == PARAMETERS, "their count");

/* The decimal number that text begins with, whatever the host's locale. */
static bool read_number(const char *text, char **end, double *value)
{
    locale_t plain;
    if (!*text || !strchr("+-.0123456789", *text))
        return false;
    plain = newlocale(LC_ALL_MASK, "C", NULL);
    if (!plain)
        return false;
    *value = strtod_l(text, end, plain);
    freelocale(plain);
    return *end > text;
}

static bool read_range(const Parameter *p, const char *text, double *value)
{
    char *end;
    return read_number(text, &end, value) && !*end && *value >= p->min &&
           *value <= p->max && (p->kind != KIND_WHOLE || *value == floor(*value));
}

static bool read_size(const char *text, int *size)
{
    char end;
    size[0] = size[1] = 0;
    if (!*text)
        return true;
    if (strspn(text, "0123456789x") != strlen(text) || strlen(text) > 11 ||
        sscanf(text, "%dx%d%c", size, size + 1, &end) != 2)
        return false;
    return size[0] > 0 && size[1] > 0 && size[0] <= NCA_SIDE_MAX &&
           size[1] <= NCA_SIDE_MAX;
}

static bool read_choice(const char *text, const char *choices, int *value)
{
    size_t length = strlen(text);
    for (const char *at = choices; at; at = strchr(at, '|'), at += at ? 1 : 0) {
        if (strcspn(at, "|") == length && !strncmp(at, text, length))
            return true;
        ++*value;
    }
    return false;
}

/* "30000/1001", "25" or "auto". */
static bool read_rate(const Parameter *p, const char *text, double *value)
{
    double divisor;
    char *end;
    *value = -1;
    if (!strcmp(text, "auto"))
        return true;
    if (!read_number(text, &end, value))
        return false;
    if (*end == '/' && read_number(end + 1, &end, &divisor))
        *value /= divisor;
    return !*end && *value >= p->min && *value <= p->max;
}

/* What was given, as a terminal may have it: a project's text may be a stranger's. */
static const char *quoted(const char *text, char quote[61])
{
    size_t length = strnlen(text, 60);
    for (size_t i = 0; i < length; i++)
        quote[i] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
    quote[length] = 0;
    return quote;
}

static NcaStatus refuse(const Parameter *p, const char *text, NcaError *error)
{
    char expected[64], quote[61];
    if (p->choices)
        snprintf(expected, sizeof(expected), "%s", p->choices);
    else if (p->kind == KIND_SIZE)
        snprintf(expected, sizeof(expected), "WIDTHxHEIGHT, each 1 to %d", NCA_SIDE_MAX);
    else if (p->kind == KIND_RATE)
        snprintf(expected, sizeof(expected), "auto, a number or a fraction, %g to %g",
                 p->min, p->max);
    else
        snprintf(expected, sizeof(expected), "%s%.10g to %.10g",
                 p->kind == KIND_WHOLE ? "a whole number, " : "", p->min, p->max);
    snprintf(error->text, sizeof(error->text), "%s: \"%s\" where %s was expected",
             p->name, quoted(text, quote), expected);
    return NCA_ERR_ARGUMENT;
}

NcaStatus parameter_read(const Parameter *p, const char *text, Values *values,
                         NcaError *error)
{
    void *field = (char *)values + p->at;
    bool good = true;
    switch (p->kind) {
    case KIND_TEXT:
        *(const char **)field = text;
        break;
    case KIND_SIZE:
        good = read_size(text, field);
        break;
    case KIND_CHOICE:
        *(int *)field = (int)p->min;
        good = read_choice(text, p->choices, field);
        break;
    case KIND_RATE:
        good = read_rate(p, text, field);
        break;
    default:
        good = read_range(p, text, field);
    }
    return good ? NCA_OK : refuse(p, text, error);
}
