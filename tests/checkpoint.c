/* SPDX-License-Identifier: MIT
 *
 * Going on from a checkpoint is going on; one that is damaged, forged or of another
 * training is refused in words and changes nothing. */
#include <sha256.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "random.h"
#include "seed.h"
#include "trainers.h"

enum { BYTE_ORDER_AT = 84, SUM = SHA256_DIGEST_LENGTH };

static uint64_t seed;
static NcaTarget *target;

/* ------------------------------------------------------------------- bytes */

typedef struct Bytes {
    uint8_t *data;
    size_t size;
} Bytes;

static Bytes read_bytes(const char *path)
{
    Bytes b = {malloc(1 << 20), 0};
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    if (file) {
        b.size = fread(b.data, 1, 1 << 20, file);
        fclose(file);
    }
    return b;
}

static void write_bytes(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    if (!file)
        return;
    CHECK(size == 0 || fwrite(data, 1, size, file) == size);
    CHECK(fclose(file) == 0);
}

static Bytes bytes_of(NcaTrainer *t)
{
    NcaError error = {""};
    unlink(path_of("bytes")); /* another trainer may hold it */
    CHECK_MSG(nca_trainer_save(t, path_of("bytes"), &error) == NCA_OK, "%s", error.text);
    return read_bytes(path_of("bytes"));
}

/* ------------------------------------------------------------------ going on */

/* From iteration `at` in another trainer, which had been elsewhere. */
static void test_going_on(const NcaTrainParams *params, const NcaModel *from, int64_t at)
{
    NcaTrainer *whole = new_trainer(target, params, from);
    NcaTrainer *first = new_trainer(target, params, from);
    NcaTrainer *second = new_trainer(target, params, from);
    NcaError error = {""};
    run_to(whole, params->iterations);
    run_to(first, at);
    run_to(second, 3);
    CHECK_MSG(nca_trainer_save(first, path_of("on"), &error) == NCA_OK, "%s", error.text);
    CHECK_MSG(nca_trainer_load(second, path_of("on"), &error) == NCA_OK, "%s",
              error.text);
    CHECK(trainers_equal(first, second));
    CHECK(nca_trainer_status(second).seconds == nca_trainer_status(first).seconds);
    CHECK(at == 0 || at == params->iterations || !trainers_equal(second, whole));
    run_to(second, params->iterations);
    CHECK_MSG(trainers_equal(whole, second), "%s from %lld",
              nca_regime_name(params->regime), (long long)at);
    run_to(first, params->iterations); /* saving has changed nothing */
    CHECK(trainers_equal(whole, first));
    nca_trainer_free(&whole);
    nca_trainer_free(&first);
    nca_trainer_free(&second);
}

/* In the middle of a picture's way to its size, and by one that would begin at it. */
static void test_going_on_small(int64_t at)
{
    NcaTarget *large = new_target(32, 2, false);
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    p.channels = p.hidden = 4;
    p.iterations = 9; /* three of each size */
    NcaTrainer *whole = new_trainer(large, &p, NULL),
               *first = new_trainer(large, &p, NULL);
    NcaTrainer *second = new_trainer(large, &p, whole->model);
    CHECK(whole->stage_first == 2 && second->stage_first == 0);
    int stage = at < 3 ? 2 : at < 6 ? 1 : 0;
    run_to(whole, 8);
    run_to(first, at);
    nca_trainer_interrupt(first); /* what it had begun is dropped */
    nca_trainer_step(first);
    CHECK(first->iteration == at);
    CHECK(nca_trainer_save(first, path_of("on"), NULL) == NCA_OK);
    CHECK(nca_trainer_load(second, path_of("on"), NULL) == NCA_OK);
    CHECK(trainers_equal(first, second) && second->canvas.stage == stage);
    run_to(second, 8);
    CHECK_MSG(trainers_equal(whole, second), "from %lld", (long long)at);
    nca_trainer_free(&whole);
    nca_trainer_free(&first);
    nca_trainer_free(&second);
    nca_target_free(&large);
}

