/* SPDX-License-Identifier: MIT
 *
 * Iterations: the same bits on any threads, in little memory and after interruptions;
 * what is told of a training; and what happens where memory ends. */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "models.h"
#include "pretrained.h"
#include "random.h"
#include "seed.h"
#include "trainers.h"

static uint64_t seed;
static NcaTarget *target;

/* ----------------------------------------------- threads, memory, interrupts */

static void test_threads(const NcaTrainParams *params)
{
    NcaTrainer *alone = trained(target, params);
    CHECK(nca_trainer_status(alone).done && alone->workers == 1);
    for (int threads = 2; threads <= 7; threads += threads == 3 ? 4 : 1) {
        NcaPool *pool = NULL;
        NcaTrainParams p = *params;
        CHECK(nca_pool_new(&pool, threads, NULL) == NCA_OK);
        p.parallel = nca_pool_run;
        p.host = pool;
        p.threads = threads;
        NcaTrainer *many = trained(target, &p);
        CHECK(many->workers == (threads < p.batch ? threads : p.batch));
        CHECK_MSG(trainers_equal(alone, many), "%d threads", threads);
        nca_trainer_free(&many);
        nca_pool_free(&pool);
    }
    nca_trainer_free(&alone);
}

/* The least memory that three workers, two and one do with. */
static void test_little_memory(void)
{
    NcaPool *pool = NULL;
    NcaTrainParams p = small_params(NCA_REGIME_GROWING, NCA_RECIPE_PUBLISHED, seed);
    NcaTrainer *whole = trained(target, &p), *few = NULL;
    size_t good = p.memory, bad = 0;
    NcaError error = {""};
    CHECK(nca_pool_new(&pool, 3, NULL) == NCA_OK);
    p.parallel = nca_pool_run;
    p.host = pool;
    p.threads = 3;
    for (int workers = 3; workers > 0; workers--) {
        for (bad = 0; good - bad > 1;) {
            p.memory = (good + bad) / 2;
            NcaStatus status = nca_trainer_new(&few, target, &p, NULL, &error);
            bool enough = status == NCA_OK && few->workers >= workers;
            CHECK(status == NCA_OK || (status == NCA_ERR_MEMORY && !few && *error.text));
            *(enough ? &good : &bad) = p.memory;
            nca_trainer_free(&few);
        }
        p.memory = good;
        few = trained(target, &p);
        CHECK(few->workers == workers);
        CHECK_MSG(trainers_equal(whole, few), "%d workers in %zu bytes", workers, good);
        nca_trainer_free(&few);
    }
    p.memory = bad;
    CHECK(nca_trainer_new(&few, target, &p, NULL, &error) == NCA_ERR_MEMORY && !few);
    nca_trainer_free(&whole);
    nca_pool_free(&pool);
}

/* The pool gives way to half of the memory, but for two batches. */
static void test_pool_shrinks(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_PUBLISHED, seed);
    NcaTrainer *t = NULL;
    p.pool = 60000;
    p.memory = 16 << 20;
    t = new_trainer(target, &p, NULL);
    CHECK(t->pool.count == (int)(p.memory / 2 / state_bytes(t)));
    nca_trainer_step(t);
    nca_trainer_free(&t);
    p.memory = 1000;
    CHECK(nca_trainer_new(&t, target, &p, NULL, NULL) == NCA_ERR_MEMORY && !t);
}

typedef struct Nuisance {
    NcaTrainer *trainer;
    atomic_bool quit;
    atomic_int times;
} Nuisance;

static void *interrupt(void *arg)
{
    Nuisance *n = arg;
    for (uint64_t i = 0; !atomic_load(&n->quit) && i < 60; i++) {
        usleep((useconds_t)(nca_hash3(seed, 3, i) % 4000));
        nca_trainer_interrupt(n->trainer);
        atomic_fetch_add(&n->times, 1);
    }
    return NULL;
}

