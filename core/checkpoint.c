/* SPDX-License-Identifier: MIT
 *
 * All that the next iteration depends on, in one file for this kind of machine: a mark,
 * what the training is of, numbers, weights, the optimiser's means, the pool's living
 * cells, and the SHA-256 of all that.  Reading goes through the bytes twice: the first
 * pass only checks, so that a file that is refused leaves the trainer as it was. */
#include <math.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>

#include "batch_remote.h"
#include "file.h"
#include "status.h"
#include "trainer.h"

/* The number rises with what is in it, and with our own recipe: another one does not go
 * on. */
#define KIND "nca checkpoint "
#define MARK KIND "10"
static const uint32_t BYTE_ORDER_MARK = 0x01020304;

/* What a checkpoint is of: it goes on only under the same. */
typedef struct Identity {
    char mark[sizeof(MARK)];
    char target_sha256[SHA256_DIGEST_STRING_LENGTH];
    uint32_t byte_order;
    int32_t regime, recipe, batch, pool, width, height, padding;
    int32_t channels, hidden, bands, band[NCA_BANDS_MAX], alive, edge, output_bias;
    float band_scale[NCA_BANDS_MAX], alive_threshold, fire_rate;
    int64_t iterations;
    uint64_t seed;
    double minutes, rate;
} Identity;

/* How far it is. */
typedef struct Numbers {
    int64_t iteration, adam_time, stage_first, stage;
    double loss, smooth, seconds;
    double usual[NCA_TENSORS];
} Numbers;

static void identify_shape(Identity *id, const NcaShape *s)
{
    id->channels = s->channels;
    id->hidden = s->hidden;
    id->bands = s->bands;
    for (int i = 0; i < s->bands; i++) {
        id->band[i] = (int32_t)s->band[i];
        id->band_scale[i] = s->band_scale[i];
    }
    id->alive = (int32_t)s->alive;
    id->alive_threshold = s->alive_threshold;
    id->edge = (int32_t)s->edge;
    id->fire_rate = s->fire_rate;
    id->output_bias = s->output_bias;
}

/* Into *id itself, so that its gaps, which are compared too, stay 0. */
static void identify(Identity *id, const NcaTrainer *t)
{
    const NcaTrainParams *p = &t->params;
    memset(id, 0, sizeof(*id));
    memcpy(id->mark, MARK, sizeof(MARK));
    memcpy(id->target_sha256, nca_target_sha256(t->target[0]), sizeof(id->target_sha256));
    id->byte_order = BYTE_ORDER_MARK;
    id->regime = (int32_t)p->regime;
    id->recipe = (int32_t)p->recipe;
    identify_shape(id, nca_model_shape(t->model));
    id->batch = p->batch;
    id->pool = t->pool.count;
    id->width = t->canvas.width;
    id->height = t->canvas.height;
    id->padding = t->canvas.padding;
    id->iterations = p->iterations;
    id->seed = p->seed;
    id->minutes = p->minutes;
    id->rate = p->rate;
}

/* ----------------------------------------------------------------- writing */

typedef struct Writer {
    uint8_t *data;
    size_t used, capacity;
    bool failed; /* an allocation */
} Writer;

static uint8_t *room(Writer *w, size_t size)
{
    if (w->failed || size <= w->capacity - w->used)
        return w->failed ? NULL : w->data + w->used;
    size_t capacity = w->capacity * 2 > w->used + size ? w->capacity * 2 : w->used + size;
    uint8_t *data = realloc(w->data, capacity);
    w->failed = !data;
    if (!data)
        return NULL;
    w->data = data;
    w->capacity = capacity;
    return data + w->used;
}

static void put(Writer *w, const void *data, size_t size)
{
    uint8_t *to = room(w, size);
    if (!to)
        return;
    memcpy(to, data, size);
    w->used += size;
}

static bool is_empty(const float *cell, int channels)
{
    uint32_t any = 0;
    for (int c = 0; c < channels; c++) {
        uint32_t bits;
        memcpy(&bits, cell + c, sizeof(bits));
        any |= bits;
    }
    return any == 0;
}

/* A bit for each cell that is not all zero bytes, then those cells. */
static void put_state(Writer *w, const NcaCanvas *c, const float *state)
{
    size_t cells = (size_t)c->width * c->height, start = w->used;
    uint8_t *bits = room(w, (cells + 7) / 8);
    if (!bits)
        return;
    memset(bits, 0, (cells + 7) / 8);
    w->used += (cells + 7) / 8;
    for (size_t i = 0; i < cells; i++) {
        const float *cell = state + i * c->channels;
        if (is_empty(cell, c->channels))
            continue;
        put(w, cell, (size_t)c->channels * sizeof(float));
        if (w->failed)
            return;
        w->data[start + i / 8] |= (uint8_t)(1 << i % 8);
    }
}

