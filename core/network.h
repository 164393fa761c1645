/* SPDX-License-Identifier: MIT
 *
 * A model's weights as the kernels want them: inputs × outputs, outputs contiguous and
 * padded with zeros to NCA_LANES.  Everything linear is folded into them: the scale of a
 * band and the angle into w1 (turning the gradients and then multiplying is the same as
 * multiplying by turned weights), the step size into w2 and b2. */
#ifndef NCA_NETWORK_H
#define NCA_NETWORK_H

#include "nca.h"

#define NCA_LANES 16 /* floats of a cache line; cells and rows are padded to this */

typedef struct NcaNetwork {
    int channels, hidden, bands;
    NcaBand band[NCA_BANDS_MAX];
    int stride;       /* floats of a cell: channels padded */
    int inputs;       /* bands · channels */
    int input_stride; /* floats of a perception: inputs padded */
    int hidden_stride;
    float *w1;  /* [inputs][hidden_stride] */
    float *b1;  /* [hidden_stride] */
    float *w2;  /* [hidden][stride] */
    float *b2;  /* [stride] */
    float *w1t; /* [hidden][input_stride], w1 transposed, for the way back */
    float *w2t; /* [channels][hidden_stride] */
    uint16_t *w1_bf16, *w2_bf16; /* rows in pairs; NULL unless asked for */
    void *memory;
} NcaNetwork;

/* Room for a network of this shape; nca_network_pack fills it. */
NcaStatus nca_network_init(NcaNetwork *network, const NcaShape *shape, bool bf16,
                           NcaError *error);
void nca_network_uninit(NcaNetwork *network);

/* angle in degrees. */
void nca_network_pack(NcaNetwork *network, const NcaModel *model, float angle,
                      float step_size);

/* The adjoint of packing: gradients in the packed layout → the model's layout
 * (w1 b1 w2 b2, see rollout.h). */
void nca_network_unpack_gradient(const NcaNetwork *network, const NcaModel *model,
                                 float angle, float step_size, const float *dw1,
                                 const float *db1, const float *dw2, const float *db2,
                                 float *gradient);

#endif
