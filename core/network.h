/* SPDX-License-Identifier: MIT
 *
 * A model's weights as the kernels want them: inputs × outputs, outputs contiguous and
 * padded with zeros to NCA_LANES.  Everything linear is folded into them: the scale of a
 * band and the angle into w1 (turning the gradients and then multiplying is the same as
 * multiplying by turned weights), the step size into w2 and b2. */
#ifndef NCA_NETWORK_H
#define NCA_NETWORK_H

#include "nca.h"

#define NCA_LANES 16     /* floats of a cache line; cells and rows are padded to this */
#define NCA_BF16_ROWS 32 /* of weights of bf16: what an AMX tile takes at once */

typedef struct NcaNetwork {
    int channels, hidden, bands;
    NcaBand band[NCA_BANDS_MAX];
    int stride;       /* floats of a cell: channels padded */
    int inputs;       /* bands · channels */
    int input_stride; /* floats of a perception: the last band padded as a cell is */
    int hidden_stride;
    float *w1;  /* [inputs][hidden_stride] */
    float *b1;  /* [hidden_stride] */
    float *w2;  /* [hidden][stride] */
    float *b2;  /* [stride] */
    float *w1t; /* [hidden][input_stride], w1 transposed, for the way back */
    float *w2t; /* [channels][hidden_stride] */
    uint16_t *w1_bf16, *w2_bf16; /* rows in pairs, padded with zeros to NCA_BF16_ROWS;
                                    NULL unless asked for */
    void *memory;
} NcaNetwork;

/* Room for a network of this shape; nca_network_pack fills it. */
NcaStatus nca_network_init(NcaNetwork *network, const NcaShape *shape, bool bf16,
                           NcaError *error);
void nca_network_uninit(NcaNetwork *network);

/* angle in degrees. */
void nca_network_pack(NcaNetwork *network, const NcaModel *model, float angle,
                      float step_size);

/* Rows of a gradient matrix, padded so that kernels can write whole blocks of them. */
#define NCA_PAD_ROWS(rows) (((rows) + 23) / 24 * 24)

/* Gradients in the layout of a packed network, all in one block from dw1. */
typedef struct NcaGradient {
    float *dw1;  /* [NCA_PAD_ROWS(inputs)][hidden_stride] */
    float *db1;  /* [hidden_stride] */
    float *dw2;  /* [NCA_PAD_ROWS(hidden)][stride] */
    float *db2;  /* [stride] */
    size_t size; /* floats */
} NcaGradient;

/* All zero. */
NcaStatus nca_gradient_init(NcaGradient *gradient, const NcaNetwork *network,
                            NcaError *error);
void nca_gradient_uninit(NcaGradient *gradient);
void nca_gradient_clear(NcaGradient *gradient);

/* The adjoint of packing: into the model's own layout (w1 b1 w2 b2, see rollout.h). */
void nca_network_unpack_gradient(const NcaNetwork *network, const NcaShape *shape,
                                 float angle, float step_size, const NcaGradient *packed,
                                 float *gradient);

#endif
