/* SPDX-License-Identifier: MIT
 *
 * One line that is rewritten, or plain lines. */
#include "progress.h"

#include "program.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

const char *seconds_text(double seconds, char *text, int size)
{
    if (!isfinite(seconds) || seconds < 0 || seconds > 1e9) {
        snprintf(text, (size_t)size, "?");
        return text;
    }
    long whole = lround(seconds);
    if (whole >= 3600)
        snprintf(text, (size_t)size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60,
                 whole % 60);
    else
        snprintf(text, (size_t)size, "%ld:%02ld", whole / 60, whole % 60);
    return text;
}

void progress_begin(Progress *progress, double plain)
{
    progress->terminal = isatty(STDERR_FILENO);
    progress->shown = false;
    progress->interval = progress->terminal ? 0.2 : plain > 0 ? plain : INFINITY;
    progress->last = seconds_now();
}

bool progress_due(const Progress *progress)
{
    return seconds_now() - progress->last >= progress->interval;
}

void progress_show(Progress *progress, const char *format, ...)
{
    va_list arguments;
    progress->last = seconds_now();
    progress->shown = progress->terminal;
    fputs(progress->terminal ? "\r" : "nca: ", stderr);
    va_start(arguments, format);
    print_formatted(stderr, format, arguments);
    va_end(arguments);
    fputs(progress->terminal ? "\033[K" : "\n", stderr);
    fflush(stderr);
}

void progress_end(Progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
