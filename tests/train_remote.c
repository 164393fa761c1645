/* SPDX-License-Identifier: MIT
 *
 * Training on an OpenCL device beside the CPU's: from the same checkpoint the same
 * samples are drawn, wounded and run, and the same is learnt from them; it goes on from
 * its own checkpoints as if it had never stopped.  Skipped without a device. */
#include "batch_remote.h"
#include "devices.h"
#include "folder.h"
#include "trainers.h"

static NcaTarget *target;

static NcaTrainParams params_of(NcaRegime regime, NcaRecipe recipe, int device)
{
    NcaTrainParams p = small_params(regime, recipe, seed);
    p.iterations = 40;
    p.batch = 6;
    p.pool = 12;
    p.device = device;
    return p;
}

/* What both learnt from the model before.  Where a gradient is nearly none, rounding
 * decides which way a weight goes; and a weight is rounded itself, which is all where the
 * rate is nearly 0. */
static void check_learnt(const NcaModel *before, const NcaTrainer *here,
                         const NcaTrainer *there, const char *what)
{
    for (int t = 0; t < NCA_TENSORS; t++) {
        const float *a = nca_model_tensor(here->model, t),
                    *b = nca_model_tensor(there->model, t),
                    *c = nca_model_tensor(before, t);
        size_t size = nca_model_tensor_size(before, t);
        double moved = 0, off = 0;
        for (size_t i = 0; i < size; i++) {
            moved += (a[i] - c[i]) * (a[i] - c[i]);
            off += (a[i] - b[i]) * (a[i] - b[i]);
        }
        CHECK_MSG(sqrt(off) <= 0.02 * sqrt(moved) + 1e-8 * sqrt((double)size),
                  "%s, tensor %d: %g of %g", what, t, sqrt(off), sqrt(moved));
    }
    CHECK(here->adam.time == there->adam.time);
}

static bool near(double a, double b)
{
    return a == b || fabs(a - b) <= 1e-5 * fabs(a);
}

static void check_states(const float *a, const float *b, const NcaTrainer *t,
                         const char *what)
{
    double off = 0;
    for (size_t i = 0; i < nca_samples_size(&t->canvas) / sizeof(float); i++)
        off = fmax(off, isnan(b[i]) ? INFINITY : fabs(a[i] - b[i]));
    CHECK_MSG(off <= 1e-3, "%s: %g", what, off);
}

/* One iteration of both. */
static void check_iteration(NcaTrainer *here, NcaTrainer *there, const char *what)
{
    NcaError error = {""};
    NcaModel *before = NULL;
    CHECK(nca_model_copy(&before, here->model, NULL) == NCA_OK);
    nca_trainer_step(here);
    nca_trainer_step(there);
    CHECK_MSG(nca_trainer_device(there, &error) == NCA_OK, "%s", error.text);
    nca_batch_remote_fetch_samples(there);
    nca_batch_remote_fetch(there);
    check_learnt(before, here, there, what);
    nca_model_free(&before);
    for (int i = 0; i < here->params.batch; i++) {
        const NcaSample *a = &here->sample[i], *b = &there->sample[i];
        CHECK_MSG(a->fate == b->fate && a->damage == b->damage, "%s, sample %d", what, i);
        CHECK(!here->pool.count ||
              (a->index == b->index && near(a->start_loss, b->start_loss)));
        CHECK_MSG(near(a->result.loss, b->result.loss), "%s, sample %d: %g, %g", what, i,
                  a->result.loss, b->result.loss);
        CHECK(a->result.shift_x == b->result.shift_x &&
              a->result.shift_y == b->result.shift_y);
        check_states(a->before, b->before, here, what);
        check_states(a->after, b->after, here, what);
    }
    for (int i = 0; i < here->pool.count; i++)
        check_states(nca_samples_at(&here->pool, i), nca_samples_at(&there->pool, i),
                     here, what);
    CHECK(near(here->loss, there->loss));
}

