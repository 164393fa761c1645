/* SPDX-License-Identifier: MIT
 *
 * What a training learns, on the device: weights, the optimiser's means, and an update of
 * them. */
#include "batch.h"
#include "model.h"

/* Adam of optimise.cl: NcaAdamStep in floats. */
typedef struct ClAdam {
    cl_float norm_epsilon, usual_share, usual_part, loud, m_part, v_part, alpha, epsilon;
} ClAdam;
_Static_assert(sizeof(ClAdam) == 8 * sizeof(cl_float), "as the device has it");

static const NcaTensor device_order[NCA_TENSORS] = {NCA_W1, NCA_W2, NCA_B1, NCA_B2};

typedef enum Part { WEIGHTS, M, V, PARTS } Part;

static size_t network_size(const NcaClBatch *b)
{
    return nca_cl_network_size(&b->machine.layout);
}

size_t nca_cl_learnt_size(const NcaClLayout *l)
{
    return PARTS * nca_cl_network_size(l);
}

/* `count` parts of a buffer into b->learnt, or out of it. */
static cl_int read_parts(const NcaClBatch *b, cl_mem buffer, Part first, int count)
{
    size_t bytes = network_size(b) * sizeof(cl_float);
    return nca_cl_read(&b->machine, buffer, first * bytes, count * bytes,
                       b->learnt + first * network_size(b));
}

static cl_int write_learnt(const NcaClBatch *b)
{
    return nca_cl_write(&b->machine, b->optimiser.learnt, 0,
                        PARTS * network_size(b) * sizeof(cl_float), b->learnt);
}

/* The tensors in a block of nca_gradient_size floats. */
static void tensors_in(const NcaClBatch *b, float *block, float **tensor)
{
    for (int t = 0; t < NCA_TENSORS; t++) {
        tensor[t] = block;
        block += nca_shape_tensor_size(&b->machine.layout.shape, t);
    }
}

static void pack(const NcaClBatch *b, Part part, float *const *tensor)
{
    nca_cl_tensors_pack(&b->machine.layout, tensor, b->learnt + part * network_size(b));
}

static void unpack(const NcaClBatch *b, Part part, float *const *tensor)
{
    nca_cl_tensors_unpack(&b->machine.layout, b->learnt + part * network_size(b), tensor);
}

/* ---------------------------------------------------------------- its state */

static cl_int for_parameters(const NcaClBatch *b, NcaClKernel kernel)
{
    size_t items = network_size(b) / 4;
    return clEnqueueNDRangeKernel(b->machine.device.queue, b->kernel[kernel], 1, NULL,
                                  &items, NULL, 0, NULL, NULL);
}

static cl_float4 bands_of(const NcaClBatch *b)
{
    cl_float4 bands = {{0}};
    for (int i = 0; i < NCA_BANDS_MAX; i++)
        bands.s[i] = b->machine.layout.shape.band_scale[i];
    return bands;
}

static cl_int put_network(const NcaClBatch *b)
{
    cl_float4 bands = bands_of(b);
    cl_int code = nca_cl_arguments(
        b->kernel[NCA_CL_PUT_NETWORK], NCA_CL_ARGUMENT(b->optimiser.learnt),
        NCA_CL_ARGUMENT(bands), NCA_CL_ARGUMENT(b->machine.network), NULL);
    return code == CL_SUCCESS ? for_parameters(b, NCA_CL_PUT_NETWORK) : code;
}

NcaStatus nca_cl_batch_set_model(NcaClBatch *b, const NcaModel *model,
                                 const NcaAdam *adam, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    float *tensor[NCA_TENSORS];
    NcaClTold told = {.made = 0};
    for (int t = 0; t < NCA_TENSORS; t++) {
        tensor[t] = (float *)nca_model_tensor(model, t); /* is only read */
        told.usual[t] = (cl_float)adam->usual[device_order[t]];
    }
    pack(b, WEIGHTS, tensor);
    tensors_in(b, adam->m, tensor);
    pack(b, M, tensor);
    tensors_in(b, adam->v, tensor);
    pack(b, V, tensor);
    cl_int code = write_learnt(b);
    if (code == CL_SUCCESS)
        code = nca_cl_write(m, b->optimiser.told, 0, sizeof(told), &told);
    if (code == CL_SUCCESS)
        code = put_network(b);
    return nca_cl_status(&m->device, code, "write weights", error);
}

