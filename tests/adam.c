/* SPDX-License-Identifier: MIT
 *
 * Updates against Keras's formula in double, with gradients so small that both epsilons
 * show; a gradient of zero changes nothing. */
#include "adam.h"

#include "models.h"
#include "rollout.h"
#include "seed.h"

enum { UPDATES = 25, SIZE_MOST = 4096 };

static uint64_t seed;

static double noise(uint64_t what, uint64_t i)
{
    return nca_uniform(nca_hash3(seed, what, i)) * 2 - 1;
}

/* Keras's Adam in its own words, each tensor's gradient over its norm and a share of what
 * that usually is. */
typedef struct Keras {
    double m[SIZE_MOST], v[SIZE_MOST], w[SIZE_MOST], usual[NCA_TENSORS], share;
} Keras;

static void keras_step(Keras *k, int tensor, size_t first, size_t size, const float *g,
                       double rate, int time)
{
    double norm = 0;
    for (size_t i = first; i < first + size; i++)
        norm += (double)g[i] * g[i];
    norm = sqrt(norm);
    if (time == 1)
        k->usual[tensor] = norm;
    else
        k->usual[tensor] +=
            0.005 * (fmin(norm, 20 * k->usual[tensor]) - k->usual[tensor]);
    norm += k->share * k->usual[tensor] + 1e-8;
    double lr = rate * sqrt(1 - pow(0.999, time)) / (1 - pow(0.9, time));
    for (size_t i = first; i < first + size; i++) {
        k->m[i] = 0.9 * k->m[i] + 0.1 * (g[i] / norm);
        k->v[i] = 0.999 * k->v[i] + 0.001 * (g[i] / norm) * (g[i] / norm);
        k->w[i] -= lr * k->m[i] / (sqrt(k->v[i]) + 1e-7);
    }
}

/* Norms about 1, about the 1e-8 that is added to them, and so small that Adam's own 1e-7
 * is about the root of the mean square. */
static void random_gradient(float *g, const NcaModel *model, int time, double loud)
{
    static const double scale[NCA_TENSORS] = {1, 3e-9, 3e-15, 10};
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            *g++ = (float)(loud * scale[t] *
                           noise(100 + 10 * (uint64_t)time + (uint64_t)t, i));
}

static void take(Keras *k, const NcaModel *model)
{
    double *w = k->w;
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            *w++ = nca_model_tensor(model, t)[i];
}

/* Weights of about 1 are rounded by 6e-8 at each update. */
static void compare(const Keras *k, const NcaModel *model, int time)
{
    const double tolerance = 1e-7 * (time + 3), *w = k->w;
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++, w++) {
            double off = fabs(*w - nca_model_tensor(model, t)[i]);
            CHECK_MSG(off <= tolerance, "update %d, tensor %d [%zu] is %g off", time, t,
                      i, off);
        }
}

/* Where a share of the usual norm counts, every third gradient is ten times as large, and
 * one is enormous: what is usual hardly moves. */
static void test_updates(const NcaShape *shape, double usual_share)
{
    static Keras k;
    static float g[SIZE_MOST];
    NcaModel *model = random_model(shape, 1, seed);
    NcaAdam adam;
    CHECK(nca_adam_init(&adam, shape, NULL) == NCA_OK);
    CHECK(adam.size == nca_gradient_size(shape) && adam.size <= SIZE_MOST);
    memset(&k, 0, sizeof(k));
    k.share = usual_share;
    take(&k, model);
    for (int time = 1; time <= UPDATES && !test_failures; time++) {
        double rate = time < 15 ? 2e-2 : 2e-3;
        size_t first = 0;
        double loud = time == 7 ? 1e15 : time % 3 == 0 ? 10 : 1;
        random_gradient(g, model, time, usual_share > 0 ? loud : 1);
        for (int t = 0; t < NCA_TENSORS; first += nca_model_tensor_size(model, t++))
            keras_step(&k, t, first, nca_model_tensor_size(model, t), g, rate, time);
        nca_adam_step(&adam, model, g, rate, usual_share);
        CHECK(adam.time == time);
        compare(&k, model, time);
    }
    nca_adam_uninit(&adam);
    nca_model_free(&model);
}

static void test_zero_gradient(const NcaShape *shape)
{
    static float g[SIZE_MOST];
    NcaModel *model = random_model(shape, 1, seed), *same = random_model(shape, 1, seed);
    NcaAdam adam;
    CHECK(nca_adam_init(&adam, shape, NULL) == NCA_OK);
    for (int i = 0; i < 3; i++) {
        memset(g, 0, sizeof(g));
        nca_adam_step(&adam, model, g, 0.1, 1);
    }
    for (int t = 0; t < NCA_TENSORS; t++) {
        size_t bytes = nca_model_tensor_size(model, t) * sizeof(float);
        CHECK(!bytes ||
              !memcmp(nca_model_tensor(model, t), nca_model_tensor(same, t), bytes));
    }
    nca_adam_uninit(&adam);
    CHECK(adam.m == NULL);
    nca_model_free(&model);
    nca_model_free(&same);
}

int main(void)
{
    NcaShape shape = nca_shape_default(), plain;
    seed = test_seed();
    shape.hidden = 20;
    plain = shape;
    plain.output_bias = false;
    test_updates(&shape, 0);
    test_updates(&plain, 0);
    test_updates(&shape, 1);
    test_updates(&plain, 0.3);
    test_zero_gradient(&shape);
    test_zero_gradient(&plain);
    return test_end();
}
