/* SPDX-License-Identifier: MIT
 *
 * A trainer in a thread of its own.  The thread alone touches the trainer; after each
 * iteration it lays status and model out under the mutex for others to take. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "nca_train.h"
#include "status.h"

static const double CHECKPOINT_EVERY = 5; /* seconds */

struct NcaJob {
    NcaTrainer *trainer;
    NcaPool *pool;
    char *checkpoint; /* NULL: none */
    pthread_t thread;
    bool anew, started, joined;
    atomic_bool stop;
    pthread_mutex_t mutex; /* of all below */
    bool finished;
    NcaTrainStatus status;
    NcaStatus device; /* and why it is not the one that was asked for */
    NcaError device_error;
    NcaModel *model; /* the newest */
    NcaStatus verdict;
    NcaError error;
};

/* Without memory for a new model the last one stays. */
static void lay_out(NcaJob *job)
{
    NcaModel *model = NULL, *old;
    NcaError error = {""};
    NcaTrainStatus status = nca_trainer_status(job->trainer);
    NcaStatus device = nca_trainer_device(job->trainer, &error);
    nca_trainer_model(job->trainer, &model, NULL);
    pthread_mutex_lock(&job->mutex);
    job->status = status;
    job->device = device;
    job->device_error = error;
    old = model ? job->model : NULL;
    if (model)
        job->model = model;
    pthread_mutex_unlock(&job->mutex);
    nca_model_free(&old);
}

/* The last one decides. */
static void set_verdict(NcaJob *job, NcaStatus verdict, const NcaError *error)
{
    pthread_mutex_lock(&job->mutex);
    job->verdict = verdict;
    job->error = *error;
    pthread_mutex_unlock(&job->mutex);
}

static void save(NcaJob *job)
{
    NcaError error = {""};
    if (!job->checkpoint)
        return;
    NcaStatus status = nca_trainer_save(job->trainer, job->checkpoint, &error);
    set_verdict(job, status, &error);
}

static void train(NcaJob *job)
{
    double saved = nca_clock_now();
    while (!atomic_load(&job->stop) && !nca_trainer_status(job->trainer).done) {
        nca_trainer_step(job->trainer);
        lay_out(job);
        if (nca_clock_now() - saved < CHECKPOINT_EVERY)
            continue;
        save(job);
        saved = nca_clock_now();
    }
    save(job);
}

/* One that does not fit is of another training, and this one begins anew. */
static NcaStatus load(NcaJob *job, NcaError *error)
{
    NcaStatus status = nca_trainer_load(job->trainer, job->checkpoint, error);
    if (status == NCA_OK)
        lay_out(job);
    return status == NCA_ERR_MEMORY || status == NCA_ERR_IO ? status : NCA_OK;
}

/* False where there is a checkpoint that can't be read now, or is another's: it is not to
 * be overwritten.  That none can be written is told when it was to be. */
static bool resume(NcaJob *job)
{
    struct stat file;
    NcaError error = {""};
    if (!job->checkpoint)
        return true;
    bool there = !job->anew && stat(job->checkpoint, &file) == 0 && file.st_size > 0;
    NcaStatus status = nca_trainer_hold(job->trainer, job->checkpoint, &error);
    if (status != NCA_ERR_BUSY)
        status = there ? load(job, &error) : NCA_OK;
    if (status < 0)
        set_verdict(job, status, &error);
    return status == NCA_OK;
}

static void *run(void *arg)
{
    NcaJob *job = arg;
    if (resume(job))
        train(job);
    pthread_mutex_lock(&job->mutex);
    job->finished = true;
    pthread_mutex_unlock(&job->mutex);
    return NULL;
}

/* The host's signals are the host's. */
static NcaStatus start_thread(NcaJob *job, NcaError *error)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    job->started = pthread_create(&job->thread, NULL, run, job) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!job->started)
        return nca_fail(error, NCA_ERR_MEMORY, "no thread for the training");
    return NCA_OK;
}

static NcaStatus fill(NcaJob *job, const NcaTarget *target, const NcaJobParams *params,
                      const NcaModel *from, NcaError *error)
{
    NcaTrainParams train = params->train;
    job->anew = params->anew;
    if (params->checkpoint && !(job->checkpoint = strdup(params->checkpoint)))
        return nca_fail_memory(error, "the training");
    NcaStatus status = nca_pool_new(&job->pool, train.threads, error);
    if (status < 0)
        return status;
    train.parallel = nca_pool_run;
    train.host = job->pool;
    train.threads = nca_pool_threads(job->pool);
    status = nca_trainer_new(&job->trainer, target, &train, from, error);
    if (status < 0)
        return status;
    lay_out(job);
    return start_thread(job, error);
}

NcaStatus nca_job_start(NcaJob **out, const NcaTarget *target, const NcaJobParams *params,
                        const NcaModel *from, NcaError *error)
{
    NcaJob *job = calloc(1, sizeof(*job));
    if (!job)
        return nca_fail_memory(error, "the training");
    pthread_mutex_init(&job->mutex, NULL);
    NcaStatus status = fill(job, target, params, from, error);
    if (status < 0)
        nca_job_free(&job);
    else
        *out = job;
    return status;
}

NcaTrainStatus nca_job_status(NcaJob *job)
{
    pthread_mutex_lock(&job->mutex);
    NcaTrainStatus status = job->status;
    pthread_mutex_unlock(&job->mutex);
    return status;
}

NcaStatus nca_job_device(NcaJob *job, NcaError *error)
{
    pthread_mutex_lock(&job->mutex);
    NcaStatus device = job->device;
    if (device < 0)
        nca_fail(error, device, "%s", job->device_error.text);
    pthread_mutex_unlock(&job->mutex);
    return device;
}

bool nca_job_finished(NcaJob *job)
{
    pthread_mutex_lock(&job->mutex);
    bool finished = job->finished;
    pthread_mutex_unlock(&job->mutex);
    return finished;
}

void nca_job_stop(NcaJob *job)
{
    atomic_store(&job->stop, true);
    nca_trainer_interrupt(job->trainer);
}

NcaStatus nca_job_wait(NcaJob *job, NcaError *error)
{
    if (job->started && !job->joined)
        pthread_join(job->thread, NULL);
    job->joined = true;
    if (job->verdict < 0 && error)
        *error = job->error;
    return job->verdict;
}

NcaStatus nca_job_model(NcaJob *job, NcaModel **model, NcaError *error)
{
    pthread_mutex_lock(&job->mutex);
    NcaStatus status = job->model ? nca_model_copy(model, job->model, error)
                                  : nca_fail_memory(error, "the model");
    pthread_mutex_unlock(&job->mutex);
    return status;
}

void nca_job_free(NcaJob **out)
{
    NcaJob *job = *out;
    if (!job)
        return;
    if (job->started)
        nca_job_stop(job);
    nca_job_wait(job, NULL);
    nca_trainer_free(&job->trainer);
    nca_pool_free(&job->pool);
    nca_model_free(&job->model);
    pthread_mutex_destroy(&job->mutex);
    free(job->checkpoint);
    free(job);
    *out = NULL;
}
