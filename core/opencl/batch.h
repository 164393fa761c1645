/* SPDX-License-Identifier: MIT
 *
 * The inside of an NcaClBatch. */
#ifndef NCA_CL_BATCH_H
#define NCA_CL_BATCH_H

#include "cl.h"
#include "training.h"

typedef enum NcaClKernel {
    NCA_CL_CELLS_BACK,
    NCA_CL_WEIGHTS_BACK,
    NCA_CL_ADD_PARTS,
    NCA_CL_MEAN_GRADIENT,
    NCA_CL_NORMALISE,
    NCA_CL_ADAM_STEP,
    NCA_CL_PUT_NETWORK,
    NCA_CL_GATHER_BACK,
    NCA_CL_LOSS_BACK,
    NCA_CL_MOVE,
    NCA_CL_WOUND,
    NCA_CL_SEED,
    NCA_CL_LOOK,
    NCA_CL_KERNELS
} NcaClKernel;

/* What the way back keeps of a step, and the gradients; see back.cl. */
typedef struct NcaClBack {
    cl_mem gradient[2]; /* of the states, they take turns */
    cl_mem y, h, dz, dy, updated;
    cl_mem parts, sums;
    cl_mem losses;
} NcaClBack;

/* Told of optimise.cl; tensors in the device's order, w1 w2 b1 b2. */
typedef struct NcaClTold {
    cl_float usual[4], factor[4];
    cl_int made;
} NcaClTold;
_Static_assert(sizeof(NcaClTold) == 9 * sizeof(cl_float), "as the device has it");

/* What learns; see optimise.cl. */
typedef struct NcaClOptimiser {
    cl_mem gradient; /* [network] */
    cl_mem told;     /* an NcaClTold */
    cl_mem learnt;   /* [3][network]: weights, m, v */
} NcaClOptimiser;

struct NcaClBatch {
    NcaClMachine machine;
    cl_kernel kernel[NCA_CL_KERNELS];
    int pool, steps_max;
    const atomic_bool *stop; /* or NULL */
    cl_mem pool_states, before, after;
    cl_mem target, picture, killed;
    NcaClSlot
        *slot; /* [slots] states after the steps of a segment, the first before it */
    int slots;
    cl_mem *kept; /* [kept_count] states before each segment but the first */
    int kept_count;
    NcaClBack back;
    NcaClOptimiser optimiser;
    float *learnt; /* as the device's, on its way there or from it */
    /* The last run: */
    uint64_t *seed; /* [count] */
    uint32_t limit;
    int steps;
    NcaClLoss *losses; /* [steps_max + 1][count] */
    bool *has_loss;    /* [steps_max + 1] */
};

/* Float4 of a tile's part of the weights' gradient: of w1 and b1, and of all. */
int nca_cl_part_first(const NcaClLayout *layout);
int nca_cl_part_size(const NcaClLayout *layout);

/* Floats of learnt. */
size_t nca_cl_learnt_size(const NcaClLayout *layout);

/* From `sums` of the way back. */
cl_int nca_cl_mean_gradient(const NcaClBatch *batch);

/* Runs a kernel whose ids are x and y of a cell, and the world. */
cl_int nca_cl_for_cells(const NcaClBatch *batch, NcaClKernel kernel, int worlds);

#endif
