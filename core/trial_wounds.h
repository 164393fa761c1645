/* SPDX-License-Identifier: MIT
 *
 * What grown creatures lose, now or in several strokes with steps between.  Lengths are
 * of a picture whose longest side is 40 cells, and follow it. */
#ifndef NCA_TRIAL_WOUNDS_H
#define NCA_TRIAL_WOUNDS_H

#include "trials.h"

/* Cells for so many of a picture of 40. */
double nca_trial_scaled(const NcaTarget *target, double cells);

/* The grid of the run is wounded; the numbers are those of the table of trials. */
typedef void NcaWound(NcaRun *run, int argument);

NcaWound nca_wound_cut;        /* 0 … NCA_CUTS - 1 */
NcaWound nca_wound_swipes;     /* unused */
NcaWound nca_wound_scatter;    /* unused */
NcaWound nca_wound_noise;      /* unused */
NcaWound nca_wound_two_thirds; /* unused */
NcaWound nca_wound_again;      /* how often */

#endif
