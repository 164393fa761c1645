/* SPDX-License-Identifier: MIT
 *
 * What the verbs of the program `nca` share: exit statuses, complaints, threads, models.
 *
 * Conventions: a function that returns int returns an exit status and has already said on
 * standard error what went wrong, in one line "nca: ABOUT: reason". */
#ifndef NCA_PROGRAM_H
#define NCA_PROGRAM_H

#include <stdarg.h>
#include <stdio.h>

#include "nca.h"

enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef struct Verb {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the verb */
} Verb;

int train_main(int argc, char **argv);
int grow_main(int argc, char **argv);
int eval_main(int argc, char **argv);
int info_main(int argc, char **argv);
int convert_main(int argc, char **argv);
int bench_main(int argc, char **argv);
int devices_main(int argc, char **argv);

/* Prints the line and returns EXIT_FAILED.  about NULL: "nca: reason". */
__attribute__((format(printf, 2, 3))) int complain(const char *about, const char *format,
                                                   ...);

/* Of an error that a function of libnca filled; about as above. */
int complain_error(const char *about, const NcaError *error);

/* As nca_model_find, complaining. */
int load_model(NcaModel **model, const char *name);

/* As nca_pool_new, complaining. */
int new_pool(NcaPool **pool, int threads);

/* The processor's name, "" where the system does not tell. */
void cpu_name(char *name, size_t size);

/* Whether a file can be made or replaced there: an early look that saves a long work from
 * ending in vain.  NULL: nothing is to be written. */
int check_writable(const char *path);

/* Whether both are one file, or would be once it is there.  Devices are none. */
bool is_same_file(const char *a, const char *b);

/* Flushes standard output; a disk that is full is a failure as any other. */
int finish_output(int status);

/* To be called first: from then on the three below know of a lack of memory. */
void watch_json(void);

/* Prints a JSON value on standard output and forgets it; NULL: out of memory. */
struct json_t;
int print_json(struct json_t *value);

/* Puts a value at the end of an array; NULL is a name that is not UTF-8, or no memory. */
int append_json(struct json_t *array, struct json_t *value, const char *about);

/* Prints what may be a stranger's text, or quote it: control characters, which a terminal
 * would obey, as '?'.  What is formatted is cut at some thousand bytes. */
void print_text(FILE *file, const char *text);
void print_formatted(FILE *file, const char *format, va_list arguments);

/* Whether it is UTF-8, as models and JSON want it; where memory is out it may be. */
bool is_text(const char *text);

/* A number; null where it is not finite. */
struct json_t *json_number(double value);

#endif
