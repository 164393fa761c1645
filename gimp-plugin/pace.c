/* SPDX-License-Identifier: MIT
 *
 * Step by step, with an eye on the clock. */
#include "pace.h"

static const gint64 WORK_MOST = 25000; /* microseconds */

void pace_film(NcaFilm *film, double steps)
{
    gint64 end = g_get_monotonic_time() + WORK_MOST;
    for (; steps > 0 && g_get_monotonic_time() < end; steps--)
        nca_film_next(film, MIN(steps, 1));
}
