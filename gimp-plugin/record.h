/* SPDX-License-Identifier: MIT
 *
 * What is done to a grid by hand, and its events: those that a film began with, then each
 * command as the grid got it, at the step at which it got it.  A film of that text has
 * the same cells, bit for bit.  Places are cells, the first of them from 0 to 1. */
#ifndef NCA_GIMP_RECORD_H
#define NCA_GIMP_RECORD_H

#include <glib.h>

#include "nca.h"

typedef struct Record Record;

/* events: a text that nca_events_parse takes, copied. */
Record *record_new(const char *events);

/* The same; where that text is `before`'s, what was done there counts as done still. */
Record *record_again(const Record *before, const char *events);
void record_free(Record *record); /* NULL is accepted */

/* Erases a circle of this radius, and begins a path there. */
void record_erase(Record *record, NcaGrid *grid, double x, double y, double radius);

/* Goes on with that path: false where nothing was to be done yet. */
gboolean record_erase_to(Record *record, NcaGrid *grid, double x, double y,
                         double radius);

/* False outside the grid, where nothing grows. */
gboolean record_plant(Record *record, NcaGrid *grid, double x, double y);

/* One turn right behind another at the same step replaces it. */
void record_turn(Record *record, NcaGrid *grid, double degrees);

/* Forgets what was done. */
void record_clear(Record *record);

const char *record_text(const Record *record); /* good until it changes */
gint64 record_last(const Record *record);      /* the step of the last event */

/* The angle at this step by the turns that were made, else `otherwise`. */
double record_angle(const Record *record, gint64 step, double otherwise);

#endif
