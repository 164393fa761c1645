/* SPDX-License-Identifier: MIT
 *
 * From words to values.  getopt_long splits; the table says what each word may be.  The
 * program never calls setlocale, so strtod reads a point as a point everywhere. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { OPTIONS_MAX = 48, CODE_FIRST = 256, CODE_HELP = CODE_FIRST + 64, CODE_LIST };

int usage_error(const Command *command, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "nca: %s: ", command->verb);
    va_start(arguments, format);
    print_formatted(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; see nca %s --help\n", command->verb);
    return EXIT_USAGE;
}

bool option_given(const Command *command, const Arguments *arguments, const char *name)
{
    for (int i = 0; command->options[i].name; i++)
        if (!strcmp(command->options[i].name, name))
            return arguments->given >> i & 1;
    return false;
}

/* ----------------------------------------------------------------- numbers */

/* The finite decimal number at the beginning of text: no blanks, hexadecimal, inf or nan.
 */
static bool read_number(const char *text, const char **end, double *value)
{
    if (!*text || !strchr("+-.0123456789", *text))
        return false;
    if (!strncasecmp(text + strspn(text, "+-"), "0x", 2))
        return false;
    *value = strtod(text, (char **)end);
    return *end != text;
}

static bool read_real(const char *text, double least, double most, double *value)
{
    const char *end;
    return read_number(text, &end, value) && !*end && *value >= least && *value <= most;
}

static bool read_whole(const char *text, double least, double most, int64_t *value)
{
    char *end;
    if (!isdigit((unsigned char)text[strspn(text, "+-")]))
        return false;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return !errno && !*end && (double)*value >= least && (double)*value <= most;
}

static bool read_seed(const char *text, uint64_t *value)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return !errno && !*end;
}

static bool read_bytes(const char *text, double least, double most, size_t *value)
{
    static const char units[] = "KMG";
    const char *end;
    double bytes;
    if (!read_number(text, &end, &bytes))
        return false;
    const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    if (unit) {
        bytes *= pow(1024, (double)(unit - units) + 1);
        end++;
        end += !strncasecmp(end, "iB", 2) ? 2 : 0;
    }
    *value = bytes >= least && bytes <= most ? (size_t)bytes : 0;
    return !*end && bytes >= least && bytes <= most;
}

static bool read_choice(const char *text, const char *words, int *value)
{
    size_t length = strlen(text);
    for (int i = 0; length > 0; i++) {
        if (!strncmp(words, text, length) && (words[length] == '|' || !words[length])) {
            *value = i;
            return true;
        }
        words = strchr(words, '|');
        if (!words++)
            return false;
    }
    return false;
}

/* ------------------------------------------------------------------ values */

static bool read_value(const Option *o, const char *text, void *at)
{
    double real = 0;
    int64_t whole = 0;
    bool good = true;
    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return true;
    case OPTION_INT:
        if ((good = read_whole(text, o->least, o->most, &whole)))
            *(int *)at = (int)whole;
        return good;
    case OPTION_INT64:
        return read_whole(text, o->least, o->most, at);
    case OPTION_SEED:
        return read_seed(text, at);
    case OPTION_FLOAT:
        if ((good = read_real(text, o->least, o->most, &real)))
            *(float *)at = (float)real;
        return good;
    case OPTION_DOUBLE:
        return read_real(text, o->least, o->most, at);
    case OPTION_BYTES:
        return read_bytes(text, o->least, o->most, at);
    case OPTION_TEXT:
    case OPTION_FILE:
        *(const char **)at = text;
        return true;
    case OPTION_CHOICE:
        return read_choice(text, o->argument, at);
    case OPTION_READ:
        return o->read(text, at);
    }
    return false;
}

static int wrong_value(const Command *command, const Option *o, const char *text)
{
    switch (o->kind) {
    case OPTION_INT:
    case OPTION_INT64:
        return usage_error(command,
                           "--%s: \"%s\" is not a whole number from %.0f to %.0f",
                           o->name, text, o->least, o->most);
    case OPTION_SEED:
        return usage_error(command, "--%s: \"%s\" is not a whole number from 0 to %llu",
                           o->name, text, (unsigned long long)UINT64_MAX);
    case OPTION_BYTES:
        return usage_error(command,
                           "--%s: \"%s\" is not a size from %.0fM up, such as 512M or 2G",
                           o->name, text, o->least / (1 << 20));
    case OPTION_CHOICE:
        return usage_error(command, "--%s: \"%s\" is not %s%s", o->name, text,
                           strchr(o->argument, '|') ? "one of " : "", o->argument);
    case OPTION_READ:
        return usage_error(command, "--%s: \"%s\" is not %s", o->name, text, o->expected);
    default:
        return usage_error(command, "--%s: \"%s\" is not a number from %g to %g", o->name,
                           text, o->least, o->most);
    }
}

