/* SPDX-License-Identifier: MIT
 *
 * m += (g - m)(1 - β1), v += (g² - v)(1 - β2), w -= α m / (√v + ε), where α = rate √(1 -
 * β2^t) / (1 - β1^t) and g is the gradient of a tensor over its norm, or over that and a
 * share of what it usually is.  opencl/optimise.cl does the same on a device. */
#include "adam.h"

#include <math.h>
#include <stdlib.h>

#include "rollout.h"
#include "status.h"

static const double BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-7, NORM_EPSILON = 1e-8;
/* What is louder than so many times the usual counts as that: else one sample that runs
 * away would make all others count for nothing. */
static const double USUAL_PART = 1.0 / 200, LOUD = 20;

NcaStatus nca_adam_init(NcaAdam *adam, const NcaShape *shape, NcaError *error)
{
    size_t size = nca_gradient_size(shape);
    float *memory = calloc(2 * size, sizeof(float));
    if (!memory)
        return nca_fail_memory(error, "the optimiser");
    *adam = (NcaAdam){.size = size, .m = memory, .v = memory + size};
    return NCA_OK;
}

void nca_adam_uninit(NcaAdam *adam)
{
    free(adam->m);
    *adam = (NcaAdam){0};
}

NcaAdamStep nca_adam_next(const NcaAdam *adam, double rate, double usual_share)
{
    double time = (double)adam->time + 1;
    return (NcaAdamStep){
        .norm_epsilon = NORM_EPSILON,
        .usual_share = usual_share,
        .usual_part = USUAL_PART,
        .loud = LOUD,
        .m_part = 1 - BETA1,
        .v_part = 1 - BETA2,
        .alpha = rate * sqrt(1 - pow(BETA2, time)) / (1 - pow(BETA1, time)),
        .epsilon = EPSILON,
    };
}

static void normalise(float *gradient, size_t size, double *usual, const NcaAdamStep *s)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)gradient[i] * gradient[i];
    double norm = sqrt(sum);
    *usual = *usual > 0 ? *usual + (fmin(norm, s->loud * *usual) - *usual) * s->usual_part
                        : norm;
    double factor = 1 / (norm + s->usual_share * *usual + s->norm_epsilon);
    for (size_t i = 0; i < size; i++)
        gradient[i] = (float)(gradient[i] * factor);
}

void nca_adam_step(NcaAdam *adam, NcaModel *model, float *gradient, double rate,
                   double usual_share)
{
    NcaAdamStep s = nca_adam_next(adam, rate, usual_share);
    float *m = adam->m, *v = adam->v, *g = gradient;
    for (int t = 0; t < NCA_TENSORS; t++) {
        float *w = nca_model_tensor_mut(model, t);
        size_t size = nca_model_tensor_size(model, t);
        normalise(g, size, &adam->usual[t], &s);
        for (size_t i = 0; i < size; i++) {
            m[i] = (float)(m[i] + (g[i] - m[i]) * s.m_part);
            v[i] = (float)(v[i] + ((double)g[i] * g[i] - v[i]) * s.v_part);
            w[i] = (float)(w[i] - s.alpha * m[i] / (sqrt(v[i]) + s.epsilon));
        }
        m += size;
        v += size;
        g += size;
    }
    adam->time++;
}