/* Pools hold whatever training left: NaN, minus zero, cells with hidden values only. */
static void test_odd_states(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    NcaTrainer *t = new_trainer(target, &p, NULL), *back = new_trainer(target, &p, NULL);
    run_to(t, 2);
    t->pool.states[0] = NAN;
    t->pool.states[9] = -0.0f;
    t->pool.states[23] = 1e-44f;
    t->pool.states[t->pool.size * 8 - 1] = -INFINITY;
    CHECK(nca_trainer_save(t, path_of("odd"), NULL) == NCA_OK);
    CHECK(nca_trainer_load(back, path_of("odd"), NULL) == NCA_OK);
    CHECK(trainers_equal(t, back));
    nca_trainer_free(&t);
    nca_trainer_free(&back);
}

/* ------------------------------------------------------------------ refusals */

/* A trainer, one that was brought to the same point, a later one and its good file. */
typedef struct Victim {
    NcaTrainer *trainer, *twin, *later;
    Bytes good;
} Victim;

/* Refused with the file's name first, and the trainer is what it was. */
static void check_refused(const Victim *v, NcaStatus expected, const char *word,
                          const char *what, size_t where)
{
    const char *path = path_of("bad");
    NcaError error = {""};
    NcaStatus status = nca_trainer_load(v->trainer, path, &error);
    CHECK_MSG(status == expected, "%s %zu: status %d %s", what, where, status,
              error.text);
    CHECK_MSG(!strncmp(error.text, path, strlen(path)) && strstr(error.text, word),
              "%s %zu: %s", what, where, error.text);
    CHECK_MSG(trainers_equal(v->trainer, v->twin), "%s %zu has changed it", what, where);
}

static void test_truncations(const Victim *v, size_t step)
{
    for (size_t size = 1; size < v->good.size; size += step) {
        write_bytes(path_of("bad"), v->good.data, size);
        check_refused(v, NCA_ERR_FORMAT, "checkpoint", "cut to", size);
    }
}

static void test_flipped_bit(const Victim *v, size_t bit)
{
    v->good.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    write_bytes(path_of("bad"), v->good.data, v->good.size);
    v->good.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    check_refused(v, NCA_ERR_FORMAT, "checkpoint", "bit", bit);
}

/* Each bit of the first bytes, some of all. */
static void test_flipped_bits(const Victim *v, size_t first)
{
    size_t bits = v->good.size * 8;
    for (size_t bit = 0; bit < bits && bit < first * 8; bit++)
        test_flipped_bit(v, bit);
    for (uint64_t i = 0; i < 400; i++)
        test_flipped_bit(v, nca_hash3(seed, 5, i) % bits);
}

/* `data` with a right sum at its end. */
static void write_forged(uint8_t *data, size_t size)
{
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, data, size);
    SHA256Final(data + size, &context);
    write_bytes(path_of("bad"), data, size + SUM);
}

static void test_forged(const Victim *v)
{
    size_t inside = v->good.size - SUM;
    uint8_t *data = calloc(1, v->good.size + 4096);
    memcpy(data, v->good.data, inside);
    for (size_t less = 16; less < inside; less += less < 1024 ? 16 : 1600) {
        write_forged(data, inside - less);
        memcpy(data, v->good.data, inside);
        check_refused(v, NCA_ERR_FORMAT, "checkpoint", "forged, less", less);
    }
    for (size_t more = 16; more <= 4000; more += 160) {
        memset(data + inside, 0, more);
        write_forged(data, inside + more);
        check_refused(v, NCA_ERR_FORMAT, "damaged", "forged, more", more);
    }
    memcpy(data, v->good.data, inside);
    data[BYTE_ORDER_AT] ^= 5;
    write_forged(data, inside);
    check_refused(v, NCA_ERR_FORMAT, "machine", "byte order", 0);
    free(data);
}

