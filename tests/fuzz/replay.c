/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzzing program's function on each file of a folder, once in full length and
 * once cut in half: what a fuzzer has found stays found, by any compiler.  Usage: replay
 * FOLDER */
#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "fuzz.h"

/* In a block of just that size, so that a sanitizer sees a step beyond it. */
static void try(const char *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    MUST(copy);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void replay(const char *path)
{
    char *data = NULL;
    FILE *file = fopen(path, "rbe");
    MUST(file);
    MUST(fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file);
    MUST(size >= 0 && (data = malloc((size_t)size + 1)));
    rewind(file);
    MUST(fread(data, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    fprintf(stderr, "%s, %ld bytes\n", path, size); /* the last one told is the culprit */
    try(data, (size_t)size);
    try(data, (size_t)size / 2);
    free(data);
}

int main(int count, char **arguments)
{
    char path[PATH_MAX];
    int files = 0;
    MUST(count == 2);
    DIR *folder = opendir(arguments[1]);
    MUST(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (*entry->d_name == '.')
            continue;
        MUST(snprintf(path, sizeof(path), "%s/%s", arguments[1], entry->d_name) <
             PATH_MAX);
        replay(path);
        files++;
    }
    closedir(folder);
    MUST(files > 0);
    printf("%d files, of their %d inputs %ld accepted\n", files, 2 * files,
           fuzz_accepted);
    MUST(fuzz_accepted > 0);
    return 0;
}
