/* SPDX-License-Identifier: MIT
 *
 * Training behind a window: the same model as by hand, an end within 0.3 s and at any
 * moment, going on where it was, nothing of another training, and two at once. */
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "folder.h"
#include "random.h"
#include "seed.h"
#include "trainers.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWED 1
#endif
#endif

/* Of iterations; and seconds. */
#ifdef SLOWED
enum { SOME = 50, MANY = 160 };
static const double SOON = 3; /* steps are that much slower */
#else
enum { SOME = 150, MANY = 600 };
static const double SOON = 0.3;
#endif

static uint64_t seed;
static NcaTarget *target;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static NcaJobParams job_params(const char *checkpoint, int64_t iterations)
{
    NcaJobParams p = {small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, seed),
                      checkpoint};
    p.train.iterations = iterations;
    p.train.threads = 2;
    return p;
}

static NcaJob *start(const NcaTarget *its_target, const NcaJobParams *params,
                     const NcaModel *from)
{
    NcaJob *job = NULL;
    NcaError error = {""};
    CHECK_MSG(nca_job_start(&job, its_target, params, from, &error) == NCA_OK, "%s",
              error.text);
    if (!job)
        exit(test_end());
    return job;
}

static void wait_for(NcaJob *job, int64_t iteration)
{
    double end = now() + 60;
    while (nca_job_status(job).iteration < iteration && !nca_job_finished(job) &&
           now() < end)
        usleep(200);
    CHECK_MSG(nca_job_status(job).iteration >= iteration, "%lld of %lld iterations",
              (long long)nca_job_status(job).iteration, (long long)iteration);
}

static void finish(NcaJob **job)
{
    NcaError error = {""};
    CHECK_MSG(nca_job_wait(*job, &error) == NCA_OK && !*error.text, "%s", error.text);
    CHECK(nca_job_finished(*job));
    nca_job_free(job);
    CHECK(*job == NULL);
}

/* The job's model is that of a trainer that ran as long. */
static void check_same(NcaJob *job, const NcaJobParams *params)
{
    NcaTrainer *trainer = new_trainer(target, &params->train, NULL);
    NcaModel *model = NULL;
    run_to(trainer, nca_job_status(job).iteration);
    CHECK(nca_job_model(job, &model, NULL) == NCA_OK);
    CHECK(model && weights_equal(model, trainer->model));
    nca_model_free(&model);
    nca_trainer_free(&trainer);
}

/* ------------------------------------------------------------------ running */

static void test_run(void)
{
    NcaJobParams p = job_params(NULL, SOME);
    NcaJob *job = start(target, &p, NULL);
    int64_t before = 0;
    int seen = 0;
    while (!nca_job_finished(job)) {
        NcaTrainStatus s = nca_job_status(job);
        NcaModel *model = NULL;
        CHECK(s.iteration >= before && s.iteration <= SOME && s.iterations == SOME);
        seen += s.iteration > before;
        before = s.iteration;
        CHECK(nca_job_model(job, &model, NULL) == NCA_OK && model);
        CHECK(nca_model_meta(model, "iterations") &&
              atoi(nca_model_meta(model, "iterations")) >= before);
        nca_model_free(&model);
        usleep(500);
    }
    CHECK_MSG(seen > 3, "seen at %d times only", seen);
    NcaTrainStatus s = nca_job_status(job);
    CHECK(s.done && s.iteration == SOME && s.loss > 0 && s.seconds > 0);
    CHECK(nca_job_wait(job, NULL) == NCA_OK && nca_job_wait(job, NULL) == NCA_OK);
    check_same(job, &p);
    nca_job_stop(job);
    finish(&job);
    nca_job_free(&job);
}

static void test_free_while_running(void)
{
    NcaJobParams p = job_params(NULL, 1000000);
    for (int i = 0; i < 20; i++) {
        NcaJob *job = start(target, &p, NULL);
        usleep((useconds_t)(nca_hash3(seed, 1, (uint64_t)i) % 5000));
        nca_job_free(&job);
        CHECK(job == NULL);
    }
}

/* From before the thread has begun to some iterations later; of all sizes alike. */
static useconds_t any_moment(int turn)
{
    uint64_t draw = nca_hash3(seed, 2, (uint64_t)turn);
    return (useconds_t)(draw % ((uint64_t)1 << turn % 16));
}

/* Each goes on where the last one was stopped, and none does harm. */
static void test_stop_at_any_moment(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s", path_of("any"));
    NcaJobParams p = job_params(path, 1000000);
    NcaTrainer *trainer = new_trainer(target, &p.train, NULL);
    int64_t reached = 0;
    for (int turn = 63; turn >= 0; turn--) {
        NcaJob *job = start(target, &p, NULL);
        if (turn == 0)
            wait_for(job, reached + 1);
        usleep(any_moment(turn));
        nca_job_stop(job);
        CHECK(nca_job_wait(job, NULL) == NCA_OK);
        NcaTrainStatus s = nca_job_status(job);
        CHECK_MSG(s.iteration >= reached, "%lld after %lld", (long long)s.iteration,
                  (long long)reached);
        reached = s.iteration;
        CHECK(nca_trainer_load(trainer, path, NULL) == NCA_OK);
        CHECK(nca_trainer_status(trainer).iteration == reached);
        if (turn == 0)
            check_same(job, &p);
        finish(&job);
    }
    nca_trainer_free(&trainer);
}