/* ------------------------------------------------------------------- words */

/* The table as getopt_long wants it; returns how many options it has. */
static int fill_tables(const Option *options, struct option *longs, char *letters)
{
    int count = 0;
    *letters++ = ':'; /* getopt_long is silent, and tells a missing argument apart */
    for (; options[count].name; count++) {
        const Option *o = &options[count];
        longs[count] =
            (struct option){o->name, o->argument ? required_argument : no_argument, NULL,
                            CODE_FIRST + count};
        if (o->letter)
            *letters++ = o->letter;
        if (o->letter && o->argument)
            *letters++ = ':';
    }
    longs[count] = (struct option){"help", no_argument, NULL, CODE_HELP};
    longs[count + 1] = (struct option){"options", no_argument, NULL, CODE_LIST};
    longs[count + 2] = (struct option){NULL};
    strcpy(letters, "h");
    return count;
}

/* How many names begin as the word does, up to its '='. */
static int names_like(const struct option *longs, const char *word)
{
    int fit = 0;
    size_t length = strcspn(word, "=");
    for (; longs->name; longs++)
        fit += !strncmp(longs->name, word, length);
    return fit;
}

/* What getopt_long stopped at: an unknown name, a value too many, a missing one.  optopt
 * is the letter, or the code of a known name, or 0. */
static int wrong_word(const Command *command, int code, const struct option *longs,
                      const char *word)
{
    char letter[3] = {'-', (char)optopt, 0};
    bool is_letter = optopt > 0 && optopt < CODE_FIRST;
    if (code == ':')
        return usage_error(command, "%s needs a value", is_letter ? letter : word);
    if (is_letter)
        return usage_error(command, "unknown option %s", letter);
    if (optopt)
        return usage_error(command, "%.*s takes no value", (int)strcspn(word, "="), word);
    return usage_error(command, "%s option %s",
                       names_like(longs, word + 2) > 1 ? "ambiguous" : "unknown", word);
}

static int option_of(const Option *options, int code)
{
    if (code >= CODE_FIRST)
        return code - CODE_FIRST;
    int i = 0;
    while (options[i].name && options[i].letter != code)
        i++;
    return i;
}

static int check_operands(const Command *command, Arguments *arguments, int argc,
                          char **argv)
{
    arguments->operand = argv + optind;
    arguments->operands = argc - optind;
    if (arguments->operands < command->least)
        return usage_error(command, "%s is expected", command->operands);
    if (arguments->operands > command->most)
        return usage_error(command, "\"%s\" is one argument too many",
                           argv[optind + command->most]);
    return OPTIONS_GO_ON;
}

/* One word that getopt_long took. */
static int obey(const Command *command, int code, void *values, Arguments *arguments)
{
    int i = option_of(command->options, code);
    const Option *o = &command->options[i];
    if (!read_value(o, optarg, (char *)values + o->offset))
        return wrong_value(command, o, optarg);
    arguments->given |= (uint64_t)1 << i;
    return OPTIONS_GO_ON;
}

int options_parse(const Command *command, int argc, char **argv, void *values,
                  Arguments *arguments)
{
    struct option longs[OPTIONS_MAX + 3];
    char letters[2 * OPTIONS_MAX + 3];
    int status = OPTIONS_GO_ON;
    fill_tables(command->options, longs, letters);
    arguments->given = 0;
    optind = 0; /* begins anew, also in glibc's inner state */
    while (status == OPTIONS_GO_ON) {
        int code = getopt_long(argc, argv, letters, longs, NULL);
        if (code == -1)
            return check_operands(command, arguments, argc, argv);
        if (code == '?' || code == ':')
            return wrong_word(command, code, longs, argv[optind - 1]);
        if (code == 'h' || code == CODE_HELP) {
            options_help(command, values);
            status = EXIT_GOOD;
        } else if (code == CODE_LIST) {
            options_list(command, values);
            status = EXIT_GOOD;
        } else {
            status = obey(command, code, values, arguments);
        }
    }
    return status;
}
