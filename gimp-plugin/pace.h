/* SPDX-License-Identifier: MIT
 *
 * Films that live in a window: slower rather than freezing it. */
#ifndef NCA_GIMP_PACE_H
#define NCA_GIMP_PACE_H

#include <glib.h>

#include "nca_film.h"

/* For timers that work: after input and drawing, so that both come in between. */
enum { PACE_PRIORITY = G_PRIORITY_DEFAULT_IDLE };

/* Moves the film on by `steps`, fractions add up, or by fewer: no step is begun after
 * 25 ms. */
void pace_film(NcaFilm *film, double steps);

#endif
