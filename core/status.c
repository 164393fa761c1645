/* SPDX-License-Identifier: MIT
 *
 * Error texts.  They quote names and words that came from outside, so what a terminal or
 * a dialog would choke on is replaced, and a long path gives way to the reason. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

const char *nca_version(void)
{
    return NCA_VERSION;
}

/* Control characters and what is not UTF-8 become '?'; a character that the end of the
 * buffer has cut is dropped. */
static void make_clean(char *text, size_t size)
{
    bool full = strlen(text) + 1 == size;
    for (char *p = text; *p;) {
        size_t length = nca_utf8_length(p);
        if (length == 0 && full && p + 4 > text + size - 1)
            *p = 0;
        else if (length == 0 || (unsigned char)*p < ' ' || *p == 0x7f)
            *p++ = '?';
        else
            p += length;
    }
}

NcaStatus nca_fail(NcaError *error, NcaStatus status, const char *format, ...)
{
    va_list arguments;
    if (!error)
        return status;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    make_clean(error->text, sizeof(error->text));
    return status;
}

NcaStatus nca_fail_memory(NcaError *error, const char *what)
{
    return nca_fail(error, NCA_ERR_MEMORY, "out of memory for %s", what);
}

NcaStatus nca_fail_at(NcaError *error, NcaStatus status, const char *path)
{
    if (!error)
        return status;
    NcaError inner = *error;
    size_t reason = strlen(inner.text), length = strlen(path);
    size_t room = sizeof(inner.text) - 1 - 2;
    room = reason + 40 < room ? room - reason : 40;
    if (length <= room)
        return nca_fail(error, status, "%s: %s", path, inner.text);
    path += length - (room - 3); /* the end says more than the beginning */
    while (((unsigned char)*path & 0xc0) == 0x80)
        path++;
    return nca_fail(error, status, "...%s: %s", path, inner.text);
}
