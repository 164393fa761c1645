/* SPDX-License-Identifier: MIT
 *
 * A locale where a comma parts the decimals, as a user may have; made in the test's
 * folder where the system has none. */
#ifndef NCA_TEST_COMMA_H
#define NCA_TEST_COMMA_H

#include <locale.h>

#include "folder.h"

/* False, and a word about it, where there is none. */
static inline bool comma_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    char command[sizeof(folder) + 80], half[8];
    const char *found = NULL;
    for (int i = 0; i < 3 && !found; i++)
        found = setlocale(LC_ALL, names[i]);
    if (!found) {
        snprintf(command, sizeof(command),
                 "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", folder);
        setenv("LOCPATH", folder, 1);
        found = system(command) == 0 ? setlocale(LC_ALL, names[0]) : NULL;
    }
    if (!found) {
        fprintf(stderr, "no locale with a decimal comma here: that part is skipped\n");
        return false;
    }
    snprintf(half, sizeof(half), "%.1f", 0.5);
    CHECK(!strcmp(half, "0,5"));
    return true;
}

#endif
