/* SPDX-License-Identifier: MIT
 *
 * The program `nca`: finds the verb and lets it run. */
#include <png.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

static const Verb verbs[] = {
    {"train", "a picture in, a model that grows it out", train_main},
    {"grow", "pictures of a growing model", grow_main},
    {"eval", "how well a model grows, stays and heals", eval_main},
    {"info", "what a model file says of itself", info_main},
    {"convert", "a model in another format", convert_main},
    {"bench", "how fast this machine is", bench_main},
    {"devices", "what can compute here", devices_main},
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static void print_help(FILE *file)
{
    fputs("Usage: nca VERB [ARGUMENT]...\n"
          "Neural cellular automata: they grow a picture from one cell and heal it.\n\n",
          file);
    for (int i = 0; i < VERBS; i++)
        fprintf(file, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\nnca VERB --help tells the options of a verb, nca --version what this is.\n",
          file);
}

static void print_version(void)
{
    printf("nca %s\nlevel %s, OpenCL %s, libpng %s\n", nca_version(), nca_cpu_level(),
           NCA_OPENCL ? "yes" : "no", png_get_libpng_ver(NULL));
}

static const Verb *find_verb(const char *name)
{
    for (int i = 0; i < VERBS; i++)
        if (!strcmp(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

static int unknown_verb(const char *name)
{
    complain(NULL, "\"%s\" is not a verb; see nca --help", name);
    return EXIT_USAGE;
}

/* nca help VERB, nca --options VERB: the verb's own answer to `question`. */
static int ask_verb(const char *name, char *question)
{
    const Verb *verb = find_verb(name);
    char *words[] = {(char *)name, question, NULL};
    return verb ? verb->run(2, words) : unknown_verb(name);
}

static int list_verbs(void)
{
    for (int i = 0; i < VERBS; i++)
        puts(verbs[i].name);
    return EXIT_GOOD;
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return !strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c);
}

/* libnca takes a level that it does not know for none. */
static void warn_of_level(void)
{
    static const char *const levels[] = {"c", "sse2", "avx2", "avx512", "neon"};
    const char *level = getenv("NCA_CPU");
    bool known = !level || !*level;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        known = known || !strcmp(level, levels[i]);
    if (!known)
        complain("NCA_CPU", "\"%s\" is not one of c, sse2, avx2, avx512, neon: ignored",
                 level);
}

static int dispatch(int argc, char **argv)
{
    const char *word = argv[1];
    const Verb *verb = find_verb(word);
    if (verb) {
        warn_of_level();
        return verb->run(argc - 1, argv + 1);
    }
    if (is_one_of(word, "help", "--help", "-h")) {
        if (argc > 2)
            return ask_verb(argv[2], "--help");
        print_help(stdout);
        return EXIT_GOOD;
    }
    if (is_one_of(word, "version", "--version", "-V")) {
        print_version();
        return EXIT_GOOD;
    }
    if (!strcmp(word, "--options"))
        return argc > 2 ? ask_verb(argv[2], "--options") : list_verbs();
    return unknown_verb(word);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    watch_json();
    signal(SIGXFSZ, SIG_IGN); /* that a file may not grow is an error as any other */
    return finish_output(dispatch(argc, argv));
}
