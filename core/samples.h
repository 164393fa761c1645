/* SPDX-License-Identifier: MIT
 *
 * The sample pool (Distill 2020, "Experiment 2"): states that training left behind, from
 * which later iterations go on. */
#ifndef NCA_SAMPLES_H
#define NCA_SAMPLES_H

#include "damage.h"

typedef struct NcaSamples {
    NcaCanvas canvas;
    size_t size; /* floats of a state */
    int count;
    float *states; /* [count][height][width][channels] */
} NcaSamples;

/* All of them the seed. */
NcaStatus nca_samples_init(NcaSamples *samples, const NcaCanvas *canvas, int count,
                           NcaError *error);
void nca_samples_uninit(NcaSamples *samples);

/* Bytes that one takes. */
size_t nca_samples_size(const NcaCanvas *canvas);

static inline float *nca_samples_at(const NcaSamples *samples, int i)
{
    return samples->states + (size_t)i * samples->size;
}

/* `batch` (at most `count`) different samples, the same for the same key. */
void nca_samples_draw(const NcaSamples *samples, int *index, int batch, uint64_t key);

/* One living cell in the middle, channels 3 and up 1. */
void nca_samples_seed(float *state, const NcaCanvas *canvas);

/* Copies a state, moved by so many cells; what leaves the canvas is lost. */
void nca_samples_move(float *to, const float *from, const NcaCanvas *canvas, int dx,
                      int dy);

/* Whether no cell is mature (alpha > threshold), or a value is not finite. */
bool nca_samples_is_lost(const float *state, const NcaCanvas *canvas, float threshold);

#endif
