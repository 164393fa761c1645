/* SPDX-License-Identifier: MIT
 *
 * Whole uses of the library, again and again: the first allocation fails, the second, the
 * third, until all succeed.  Each time the status and the words are those of a lack of
 * memory, what was to be had stays as it was, and no block is left.  Then the same where
 * all that come after fail, too.  Argument: all; else one in seven fails. */
#include "nth.h"

#include "../trainers.h"
#include "bench.h"
#include "memory_models.h"
#include "nca_film.h"
#include "nca_view.h"

static char where[PATH_MAX]; /* a checkpoint, or a model that is replaced */
static NcaTarget *target;
static NcaModel *creature, *small;
static const char *model_file;

#define TRY(call)                                                                        \
    if ((status = (call)) < 0)                                                           \
    goto done

/* ------------------------------------------------------------------ models */

static NcaStatus use_load(NcaError *error)
{
    NcaModel *m = NULL;
    NcaStatus status = nca_model_load(&m, model_file, error);
    CHECK((status == NCA_OK) == (m != NULL));
    nca_model_free(&m);
    return status;
}

static NcaStatus use_convert(NcaError *error)
{
    NcaModel *m = NULL, *copy = NULL;
    NcaStatus status;
    TRY(nca_model_find(&m, "own", error));
    TRY(nca_model_copy(&copy, m, error));
    snprintf(error->text, sizeof(error->text), "no memory for metadata");
    TRY(nca_model_set_meta(copy, "seed", "1"));
    TRY(nca_model_save(copy, where, NCA_FORMAT_DEMO_JSON, error));
    TRY(nca_model_save(copy, where, NCA_FORMAT_SAFETENSORS, error));
done:
    nca_model_free(&m);
    nca_model_free(&copy);
    return status;
}

static bool count_up(void *count, const char *name, const char *path)
{
    CHECK(name && path);
    ++*(int *)count;
    return true;
}

/* Ends early without a word where memory is out. */
static NcaStatus use_each(NcaError *error)
{
    int count = 0;
    (void)error;
    nca_model_each(count_up, &count);
    CHECK(count <= 3);
    return count == 3 ? NCA_OK : NCA_ERR_MEMORY;
}

/* ------------------------------------------------------------ grid and film */

static NcaStatus use_events(NcaError *error)
{
    NcaEvents *events = NULL;
    NcaStatus status =
        nca_events_parse(&events,
                         "0 plant 50% 50% | 3 plant 1 1 | 5 erase circle 3 3 2 | 6 erase "
                         "rect 1 1 2 2 | 7 erase half lower | 8 angle 30 | 9 fire 0.4",
                         error);
    CHECK((status == NCA_OK) == (events != NULL));
    nca_events_free(&events);
    return status;
}

static NcaStatus use_grid(NcaError *error)
{
    static uint8_t rgba[64 * 48 * 4];
    static float state[64 * 48 * NCA_CHANNELS_MAX];
    NcaGridParams p = nca_grid_params_default();
    NcaPool *pool = NULL;
    NcaGrid *grid = NULL;
    NcaEvents *events = NULL;
    NcaStatus status;
    TRY(nca_pool_new(&pool, 3, error));
    p.width = 64;
    p.height = 48;
    p.parallel = nca_pool_run;
    p.host = pool;
    p.threads = nca_pool_threads(pool);
    TRY(nca_grid_new(&grid, creature, &p, error));
    TRY(nca_events_parse(&events, "0 plant 50% 50% | 3 erase half lower", error));
    nca_grid_plant(grid, 3, 3);
    nca_grid_plant(grid, 60, 40);
    nca_grid_run(grid, events, 12);
    TRY(nca_grid_command(grid, "erase circle 50% 50% 3", error));
    nca_grid_read_rgba8(grid, rgba, (size_t)64 * 4);
    nca_grid_read_state(grid, state);
    CHECK(nca_grid_time(grid) == 12 && nca_grid_alive(grid) > 0);
done:
    nca_events_free(&events);
    nca_grid_free(&grid);
    nca_pool_free(&pool);
    return status;
}

static NcaStatus use_film(NcaError *error)
{
    static uint8_t image[40 * 30 * 4];
    NcaFilmParams p = nca_film_params_default();
    NcaViewParams v = nca_view_params_default();
    NcaFilm *film = NULL;
    NcaView *view = NULL;
    NcaStatus status;
    NcaPlane plane[4];
    for (int c = 0; c < 4; c++)
        plane[c] = (NcaPlane){image + c, (ptrdiff_t)40 * 4, 4};
    p.grid.width = p.grid.height = 20;
    p.warmup = 5;
    v.width = v.height = 30;
    TRY(nca_film_new(&film, creature, &p, error));
    TRY(nca_view_new(&view, 20, 20, &v, error));
    v.scale = 1.7;
    v.width = 40;
    TRY(nca_view_set(view, &v, error));
    nca_film_next(film, 1.5);
    nca_view_wound(view, nca_film_grid(film), plane, NCA_WOUND_MOTION, -1);
    nca_view_draw(view, nca_film_grid(film), plane, NCA_BLEND_OVER, 1);
    nca_film_reset(film, &p);
done:
    nca_film_free(&film);
    nca_view_free(&view);
    return status;
}