static void put_trainer(Writer *w, const NcaTrainer *t)
{
    Identity id;
    Numbers numbers = {t->iteration, t->adam.time, t->stage_first, t->canvas.stage,
                       t->loss,      t->smooth,    t->seconds,     {0}};
    memcpy(numbers.usual, t->adam.usual, sizeof(numbers.usual));
    identify(&id, t);
    put(w, &id, sizeof(id));
    put(w, &numbers, sizeof(numbers));
    for (int i = 0; i < NCA_TENSORS; i++)
        if (nca_model_tensor_size(t->model, i))
            put(w, nca_model_tensor(t->model, i),
                nca_model_tensor_size(t->model, i) * sizeof(float));
    put(w, t->adam.m, 2 * t->adam.size * sizeof(float));
    for (int i = 0; i < t->pool.count; i++)
        put_state(w, &t->canvas, nca_samples_at(&t->pool, i));
}

static void digest(const uint8_t *data, size_t size, uint8_t *sha256)
{
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, data, size);
    SHA256Final(sha256, &context);
}

NcaStatus nca_trainer_save(NcaTrainer *trainer, const char *path, NcaError *error)
{
    Writer w = {0};
    nca_batch_remote_fetch(trainer);
    put_trainer(&w, trainer);
    if (!w.failed) {
        uint8_t sha256[SHA256_DIGEST_LENGTH];
        digest(w.data, w.used, sha256);
        put(&w, sha256, sizeof(sha256));
    }
    NcaStatus status =
        w.failed ? nca_fail_at(error, nca_fail_memory(error, "a checkpoint"), path)
                 : nca_file_keep(&trainer->held, path, w.data, w.used, error);
    free(w.data);
    return status;
}

NcaStatus nca_trainer_hold(NcaTrainer *trainer, const char *path, NcaError *error)
{
    NcaStatus status = nca_file_hold(&trainer->held, path, error);
    if (status < 0 || trainer->held >= 0 || nca_file_is_special(path))
        return status;
    return nca_trainer_save(trainer, path, error);
}

/* ----------------------------------------------------------------- reading */

typedef struct Reader {
    const uint8_t *data;
    size_t left;
    bool apply; /* the second pass */
    bool failed;
} Reader;

static void get(Reader *r, void *to, size_t size)
{
    r->failed |= size > r->left;
    if (r->failed)
        return;
    if (r->apply && size > 0)
        memcpy(to, r->data, size);
    r->data += size;
    r->left -= size;
}

static void get_state(Reader *r, const NcaCanvas *c, float *state)
{
    size_t cells = (size_t)c->width * c->height, size = (cells + 7) / 8;
    const uint8_t *bits = r->data;
    get(r, state, r->left < size ? size : 0);
    if (r->failed)
        return;
    r->data += size;
    r->left -= size;
    if (r->apply)
        memset(state, 0, nca_samples_size(c));
    for (size_t i = 0; i < cells; i++)
        if (bits[i / 8] >> i % 8 & 1)
            get(r, state + i * c->channels, (size_t)c->channels * sizeof(float));
}

static void get_trainer(Reader *r, NcaTrainer *t)
{
    Numbers n = {0};
    if (r->left >= sizeof(n))
        memcpy(&n, r->data, sizeof(n));
    get(r, &n, sizeof(n));
    int64_t most = t->params.minutes > 0 ? NCA_ITERATIONS_MAX : t->params.iterations;
    r->failed |= n.iteration < 0 || n.iteration > most;
    r->failed |= n.adam_time < 0 || n.adam_time > n.iteration || !(n.seconds >= 0) ||
                 isinf(n.seconds) || n.stage < 0 || n.stage > n.stage_first ||
                 n.stage_first > t->stage_most;
    for (int i = 0; i < NCA_TENSORS; i++)
        r->failed |= !(n.usual[i] >= 0) || isinf(n.usual[i]);
    for (int i = 0; i < NCA_TENSORS; i++)
        get(r, nca_model_tensor_mut(t->model, i),
            nca_model_tensor_size(t->model, i) * sizeof(float));
    get(r, t->adam.m, 2 * t->adam.size * sizeof(float));
    for (int i = 0; i < t->pool.count; i++)
        get_state(r, &t->canvas, nca_samples_at(&t->pool, i));
    r->failed |= r->left != 0;
    if (!r->apply || r->failed)
        return;
    t->iteration = n.iteration;
    t->adam.time = n.adam_time;
    memcpy(t->adam.usual, n.usual, sizeof(n.usual));
    t->stage_first = (int)n.stage_first;
    t->canvas.stage = (int)n.stage;
    t->loss = n.loss;
    t->smooth = n.smooth;
    t->seconds = n.seconds;
}

