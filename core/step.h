/* SPDX-License-Identifier: MIT
 *
 * One update of a world: decide, then apply.  Between the two the caller may record what
 * is about to change. */
#ifndef NCA_STEP_H
#define NCA_STEP_H

#include "kernels.h"
#include "world.h"

typedef struct NcaStepParams {
    const NcaNetwork *network;
    const NcaKernels *kernels;
    NcaDenseBf16 *bf16; /* NULL: the exact kernels */
    uint64_t seed;      /* of the fire mask, with time and cell */
    int64_t time;
    uint32_t limit;        /* nca_fire_limit(fire rate) */
    NcaScratch *scratch;   /* [slots] */
    int slots;             /* jobs that may run at once, at least 1 */
    bool sleeping;         /* threads must be woken */
    NcaParallel *parallel; /* NULL: the calling thread */
    void *host;
} NcaStepParams;

/* Computes the updates of all cells that fire (delta) and who lives on (life, grown). */
void nca_step_decide(NcaWorld *world, const NcaStepParams *params);

/* Makes it so: adds the updates of those that live on, kills the others. */
void nca_step_apply(NcaWorld *world, const NcaStepParams *params);

/* A walk over the set bits of a plane, row after row. */
typedef struct NcaCursor {
    const NcaWorld *world;
    const uint64_t *plane;
    int y, y_last, word;
    uint64_t bits;
} NcaCursor;

/* Rows y … y_last-1, words of todo. */
NcaCursor nca_cursor_begin(const NcaWorld *world, const uint64_t *plane, int y,
                           int y_last);

/* Up to `most` next cells, as indices for the kernels; how many there were. */
int nca_cursor_next(NcaCursor *cursor, uint32_t *cell, int most);

#endif