/* ---------------------------------------------------------------- training */

static NcaTrainParams train_params(void)
{
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, 3);
    p.channels = 16;
    p.hidden = 128; /* so that it begins with what the library brings along */
    p.batch = 2;
    p.pool = 4;
    p.iterations = 3;
    p.threads = 2;
    return p;
}

static NcaStatus train(const NcaModel *from, NcaTrainParams *p, NcaError *error)
{
    NcaPool *pool = NULL;
    NcaTrainer *trainer = NULL;
    NcaModel *model = NULL;
    NcaStatus status;
    TRY(nca_pool_new(&pool, 2, error));
    p->parallel = nca_pool_run;
    p->host = pool;
    TRY(nca_trainer_new(&trainer, target, p, from, error));
    TRY(nca_trainer_hold(trainer, where, error));
    run_to(trainer, 3);
    TRY(nca_trainer_save(trainer, where, error));
    TRY(nca_trainer_load(trainer, where, error));
    CHECK(nca_trainer_status(trainer).done);
    TRY(nca_trainer_model(trainer, &model, error));
done:
    nca_model_free(&model);
    nca_trainer_free(&trainer);
    nca_pool_free(&pool);
    return status;
}

static NcaStatus use_trainer(NcaError *error)
{
    NcaTrainParams p = train_params();
    return train(NULL, &p, error);
}

static NcaStatus use_finishing(NcaError *error)
{
    NcaTrainParams p = train_params();
    p.recipe = NCA_RECIPE_FINISHING;
    return train(small, &p, error);
}

/* Without memory for the model of an iteration the job goes on with that of another. */
static NcaStatus use_job(NcaError *error)
{
    NcaJobParams p = {train_params(), where};
    NcaJob *job = NULL;
    NcaModel *model = NULL;
    NcaStatus status;
    p.train.recipe = NCA_RECIPE_DRAFT;
    p.train.iterations = 2;
    TRY(nca_job_start(&job, target, &p, NULL, error));
    while (!nca_job_finished(job))
        usleep(100);
    nca_job_stop(job);
    TRY(nca_job_wait(job, error));
    CHECK(nca_job_status(job).done);
    TRY(nca_job_model(job, &model, error));
done:
    nca_model_free(&model);
    nca_job_free(&job);
    return status;
}

static NcaStatus use_target(NcaError *error)
{
    static uint16_t rgba[12 * 9 * 4];
    NcaTargetParams params = {30, 2};
    NcaTarget *t = NULL, *copy = NULL;
    NcaStatus status;
    memset(rgba, 0xff, sizeof(rgba));
    TRY(nca_target_new16(&t, rgba, 12, 9, (size_t)12 * 8, &params, error));
    TRY(nca_target_copy(&copy, t, error));
done:
    nca_target_free(&t);
    nca_target_free(&copy);
    return status;
}

static NcaStatus use_eval(NcaError *error)
{
    NcaEvalParams p = {.seeds = 1};
    NcaEval eval = {.seeds = -1};
    int width, height;
    nca_eval_picture_size(target, false, &width, &height);
    uint8_t *picture = calloc((size_t)width * (size_t)height, 4);
    NcaStatus status = picture ? nca_eval(&eval, small, target, &p, picture, error)
                               : (snprintf(error->text, 9, "memory"), NCA_ERR_MEMORY);
    CHECK(status == NCA_OK ? eval.seeds == 1 : eval.seeds == -1);
    if (status == NCA_OK) {
        static uint64_t whole; /* of the first time, when nothing failed */
        uint64_t sum = 0;
        for (size_t i = 0; i < (size_t)width * (size_t)height * 4; i++)
            sum = sum * 31 + picture[i];
        whole = whole ? whole : sum;
        CHECK_MSG(sum == whole, "the picture lacks something");
    }
    free(picture);
    return status;
}

static NcaStatus use_bench(NcaError *error)
{
    NcaBenchParams p = {.threads = 2};
    NcaBenchResult result = {.ms = -1};
    NcaStatus status = nca_bench_run(&result, "step-72-third", &p, error);
    CHECK((status == NCA_OK) == (result.ms > 0));
    return status;
}

/* --------------------------------------------------------------- one by one */

typedef struct Use {
    const char *name;
    NcaStatus (*run)(NcaError *error);
    int least;   /* allocations that there are */
    bool silent; /* fails without words */
    bool reads;  /* jansson takes some of its own failures for mistakes in the text */
    bool saves;  /* a whole file to `where` */
} Use;

