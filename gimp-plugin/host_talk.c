/* SPDX-License-Identifier: MIT
 *
 * What all GIMPs do by the same calls; each host has it built with its own headers. */
#include <libgimp/gimp.h>

#include "host.h"

void host_flush(void)
{
    gimp_displays_flush();
}

void host_progress_begin(const char *text)
{
    gimp_progress_init(text);
}

void host_progress(double part)
{
    gimp_progress_update(part);
}

void host_progress_end(void)
{
    gimp_progress_end();
}

void host_message(const char *sentence)
{
    gimp_message(sentence);
}
