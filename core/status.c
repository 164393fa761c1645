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

NcaStatus nca_fail(NcaError *error, NcaStatus status, const char *format, ...)
{
    va_list arguments;
    if (!error)
        return status;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    nca_utf8_clean(error->text, sizeof(error->text));
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