static void test_refusals(void)
{
    NcaJobParams p = job_params(NULL, 10);
    NcaJob *job = NULL;
    NcaError error = {""};
    p.train.batch = 0;
    CHECK(nca_job_start(&job, target, &p, NULL, &error) == NCA_ERR_ARGUMENT && !job);
    CHECK_MSG(strstr(error.text, "batch"), "%s", error.text);
    p.train.batch = 4;
    p.train.threads = 300;
    CHECK(nca_job_start(&job, target, &p, NULL, &error) == NCA_ERR_ARGUMENT && !job);
    p.train.threads = 1;
    p.train.memory = 1000;
    CHECK(nca_job_start(&job, target, &p, NULL, &error) == NCA_ERR_MEMORY && !job);
}

/* ----------------------------------------------------------------- stopping */

/* Fills a whole canvas with life within a few steps, so that iterations are long. */
static NcaModel *new_weed(void)
{
    NcaShape shape = nca_shape_default();
    NcaModel *model = NULL;
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            nca_model_tensor_mut(model, t)[i] =
                (float)(0.02 * (2 * nca_uniform(nca_hash3(7, (uint64_t)t, i)) - 1));
    nca_model_tensor_mut(model, NCA_B2)[3] = 0.2f;
    return model;
}

static double seconds_to_stop(const NcaTarget *large, const NcaModel *weed, int turn)
{
    NcaJobParams p = {nca_train_params_default(), path_of("large")};
    struct stat file;
    p.train.batch = p.train.pool = 64;
    p.train.threads = 1;
    unlink(p.checkpoint);
    NcaJob *job = start(large, &p, weed);
    usleep(300000 + 40000 * (useconds_t)turn);
    CHECK(nca_job_status(job).iteration == 0); /* so the stop has to break into it */
    double begin = now();
    nca_job_stop(job);
    CHECK(now() - begin < SOON / 3);
    CHECK(nca_job_wait(job, NULL) == NCA_OK);
    double took = now() - begin;
    CHECK(nca_job_finished(job) && !nca_job_status(job).done);
    nca_job_free(&job);
    CHECK(stat(p.checkpoint, &file) == 0 && file.st_size > 0);
    return took;
}

/* The best of three, as other programs may hold the processor. */
static void test_stops_soon(void)
{
    NcaTarget *large = new_target(40, 16, false);
    NcaModel *weed = new_weed();
    double best = 1e9;
    CHECK(nca_target_width(large) == 72);
    for (int turn = 0; turn < 3; turn++)
        best = fmin(best, seconds_to_stop(large, weed, turn));
    printf("stopped after %.3f s\n", best);
    CHECK_MSG(best < SOON, "%g s", best);
    nca_model_free(&weed);
    nca_target_free(&large);
}

/* -------------------------------------------------------------- checkpoints */

static void test_goes_on(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s", path_of("on"));
    NcaJobParams p = job_params(path, MANY);
    int64_t reached = 0;
    int stops = 0;
    for (bool done = false; !done; stops++) {
        NcaJob *job = start(target, &p, NULL);
        wait_for(job, 1);
        CHECK(nca_job_status(job).iteration >= reached); /* none was made again */
        wait_for(job, reached + 20);
        nca_job_stop(job);
        CHECK(nca_job_wait(job, NULL) == NCA_OK);
        CHECK(nca_job_status(job).iteration >= reached);
        reached = nca_job_status(job).iteration;
        done = stops == 4;
        finish(&job);
    }
    CHECK_MSG(reached >= 100 && reached < MANY, "stopped at %lld", (long long)reached);
    NcaJob *job = start(target, &p, NULL);
    CHECK(nca_job_wait(job, NULL) == NCA_OK);
    CHECK(nca_job_status(job).done && nca_job_status(job).iteration == MANY);
    check_same(job, &p);
    NcaModel *model = NULL, *again = NULL;
    CHECK(nca_job_model(job, &model, NULL) == NCA_OK);
    finish(&job);
    job = start(target, &p, NULL); /* all is done already */
    CHECK(nca_job_wait(job, NULL) == NCA_OK && nca_job_status(job).iteration == MANY);
    CHECK(nca_job_model(job, &again, NULL) == NCA_OK && weights_equal(model, again));
    nca_model_free(&model);
    nca_model_free(&again);
    finish(&job);
}

static void test_another_training(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s", path_of("other"));
    NcaJobParams p = job_params(path, 12), other = p;
    NcaTrainer *trainer = new_trainer(target, &p.train, NULL);
    other.train.seed++;
    NcaJob *job = start(target, &other, NULL);
    finish(&job);
    CHECK(nca_trainer_load(trainer, path, NULL) == NCA_ERR_ARGUMENT);
    job = start(target, &p, NULL);
    CHECK(nca_job_wait(job, NULL) == NCA_OK);
    check_same(job, &p);
    finish(&job);
    CHECK(nca_trainer_load(trainer, path, NULL) == NCA_OK && trainer->iteration == 12);
    nca_trainer_free(&trainer);
}

