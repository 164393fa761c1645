/* SPDX-License-Identifier: MIT
 *
 * The one file is in a folder of its own, as to write whole or not at all is to write
 * beside; and the count. */
#include <unistd.h>

#include "fuzz.h"

long fuzz_accepted;
static char folder[PATH_MAX / 2], path[PATH_MAX];

static void remove_all(void)
{
    unlink(path);
    rmdir(folder);
}

const char *fuzz_path(void)
{
    if (*path)
        return path;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/nca-XXXXXX", base && *base ? base : P_tmpdir);
    MUST(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
    atexit(remove_all);
    return path;
}

void fuzz_write(const uint8_t *data, size_t size)
{
    FILE *file = fopen(fuzz_path(), "wbe");
    MUST(file && (!size || fwrite(data, 1, size, file) == size));
    MUST(fclose(file) == 0);
}