/* At several points of a training, each from the CPU's checkpoint. */
static void try_recipe(NcaRegime regime, NcaRecipe recipe, const char *what)
{
    static const int64_t at[] = {0, 1, 8, 20, 30, 39};
    NcaTrainParams p = params_of(regime, recipe, NCA_DEVICE_CPU);
    NcaTrainer *course = begun(target, &p), *here = begun(target, &p);
    p.device = NCA_DEVICE_OPENCL;
    NcaTrainer *there = begun(target, &p);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        run_to(course, at[i]);
        CHECK(nca_trainer_save(course, path_of("point"), NULL) == NCA_OK);
        CHECK(nca_trainer_load(here, path_of("point"), NULL) == NCA_OK);
        CHECK(nca_trainer_load(there, path_of("point"), NULL) == NCA_OK);
        check_iteration(here, there, what);
    }
    nca_trainer_free(&course);
    nca_trainer_free(&here);
    nca_trainer_free(&there);
}

/* A pool of whole creatures, here and there, and of what is none: all fates. */
static void fill_pool(NcaTrainer *t)
{
    const float *pixels = nca_target_pixels(target);
    int channels = t->canvas.channels, width = t->canvas.width;
    float *state = calloc(1, nca_samples_size(&t->canvas));
    for (int i = 0; i < t->pool.count; i++) {
        for (int cell = 0; cell < width * t->canvas.height; cell++)
            for (int c = 0; c < channels; c++)
                state[cell * channels + c] =
                    i % 4 == 3 && c == 3 ? 0.6f * (cell % width > width - 5)
                    : i % 4 == 3         ? 0
                    : c < 4              ? pixels[cell * 4 + c] * (1 - 0.01f * (float)i)
                                         : pixels[cell * 4 + 3] * 0.1f;
        nca_samples_move(nca_samples_at(&t->pool, i), state, &t->canvas, i % 4 == 2,
                         i % 3);
    }
    nca_samples_at(&t->pool, 4)[7] = INFINITY;
    free(state);
    nca_batch_remote_changed(t);
}

static void test_fates(void)
{
    bool seen[NCA_DIES + 1] = {false}, aside = false, placed = false;
    NcaTrainParams p =
        params_of(NCA_REGIME_REGENERATING, NCA_RECIPE_FINISHING, NCA_DEVICE_CPU);
    NcaTrainer *here = begun(target, &p);
    p.device = NCA_DEVICE_OPENCL;
    NcaTrainer *there = begun(target, &p);
    for (int i = 0; i < 20; i++) { /* one in twenty seeds wounds all in six */
        here->iteration = there->iteration = 2 * i;
        fill_pool(here);
        fill_pool(there);
        check_iteration(here, there, "fates");
        CHECK(nca_trainer_save(here, path_of("point"), NULL) == NCA_OK);
        CHECK(nca_trainer_load(there, path_of("point"), NULL) == NCA_OK);
        for (int k = 0; k < p.batch; k++) {
            seen[there->sample[k].fate] = true;
            aside |= there->sample[k].result.shift_x || there->sample[k].result.shift_y;
            placed |= there->sample[k].drawn.x || there->sample[k].drawn.y;
        }
    }
    for (int i = 0; i <= NCA_DIES; i++)
        CHECK_MSG(seen[i], "nobody had fate %d", i);
    CHECK(aside && placed);
    nca_trainer_free(&here);
    nca_trainer_free(&there);
}

/* Bit for bit, on the same device. */
static void test_going_on(void)
{
    NcaTrainParams p =
        params_of(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, NCA_DEVICE_OPENCL);
    p.iterations = 12;
    NcaTrainer *whole = begun(target, &p), *first = begun(target, &p),
               *second = begun(target, &p);
    NcaModel *start = NULL;
    CHECK(nca_model_copy(&start, whole->model, NULL) == NCA_OK);
    run_to(whole, 12);
    run_to(first, 7);
    nca_trainer_interrupt(first); /* what it had begun is dropped */
    nca_trainer_step(first);
    CHECK(first->iteration == 7);
    CHECK(nca_trainer_save(first, path_of("on"), NULL) == NCA_OK);
    CHECK(nca_trainer_load(second, path_of("on"), NULL) == NCA_OK);
    nca_batch_remote_fetch(second); /* the device has none of that yet */
    CHECK(trainers_equal(first, second));
    run_to(second, 12);
    nca_batch_remote_fetch(whole);
    nca_batch_remote_fetch(second);
    CHECK(trainers_equal(whole, second));
    CHECK(!weights_equal(whole->model, start));
    nca_model_free(&start);
    nca_trainer_free(&whole);
    nca_trainer_free(&first);
    nca_trainer_free(&second);
}

