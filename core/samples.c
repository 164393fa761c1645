/* SPDX-License-Identifier: MIT */
#include "samples.h"

#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "status.h"

size_t nca_samples_size(const NcaCanvas *c)
{
    return (size_t)c->width * c->height * c->channels * sizeof(float);
}

static void plant(float *state, const NcaCanvas *c)
{
    float *cell =
        state + ((size_t)(c->height / 2) * c->width + c->width / 2) * c->channels;
    for (int channel = 3; channel < c->channels; channel++)
        cell[channel] = 1;
}

NcaStatus nca_samples_init(NcaSamples *samples, const NcaCanvas *canvas, int count,
                           NcaError *error)
{
    /* Fresh pages stay untouched until something grows there. */
    float *states = calloc((size_t)count, nca_samples_size(canvas));
    if (!states)
        return nca_fail_memory(error, "the sample pool");
    *samples = (NcaSamples){
        .canvas = *canvas,
        .size = nca_samples_size(canvas) / sizeof(float),
        .count = count,
        .states = states,
    };
    for (int i = 0; i < count; i++)
        plant(nca_samples_at(samples, i), canvas);
    return NCA_OK;
}

void nca_samples_uninit(NcaSamples *samples)
{
    free(samples->states);
    *samples = (NcaSamples){0};
}

static bool contains(const int *index, int count, int value)
{
    for (int i = 0; i < count; i++)
        if (index[i] == value)
            return true;
    return false;
}

void nca_samples_draw(const NcaSamples *samples, int *index, int batch, uint64_t key)
{
    uint64_t tries = 0;
    for (int i = 0; i < batch; i++)
        do
            index[i] = (int)(nca_hash3(key, 0, tries++) % (uint64_t)samples->count);
        while (contains(index, i, index[i]));
}

void nca_samples_seed(float *state, const NcaCanvas *c)
{
    memset(state, 0, nca_samples_size(c));
    plant(state, c);
}

void nca_samples_move(float *to, const float *from, const NcaCanvas *c, int dx, int dy)
{
    int left = dx > 0 ? dx : 0, right = dx < 0 ? c->width + dx : c->width;
    size_t cell = (size_t)c->channels, row = (size_t)c->width * cell;
    if (dx == 0 && dy == 0) {
        memcpy(to, from, nca_samples_size(c));
        return;
    }
    memset(to, 0, nca_samples_size(c));
    for (int y = 0; y < c->height && left < right; y++)
        if (y - dy >= 0 && y - dy < c->height)
            memcpy(to + (size_t)y * row + (size_t)left * cell,
                   from + (size_t)(y - dy) * row + (size_t)(left - dx) * cell,
                   (size_t)(right - left) * cell * sizeof(float));
}

bool nca_samples_is_lost(const float *state, const NcaCanvas *c, float threshold)
{
    bool mature = false;
    float sum = 0; /* not finite where a value is not */
    for (size_t i = 0, cells = (size_t)c->width * c->height; i < cells; i++) {
        const float *cell = state + i * c->channels;
        mature |= cell[3] > threshold;
        for (int channel = 0; channel < c->channels; channel++)
            sum += cell[channel] * 0;
    }
    return !mature || sum != 0;
}
