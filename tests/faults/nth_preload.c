/* SPDX-License-Identifier: MIT
 *
 * To be preloaded: allocation number NCA_NTH fails, and with NCA_NTH_ALL all after it.
 * NCA_NTH_FROM counts only those that come straight from libraries whose names hold one
 * of these words.  NCA_NTH_REPORT is a file that then tells "ASKED FAILED", where the
 * program came to its end. */
#define NTH_FROM
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *from;
static bool nth_is_from(const void *caller);
#include "nth.h"

static bool nth_is_from(const void *caller)
{
    Dl_info info;
    char word[64];
    if (!from)
        return true;
    if (!dladdr(caller, &info) || !info.dli_fname)
        return false;
    const char *slash = strrchr(info.dli_fname, '/');
    for (const char *at = from; sscanf(at, "%63s", word) == 1;) {
        if (strstr(slash ? slash : info.dli_fname, word))
            return true;
        at += strspn(at, " ") + strlen(word);
    }
    return false;
}

/* It is its caller who asks, not the C library. */
char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = NTH_FAILS() ? NULL : nth_given(THEIRS(malloc)(size));
    return copy ? memcpy(copy, text, size) : NULL;
}

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("NCA_NTH");
    from = getenv("NCA_NTH_FROM");
    if (number)
        nth_begin(atol(number), getenv("NCA_NTH_ALL") != NULL);
}

__attribute__((destructor)) static void end(void)
{
    char text[64];
    const char *path = getenv("NCA_NTH_REPORT");
    nth_end();
    int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    int n = snprintf(text, sizeof(text), "%ld %ld\n", atomic_load(&nth.asked),
                     atomic_load(&nth.failed));
    if (file >= 0 && write(file, text, (size_t)n) == n)
        close(file);
}
