/* SPDX-License-Identifier: MIT
 *
 * strtod and printf follow LC_NUMERIC; the thread's locale is set to "C" around them. */
#include "number.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool nca_number_parse(const char *text, const char **end, double *value)
{
    const char *p = text + (*text == '-' || *text == '+');
    if (!isdigit((unsigned char)p[*p == '.']) || (p[0] == '0' && (p[1] | 0x20) == 'x'))
        return false;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c)
        return false;
    char *behind;
    double v = strtod_l(text, &behind, c);
    freelocale(c);
    if (behind == text || !isfinite(v))
        return false;
    *value = v;
    *end = behind;
    return true;
}

void nca_number_print(char *text, size_t size, double value)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), was = (locale_t)0;
    if (c)
        was = uselocale(c);
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, size, "%.*g", digits, value);
        if (strtof(text, NULL) == (float)value)
            break;
    }
    if (c) {
        uselocale(was);
        freelocale(c);
    }
}