/* The map of the last state tells one cell more or less than there is. */
static void test_forged_cells(const Victim *v)
{
    const NcaSamples *pool = &v->later->pool;
    const float *state = nca_samples_at(pool, pool->count - 1);
    size_t channels = (size_t)pool->canvas.channels, cells = pool->size / channels;
    size_t living = 0, inside = v->good.size - SUM;
    uint8_t *data = malloc(v->good.size);
    for (size_t i = 0; i < cells; i++) {
        bool any = false;
        for (size_t c = 0; c < channels; c++)
            any |= state[i * channels + c] != 0;
        living += any;
    }
    size_t map = inside - living * channels * sizeof(float) - (cells + 7) / 8;
    for (size_t bit = 0; bit < cells; bit++) {
        memcpy(data, v->good.data, inside);
        data[map + bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_forged(data, inside);
        check_refused(v, NCA_ERR_FORMAT, "damaged", "forged cell", bit);
    }
    free(data);
}

/* Iteration, the optimiser's time and stage, 5, 5, 0 and 0, beside each other: negative,
 * too late or too many. */
static void test_forged_numbers(const Victim *v)
{
    static const int64_t is[4] = {5, 5, 0, 0},
                         bad[][4] = {{-1, -1, 0, 0},       {5, -1, 0, 0}, {5, 6, 0, 0},
                                     {INT64_MIN, 5, 0, 0}, {5, 5, 0, 1},  {5, 5, 1, 0},
                                     {5, 5, 1, 1},         {5, 5, 0, -1}, {5, 5, -1, -1},
                                     {INT64_MAX, 5, 0, 0}};
    size_t inside = v->good.size - SUM, at = 0;
    uint8_t *data = malloc(v->good.size);
    while (at + sizeof(is) < inside && memcmp(v->good.data + at, is, sizeof(is)))
        at++;
    CHECK(at + sizeof(is) < inside);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memcpy(data, v->good.data, inside);
        memcpy(data + at, bad[i], sizeof(bad[i]));
        write_forged(data, inside);
        check_refused(v, NCA_ERR_FORMAT, "damaged", "forged number", i);
    }
    free(data);
}

/* The usual norms, which come before the weights: less than nothing, or no number. */
static void test_forged_norms(const Victim *v)
{
    static const double bad[] = {-1, NAN, INFINITY};
    size_t inside = v->good.size - SUM, at = 0, size = NCA_TENSORS * sizeof(double);
    uint8_t *data = malloc(v->good.size);
    while (at + size < inside && memcmp(v->good.data + at, v->later->adam.usual, size))
        at++;
    CHECK(at + size < inside && v->later->adam.usual[0] > 0);
    for (size_t i = 0; i < 3 * NCA_TENSORS; i++) {
        memcpy(data, v->good.data, inside);
        memcpy(data + at + i / 3 * sizeof(double), &bad[i % 3], sizeof(double));
        write_forged(data, inside);
        check_refused(v, NCA_ERR_FORMAT, "damaged", "forged norm", i);
    }
    free(data);
}

static void test_damage(NcaRegime regime)
{
    NcaTrainParams p = small_params(regime, NCA_RECIPE_PUBLISHED, seed);
    p.channels = 4;
    p.hidden = 2;
    Victim v = {new_trainer(target, &p, NULL),
                new_trainer(target, &p, NULL),
                new_trainer(target, &p, NULL),
                {0}};
    run_to(v.trainer, 2);
    run_to(v.twin, 2);
    run_to(v.later, 5);
    Bytes before = bytes_of(v.trainer), after;
    v.good = bytes_of(v.later);
    test_truncations(&v, v.later->pool.count ? 197 : 1);
    test_flipped_bits(&v, v.later->pool.count ? 0 : 300);
    test_forged(&v);
    test_forged_numbers(&v);
    test_forged_norms(&v);
    if (v.later->pool.count)
        test_forged_cells(&v);
    after = bytes_of(v.trainer);
    CHECK(before.size == after.size && !memcmp(before.data, after.data, after.size));
    CHECK(!trainers_equal(v.trainer, v.later));
    write_bytes(path_of("bad"), v.good.data, v.good.size);
    CHECK(nca_trainer_load(v.trainer, path_of("bad"), NULL) == NCA_OK);
    CHECK(trainers_equal(v.trainer, v.later));
    free(before.data);
    free(after.data);
    free(v.good.data);
    nca_trainer_free(&v.trainer);
    nca_trainer_free(&v.twin);
    nca_trainer_free(&v.later);
}