/* Now and then, for the day that the device fails, also when an older checkpoint was
 * loaded. */
static void test_fetching(void)
{
    const float mark = 123;
    NcaTrainParams p =
        params_of(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, NCA_DEVICE_OPENCL);
    p.iterations = 2000;
    NcaTrainer *t = begun(target, &p);
    nca_trainer_step(t);
    CHECK(nca_trainer_save(t, path_of("early"), NULL) == NCA_OK);
    for (int i = 0; i < 2; i++) {
        t->adam.m[0] = mark;
        t->iteration = i ? 300 : 900;
        nca_trainer_step(t);
        CHECK(t->adam.m[0] != mark);
        t->adam.m[0] = mark;
        nca_trainer_step(t);
        CHECK(t->adam.m[0] == mark);
        CHECK(nca_trainer_load(t, path_of("early"), NULL) == NCA_OK);
        nca_trainer_step(t);
    }
    nca_trainer_free(&t);
}

/* Smaller pictures first, each with a target of its own on the device. */
static void test_stages(void)
{
    NcaTarget *large = new_target(32, 2, false);
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    p.channels = p.hidden = 4;
    p.iterations = 9; /* three of each size */
    p.rate = 1e-8f;   /* stay as you are: no checkpoint brings them together */
    NcaTrainer *here = new_trainer(large, &p, NULL);
    p.device = NCA_DEVICE_OPENCL;
    NcaTrainer *there = new_trainer(large, &p, NULL);
    CHECK(here->stage_first == 2);
    for (int i = 0; i < 9; i++) {
        check_iteration(here, there, "stages");
        CHECK(there->canvas.stage == 2 - i / 3);
    }
    nca_trainer_free(&here);
    nca_trainer_free(&there);
    nca_target_free(&large);
}

/* What it looks like comes from the device. */
static void test_preview(void)
{
    NcaTrainParams p = params_of(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, NCA_DEVICE_CPU);
    NcaTrainer *here = begun(target, &p);
    p.device = NCA_DEVICE_FIRST;
    NcaTrainer *there = begun(target, &p);
    int width, height;
    nca_trainer_step(here);
    nca_trainer_step(there);
    nca_trainer_preview_size(here, &width, &height);
    uint8_t *a = calloc((size_t)width * height, 4),
            *b = calloc((size_t)width * height, 4);
    nca_trainer_preview(here, a);
    nca_trainer_preview(there, b);
    int off = 0, any = 0;
    for (int i = 0; i < width * height * 4; i++) {
        off = abs(a[i] - b[i]) > off ? abs(a[i] - b[i]) : off;
        any |= a[i];
    }
    CHECK_MSG(off <= 1 && any, "off by %d", off);
    free(a);
    free(b);
    nca_trainer_free(&here);
    nca_trainer_free(&there);
}

int main(int count, char **arguments)
{
    if (!have_device())
        return TEST_SKIP;
    take_seed(count, arguments);
    if (!folder_make())
        return test_end();
    target = new_target(16, 5, false);
    try_recipe(NCA_REGIME_GROWING, NCA_RECIPE_PUBLISHED, "growing");
    try_recipe(NCA_REGIME_REGENERATING, NCA_RECIPE_PUBLISHED, "published");
    try_recipe(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, "own");
    try_recipe(NCA_REGIME_REGENERATING, NCA_RECIPE_DRAFT, "draft");
    test_fates();
    test_going_on();
    test_fetching();
    test_stages();
    test_preview();
    nca_target_free(&target);
    folder_remove();
    return test_end();
}
