/* SPDX-License-Identifier: MIT
 *
 * models/axolotl.bin, which embed.py makes an array of. */
#include "pretrained.h"

#include "status.h"

extern const unsigned char nca_pretrained[];
extern const size_t nca_pretrained_size;

NcaStatus nca_model_pretrained(NcaModel **model, NcaError *error)
{
    /* The bytes are good, so it is memory that failed. */
    if (nca_model_parse(model, nca_pretrained, nca_pretrained_size, NULL) < 0)
        return nca_fail_memory(error, "the model to begin with");
    return NCA_OK;
}
