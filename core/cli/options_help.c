/* SPDX-License-Identifier: MIT
 *
 * What an option table looks like: to people (--help) and to scripts (--options). */
#include <stdio.h>
#include <string.h>

#include "options.h"

enum { COLUMN = 28 };

static void word_of(const char *words, int i, char *text, size_t size)
{
    while (i-- > 0)
        words += strcspn(words, "|") + 1;
    snprintf(text, size, "%.*s", (int)strcspn(words, "|"), words);
}

static void bytes_of(size_t bytes, char *text, size_t size)
{
    if (bytes % ((size_t)1 << 30) == 0)
        snprintf(text, size, "%zuG", bytes >> 30);
    else
        snprintf(text, size, "%zuM", bytes >> 20);
}

/* The value as the user would give it; "" where there is none. */
static void default_of(const Option *o, const void *values, char *text, size_t size)
{
    const void *at = (const char *)values + o->offset;
    *text = 0;
    if (o->initial)
        snprintf(text, size, "%s", o->initial);
    else if (o->kind == OPTION_INT)
        snprintf(text, size, "%d", *(const int *)at);
    else if (o->kind == OPTION_INT64)
        snprintf(text, size, "%lld", (long long)*(const int64_t *)at);
    else if (o->kind == OPTION_SEED)
        snprintf(text, size, "%llu", (unsigned long long)*(const uint64_t *)at);
    else if (o->kind == OPTION_FLOAT)
        snprintf(text, size, "%g", (double)*(const float *)at);
    else if (o->kind == OPTION_DOUBLE)
        snprintf(text, size, "%g", *(const double *)at);
    else if (o->kind == OPTION_BYTES)
        bytes_of(*(const size_t *)at, text, size);
    else if (o->kind == OPTION_CHOICE && *(const int *)at >= 0)
        word_of(o->argument, *(const int *)at, text, size);
    else if ((o->kind == OPTION_TEXT || o->kind == OPTION_FILE) &&
             *(const char *const *)at)
        snprintf(text, size, "%s", *(const char *const *)at);
}

static void print_indented(const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            printf("\n%*s", COLUMN, "");
        else
            putchar(*text);
}

static void help_line(const Option *o, const void *values)
{
    char initial[128], head[128], letter[4] = "   ";
    default_of(o, values, initial, sizeof(initial));
    if (o->letter)
        snprintf(letter, sizeof(letter), "-%c,", o->letter);
    snprintf(head, sizeof(head), "  %s --%s%s%s", letter, o->name, o->argument ? " " : "",
             o->argument ? o->argument : "");
    if (strlen(head) > COLUMN - 2)
        printf("%s\n%*s", head, COLUMN, "");
    else
        printf("%-*s", COLUMN, head);
    print_indented(o->help);
    printf("%s%s%s\n", *initial ? " [" : "", initial, *initial ? "]" : "");
}

void options_help(const Command *command, const void *values)
{
    static const Option help = {"help", 'h', .help = "this text"};
    printf("Usage: nca %s %s [OPTION]...\n%s\n\n", command->verb, command->operands,
           command->summary);
    for (const Option *o = command->options; o->name; o++)
        help_line(o, values);
    help_line(&help, values);
    if (command->notes)
        printf("\n%s\n", command->notes);
}

void options_list(const Command *command, const void *values)
{
    static const char *const kinds[] = {
        [OPTION_FLAG] = "flag",     [OPTION_INT] = "int",    [OPTION_INT64] = "int",
        [OPTION_SEED] = "seed",     [OPTION_FLOAT] = "real", [OPTION_DOUBLE] = "real",
        [OPTION_BYTES] = "bytes",   [OPTION_TEXT] = "text",  [OPTION_FILE] = "file",
        [OPTION_CHOICE] = "choice", [OPTION_READ] = "text",
    };
    for (const Option *o = command->options; o->name; o++) {
        char initial[128], letter[2] = {o->letter, 0};
        default_of(o, values, initial, sizeof(initial));
        printf("%s\t%s\t%s\t%s\t%s\t%.12g\t%.12g\n", o->name, letter,
               o->argument ? o->argument : "", kinds[o->kind], initial, o->least,
               o->most);
    }
}