/* A checkpoint that can't be read is told of, and left as it is. */
static void test_unreadable(void)
{
    char path[PATH_MAX], inside[PATH_MAX + 8];
    snprintf(path, sizeof(path), "%s", path_of("folder"));
    snprintf(inside, sizeof(inside), "%s/file", path);
    CHECK(mkdir(path, 0700) == 0); /* no file, so not even root can read it */
    CHECK(mkdir(inside, 0700) == 0);
    NcaJobParams p = job_params(path, 3);
    NcaJob *job = start(target, &p, NULL);
    NcaError error = {""};
    CHECK(nca_job_wait(job, &error) == NCA_ERR_IO);
    CHECK_MSG(!strncmp(error.text, path, strlen(path)), "%s", error.text);
    CHECK(nca_job_status(job).iteration == 0);
    nca_job_free(&job);
}

static void test_unwritable(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s", path_of("no-such/state"));
    NcaJobParams p = job_params(path, 3);
    NcaJob *job = start(target, &p, NULL);
    for (int i = 0; i < 2; i++) {
        NcaError error = {""};
        CHECK(nca_job_wait(job, &error) == NCA_ERR_IO);
        CHECK_MSG(!strncmp(error.text, path, strlen(path)), "%s", error.text);
    }
    CHECK(nca_job_wait(job, NULL) == NCA_ERR_IO && nca_job_status(job).done);
    check_same(job, &p);
    nca_job_free(&job);
}

/* ------------------------------------------------------------- two at once */

/* Neither knows of the other. */
static void test_two_at_once(void)
{
    char path[2][PATH_MAX];
    NcaJobParams p[2];
    NcaJob *job[2];
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof(path[i]), "%s", path_of(i ? "right" : "left"));
        p[i] = job_params(path[i], SOME + 10 * i);
        p[i].train.seed += (uint64_t)i;
        job[i] = start(target, &p[i], NULL);
    }
    for (int i = 0; i < 2; i++) {
        CHECK(nca_job_wait(job[i], NULL) == NCA_OK);
        CHECK(nca_job_status(job[i]).iteration == SOME + 10 * i);
        check_same(job[i], &p[i]);
        NcaTrainer *trainer = new_trainer(target, &p[i].train, NULL);
        CHECK(nca_trainer_load(trainer, path[i], NULL) == NCA_OK);
        CHECK(nca_trainer_status(trainer).done);
        nca_trainer_free(&trainer);
        finish(&job[i]);
    }
}

/* Files that were written beside others and not renamed. */
static int left_behind(void)
{
    DIR *files = opendir(folder);
    int count = 0;
    for (struct dirent *file; (file = readdir(files));)
        count += !strncmp(file->d_name, ".nca-", 5);
    closedir(files);
    return count;
}

static bool is_busy(NcaStatus status, const NcaError *error)
{
    return status == NCA_ERR_BUSY && strstr(error->text, "both: in use by another");
}

/* Both want the same file: one of them gets it, the other is told, and it is whole. */
static void test_one_checkpoint(bool same)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s", path_of("both"));
    NcaJobParams p = job_params(path, 1000000), other = p;
    other.train.seed += !same;
    NcaTrainer *mine = new_trainer(target, &p.train, NULL);
    NcaTrainer *its = new_trainer(target, &other.train, NULL);
    unlink(path);
    for (int turn = 0; turn < 32; turn++) {
        NcaJob *a = start(target, &p, NULL), *b = start(target, &other, NULL);
        usleep(any_moment(turn));
        nca_job_stop(a);
        nca_job_stop(b);
        NcaError error = {""};
        NcaStatus one = nca_job_wait(a, &error), two = nca_job_wait(b, &error);
        CHECK_MSG((one == NCA_OK && is_busy(two, &error)) ||
                      (two == NCA_OK && is_busy(one, &error)),
                  "%d, %d: %s", one, two, error.text);
        bool is_mine = nca_trainer_load(mine, path, &error) == NCA_OK;
        bool is_its = nca_trainer_load(its, path, &error) == NCA_OK;
        CHECK_MSG(same ? is_mine && is_its : is_mine != is_its, "%s", error.text);
        int64_t at = is_mine ? mine->iteration : its->iteration;
        CHECK(at == nca_job_status(one == NCA_OK ? a : b).iteration);
        nca_job_free(&a);
        nca_job_free(&b);
    }
    CHECK(left_behind() == 0);
    nca_trainer_free(&mine);
    nca_trainer_free(&its);
}

int main(void)
{
    seed = test_seed();
    if (!folder_make())
        return test_end();
    target = new_target(8, 4, false);
    test_run();
    test_free_while_running();
    test_stop_at_any_moment();
    test_two_at_once();
    test_one_checkpoint(false);
    test_one_checkpoint(true);
    test_refusals();
    test_stops_soon();
    test_goes_on();
    test_another_training();
    test_unwritable();
    test_unreadable();
    nca_target_free(&target);
    folder_remove();
    return test_end();
}