NcaStatus nca_cl_batch_means(NcaClBatch *b, NcaAdam *adam, NcaError *error)
{
    float *tensor[NCA_TENSORS];
    cl_int code = read_parts(b, b->optimiser.learnt, M, 2);
    if (code != CL_SUCCESS)
        return nca_cl_status(&b->machine.device, code, "read the optimiser's means",
                             error);
    tensors_in(b, adam->m, tensor);
    unpack(b, M, tensor);
    tensors_in(b, adam->v, tensor);
    unpack(b, V, tensor);
    return NCA_OK;
}

/* ---------------------------------------------------------------- gradient */

cl_int nca_cl_mean_gradient(const NcaClBatch *b)
{
    cl_int worlds = b->machine.count, output_bias = b->machine.layout.shape.output_bias;
    cl_float4 bands = bands_of(b);
    cl_int code = nca_cl_arguments(b->kernel[NCA_CL_MEAN_GRADIENT],
                                   NCA_CL_ARGUMENT(b->back.sums), NCA_CL_ARGUMENT(worlds),
                                   NCA_CL_ARGUMENT(bands), NCA_CL_ARGUMENT(output_bias),
                                   NCA_CL_ARGUMENT(b->optimiser.gradient), NULL);
    return code == CL_SUCCESS ? for_parameters(b, NCA_CL_MEAN_GRADIENT) : code;
}

NcaStatus nca_cl_batch_gradient(NcaClBatch *b, float *gradient, NcaError *error)
{
    float *tensor[NCA_TENSORS];
    cl_int code = read_parts(b, b->optimiser.gradient, 0, 1);
    tensors_in(b, gradient, tensor);
    if (code == CL_SUCCESS)
        unpack(b, 0, tensor);
    return nca_cl_status(&b->machine.device, code, "read the gradient", error);
}

/* ------------------------------------------------------------------ update */

static cl_int normalise(const NcaClBatch *b, const ClAdam *adam)
{
    size_t group = (size_t)b->machine.layout.group;
    cl_int code = nca_cl_arguments(b->kernel[NCA_CL_NORMALISE], NCA_CL_ARGUMENT(*adam),
                                   NCA_CL_ARGUMENT(b->optimiser.gradient),
                                   NCA_CL_ARGUMENT(b->optimiser.told), NULL);
    return code == CL_SUCCESS
               ? clEnqueueNDRangeKernel(b->machine.device.queue,
                                        b->kernel[NCA_CL_NORMALISE], 1, NULL, &group,
                                        &group, 0, NULL, NULL)
               : code;
}

static cl_int update(const NcaClBatch *b, const NcaAdamStep *step)
{
    ClAdam adam = {
        .norm_epsilon = (cl_float)step->norm_epsilon,
        .usual_share = (cl_float)step->usual_share,
        .usual_part = (cl_float)step->usual_part,
        .loud = (cl_float)step->loud,
        .m_part = (cl_float)step->m_part,
        .v_part = (cl_float)step->v_part,
        .alpha = (cl_float)step->alpha,
        .epsilon = (cl_float)step->epsilon,
    };
    cl_int code = normalise(b, &adam);
    if (code == CL_SUCCESS)
        code = nca_cl_arguments(b->kernel[NCA_CL_ADAM_STEP], NCA_CL_ARGUMENT(adam),
                                NCA_CL_ARGUMENT(b->optimiser.gradient),
                                NCA_CL_ARGUMENT(b->optimiser.told),
                                NCA_CL_ARGUMENT(b->optimiser.learnt), NULL);
    if (code == CL_SUCCESS)
        code = for_parameters(b, NCA_CL_ADAM_STEP);
    return code == CL_SUCCESS ? put_network(b) : code;
}

NcaStatus nca_cl_batch_optimise(NcaClBatch *b, NcaModel *model, NcaAdam *adam,
                                double rate, double usual_share, NcaError *error)
{
    const NcaClMachine *m = &b->machine;
    NcaAdamStep step = nca_adam_next(adam, rate, usual_share);
    NcaClTold told;
    float *tensor[NCA_TENSORS];
    cl_int code = update(b, &step);
    if (code == CL_SUCCESS)
        code = nca_cl_read(m, b->optimiser.told, 0, sizeof(told), &told);
    if (code == CL_SUCCESS)
        code = read_parts(b, b->optimiser.learnt, WEIGHTS, 1);
    if (code != CL_SUCCESS)
        return nca_cl_status(&m->device, code, "learn", error);
    for (int t = 0; t < NCA_TENSORS; t++) {
        tensor[t] = nca_model_tensor_mut(model, t);
        adam->usual[device_order[t]] = told.usual[t];
    }
    unpack(b, WEIGHTS, tensor);
    adam->time += told.made != 0;
    return NCA_OK;
}