static void test_interrupts(const NcaTrainParams *params)
{
    NcaTrainer *calm = trained(target, params);
    Nuisance n = {.trainer = begun(target, params)};
    pthread_t thread;
    int64_t calls = 0, before = 0;
    NcaModel *model = NULL;
    CHECK(nca_trainer_model(n.trainer, &model, NULL) == NCA_OK);
    nca_trainer_interrupt(n.trainer); /* this one falls before the first iteration */
    nca_trainer_step(n.trainer);
    CHECK(n.trainer->iteration == 0 && weights_equal(model, n.trainer->model));
    nca_model_free(&model);
    CHECK(pthread_create(&thread, NULL, interrupt, &n) == 0);
    for (; !nca_trainer_status(n.trainer).done; calls++) {
        before = n.trainer->iteration;
        nca_trainer_step(n.trainer);
        CHECK(n.trainer->iteration - before <= 1);
    }
    atomic_store(&n.quit, true);
    pthread_join(thread, NULL);
    CHECK_MSG(calls > params->iterations, "none of %d interrupts hit", n.times);
    CHECK(trainers_equal(calm, n.trainer));
    nca_trainer_free(&n.trainer);
    nca_trainer_free(&calm);
}

/* ------------------------------------------------------------------- status */

/* Means of ten.  With a pool so small a model's losses go up and down. */
static void test_loss_falls(NcaRecipe recipe)
{
    enum { ITERATIONS = 200, PART = 10 };
    NcaTrainParams p = small_params(NCA_REGIME_GROWING, recipe, seed);
    double first = 0, last = 0;
    p.iterations = ITERATIONS;
    p.rate = 4e-3f;
    NcaTrainer *t = new_trainer(target, &p, NULL);
    for (int i = 0; i < ITERATIONS; i++) {
        nca_trainer_step(t);
        double loss = nca_trainer_status(t).loss / PART;
        first += i < PART ? loss : 0;
        last += i >= ITERATIONS - PART ? loss : 0;
    }
    CHECK_MSG(last < 0.9 * first, "%g, then %g", first, last);
    nca_trainer_free(&t);
}

static void test_status(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_GROWING, NCA_RECIPE_PUBLISHED, seed);
    p.iterations = 4;
    NcaTrainer *t = new_trainer(target, &p, NULL), *same = trained(target, &p);
    NcaTrainStatus s = nca_trainer_status(t);
    CHECK(s.iteration == 0 && s.iterations == 4 && !s.done && s.seconds == 0);
    CHECK(isnan(s.loss) && isnan(s.smooth_loss) && s.rate == p.rate);
    CHECK_MSG(isnan(s.seconds_left), "%g s left before the first", s.seconds_left);
    for (int i = 1; i <= 4; i++) {
        nca_trainer_step(t);
        s = nca_trainer_status(t);
        double left = s.seconds * (4 - i) / i;
        CHECK(s.iteration == i && s.iterations == 4 && s.done == (i == 4));
        CHECK(s.loss > 0 && isfinite(s.smooth_loss) && s.seconds > 0);
        CHECK(fabs(s.seconds_left - left) < 1e-6 + 1e-6 * left);
        CHECK(i > 1 || fabs(s.smooth_loss / s.loss - 1) < 1e-9);
    }
    nca_trainer_step(t);
    CHECK(trainers_equal(t, same) && nca_trainer_status(t).seconds == s.seconds);
    nca_trainer_free(&t);
    nca_trainer_free(&same);
}

static void test_minutes(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, seed);
    p.minutes = 0.005;
    p.iterations = 1;
    NcaTrainer *t = new_trainer(target, &p, NULL);
    NcaTrainStatus s = nca_trainer_status(t);
    double longest = 0, before = 0;
    for (; !s.done; s = nca_trainer_status(t)) {
        CHECK(s.seconds < 0.3);
        before = s.seconds;
        nca_trainer_step(t);
        longest = fmax(longest, nca_trainer_status(t).seconds - before);
    }
    CHECK(s.seconds >= 0.3 && s.seconds <= 0.3 + longest && s.seconds_left == 0);
    CHECK(s.iteration > 1 && s.iterations == s.iteration);
    nca_trainer_step(t);
    CHECK(nca_trainer_status(t).iteration == s.iteration);
    nca_trainer_free(&t);
}

