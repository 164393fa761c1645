/* SPDX-License-Identifier: MIT
 *
 * Small targets and trainings, and whether two of them are at the same point bit for bit.
 */
#ifndef NCA_TEST_TRAINERS_H
#define NCA_TEST_TRAINERS_H

#include "models.h"
#include "nca_train.h"
#include "test.h"
#include "trainer.h"

/* A round thing of 12×9 pixels, redder or greener. */
/* An oval of that alpha. */
static inline NcaTarget *oval_target(int size, int padding, bool green, uint8_t alpha)
{
    enum { W = 12, H = 9 };
    uint8_t rgba[W * H * 4] = {0};
    NcaTargetParams params = {size, padding};
    NcaTarget *target = NULL;
    for (int i = 0; i < W * H; i++) {
        double dx = (i % W - 5.5) / 6, dy = (i / W - 4) / 4.5;
        if (dx * dx + dy * dy < 1)
            memcpy(rgba + i * 4,
                   (uint8_t[]){green ? 30 : 220, 120, (uint8_t)(i * 2), alpha}, 4);
    }
    CHECK(nca_target_new(&target, rgba, W, H, W * 4, &params, NULL) == NCA_OK);
    return target;
}

static inline NcaTarget *new_target(int size, int padding, bool green)
{
    return oval_target(size, padding, green, 255);
}

static inline NcaTrainParams small_params(NcaRegime regime, NcaRecipe recipe,
                                          uint64_t own_seed)
{
    NcaTrainParams p = nca_train_params_default();
    p.regime = regime;
    p.recipe = recipe;
    p.channels = p.hidden = 8;
    p.batch = 4;
    p.pool = 8;
    p.iterations = 20;
    p.rate = 1e-2f;
    p.seed = own_seed;
    return p;
}

static inline NcaTrainer *new_trainer(const NcaTarget *target,
                                      const NcaTrainParams *params, const NcaModel *from)
{
    NcaTrainer *trainer = NULL;
    NcaError error = {""};
    NcaStatus status = nca_trainer_new(&trainer, target, params, from, &error);
    CHECK_MSG(status == NCA_OK && !*error.text, "%s", error.text);
    if (status < 0)
        exit(test_end());
    return trainer;
}

/* With a model to start with only where the recipe cannot do without. */
static inline NcaTrainer *begun(const NcaTarget *target, const NcaTrainParams *params)
{
    NcaShape shape = nca_shape_default();
    NcaModel *from = NULL;
    shape.channels = params->channels;
    shape.hidden = params->hidden;
    if (params->recipe == NCA_RECIPE_FINISHING)
        from = random_model(&shape, 0.05, params->seed);
    NcaTrainer *trainer = new_trainer(target, params, from);
    nca_model_free(&from);
    return trainer;
}

static inline void run_to(NcaTrainer *trainer, int64_t iteration)
{
    while (trainer->iteration < iteration)
        nca_trainer_step(trainer);
}

static inline bool weights_equal(const NcaModel *a, const NcaModel *b)
{
    for (int t = 0; t < NCA_TENSORS; t++) {
        size_t size = nca_model_tensor_size(a, t);
        if (size != nca_model_tensor_size(b, t))
            return false;
        if (size && memcmp(nca_model_tensor(a, t), nca_model_tensor(b, t), size * 4))
            return false;
    }
    return true;
}

/* All that the next iteration depends on, and what is told of the last one. */
static inline bool trainers_equal(const NcaTrainer *a, const NcaTrainer *b)
{
    size_t means = 2 * a->adam.size * sizeof(float);
    size_t pool = (size_t)a->pool.count * a->pool.size * sizeof(float);
    return weights_equal(a->model, b->model) && a->iteration == b->iteration &&
           a->canvas.stage == b->canvas.stage && a->stage_first == b->stage_first &&
           a->adam.time == b->adam.time && a->adam.size == b->adam.size &&
           !memcmp(a->adam.m, b->adam.m, means) &&
           !memcmp(a->adam.usual, b->adam.usual, sizeof(a->adam.usual)) &&
           a->pool.count == b->pool.count &&
           (!pool || !memcmp(a->pool.states, b->pool.states, pool)) &&
           !memcmp(&a->loss, &b->loss, sizeof(a->loss)) &&
           !memcmp(&a->smooth, &b->smooth, sizeof(a->smooth));
}

static inline NcaTrainer *trained(const NcaTarget *target, const NcaTrainParams *params)
{
    NcaTrainer *t = begun(target, params);
    run_to(t, params->iterations);
    return t;
}

static inline size_t state_bytes(const NcaTrainer *t)
{
    return t->pool.size * sizeof(float);
}

/* Of the state as it is, beyond 0…1 too; picture NULL: nothing. */
static inline double loss_against(const NcaTarget *picture, const NcaTrainer *t,
                                  const float *state)
{
    const float *pixels = picture ? nca_target_pixels(picture) : NULL;
    int cells = t->canvas.width * t->canvas.height;
    double sum = 0;
    for (int i = 0; i < cells * 4; i++)
        sum += pow((double)state[i / 4 * t->canvas.channels + i % 4] -
                       (pixels ? pixels[i] : 0),
                   2);
    return sum / (cells * 4);
}

#endif
