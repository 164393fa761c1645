/* SPDX-License-Identifier: MIT
 *
 * What travels with a layer: the model that it was learnt by or grown with, the cells,
 * and where on the layer they are.  It is kept in GIMP's own files as a parasite. */
#ifndef NCA_GIMP_CREATURE_H
#define NCA_GIMP_CREATURE_H

#include "host.h"
#include "nca_view.h"

/* Where a grid lies on a layer, in its pixels. */
typedef struct Place {
    gint width, height; /* of the layer as it was then */
    gdouble scale;      /* pixels per cell */
    gdouble x, y;       /* of the grid's top left corner */
    NcaInterp interp;
} Place;

typedef struct Creature {
    NcaModel *model;
    Place place;
    float *state;       /* [rows][columns][channels]; NULL: learnt, not grown */
    gint columns, rows; /* 0 without state */
    float angle;        /* degrees, at which it lived last */
    float fire_rate;    /* negative: the model's, as of one that has not grown */
    gint edge;
} Creature;

/* The layer's creature, or NULL where it has none; what its bytes say is checked. */
Creature *creature_of(gint32 layer);
void creature_free(Creature *creature);

/* The bytes of it, which take seconds where it is large; NULL for a grid of more than
 * 2^26 floats. */
GBytes *creature_pack(const NcaModel *model, const Place *place,
                      const NcaGrid *grid_or_null);

/* Attaches them to a layer; NULL is nothing. */
void creature_attach(gint32 layer, GBytes *packed_or_null);

/* Bytes that it then takes, before they are compressed; 0 where memory is out. */
gsize creature_size(const NcaModel *model, const NcaGrid *grid);

/* Where a grid of the model's trained size lies on a layer of that size, so that the
 * picture without its padding covers `part`; smooth. */
Place place_on(const NcaModel *model, const GeglRectangle *part, gint width, gint height);

#endif