/* Small pictures take less time: both in what is left and by the clock. */
static void test_time_of_stages(void)
{
    NcaTarget *large = new_target(32, 2, false);
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    p.channels = p.hidden = 4;
    p.iterations = 12;
    NcaTrainer *t = new_trainer(large, &p, NULL);
    nca_trainer_step(t);
    NcaTrainStatus s = nca_trainer_status(t);
    double part = nca_schedule_time(large, 2, 1.0 / 12);
    CHECK(s.size == 16);
    CHECK(part < 0.05 && fabs(s.seconds_left * part / s.seconds - (1 - part)) < 1e-6);
    nca_trainer_free(&t);
    p.minutes = 1000;
    for (int later = 0; later < 2; later++) {
        t = new_trainer(large, &p, NULL);
        nca_trainer_step(t);
        t->seconds = 60000 * nca_schedule_time(large, 2, 2.0 / 3) + (later ? 1 : -1);
        t->smooth = later ? -9 : NAN; /* of another size: forgotten */
        nca_trainer_step(t);
        s = nca_trainer_status(t);
        CHECK(t->canvas.stage == !later && s.size == (later ? 32 : 23));
        CHECK(fabs(s.smooth_loss / s.loss - 1) < 1e-9);
        nca_trainer_free(&t);
    }
    nca_target_free(&large);
}

static void check_meta(const NcaModel *model, const char *key, const char *value)
{
    const char *is = nca_model_meta(model, key);
    CHECK_MSG(is && !strcmp(is, value), "%s is %s", key, is ? is : "absent");
}

static void test_metadata(void)
{
    NcaTrainParams p =
        small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_PUBLISHED, 18446744073709551615u);
    p.iterations = 2;
    NcaTrainer *t = trained(target, &p);
    NcaModel *model = NULL;
    CHECK(nca_trainer_model(t, &model, NULL) == NCA_OK);
    CHECK(weights_equal(model, t->model) && nca_target_width(target) == 16);
    check_meta(model, "width", "16");
    check_meta(model, "height", "14");
    check_meta(model, "padding", "4");
    check_meta(model, "regime", "persistent");
    check_meta(model, "recipe", "published");
    check_meta(model, "iterations", "2");
    check_meta(model, "seed", "18446744073709551615");
    check_meta(model, "target_sha256", nca_target_sha256(target));
    nca_trainer_free(&t);
    CHECK(nca_model_tensor(model, NCA_W1) != NULL);
    nca_model_free(&model);
}

/* --------------------------------------------------------------- from a model */

static void check_refused(NcaShape shape, const char *word)
{
    NcaTrainParams p = small_params(NCA_REGIME_GROWING, NCA_RECIPE_PUBLISHED, seed);
    NcaModel *from = random_model(&shape, 0.1, seed);
    NcaTrainer *t = NULL;
    NcaError error = {""};
    CHECK(nca_trainer_new(&t, target, &p, from, &error) == NCA_ERR_ARGUMENT && !t);
    CHECK_MSG(strstr(error.text, word), "%s", error.text);
    nca_model_free(&from);
}

