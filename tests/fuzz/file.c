/* SPDX-License-Identifier: MIT
 *
 * The one file is in a folder of its own, as to write whole or not at all is to write
 * beside; and the count. */
#include "../folder.h"
#include "fuzz.h"

long fuzz_accepted;

const char *fuzz_path(void)
{
    static const char *path;
    if (path)
        return path;
    MUST(folder_make());
    atexit(folder_remove);
    path = path_of("file");
    return path;
}

void fuzz_write(const uint8_t *data, size_t size)
{
    FILE *file = fopen(fuzz_path(), "wbe");
    MUST(file && (!size || fwrite(data, 1, size, file) == size));
    MUST(fclose(file) == 0);
}
