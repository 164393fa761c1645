/* SPDX-License-Identifier: MIT
 *
 * The table of a frei0r module's parameters as options.py reads it: module, name, kind,
 * default, range, choices. */
#include "../ffmpeg-filter/frei0r/parameters.h"

#include <stdio.h>

static bool is_ranged(const Parameter *p)
{
    return p->kind != KIND_TEXT && p->kind != KIND_CHOICE && p->kind != KIND_SIZE;
}

int main(void)
{
    static const char *const kinds[] = {"text",   "size", "real",  "whole",
                                        "choice", "rate", "number"};
    for (int i = 0; i < PARAMETERS; i++) {
        const Parameter *p = &parameters[i];
        printf("%s\t%s\t%s\t%s\t", NCA_SOURCE ? "frei0r source" : "frei0r", p->name,
               kinds[p->kind], p->initial);
        if (is_ranged(p))
            printf("%.10g %.10g", p->min, p->max);
        printf("\t%s\n", p->choices ? p->choices : "");
    }
    return 0;
}