static const Use uses[] = {
    {"convert", use_convert, 90, false, true, true},
    {"each model", use_each, 4, true, false, false},
    {"events", use_events, 1, false, false, false},
    {"grid", use_grid, 5, false, false, false},
    {"film and view", use_film, 8, false, false, false},
    {"target", use_target, 4, false, false, false},
    {"trainer", use_trainer, 60, false, true, true},
    {"finishing", use_finishing, 40, false, true, true},
    {"job", use_job, 60, false, true, true},
    {"eval", use_eval, 10, false, false, false},
    {"bench", use_bench, 5, false, false, false},
};

static long failed_in_all;

/* What is there is a model or a checkpoint, whole. */
static void check_saved(const Use *use, long n)
{
    char head[32] = "";
    FILE *file = fopen(where, "rb");
    CHECK_MSG(file != NULL, "%s, allocation %ld: the old file is gone", use->name, n);
    if (!file)
        return;
    size_t got = fread(head, 1, sizeof(head) - 1, file);
    fclose(file);
    NcaModel *m = NULL;
    bool whole = !strcmp(head, "old") || !strncmp(head, "nca checkpoint", 14) ||
                 nca_model_load(&m, where, NULL) == NCA_OK;
    CHECK_MSG(whole, "%s, allocation %ld: %zu bytes are left", use->name, n, got);
    nca_model_free(&m);
}

static NcaStatus run_once(const Use *use, long n, bool then_all, NcaError *error,
                          long *held)
{
    if (use->saves)
        write_bytes("where", "old", 3);
    *error = (NcaError){""};
    nth_begin(n, then_all);
    NcaStatus status = use->run(error);
    *held = nth_end();
    return status;
}

/* Whether it met with an allocation that failed.  The C library keeps some memory of
 * threads for later ones: what is left is a leak where it is left a second time. */
static bool fail_one(const Use *use, long n, bool then_all)
{
    NcaError error;
    long held, again;
    NcaStatus status = run_once(use, n, then_all, &error, &held);
    long failed = atomic_load(&nth.failed);
    bool in_words = *error.text || use->silent;
    CHECK_MSG(failed || status == NCA_OK, "%s: %d %s", use->name, status, error.text);
    CHECK_MSG(status == NCA_OK || (status == NCA_ERR_MEMORY && in_words) ||
                  (use->reads && status == NCA_ERR_FORMAT && in_words),
              "%s, allocation %ld: %d \"%s\"", use->name, n, status, error.text);
    if (use->saves)
        check_saved(use, n);
    for (int i = 0; held > 0 && i < 3; i++) {
        run_once(use, n, then_all, &error, &again);
        held = again < held ? again : held;
    }
    CHECK_MSG(held <= 0, "%s, allocation %ld: %ld blocks are left", use->name, n, held);
    failed_in_all += failed > 0;
    return failed > 0;
}

static void fail_all(const Use *use, int stride)
{
    NcaError error;
    long held;
    CHECK(run_once(use, -1, false, &error, &held) == NCA_OK);
    long asked = atomic_load(&nth.asked), before = failed_in_all;
#ifndef NTH_WRAP
    CHECK_MSG(asked >= use->least, "%s: only %ld allocations", use->name, asked);
#endif
    for (int mode = 0; mode < 2; mode++)
        for (long n = asked * mode % stride; fail_one(use, n, mode == 1); n += stride)
            ;
    printf("%-14s %5ld allocations, %ld failed\n", use->name, asked,
           failed_in_all - before);
}

int main(int count, char **arguments)
{
    static const Use load = {"", use_load, 1, false, true, false};
    int stride = count > 1 && !strcmp(arguments[1], "all") ? 1 : 7;
    NcaShape shape = nca_shape_default();
    if (!folder_make())
        return test_end();
    write_models();
    setenv("NCA_MODEL_PATH", folder, 1);
    setenv("XDG_DATA_HOME", path_of("none"), 1);
    snprintf(where, sizeof(where), "%s", path_of("where"));
    target = new_target(8, 2, false);
    creature = random_model(&shape, 0.05, 5);
    shape.channels = shape.hidden = 8;
    small = random_model(&shape, 0.05, 5);
    for (int i = 0; i < MODEL_FILES; i++) {
        Use use = load;
        use.name = model_files[i];
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s", path_of(use.name));
        model_file = path;
        fail_all(&use, stride);
    }
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
        fail_all(&uses[i], stride);
    printf("%ld allocations failed once each, or all from there on, in %zu scenarios\n",
           failed_in_all, MODEL_FILES + sizeof(uses) / sizeof(uses[0]));
    nca_model_free(&creature);
    nca_model_free(&small);
    nca_target_free(&target);
    folder_remove();
    return test_end();
}
