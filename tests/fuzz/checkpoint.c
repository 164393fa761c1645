/* SPDX-License-Identifier: MIT
 *
 * Whatever bytes are taken for a checkpoint: one that is refused leaves the trainer as it
 * was; one that is accepted is what is saved then, and can be trained on.
 *
 * The input tells how to change a good one, so that it outlives versions: two bytes by
 * how much it is lengthened or shortened, two bytes where, and bytes that it is XORed
 * with from there.  Its digest is made anew, or nothing behind that would ever be
 * tried. */
#include <sha256.h>
#include <string.h>

#include "fuzz.h"
#include "nca_train.h"

enum { SIDE = 5, HEAD = 4, SUM = SHA256_DIGEST_LENGTH };

typedef struct Bytes {
    uint8_t *data;
    size_t size;
} Bytes;

static NcaTrainer *new_trainer(void)
{
    uint8_t rgba[SIDE * SIDE * 4];
    NcaTarget *target = NULL;
    NcaTrainer *trainer = NULL;
    NcaTargetParams size = {SIDE, 1};
    NcaTrainParams params = nca_train_params_default();
    for (int i = 0; i < SIDE * SIDE * 4; i++)
        rgba[i] = (uint8_t)(i % 4 == 3 ? 255 : i * 7);
    params.channels = 4;
    params.hidden = 2;
    params.batch = 1;
    params.pool = 3;
    params.iterations = 4;
    MUST(nca_target_new(&target, rgba, SIDE, SIDE, (size_t)SIDE * 4, &size, NULL) == 0);
    MUST(nca_trainer_new(&trainer, target, &params, NULL, NULL) == NCA_OK);
    nca_target_free(&target);
    return trainer;
}

static Bytes saved(NcaTrainer *trainer)
{
    enum { MOST = 1 << 16 };
    Bytes b = {malloc(MOST), 0};
    MUST(b.data && nca_trainer_save(trainer, fuzz_path(), NULL) == NCA_OK);
    FILE *file = fopen(fuzz_path(), "rbe");
    MUST(file);
    b.size = fread(b.data, 1, MOST, file);
    MUST(b.size > SUM && b.size < MOST);
    fclose(file);
    return b;
}

/* A training as it is after one iteration; *good: its checkpoint without the digest. */
static NcaTrainer *begun(Bytes *good)
{
    NcaTrainer *trainer = new_trainer();
    nca_trainer_step(trainer);
    *good = saved(trainer);
    good->size -= SUM;
    return trainer;
}

static void write_changed(const Bytes *good, const uint8_t *data, size_t size)
{
    int16_t longer;
    uint16_t at;
    memcpy(&longer, data, 2);
    memcpy(&at, data + 2, 2);
    size_t length = longer < 0 && (size_t)-longer > good->size
                        ? 0
                        : (size_t)((ptrdiff_t)good->size + longer);
    uint8_t *file = calloc(1, length + SUM);
    SHA2_CTX context;
    MUST(file);
    memcpy(file, good->data, length < good->size ? length : good->size);
    for (size_t i = HEAD; i < size && at + (i - HEAD) < length; i++)
        file[at + (i - HEAD)] ^= data[i];
    SHA256Init(&context);
    SHA256Update(&context, file, length);
    SHA256Final(file + length, &context);
    fuzz_write(file, length + SUM);
    free(file);
}

/* It is what the file says, and goes on from there. */
static void go_on(NcaTrainer *trainer)
{
    Bytes first = saved(trainer);
    MUST(nca_trainer_load(trainer, fuzz_path(), NULL) == NCA_OK);
    Bytes second = saved(trainer);
    MUST(first.size == second.size && !memcmp(first.data, second.data, first.size));
    free(first.data);
    free(second.data);
    int64_t before = nca_trainer_status(trainer).iteration;
    nca_trainer_step(trainer);
    MUST(nca_trainer_status(trainer).iteration >= before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Bytes good;
    static NcaTrainer *trainer;
    NcaError error = {""};
    if (size < HEAD)
        return 0;
    if (!trainer)
        trainer = begun(&good);
    write_changed(&good, data, size);
    if (nca_trainer_load(trainer, fuzz_path(), &error) < 0) {
        MUST(*error.text);
        Bytes now = saved(trainer);
        MUST(now.size == good.size + SUM && !memcmp(now.data, good.data, good.size));
        free(now.data);
        return 0;
    }
    go_on(trainer);
    fuzz_accepted++;
    nca_trainer_free(&trainer);
    free(good.data);
    return 0;
}