/* ---------------------------------------------------------- another training */

static void check_other(const NcaTarget *its_target, const NcaTrainParams *its_params,
                        const char *word)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_PUBLISHED, seed);
    Victim v = {new_trainer(target, &p, NULL),
                new_trainer(target, &p, NULL),
                new_trainer(its_target, its_params, NULL),
                {0}};
    run_to(v.trainer, 1);
    run_to(v.twin, 1);
    CHECK(nca_trainer_save(v.later, path_of("bad"), NULL) == NCA_OK);
    check_refused(&v, NCA_ERR_ARGUMENT, word, word, 0);
    nca_trainer_free(&v.trainer);
    nca_trainer_free(&v.twin);
    nca_trainer_free(&v.later);
}

static void test_others(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_PUBLISHED, seed);
    NcaTrainParams o[9];
    NcaTarget *green = new_target(8, 4, true), *padded = new_target(8, 5, false);
    for (int i = 0; i < 9; i++)
        o[i] = p;
    o[0].seed++;
    o[1].batch--;
    o[2].iterations++;
    o[3].hidden++;
    o[4].channels++;
    o[5].regime = NCA_REGIME_REGENERATING;
    o[6].recipe = NCA_RECIPE_OWN;
    o[7].rate *= 2;
    o[8].minutes = 1;
    static const char *const words[] = {"seed",   "batch",    "iterations",
                                        "hidden", "channels", "regime",
                                        "recipe", "rate",     "minutes"};
    for (int i = 0; i < 9; i++)
        check_other(target, &o[i], words[i]);
    o[0] = p;
    o[0].pool++;
    check_other(target, &o[0], "pool");
    check_other(green, &p, "target");
    check_other(padded, &p, "target");
    nca_target_free(&green);
    nca_target_free(&padded);
}

/* The same cells, of which others are the picture. */
static void test_other_padding(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_OWN, seed);
    uint8_t small[8 * 8 * 4], large[16 * 16 * 4] = {0};
    NcaTargetParams whole = {8, 4}, padded = {16, 0};
    NcaTarget *a = NULL, *b = NULL;
    memset(small, 200, sizeof(small));
    for (int y = 0; y < 8; y++)
        memset(large + ((y + 4) * 16 + 4) * 4, 200, 8 * 4);
    CHECK(nca_target_new(&a, small, 8, 8, 8 * 4, &whole, NULL) == NCA_OK);
    CHECK(nca_target_new(&b, large, 16, 16, 16 * 4, &padded, NULL) == NCA_OK);
    CHECK(!strcmp(nca_target_sha256(a), nca_target_sha256(b)));
    NcaTrainer *t = new_trainer(a, &p, NULL), *u = new_trainer(b, &p, NULL);
    CHECK(nca_trainer_save(t, path_of("padding"), NULL) == NCA_OK);
    CHECK(nca_trainer_load(u, path_of("padding"), NULL) == NCA_ERR_ARGUMENT);
    unlink(path_of("padding"));
    nca_trainer_free(&t);
    nca_trainer_free(&u);
    nca_target_free(&a);
    nca_target_free(&b);
}

/* A model without b2, whose tensor has no bytes. */
static void test_no_bias(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_GROWING, NCA_RECIPE_OWN, seed);
    NcaShape shape = nca_shape_default();
    shape.output_bias = false;
    NcaModel *from = random_model(&shape, 0.1, seed);
    NcaTrainer *t = new_trainer(target, &p, from), *u = new_trainer(target, &p, from);
    run_to(t, 1);
    CHECK(nca_trainer_save(t, path_of("bias"), NULL) == NCA_OK);
    CHECK(nca_trainer_load(u, path_of("bias"), NULL) == NCA_OK && trainers_equal(t, u));
    unlink(path_of("bias"));
    nca_trainer_free(&t);
    nca_trainer_free(&u);
    nca_model_free(&from);
}

