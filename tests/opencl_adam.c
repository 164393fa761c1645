/* SPDX-License-Identifier: MIT
 *
 * The optimiser on an OpenCL device beside that of the CPU, both by the gradients that
 * the device found: small ones, enormous ones, none, and such as are no numbers.  Skipped
 * without a device. */
#include "devices.h"
#include "rollout.h"

enum { SIDE = 11, STEPS = 2, BATCH = 2, UPDATES = 24 };

typedef struct Trial {
    NcaShape shape;
    NcaClBatch *batch;
    NcaModel *here, *there;
    NcaAdam adam_here, adam_there;
    float scale; /* of the loss */
} Trial;

static Trial new_trial(NcaShape shape, NcaClTuning tuning)
{
    NcaClBatchParams p = batch_params(&shape, SIDE, SIDE, BATCH, tuning);
    p.steps_max = STEPS;
    Trial t = {.shape = shape, .here = lively(shape), .batch = new_batch(&p)};
    size_t size = (size_t)SIDE * SIDE * shape.channels;
    float *state = malloc(size * sizeof(float)), target[SIDE * SIDE * 4] = {0};
    CHECK(nca_model_copy(&t.there, t.here, NULL) == NCA_OK);
    CHECK(nca_adam_init(&t.adam_here, &shape, NULL) == NCA_OK);
    CHECK(nca_adam_init(&t.adam_there, &shape, NULL) == NCA_OK);
    for (int i = 0; i < BATCH; i++) {
        for (size_t k = 0; k < size; k++)
            state[k] = (float)uniform(-0.4, 0.6);
        CHECK(nca_cl_batch_write(t.batch, nca_cl_before(t.batch, i), state, NULL) ==
              NCA_OK);
    }
    CHECK(nca_cl_batch_set_target(t.batch, target, NULL) == NCA_OK);
    CHECK(nca_cl_batch_set_model(t.batch, t.there, &t.adam_there, NULL) == NCA_OK);
    free(state);
    return t;
}

static void free_trial(Trial *t)
{
    nca_cl_batch_free(&t->batch);
    nca_model_free(&t->here);
    nca_model_free(&t->there);
    nca_adam_uninit(&t->adam_here);
    nca_adam_uninit(&t->adam_there);
}

static bool losses(void *arg, int time, NcaClLoss *loss)
{
    const Trial *t = arg;
    for (int i = 0; i < BATCH && time == STEPS; i++)
        loss[i].aim = t->scale;
    return time == STEPS;
}

/* Weights of about 1 are rounded by 6e-8 at each update. */
static void compare(const Trial *t, const char *what)
{
    double tolerance = 1e-7 * (double)(t->adam_here.time + 3);
    CHECK(t->adam_here.time == t->adam_there.time);
    for (int k = 0; k < NCA_TENSORS; k++) {
        double usual = t->adam_here.usual[k];
        CHECK_MSG(fabs(usual - t->adam_there.usual[k]) <= 1e-5 * usual,
                  "%s, tensor %d: usually %g, %g", what, k, usual,
                  t->adam_there.usual[k]);
        for (size_t i = 0; i < nca_model_tensor_size(t->here, k); i++) {
            double off = fabs((double)nca_model_tensor(t->here, k)[i] -
                              nca_model_tensor(t->there, k)[i]);
            CHECK_MSG(off <= tolerance, "%s, update %d, tensor %d [%zu]: %g", what,
                      (int)t->adam_here.time, k, i, off);
        }
    }
}

/* One update of both, by the device's gradient. */
static void update(Trial *t, double rate, double usual_share)
{
    uint64_t seeds[BATCH] = {seed, seed + 1};
    float *gradient = calloc(nca_gradient_size(&t->shape), sizeof(float)), check = 0;
    CHECK(nca_cl_batch_run(t->batch, seeds, nca_fire_limit(0.5f), STEPS, NULL) == NCA_OK);
    CHECK(nca_cl_batch_back(t->batch, losses, t, NULL) == NCA_OK);
    CHECK(nca_cl_batch_gradient(t->batch, gradient, NULL) == NCA_OK);
    for (size_t i = 0; i < t->adam_here.size; i++)
        check += gradient[i] * 0;
    if (check == 0)
        nca_adam_step(&t->adam_here, t->here, gradient, rate, usual_share);
    CHECK_MSG((check == 0) == isfinite(t->scale), "%g", (double)check);
    CHECK(nca_cl_batch_optimise(t->batch, t->there, &t->adam_there, rate, usual_share,
                                NULL) == NCA_OK);
    free(gradient);
}

static void check_means(Trial *t, const char *what)
{
    const NcaAdam *a = &t->adam_here, *b = &t->adam_there;
    for (size_t i = 0; i < 2 * b->size; i++)
        CHECK(b->m[i] == 0);
    CHECK(nca_cl_batch_means(t->batch, &t->adam_there, NULL) == NCA_OK);
    for (size_t i = 0; i < a->size; i++) {
        CHECK_MSG(fabsf(a->m[i] - b->m[i]) <= 1e-6f, "%s: m[%zu] %g, %g", what, i,
                  (double)a->m[i], (double)b->m[i]);
        CHECK_MSG(fabsf(a->v[i] - b->v[i]) <= 1e-5f * a->v[i] + 1e-9f,
                  "%s: v[%zu] %g, %g", what, i, (double)a->v[i], (double)b->v[i]);
    }
}

/* Squares of the enormous one are beyond floats.  Without a share of the usual it would
 * be all that is learnt from. */
static float scale_at(int update, double usual_share)
{
    if (update == 1 || update == 9)
        return 0;
    if (update == 12)
        return INFINITY;
    return usual_share > 0 && update == 6 ? 1e25f : update % 3 ? 0.1f : 1;
}

static void try_updates(NcaShape shape, double usual_share, const char *what)
{
    Trial t = new_trial(shape, (NcaClTuning){0});
    for (int i = 1; i <= UPDATES && !test_failures; i++) {
        t.scale = scale_at(i, usual_share);
        update(&t, i < 15 ? 2e-2 : 2e-3, usual_share);
        compare(&t, what);
    }
    CHECK(t.adam_there.time == UPDATES - 1);
    check_means(&t, what);
    free_trial(&t);
}

/* The same bits, whatever the group. */
static void test_groups(void)
{
    static const int groups[] = {1, 7, 64, 300, 1024};
    uint64_t begin = drawn;
    NcaModel *first = NULL;
    for (size_t n = 0; n < sizeof(groups) / sizeof(groups[0]); n++) {
        drawn = begin;
        Trial t = new_trial(small_shape(), (NcaClTuning){.group = groups[n]});
        t.scale = 1;
        for (int i = 0; i < 3; i++)
            update(&t, 1e-2, 1);
        if (!first)
            CHECK(nca_model_copy(&first, t.there, NULL) == NCA_OK);
        for (int k = 0; k < NCA_TENSORS; k++)
            CHECK_MSG(!memcmp(nca_model_tensor(first, k), nca_model_tensor(t.there, k),
                              nca_model_tensor_size(first, k) * sizeof(float)),
                      "groups of %d, tensor %d", groups[n], k);
        free_trial(&t);
    }
    nca_model_free(&first);
}

int main(int count, char **arguments)
{
    if (!have_device())
        return TEST_SKIP;
    take_seed(count, arguments);
    try_updates(small_shape(), 0, "small");
    try_updates(small_shape(), 1, "small, as usual");
    try_updates(four_bands(), 0.3, "four bands");
    try_updates(nca_shape_default(), 1, "published");
    test_groups();
    return test_end();
}
