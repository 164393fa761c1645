/* SPDX-License-Identifier: MIT
 *
 * Wounds of training samples: cells are killed, all channels 0.  What is cut where is a
 * hash of `key`. */
#ifndef NCA_DAMAGE_H
#define NCA_DAMAGE_H

#include "nca.h"

/* The sides of the picture in that stage of a training (schedule.h) as a part of its own,
 * from which each stage takes a factor of √2. */
double nca_stage_part(int stage);

/* A dense state, and where the picture is on it. */
typedef struct NcaCanvas {
    int width, height, channels;
    int padding; /* cells on each side that the whole picture leaves free */
    int stage;   /* by whose part the picture is smaller, about the middle */
} NcaCanvas;

typedef void NcaDamage(float *state, const NcaCanvas *canvas, uint64_t key);

/* The published wound: a disc, its centre in the middle half of the canvas in both axes,
 * its radius 0.1 … 0.4 of half the canvas's shorter side. */
NcaDamage nca_damage_disc;

/* One of several: a disc; all on one side of a line through the picture, upright, level
 * or at any angle; a square about the middle; one to three stripes across it. */
NcaDamage nca_damage_mixed;

/* A stroke of an eraser: a stripe across the picture near the middle, 0.1 … 0.4 of its
 * longest side wide. */
NcaDamage nca_damage_stroke;

/* A square in the very middle of the picture, 0.3 … 0.5 of its longest side wide: what
 * all else keeps its place by is gone. */
NcaDamage nca_damage_hole;

#endif