/* A model to start with that has other rules, but as many weights. */
static void test_other_shape(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_GROWING, NCA_RECIPE_PUBLISHED, seed);
    NcaShape shape = nca_shape_default(), other = shape;
    NcaError error = {""};
    other.fire_rate = 0.75f;
    NcaModel *from = random_model(&shape, 0.1, seed),
             *from_other = random_model(&other, 0.1, seed);
    NcaTrainer *t = new_trainer(target, &p, from),
               *u = new_trainer(target, &p, from_other);
    CHECK(nca_trainer_save(t, path_of("shape"), NULL) == NCA_OK);
    CHECK(nca_trainer_load(u, path_of("shape"), &error) == NCA_ERR_ARGUMENT);
    CHECK_MSG(strstr(error.text, "shape"), "%s", error.text);
    unlink(path_of("shape"));
    nca_trainer_free(&t);
    nca_trainer_free(&u);
    nca_model_free(&from);
    nca_model_free(&from_other);
}

static void test_paths(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_PERSISTENT, NCA_RECIPE_PUBLISHED, seed);
    NcaTrainer *t = new_trainer(target, &p, NULL);
    const char *nowhere = path_of("no-such/state");
    NcaError error = {""};
    CHECK(nca_trainer_save(t, nowhere, &error) == NCA_ERR_IO);
    CHECK_MSG(!strncmp(error.text, nowhere, strlen(nowhere)), "%s", error.text);
    error.text[0] = 0;
    CHECK(nca_trainer_load(t, nowhere, &error) == NCA_ERR_IO);
    CHECK_MSG(!strncmp(error.text, nowhere, strlen(nowhere)), "%s", error.text);
    CHECK(nca_trainer_load(t, folder, NULL) == NCA_ERR_IO);
    write_bytes(path_of("bad"), NULL, 0);
    CHECK(nca_trainer_load(t, path_of("bad"), NULL) < 0);
    for (int i = 0; i < 3; i++) {
        static const char *const marks[] = {
            "nca checkpoint 1\0...", "nca checkpoint 9\0...", "nca checkpoint 11\0.."};
        write_bytes(path_of("bad"), (const uint8_t *)marks[i], 20);
        CHECK(nca_trainer_load(t, path_of("bad"), &error) == NCA_ERR_FORMAT);
        CHECK_MSG(strstr(error.text, "another version"), "%s", error.text);
    }
    CHECK(t->iteration == 0);
    nca_trainer_free(&t);
}

int main(void)
{
    seed = test_seed();
    if (!folder_make())
        return test_end();
    target = new_target(8, 4, false);
    NcaShape shape = nca_shape_default();
    shape.channels = shape.hidden = 8;
    NcaModel *from = random_model(&shape, 0.05, seed);
    for (int regime = 0; regime < 3; regime++)
        for (int recipe = 0; recipe <= NCA_RECIPE_DRAFT; recipe++) {
            NcaTrainParams p = small_params((NcaRegime)regime, (NcaRecipe)recipe, seed);
            const NcaModel *start = recipe == NCA_RECIPE_FINISHING ? from : NULL;
            test_going_on(&p, start, 0);
            test_going_on(&p, start, 1);
            test_going_on(&p, start, 11);
            test_going_on(&p, start, p.iterations);
        }
    nca_model_free(&from);
    for (int64_t at = 2; at <= 4; at++)
        test_going_on_small(at);
    test_odd_states();
    test_damage(NCA_REGIME_GROWING);
    test_damage(NCA_REGIME_PERSISTENT);
    test_others();
    test_other_shape();
    test_other_padding();
    test_no_bias();
    test_paths();
    nca_target_free(&target);
    folder_remove();
    return test_end();
}
