/* SPDX-License-Identifier: MIT
 *
 * A creature inside a frei0r host: all that nca.so and ncasrc.so do but take calls. */
#ifndef NCA_FREI0R_CREATURE_H
#define NCA_FREI0R_CREATURE_H

#include <nca_film.h>
#include <nca_view.h>

/* What the parameters say. */
typedef struct Values {
    const char *model, *events;
    int grid_width, grid_height; /* 0: as many as the picture has room for */
    double scale, steps, warmup, angle, fire_rate, seed, threshold;
    double
        rate; /* frames per unit of the host's time; 0: a call is one; negative: auto */
    double opacity, x, y;
    int edge, interp, mode, wound;
} Values;

typedef struct Creature {
    int width, height; /* of the pictures, pixels */
    Values values;     /* with `model` and `events` NULL: nobody keeps them */
    NcaModel *model;
    NcaFilm *film;
    NcaView *view;
    int64_t frame; /* the one that film is at; -1: none was shown */
} Creature;

/* Begins anew with these values.  On failure all is as it was. */
NcaStatus creature_begin(Creature *creature, const Values *values, NcaError *error);

/* Goes on with other steps, angle, fire_rate, mode, opacity, x, y, threshold. */
NcaStatus creature_change(Creature *creature, const Values *values, NcaError *error);

/* Grows to that frame, from the first one where it is past it. */
void creature_go(Creature *creature, int64_t frame);

/* Is wounded by the picture, RGBA, and drawn on it. */
void creature_show(Creature *creature, uint8_t *picture);

void creature_end(Creature *creature);

#endif