/* What it says of itself, and what it is told, must fit a file again. */
static void test_from_verbose(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_GROWING, NCA_RECIPE_OWN, seed);
    NcaShape shape = nca_shape_default();
    NcaModel *from = random_model(&shape, 0.1, seed);
    NcaTrainer *t = NULL;
    NcaError error = {""};
    char key[16], *text = malloc(1 << 19);
    for (int i = 0; i < 2048; i++) {
        snprintf(key, sizeof(key), "%d", i);
        CHECK(nca_model_set_meta(from, key, "") == NCA_OK);
    }
    CHECK(nca_trainer_new(&t, target, &p, from, NULL) == NCA_OK);
    nca_trainer_free(&t);
    CHECK(nca_model_set_meta(from, "one more", "") == NCA_OK);
    CHECK(nca_trainer_new(&t, target, &p, from, &error) == NCA_ERR_ARGUMENT && !t);
    CHECK_MSG(strstr(error.text, "more than 2048 metadata"), "%s", error.text);
    memset(text, 'x', 1 << 19);
    text[(1 << 19) - 1] = 0;
    CHECK(nca_model_set_meta(from, "one more", NULL) == NCA_OK);
    CHECK(nca_model_set_meta(from, "0", text) == NCA_OK);
    CHECK(nca_trainer_new(&t, target, &p, from, NULL) == NCA_ERR_ARGUMENT && !t);
    nca_model_free(&from);
    free(text);
}

static void test_from(void)
{
    static const char *const stale[] = {"loss96", "loss200", "loss1000", "regrown"};
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, seed);
    NcaShape shape = nca_shape_default();
    shape.channels = 6;
    shape.hidden = 5;
    shape.fire_rate = 0.75f;
    shape.output_bias = false;
    NcaModel *from = random_model(&shape, 0.05, seed), *model = NULL;
    for (int i = 0; i < 4; i++)
        nca_model_set_meta(from, stale[i], "1");
    nca_model_set_meta(from, "name", "newt");
    nca_model_set_meta(from, "width", "99");
    NcaTrainer *t = new_trainer(target, &p, from);
    CHECK(weights_equal(t->model, from) && t->canvas.channels == 6);
    run_to(t, 3);
    CHECK(!weights_equal(t->model, from));
    CHECK(nca_trainer_model(t, &model, NULL) == NCA_OK);
    CHECK(shapes_equal(nca_model_shape(model), &shape));
    for (int i = 0; i < 4; i++)
        CHECK(!nca_model_meta(model, stale[i]) && nca_model_meta(from, stale[i]));
    check_meta(model, "name", "newt");
    check_meta(model, "width", "16");
    nca_model_free(&model);
    nca_model_free(&from);
    nca_trainer_free(&t);
    shape.clamp = 1;
    check_refused(shape, "clamp");
    check_refused(texture_shape(), "transparency");
}

/* What the library brings along, in a model of its shape, but nothing of whose it was. */
static void check_begins(NcaRecipe recipe, bool from_scratch, int hidden, bool pretrained)
{
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, recipe, seed);
    NcaTarget *large = new_target(64, 2, false);
    NcaModel *brought = NULL, *model = NULL;
    p.from_scratch = from_scratch;
    p.channels = 16;
    p.hidden = hidden;
    CHECK(nca_model_pretrained(&brought, NULL) == NCA_OK);
    CHECK(!strcmp(nca_model_meta(brought, "name"), "axolotl"));
    NcaTrainer *t = new_trainer(large, &p, NULL);
    CHECK(nca_model_shape(t->model)->hidden == hidden);
    CHECK(hidden != 128 || weights_equal(t->model, brought) == pretrained);
    CHECK(t->stage_first == (recipe == NCA_RECIPE_PUBLISHED ? 0 : pretrained ? 1 : 4));
    CHECK(nca_trainer_model(t, &model, NULL) == NCA_OK);
    CHECK(!nca_model_meta(model, "name") && !nca_model_meta(model, "license"));
    nca_model_free(&model);
    nca_model_free(&brought);
    nca_trainer_free(&t);
    nca_target_free(&large);
}

static void test_pretrained(void)
{
    check_begins(NCA_RECIPE_OWN, false, 128, true);
    check_begins(NCA_RECIPE_DRAFT, false, 128, true);
    check_begins(NCA_RECIPE_OWN, true, 128, false);
    check_begins(NCA_RECIPE_OWN, false, 64, false);
    check_begins(NCA_RECIPE_PUBLISHED, false, 128, false);
}

