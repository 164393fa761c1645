/* SPDX-License-Identifier: MIT
 *
 * How good a model is.  Every run of every seed grows a creature of its own, so that runs
 * go to threads in any order; only the worst of the seeds is kept.  The picture is
 * drawn by running the worst seed of each run once more. */
#include "eval.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "status.h"

enum { SEEDS_MOST = 1000, WORKERS_MOST = 256 };

#define MEMORY_MOST ((size_t)1 << 30) /* that more workers than one may take */

static const int shot_steps[NCA_SHOTS_GROWTH] = {0, 16, 32, 48, 64, 96, NCA_GROWN, 1000};

typedef struct Verdict {
    double loss96, loss200, loss1000;
    NcaTrial trial[NCA_TRIALS];
    int runs; /* finished */
} Verdict;

typedef struct Judge {
    const NcaEvalParams *params;
    const NcaModel *model;
    int trials, workers, total;
    NcaRun run[WORKERS_MOST];
    Verdict *verdict; /* [seeds] */
    /* what is at work: */
    int seeds;
    NcaShots *shots;           /* NULL: all seeds are judged; or what is shown, … */
    int shown[1 + NCA_TRIALS]; /* … of these seeds: growth, then each trial */
    atomic_int next;
    atomic_bool stop;
    pthread_mutex_t mutex; /* of what follows, and of verdicts' runs */
    int done;
    NcaStatus status;
    NcaError error; /* the first */
} Judge;

/* -------------------------------------------------------------------- runs */

static void grow(NcaRun *run, Verdict *v, NcaShots *shots)
{
    NcaGrid *grid = run->grid;
    nca_run_sow(run, grid);
    for (int i = 0; i < NCA_SHOTS_GROWTH; i++) {
        nca_run_step_until(run, grid, shot_steps[i]);
        nca_shot_take(shots ? &shots->shot[i] : NULL, grid);
        nca_likeness_look(&run->likeness, grid, 0, run->likeness.width);
        double loss = nca_likeness_loss(&run->likeness);
        if (shot_steps[i] == 96)
            v->loss96 = loss;
        else if (shot_steps[i] == NCA_GROWN)
            v->loss200 = loss;
        else if (shot_steps[i] == 1000)
            v->loss1000 = loss;
    }
}

static NcaStatus try(NcaRun *run, int trial, Verdict *v, NcaShots *shots, NcaError *error)
{
    NcaShot *shot = shots ? &shots->shot[NCA_SHOTS_GROWTH + 2 * trial] : NULL;
    run->first = shot;
    run->last = shot ? shot + 1 : NULL;
    NcaStatus status = nca_trial_run(run, trial, &v->trial[trial], error);
    if (shots)
        shots->pass[trial] = v->trial[trial].pass;
    return status;
}

/* Counts a run; asks whether to go on. */
static void finish(Judge *j, Verdict *v, NcaStatus status, const NcaError *error)
{
    pthread_mutex_lock(&j->mutex);
    if (status < 0 && j->status == NCA_OK) {
        j->status = status;
        j->error = *error;
        atomic_store(&j->stop, true);
    }
    if (!atomic_load(&j->stop)) {
        v->runs++;
        j->done++;
        if (j->params->progress &&
            !j->params->progress(j->params->progress_arg, j->done, j->total))
            atomic_store(&j->stop, true);
    }
    pthread_mutex_unlock(&j->mutex);
}

/* A seed's longest runs, its last trials, come first. */
static void run_some(void *arg, int worker)
{
    Judge *j = arg;
    NcaRun *run = &j->run[worker];
    int runs = 1 + j->trials;
    for (int i; !atomic_load(&j->stop) &&
                (i = atomic_fetch_add(&j->next, 1)) < j->seeds * runs;) {
        NcaStatus status = NCA_OK;
        NcaError error = {""};
        int trial = j->trials - 1 - i % runs;
        int seed = j->shots ? j->shown[1 + trial] : i / runs;
        Verdict *v = &j->verdict[seed];
        run->seed = (uint64_t)seed;
        if (trial < 0)
            grow(run, v, j->shots);
        else
            status = try(run, trial, v, j->shots, &error);
        finish(j, v, status, &error);
    }
}

static void run_seeds(Judge *j, int seeds, NcaShots *shots)
{
    j->seeds = seeds;
    j->shots = shots;
    atomic_store(&j->next, 0);
    if (j->params->parallel && j->workers > 1)
        j->params->parallel(j->params->host, run_some, j, j->workers);
    else
        run_some(j, 0);
}

/* ----------------------------------------------------------------- verdict */

static bool is_judged(const Judge *j, int seed)
{
    return j->verdict[seed].runs > j->trials;
}

static bool is_worse(const NcaTrial *trial, const NcaTrial *than)
{
    return trial->pass != than->pass ? than->pass : trial->loss > than->loss;
}

static void keep_worst(NcaTrial *worst, const NcaTrial *trial)
{
    if (!worst->name || is_worse(trial, worst))
        *worst = *trial;
}

