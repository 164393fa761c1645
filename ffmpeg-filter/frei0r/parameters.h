/* SPDX-License-Identifier: MIT
 *
 * The parameters of nca.so or, with NCA_SOURCE, of ncasrc.so.  All but three are text, so
 * that an empty one stands for its default (an empty number is 0 in FFmpeg), and may be
 * greater than 1 (as far as editors let a number go).  The three that suit those,
 * opacity, x and y, come last: FFmpeg tells parameters apart by their places. */
#ifndef NCA_FREI0R_PARAMETERS_H
#define NCA_FREI0R_PARAMETERS_H

#include "creature.h"

#define PARAMETERS (NCA_SOURCE ? 15 : 18)
#define PARAMETERS_MAX 18

typedef enum ParameterKind {
    KIND_TEXT,
    KIND_SIZE,
    KIND_REAL,
    KIND_WHOLE,
    KIND_CHOICE,
    KIND_RATE,
    KIND_NUMBER, /* not text */
} ParameterKind;

typedef struct Parameter {
    const char *name, *help;
    const char *initial; /* as text, also of numbers */
    ParameterKind kind;
    size_t at; /* in Values */
    double min, max;
    const char *choices; /* "a|b|c", of min, min + 1, … */
    bool begins;         /* a change begins the creature anew */
} Parameter;

/* PARAMETERS of them, in the hosts' order. */
extern const Parameter parameters[];

/* Reads a text.  NCA_ERR_ARGUMENT quotes it and says what was expected;
 * the value is then anything. */
NcaStatus parameter_read(const Parameter *parameter, const char *text, Values *values,
                         NcaError *error);

#endif
