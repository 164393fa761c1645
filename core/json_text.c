/* SPDX-License-Identifier: MIT
 *
 * json_dumps leaves out a key where its text cannot grow, and tells nobody.  So the
 * length is asked for first, and the text written where there is room. */
#include "json_text.h"

#include <stdlib.h>

char *nca_json_text(const json_t *value)
{
    size_t size = value ? json_dumpb(value, NULL, 0, JSON_COMPACT) : 0;
    char *text = size > 0 ? malloc(size + 1) : NULL;
    if (!text)
        return NULL;
    if (json_dumpb(value, text, size, JSON_COMPACT) != size) {
        free(text);
        return NULL;
    }
    text[size] = 0;
    return text;
}