static NcaEval sum_up(const Judge *j)
{
    NcaEval e = {.trials = j->trials};
    for (int s = 0; s < j->params->seeds; s++) {
        const Verdict *v = &j->verdict[s];
        if (!is_judged(j, s))
            continue;
        e.seeds++;
        e.loss96 = fmax(e.loss96, v->loss96);
        e.loss200 = fmax(e.loss200, v->loss200);
        e.loss1000 = fmax(e.loss1000, v->loss1000);
        for (int i = 0; i < j->trials; i++)
            keep_worst(&e.trial[i], &v->trial[i]);
    }
    for (int i = 0; i < j->trials; i++) {
        e.trial[i].name = nca_trial_name(i);
        e.passed += e.trial[i].pass;
        e.regrown += i < NCA_CUTS && e.trial[i].pass;
    }
    return e;
}

/* Of the growth (trial -1) or of a trial; -1: none was judged. */
static int worst_seed(const Judge *j, int trial)
{
    int worst = -1;
    for (int s = 0; s < j->params->seeds; s++) {
        const Verdict *v = &j->verdict[s], *w = &j->verdict[worst < 0 ? s : worst];
        bool worse = trial < 0 ? v->loss200 > w->loss200
                               : is_worse(&v->trial[trial], &w->trial[trial]);
        if (is_judged(j, s) && (worst < 0 || worse))
            worst = s;
    }
    return worst;
}

/* A run that has no memory for what it looks like goes on without. */
static bool are_complete(const NcaShots *shots)
{
    bool complete = true;
    for (int i = 0; i < NCA_SHOTS_GROWTH + 2 * shots->trials; i++)
        complete &= shots->shot[i].rgba != NULL;
    return complete;
}

/* The sheet of all runs, each of the seed that was its worst; an empty one where it was
 * stopped. */
static void draw(Judge *j, const NcaTarget *target, uint8_t *picture)
{
    NcaShots shots = {.trials = j->trials}, nothing = shots;
    for (int i = -1; i < j->trials; i++)
        j->shown[i + 1] = worst_seed(j, i);
    if (j->shown[0] >= 0)
        run_seeds(j, 1, &shots);
    bool stopped = atomic_load(&j->stop) || j->shown[0] < 0;
    if (j->status == NCA_OK && !stopped && !are_complete(&shots))
        j->status = nca_fail_memory(&j->error, "the picture");
    if (j->status == NCA_OK)
        nca_eval_draw(picture, target, stopped ? &nothing : &shots);
    for (int i = 0; i < NCA_SHOTS; i++)
        free(shots.shot[i].rgba);
}

/* ------------------------------------------------------------------ set-up */

static int workers_of(const Judge *j, const NcaTarget *target)
{
    size_t size = nca_run_size(j->model, target, j->params->hard);
    int most =
        MEMORY_MOST / size < WORKERS_MOST ? (int)(MEMORY_MOST / size) : WORKERS_MOST;
    int runs = j->params->seeds * (1 + j->trials);
    int workers = j->params->threads < runs ? j->params->threads : runs;
    workers = workers < most ? workers : most;
    return workers < 1 || !j->params->parallel ? 1 : workers;
}

static NcaStatus set_up(Judge *j, const NcaTarget *target, bool picture, NcaError *error)
{
    NcaStatus status = NCA_OK;
    j->trials = j->params->hard ? NCA_TRIALS : NCA_CUTS;
    j->total = (j->params->seeds + picture) * (1 + j->trials);
    j->verdict = calloc((size_t)j->params->seeds, sizeof(*j->verdict));
    if (!j->verdict)
        return nca_fail_memory(error, "judging the model");
    NcaError inner = {""};
    int workers = workers_of(j, target);
    for (; j->workers < workers && status == NCA_OK; j->workers += status == NCA_OK)
        status = nca_run_init(&j->run[j->workers], j->model, target, &j->stop, &inner);
    if (j->workers == 0)
        return nca_fail(error, status, "%s", inner.text);
    return NCA_OK; /* fewer than wanted do as well */
}

static void tear_down(Judge *j)
{
    for (int i = 0; i < j->workers; i++)
        nca_run_uninit(&j->run[i]);
    free(j->verdict);
    pthread_mutex_destroy(&j->mutex);
    free(j);
}

NcaStatus nca_eval(NcaEval *eval, const NcaModel *model, const NcaTarget *target,
                   const NcaEvalParams *params, uint8_t *picture, NcaError *error)
{
    if (params->seeds < 1 || params->seeds > SEEDS_MOST)
        return nca_fail(error, NCA_ERR_ARGUMENT, "%d seeds, 1 … %d are possible",
                        params->seeds, SEEDS_MOST);
    Judge *j = calloc(1, sizeof(*j));
    if (!j)
        return nca_fail_memory(error, "judging the model");
    j->params = params;
    j->model = model;
    pthread_mutex_init(&j->mutex, NULL);
    NcaStatus status = set_up(j, target, picture != NULL, error);
    if (status == NCA_OK) {
        run_seeds(j, params->seeds, NULL);
        NcaEval verdict = sum_up(j);
        if (picture && j->status == NCA_OK)
            draw(j, target, picture);
        status = j->status < 0 ? nca_fail(error, j->status, "%s", j->error.text) : NCA_OK;
        if (status == NCA_OK)
            *eval = verdict;
    }
    tear_down(j);
    return status;
}