/* Which parameter is another, in words; NULL: none. */
static const char *difference(const Identity *a, const Identity *b)
{
    if (memcmp(a->target_sha256, b->target_sha256, sizeof(a->target_sha256)) ||
        a->padding != b->padding)
        return "another target";
    if (a->regime != b->regime || a->recipe != b->recipe)
        return "another regime or recipe";
    if (a->channels != b->channels || a->hidden != b->hidden)
        return "another number of channels or hidden cells";
    if (a->iterations != b->iterations || a->minutes != b->minutes)
        return "another number of iterations or minutes";
    if (a->seed != b->seed)
        return "another seed";
    if (a->batch != b->batch || a->pool != b->pool || a->rate != b->rate)
        return "another batch, pool or learning rate";
    return memcmp(a, b, sizeof(*a)) ? "a model of another shape" : NULL;
}

static NcaStatus check(const NcaTrainer *t, const uint8_t *data, size_t size,
                       NcaError *error)
{
    Identity id, own;
    uint8_t sha256[SHA256_DIGEST_LENGTH];
    if (size < sizeof(MARK) || memcmp(data, KIND, strlen(KIND)))
        return nca_fail(error, NCA_ERR_FORMAT, "not a checkpoint");
    if (memcmp(data, MARK, sizeof(MARK)))
        return nca_fail(error, NCA_ERR_FORMAT, "a checkpoint of another version");
    if (size < sizeof(id) + sizeof(sha256))
        return nca_fail(error, NCA_ERR_FORMAT, "the checkpoint is cut short");
    digest(data, size - sizeof(sha256), sha256);
    if (memcmp(sha256, data + size - sizeof(sha256), sizeof(sha256)))
        return nca_fail(error, NCA_ERR_FORMAT, "the checkpoint is damaged");
    memcpy(&id, data, sizeof(id));
    identify(&own, t);
    if (id.byte_order != BYTE_ORDER_MARK)
        return nca_fail(error, NCA_ERR_FORMAT, "a checkpoint of another kind of machine");
    const char *other = difference(&id, &own);
    if (other)
        return nca_fail(error, NCA_ERR_ARGUMENT, "the checkpoint is of %s", other);
    return NCA_OK;
}

static NcaStatus parse(NcaTrainer *t, const uint8_t *data, size_t size, NcaError *error)
{
    NcaStatus status = check(t, data, size, error);
    for (int pass = 0; pass < 2 && status == NCA_OK; pass++) {
        Reader r = {.data = data + sizeof(Identity),
                    .left = size - sizeof(Identity) - SHA256_DIGEST_LENGTH,
                    .apply = pass == 1};
        get_trainer(&r, t);
        if (r.failed)
            status = nca_fail(error, NCA_ERR_FORMAT, "the checkpoint is damaged");
    }
    return status;
}

/* Of one of this training whose pool is full of life; of another, whose words are to be
 * told, as much as a training takes that is not told to take more. */
static size_t size_most(const NcaTrainer *t)
{
    size_t cells = (size_t)t->canvas.width * t->canvas.height;
    size_t sample = (cells + 7) / 8 + nca_samples_size(&t->canvas);
    size_t floats = 2 * t->adam.size;
    for (int i = 0; i < NCA_TENSORS; i++)
        floats += nca_model_tensor_size(t->model, i);
    size_t own = sizeof(Identity) + sizeof(Numbers) + floats * sizeof(float) +
                 (size_t)t->pool.count * sample + SHA256_DIGEST_LENGTH;
    size_t usual = nca_train_params_default().memory;
    return own > usual ? own : usual;
}

NcaStatus nca_trainer_load(NcaTrainer *trainer, const char *path, NcaError *error)
{
    void *data;
    size_t size;
    NcaStatus status = nca_file_read(path, size_most(trainer), &data, &size, error);
    if (status < 0)
        return status;
    status = parse(trainer, data, size, error);
    if (status == NCA_OK)
        nca_batch_remote_changed(trainer);
    free(data);
    return status < 0 ? nca_fail_at(error, status, path) : NCA_OK;
}
