/* SPDX-License-Identifier: MIT
 *
 * The optimiser: Adam (Kingma, Ba 2015) as Keras has it, on gradients of which each
 * tensor was divided by its own L2 norm (Distill 2020, the published notebook). */
#ifndef NCA_ADAM_H
#define NCA_ADAM_H

#include "nca.h"

typedef struct NcaAdam {
    size_t size;  /* nca_gradient_size of the shape */
    float *m, *v; /* running means of the gradient and of its square, one block from m */
    int64_t time; /* updates made */
    /* Norms: running means over 200 updates or so, which one that is enormous hardly
     * moves. */
    double usual[NCA_TENSORS];
} NcaAdam;

/* At time 0. */
NcaStatus nca_adam_init(NcaAdam *adam, const NcaShape *shape, NcaError *error);
void nca_adam_uninit(NcaAdam *adam);

/* The numbers of an update: the gradient g of a tensor is divided by norm + usual_share ·
 * usual + norm_epsilon, where usual += (min(norm, loud · usual) - usual) · usual_part,
 * and is the norm itself the first time; then m += (g - m) m_part, v += (g² - v) v_part,
 * w -= alpha m / (√v + epsilon). */
typedef struct NcaAdamStep {
    double norm_epsilon, usual_share, usual_part, loud;
    double m_part, v_part, alpha, epsilon;
} NcaAdamStep;

/* Those of the next one. */
NcaAdamStep nca_adam_next(const NcaAdam *adam, double rate, double usual_share);

/* Normalises the gradient (order: w1 b1 w2 b2) in place and takes one step down.
 * usual_share: 0 as published; else what the norm of each tensor is divided by is that
 * norm and so much of its running mean, so that a gradient much smaller than usual counts
 * less. */
void nca_adam_step(NcaAdam *adam, NcaModel *model, float *gradient, double rate,
                   double usual_share);

#endif
