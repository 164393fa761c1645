/* SPDX-License-Identifier: MIT
 *
 * What the verbs share. */
#include "program.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void print_text(FILE *file, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        bool c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0; /* U+0080 … U+009F */
        putc(*c < ' ' || *c == 0x7f || c1 ? '?' : *c, file);
        c += c1;
    }
}

void print_formatted(FILE *file, const char *format, va_list arguments)
{
    char text[2 * PATH_MAX];
    vsnprintf(text, sizeof(text), format, arguments);
    print_text(file, text);
}

int complain(const char *about, const char *format, ...)
{
    va_list arguments;
    fputs("nca: ", stderr);
    if (about) {
        print_text(stderr, about);
        fputs(": ", stderr);
    }
    va_start(arguments, format);
    print_formatted(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return EXIT_FAILED;
}

int complain_error(const char *about, const NcaError *error)
{
    return complain(about, "%s", error->text);
}

int load_model(NcaModel **model, const char *name)
{
    NcaError error;
    if (nca_model_find(model, name, &error) < 0)
        return complain_error(NULL, &error);
    return EXIT_GOOD;
}

int new_pool(NcaPool **pool, int threads)
{
    NcaError error;
    if (nca_pool_new(pool, threads, &error) < 0)
        return complain_error("--threads", &error);
    return EXIT_GOOD;
}

void cpu_name(char *name, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "re");
    *name = 0;
    while (file && !*name && fgets(line, sizeof(line), file)) {
        char *colon = strchr(line, ':');
        if (colon && !strncmp(line, "model name", 10) && colon[1])
            snprintf(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
    }
    if (file)
        fclose(file);
}

int check_writable(const char *path)
{
    char folder[PATH_MAX];
    struct stat info;
    if (!path)
        return EXIT_GOOD;
    if (!*path)
        return complain("\"\"", "not a file name");
    if (strlen(path) >= sizeof(folder))
        return complain(path, "%s", strerror(ENAMETOOLONG));
    bool there = stat(path, &info) == 0;
    if (!there && errno != ENOENT)
        return complain(path, "%s", strerror(errno));
    if (there && S_ISDIR(info.st_mode))
        return complain(path, "%s", strerror(EISDIR));
    if (there && access(path, W_OK) < 0)
        return complain(path, "%s", strerror(errno));
    if (there && !S_ISREG(info.st_mode))
        return EXIT_GOOD;
    if (!there || !realpath(path, folder))
        strcpy(folder, path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    if (access(slash ? folder : ".", W_OK | X_OK) < 0)
        return complain(path, "%s", strerror(errno));
    return EXIT_GOOD;
}

static bool is_same_inode(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* What the path has behind its folder; *folder is that folder's inode. */
static const char *base_of(const char *path, struct stat *folder)
{
    char name[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    if (length > 0)
        snprintf(name, sizeof(name), "%.*s", (int)length, path);
    if (stat(name, folder) < 0)
        memset(folder, 0, sizeof(*folder));
    return path + length;
}

bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    bool is_there = stat(a, &one) == 0, is_other_there = stat(b, &other) == 0;
    if (is_there && is_other_there)
        return S_ISREG(one.st_mode) && is_same_inode(&one, &other);
    return !is_there && !is_other_there &&
           !strcmp(base_of(a, &one), base_of(b, &other)) && is_same_inode(&one, &other);
}

int finish_output(int status)
{
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || status != EXIT_GOOD)
        return status;
    if (errno == EPIPE)
        return EXIT_FAILED;
    if (!errno)
        errno = EIO; /* an earlier write failed */
    return complain("standard output", "%s", strerror(errno));
}

/* Once jansson could not have what it asked for, values may lack parts. */
static atomic_bool lacks_memory;

static void *allocate(size_t size)
{
    void *block = malloc(size);
    if (!block && size > 0)
        atomic_store(&lacks_memory, true);
    return block;
}

void watch_json(void)
{
    json_set_alloc_funcs(allocate, free);
}

bool is_text(const char *text)
{
    json_t *value = json_string(text);
    json_decref(value);
    return value || lacks_memory;
}

int print_json(json_t *value)
{
    if (!value || lacks_memory) {
        json_decref(value);
        return complain(NULL, "out of memory");
    }
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(7) |
                         JSON_ENSURE_ASCII; /* no character is a terminal's command */
    json_dumpf(value, stdout, flags);
    json_decref(value);
    putchar('\n');
    return lacks_memory ? complain(NULL, "out of memory") : EXIT_GOOD;
}

int append_json(json_t *array, json_t *value, const char *about)
{
    if (json_array_append_new(array, value) == 0)
        return EXIT_GOOD;
    return complain(about, lacks_memory ? "out of memory" : "not UTF-8, as JSON needs");
}

json_t *json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}
