/* SPDX-License-Identifier: MIT
 *
 * From the layouts of the published files to ours.  They store matrices as input ×
 * output, ours are output × input.  TensorFlow orders the inputs channel·bands + band,
 * the demo and this library band·channels + channel. */
#ifndef NCA_IMPORT_H
#define NCA_IMPORT_H

#include "model.h"

typedef enum NcaOrder { NCA_BAND_MAJOR, NCA_INTERLEAVED } NcaOrder;

/* Two layers as the file has them. */
typedef struct NcaLayers {
    size_t inputs, hidden, channels;
    NcaOrder order;  /* of the inputs */
    const float *w1; /* [inputs][hidden] */
    const float *b1; /* [hidden] */
    const float *w2; /* [hidden][channels] */
    const float *b2; /* [channels] */
} NcaLayers;

/* A model of the published kind; NCA_ERR_FORMAT where the sizes do not make one. */
NcaStatus nca_import_layers(NcaModel **model, const NcaLayers *layers, NcaError *error);

/* Little-endian float32 number i. */
float nca_import_float(const uint8_t *data, size_t i);

#endif
