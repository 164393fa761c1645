/* SPDX-License-Identifier: MIT
 *
 * UTF-8 of RFC 3629: shortest form, no surrogates, at most U+10FFFF. */
#include "utf8.h"

#include <stdint.h>
#include <string.h>

size_t nca_utf8_length(const char *text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    if (*p < 0x80)
        return *p ? 1 : 0;
    size_t length = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
    uint32_t code = *p & (0x7fu >> length);
    if (*p < 0xc0 || *p >= 0xf8)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3f);
    }
    return code < least[length] || code > 0x10ffff || (code >> 11) == 0x1b ? 0 : length;
}

bool nca_utf8_valid(const char *text)
{
    size_t length;
    while ((length = nca_utf8_length(text)) > 0)
        text += length;
    return !*text;
}

/* Those of C1, U+0080 … U+009F, are two bytes, which become two '?'. */
static bool is_control(const char *p)
{
    const unsigned char *c = (const unsigned char *)p;
    return c[0] < ' ' || c[0] == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

void nca_utf8_clean(char *text, size_t size)
{
    bool full = strlen(text) + 1 == size;
    for (char *p = text; *p;) {
        size_t length = nca_utf8_length(p);
        if (length == 0 && full && p + 4 > text + size - 1)
            *p = 0;
        else if (length == 0 || is_control(p))
            *p++ = '?';
        else
            p += length;
    }
}
