/* SPDX-License-Identifier: MIT
 *
 * How long work shows that it goes on, on standard error: one line that is rewritten on a
 * terminal, else now and then a line of its own. */
#ifndef NCA_PROGRESS_H
#define NCA_PROGRESS_H

#include <stdbool.h>

typedef struct Progress {
    bool terminal;
    bool shown;      /* a line stands on the terminal */
    double last;     /* when the last line was shown */
    double interval; /* seconds between lines */
} Progress;

/* Seconds on a clock that only goes forward. */
double seconds_now(void);

/* "1:02:03", "2:03"; "?" where not finite.  Returns text. */
const char *seconds_text(double seconds, char *text, int size);

/* plain: seconds between lines where standard error is no terminal; 0: none there. */
void progress_begin(Progress *progress, double plain);

/* Whether it is time for the next line. */
bool progress_due(const Progress *progress);

__attribute__((format(printf, 2, 3))) void progress_show(Progress *progress,
                                                         const char *format, ...);

/* Takes the line off the terminal, so that others can write. */
void progress_end(Progress *progress);

#endif
