/* SPDX-License-Identifier: MIT
 *
 * Error texts. */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *nca_version(void)
{
    return NCA_VERSION;
}

/* vsnprintf may have cut inside a character: drop its beginning. */
static void end_at_character(char *text, size_t size)
{
    size_t end = strlen(text);
    if (end + 1 < size)
        return;
    while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
        end--;
    if (end > 0 && (unsigned char)text[end - 1] >= 0xc0)
        text[end - 1] = 0;
}

NcaStatus nca_fail(NcaError *error, NcaStatus status, const char *format, ...)
{
    va_list arguments;
    if (!error)
        return status;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    end_at_character(error->text, sizeof(error->text));
    return status;
}

NcaStatus nca_fail_memory(NcaError *error, const char *what)
{
    return nca_fail(error, NCA_ERR_MEMORY, "out of memory for %s", what);
}

NcaStatus nca_fail_at(NcaError *error, NcaStatus status, const char *path)
{
    NcaError inner;
    if (!error)
        return status;
    inner = *error;
    return nca_fail(error, status, "%s: %s", path, inner.text);
}