static void test_finishing(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_FINISHING, seed);
    NcaShape shape = nca_shape_default();
    NcaModel *from = random_model(&shape, 0.05, seed), *model = NULL;
    NcaTrainer *t = NULL;
    NcaError error = {""};
    CHECK(nca_trainer_new(&t, target, &p, NULL, &error) == NCA_ERR_ARGUMENT && !t);
    CHECK_MSG(strstr(error.text, "only a model"), "%s", error.text);
    t = new_trainer(target, &p, from);
    CHECK(nca_trainer_model(t, &model, NULL) == NCA_OK);
    check_meta(model, "recipe", "finishing");
    nca_model_free(&model);
    nca_model_free(&from);
    nca_trainer_free(&t);
}

/* ------------------------------------------------------ allocations that fail */

static int allocations_left = -1; /* negative: never fail */
static int blocks;                /* held now */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

static atomic_bool counting; /* other threads allocate too, but not meanwhile */

static bool allocation_fails(void)
{
    if (!atomic_load(&counting))
        return false;
    if (allocations_left >= 0 && allocations_left-- == 0)
        return true;
    blocks++;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return allocation_fails() ? NULL : __real_aligned_alloc(alignment, size);
}

void __wrap_free(void *block)
{
    if (block && atomic_load(&counting))
        blocks--;
    __real_free(block);
}

static NcaStatus make_all(const NcaTarget *large, const NcaTrainParams *p,
                          const NcaModel *from, NcaError *error)
{
    NcaTrainer *t = NULL;
    NcaModel *model = NULL;
    NcaStatus status = nca_trainer_new(&t, large, p, from, error);
    CHECK((status == NCA_OK) == (t != NULL));
    if (status == NCA_OK)
        status = nca_trainer_model(t, &model, error);
    nca_model_free(&model);
    nca_trainer_free(&t);
    return status;
}

static void test_allocations(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    NcaTarget *large = new_target(64, 2, false); /* with two smaller ones */
    NcaShape shape = tiny_shape();
    NcaModel *from = random_model(&shape, 0.1, seed);
    NcaStatus status;
    int n = 0;
    bool all = false;
    p.threads = 3; /* without memory for three rollouts, two do */
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    for (; !all && n < 10000 && !test_failures; n++) {
        NcaError error = {""};
        allocations_left = n;
        blocks = 0;
        atomic_store(&counting, true);
        status = make_all(large, &p, n % 2 ? from : NULL, &error);
        atomic_store(&counting, false);
        all = allocations_left >= 0;
        CHECK(!all || status == NCA_OK);
        CHECK_MSG(status == NCA_OK || (status == NCA_ERR_MEMORY && *error.text),
                  "allocation %d: %d %s", n, status, error.text);
        CHECK_MSG(blocks == 0, "allocation %d: %d blocks are left", n, blocks);
    }
    allocations_left = -1;
    json_set_alloc_funcs(malloc, free);
    CHECK_MSG(n > 30, "only %d allocations were tried", n);
    nca_model_free(&from);
    nca_target_free(&large);
}

int main(void)
{
    static const NcaRecipe recipes[] = {NCA_RECIPE_PUBLISHED, NCA_RECIPE_OWN,
                                        NCA_RECIPE_FINISHING};
    seed = test_seed();
    target = new_target(8, 4, false);
    for (int regime = 0; regime < 3; regime++)
        for (int i = 0; i < 3; i++) {
            NcaTrainParams p = small_params((NcaRegime)regime, recipes[i], seed);
            test_threads(&p);
            test_interrupts(&p);
        }
    test_loss_falls(NCA_RECIPE_PUBLISHED);
    test_loss_falls(NCA_RECIPE_OWN);
    test_little_memory();
    test_pool_shrinks();
    test_status();
    test_minutes();
    test_time_of_stages();
    test_metadata();
    test_from();
    test_from_verbose();
    test_pretrained();
    test_finishing();
    test_allocations();
    nca_target_free(&target);
    return test_end();
}
