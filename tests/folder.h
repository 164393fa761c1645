/* SPDX-License-Identifier: MIT
 *
 * A folder of a test program's own, for its files. */
#ifndef NCA_TEST_FOLDER_H
#define NCA_TEST_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

#include "test.h"

static char folder[PATH_MAX / 4];

/* False, and a word about it, where none can be made. */
static inline bool folder_make(void)
{
    const char *base = getenv("TMPDIR");
    int length = snprintf(folder, sizeof(folder), "%s/nca-XXXXXX",
                          base && *base ? base : P_tmpdir);
    bool made = length < (int)sizeof(folder) && mkdtemp(folder);
    CHECK_MSG(made, "no folder like %s", folder);
    return made;
}

static inline void folder_remove(void)
{
    char command[sizeof(folder) + 16];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    CHECK(system(command) == 0);
}

/* A file in it; good until the fourth call from here. */
static inline const char *path_of(const char *name)
{
    static char path[4][sizeof(folder) + 64];
    static int turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
    return p;
}

#endif
