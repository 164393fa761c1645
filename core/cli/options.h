/* SPDX-License-Identifier: MIT
 *
 * Options, declared once: from a verb's table come parsing, range errors, --help and the
 * listing that completion and tests read.  A verb keeps its values in a struct that it
 * fills with the defaults; the table says where in it each option lives. */
#ifndef NCA_OPTIONS_H
#define NCA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum OptionKind {
    OPTION_FLAG,   /* bool, false before */
    OPTION_INT,    /* int, least … most */
    OPTION_INT64,  /* int64_t, least … most */
    OPTION_SEED,   /* uint64_t, all of them */
    OPTION_FLOAT,  /* float, least … most */
    OPTION_DOUBLE, /* double, least … most */
    OPTION_BYTES,  /* size_t, least … most; K, M or G may follow */
    OPTION_TEXT,   /* const char *, NULL before */
    OPTION_FILE,   /* the same, completed as a path */
    OPTION_CHOICE, /* int: which of the words in `argument`, from 0 */
    OPTION_READ,   /* what `read` makes of it */
} OptionKind;

typedef struct Option {
    const char *name; /* without the dashes; NULL ends a table */
    char letter;      /* 0: has none */
    const char
        *argument; /* what --help calls the value; NULL for a flag; "a|b" for a choice */
    OptionKind kind;
    size_t offset; /* in the struct of values */
    double least, most;
    const char *initial; /* the default in words where the value would not say it */
    const char *help;
    bool (*read)(const char *text, void *value); /* OPTION_READ only */
    const char *expected;                        /* OPTION_READ only: what it reads */
} Option;

typedef struct Command {
    const char *verb;
    const char *operands; /* of the usage line: "MODEL -o OUT" */
    const char *summary;  /* one or more lines below it */
    const char *notes;    /* lines below the options, or NULL */
    const Option *options;
    int least, most; /* operands */
} Command;

/* What was given beside the values. */
typedef struct Arguments {
    char **operand;
    int operands;
    uint64_t given; /* bit i: option i of the table */
} Arguments;

enum { OPTIONS_GO_ON = -1 };

/* Reads argv as getopt_long would: options and operands in any order, --name=value, any
 * beginning of a name that fits one only, letters together, -- before operands that look
 * like options.  Returns OPTIONS_GO_ON, or an exit status: --help and --options were
 * obeyed, or a mistake was told.  May be called again with the same argv. */
int options_parse(const Command *command, int argc, char **argv, void *values,
                  Arguments *arguments);

/* Whether the option of that name was given. */
bool option_given(const Command *command, const Arguments *arguments, const char *name);

/* Says "nca: VERB: reason; see nca VERB --help" and returns EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int usage_error(const Command *command,
                                                      const char *format, ...);

/* Behind options_parse: --help, and a line "name letter argument kind default least
 * most", tabs between, for each option. */
void options_help(const Command *command, const void *values);
void options_list(const Command *command, const void *values);

#endif
