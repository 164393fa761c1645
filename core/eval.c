/* SPDX-License-Identifier: MIT
 *
 * How good a model is: it grows to step 200, where it is cut in five ways, each on a grid
 * of its own, and goes on to step 1000.  Seeds are judged some at a time, in lanes, first
 * all growths of the lanes, then all that follows; only the worst of what is known is
 * kept.
 *
 * The fire mask is a hash of (seed, time, cell), and a cut begins at time 0 again: its
 * seed is a hash of (the run's seed, 200, which cut), so that no run repeats another's
 * mask.
 *
 * The best shift is searched on a plane without end: P and T are the picture and the
 * target, 0 outside of their grid, and the loss of P moved by s is sum (P(x - s) -
 * T(x))^2 = sum P^2 + sum T^2 - 2 sum P(x - s) T(x), divided as ever; what is moved over
 * the rim still counts. */
#include "eval.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "rollout.h"
#include "status.h"
#include "target.h"

enum { SEEDS_MOST = 1000, CUT_STEP = 200, HEAL_STEPS = 400, SHIFT_MOST = 8 };
enum { STEPS_AT_ONCE = 16, RUNS_A_SEED = 1 + NCA_CUTS, WORKERS_MOST = 256 };

#define MEMORY_MOST ((size_t)1 << 30) /* that more lanes than one may take */
#define HEALED_LOSS 3e-3

static const int shot_steps[NCA_SHOTS_GROWTH] = {0, 16, 32, 48, 64, 96, CUT_STEP, 1000};
static const char *const cut_names[NCA_CUTS] = {"lower", "upper", "right", "left",
                                                "centre"};

typedef struct Verdict {
    double loss96, loss200, loss1000;
    NcaCut cut[NCA_CUTS];
} Verdict;

/* A seed in work. */
typedef struct Lane {
    uint64_t seed;
    NcaGrid *grid;  /* grows */
    float *state;   /* at the cut */
    uint8_t *shots; /* NULL without a picture */
    Verdict verdict;
    atomic_int runs; /* finished */
} Lane;

/* What a thread has for itself. */
typedef struct Worker {
    NcaGrid *grid; /* for cuts */
    float *state;
    float *picture; /* [height][width][4], premultiplied */
} Worker;

typedef struct Judge {
    const NcaTarget *target;
    const NcaEvalParams *params;
    NcaShape shape;
    int width, height, workers, lanes;
    Lane lane[WORKERS_MOST];
    Worker worker[WORKERS_MOST];
    int busy;        /* lanes with a seed */
    atomic_int next; /* run */
    atomic_bool stop;
    pthread_mutex_t mutex;
    int done;
    NcaEval eval;      /* of all seeds so far */
    uint8_t *worst;    /* shots of the worst of them */
    int worst_failed;  /* its failed cuts, -1: none yet */
    double worst_loss; /* its cuts' losses, added up */
} Judge;

/* ------------------------------------------------------------------ losses */

static size_t cells_of(const Judge *j)
{
    return (size_t)j->width * j->height;
}

/* Colours as trained, not clamped, where the model has an alpha; else as shown. */
static void see(const Judge *j, const NcaGrid *grid, Worker *w)
{
    if (j->shape.color != NCA_COLOR_PREMULTIPLIED) {
        nca_grid_read_rgba(grid, w->picture, (size_t)j->width * 4 * sizeof(float));
        return;
    }
    nca_grid_read_state(grid, w->state);
    for (size_t i = 0; i < cells_of(j); i++)
        memcpy(w->picture + 4 * i, w->state + i * j->shape.channels, 4 * sizeof(float));
}

static double finite_loss(double loss)
{
    return isfinite(loss) ? fmax(loss, 0) : INFINITY;
}

static double loss_of(const Judge *j, const NcaGrid *grid, Worker *w)
{
    see(j, grid, w);
    return finite_loss(
        nca_state_loss(w->picture, 4, nca_target_pixels(j->target), j->width, j->height));
}

static double sum_of_squares(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * values[i];
    return sum;
}

/* sum P(x - s) T(x); T is 0 in the padding, and no shift exceeds it. */
static double correlation(const Judge *j, const float *picture, int dx, int dy)
{
    const float *target = nca_target_pixels(j->target);
    int pad = nca_target_padding(j->target), row = (j->width - 2 * pad) * 4;
    double sum = 0;
    for (int y = pad; y < j->height - pad; y++) {
        const float *t = target + ((size_t)y * j->width + pad) * 4;
        const float *p = picture + ((size_t)(y - dy) * j->width + pad - dx) * 4;
        for (int i = 0; i < row; i++)
            sum += (double)p[i] * t[i];
    }
    return sum;
}

/* cut->shift: by how much the picture has to be moved to lie on the target best. */
static void find_shift(const Judge *j, const float *picture, NcaCut *cut)
{
    int pad = nca_target_padding(j->target), most = pad < SHIFT_MOST ? pad : SHIFT_MOST;
    double best = correlation(j, picture, 0, 0);
    double squares = sum_of_squares(picture, 4 * cells_of(j)) +
                     sum_of_squares(nca_target_pixels(j->target), 4 * cells_of(j));
    cut->shift_x = cut->shift_y = 0;
    for (int dy = -most; dy <= most; dy++)
        for (int dx = -most; dx <= most; dx++) {
            double c = correlation(j, picture, dx, dy);
            if (!(c > best))
                continue;
            best = c;
            cut->shift_x = dx;
            cut->shift_y = dy;
        }
    cut->loss = finite_loss((squares - 2 * best) / (4.0 * (double)cells_of(j)));
}

/* -------------------------------------------------------------------- runs */

static void step_until(Judge *j, NcaGrid *grid, int time)
{
    for (int64_t left; (left = time - nca_grid_time(grid)) > 0 && !atomic_load(&j->stop);)
        nca_grid_step(grid, left < STEPS_AT_ONCE ? (int)left : STEPS_AT_ONCE);
}

static void shoot(const Judge *j, const Lane *lane, const NcaGrid *grid, int shot)
{
    if (lane->shots)
        nca_grid_read_rgba8(grid, lane->shots + (size_t)shot * 4 * cells_of(j),
                            (size_t)j->width * 4);
}

/* Counts a run; asks whether to go on. */
static void finish(Judge *j, Lane *lane)
{
    if (atomic_load(&j->stop))
        return;
    atomic_fetch_add(&lane->runs, 1);
    pthread_mutex_lock(&j->mutex);
    j->done++;
    if (j->params->progress && !atomic_load(&j->stop) &&
        !j->params->progress(j->params->progress_arg, j->done,
                             j->params->seeds * RUNS_A_SEED))
        atomic_store(&j->stop, true);
    pthread_mutex_unlock(&j->mutex);
}

static void grow(Judge *j, Lane *lane, Worker *w)
{
    nca_grid_reset(lane->grid, lane->seed);
    nca_grid_plant(lane->grid, j->width / 2, j->height / 2);
    for (int i = 0; shot_steps[i] <= CUT_STEP; i++) {
        step_until(j, lane->grid, shot_steps[i]);
        shoot(j, lane, lane->grid, NCA_SHOT_GROWTH + i);
        if (shot_steps[i] == 96)
            lane->verdict.loss96 = loss_of(j, lane->grid, w);
    }
    lane->verdict.loss200 = loss_of(j, lane->grid, w);
    nca_grid_read_state(lane->grid, lane->state);
}

static void stay(Judge *j, Lane *lane, Worker *w)
{
    step_until(j, lane->grid, 1000);
    shoot(j, lane, lane->grid, NCA_SHOT_GROWTH + NCA_SHOTS_GROWTH - 1);
    lane->verdict.loss1000 = loss_of(j, lane->grid, w);
    finish(j, lane);
}

/* As published on 72×72: halves of the grid, and 16×16 in the middle of a picture of 40.
 */
static void wound(const Judge *j, NcaGrid *grid, int cut)
{
    int w = j->width, h = j->height, longer = w > h ? w : h;
    int side = ((longer - 2 * nca_target_padding(j->target)) * 2 + 2) / 5;
    int rects[NCA_CUTS][4] = {
        {0, h / 2, w, h - h / 2},
        {0, 0, w, h / 2},
        {w / 2, 0, w - w / 2, h},
        {0, 0, w / 2, h},
        {w / 2 - side / 2, h / 2 - side / 2, side, side},
    };
    nca_grid_erase_rect(grid, rects[cut][0], rects[cut][1], rects[cut][2], rects[cut][3]);
}

static void heal(Judge *j, Lane *lane, Worker *w, int cut)
{
    NcaCut *c = &lane->verdict.cut[cut];
    nca_grid_reset(w->grid, nca_hash3(lane->seed, CUT_STEP, (uint64_t)cut));
    nca_grid_set_state(w->grid, lane->state);
    wound(j, w->grid, cut);
    shoot(j, lane, w->grid, NCA_SHOT_WOUND + cut);
    step_until(j, w->grid, HEAL_STEPS);
    shoot(j, lane, w->grid, NCA_SHOT_HEALED + cut);
    see(j, w->grid, w);
    find_shift(j, w->picture, c);
    c->name = cut_names[cut];
    c->before = lane->verdict.loss200;
    c->pass = c->loss <= HEALED_LOSS || (c->loss <= 2 * c->before && isfinite(c->before));
    finish(j, lane);
}

/* Each job keeps to its own worker and takes runs until none is left. */
static void grow_some(void *arg, int index)
{
    Judge *j = arg;
    for (int i; (i = atomic_fetch_add(&j->next, 1)) < j->busy;)
        grow(j, &j->lane[i], &j->worker[index]);
}

/* The long runs first. */
static void follow_some(void *arg, int index)
{
    Judge *j = arg;
    for (int i; (i = atomic_fetch_add(&j->next, 1)) < j->busy * RUNS_A_SEED;) {
        if (i < j->busy)
            stay(j, &j->lane[i], &j->worker[index]);
        else
            heal(j, &j->lane[(i - j->busy) / NCA_CUTS], &j->worker[index],
                 (i - j->busy) % NCA_CUTS);
    }
}

static void run_all(Judge *j, void (*job)(void *arg, int index))
{
    atomic_store(&j->next, 0);
    if (j->params->parallel && j->workers > 1)
        j->params->parallel(j->params->host, job, j, j->workers);
    else
        job(j, 0);
}

/* ----------------------------------------------------------------- verdict */

static void keep_worst_cut(NcaCut *worst, const NcaCut *cut)
{
    if (!worst->name || (worst->pass && !cut->pass) ||
        (worst->pass == cut->pass && cut->loss > worst->loss))
        *worst = *cut;
}

/* The worst run is that with most failed cuts, then that with most loss after them. */
static void keep_worst_shots(Judge *j, Lane *lane)
{
    int failed = 0;
    double loss = 0;
    for (int i = 0; i < NCA_CUTS; i++) {
        failed += !lane->verdict.cut[i].pass;
        loss += lane->verdict.cut[i].loss;
    }
    if (failed < j->worst_failed || (failed == j->worst_failed && loss <= j->worst_loss))
        return;
    uint8_t *shots = j->worst;
    j->worst = lane->shots;
    lane->shots = shots;
    j->worst_failed = failed;
    j->worst_loss = loss;
}

static void add_verdict(Judge *j, Lane *lane)
{
    const Verdict *v = &lane->verdict;
    NcaEval *e = &j->eval;
    if (atomic_load(&lane->runs) < RUNS_A_SEED)
        return;
    e->seeds++;
    e->loss96 = fmax(e->loss96, v->loss96);
    e->loss200 = fmax(e->loss200, v->loss200);
    e->loss1000 = fmax(e->loss1000, v->loss1000);
    e->regrown = 0;
    for (int i = 0; i < NCA_CUTS; i++) {
        keep_worst_cut(&e->cut[i], &v->cut[i]);
        e->regrown += e->cut[i].pass;
    }
    keep_worst_shots(j, lane);
}

static void judge_seeds(Judge *j)
{
    for (int first = 0; first < j->params->seeds && !atomic_load(&j->stop);) {
        int left = j->params->seeds - first;
        j->busy = left < j->lanes ? left : j->lanes;
        for (int i = 0; i < j->busy; i++) {
            j->lane[i].seed = (uint64_t)(first + i);
            atomic_store(&j->lane[i].runs, 0);
        }
        run_all(j, grow_some);
        run_all(j, follow_some);
        for (int i = 0; i < j->busy; i++)
            add_verdict(j, &j->lane[i]);
        first += j->busy;
    }
}

/* ------------------------------------------------------------------ set-up */

/* A worker and a lane hold a grid, of which each cell is there twice, and a state each.
 */
static int workers_of(const Judge *j)
{
    size_t size = cells_of(j) * (size_t)j->shape.channels * sizeof(float) * 6;
    int most =
        MEMORY_MOST / size < WORKERS_MOST ? (int)(MEMORY_MOST / size) : WORKERS_MOST;
    int runs = j->params->seeds * RUNS_A_SEED;
    int workers = j->params->threads < runs ? j->params->threads : runs;
    workers = workers < most ? workers : most;
    return workers < 1 ? 1 : workers;
}

static NcaStatus new_grid(NcaGrid **grid, const Judge *j, const NcaModel *model,
                          NcaError *error)
{
    NcaGridParams params = nca_grid_params_default();
    params.width = j->width;
    params.height = j->height;
    return nca_grid_new(grid, model, &params, error);
}

static NcaStatus set_up_lane(const Judge *j, Lane *lane, const NcaModel *model,
                             NcaError *error)
{
    lane->state = malloc(cells_of(j) * (size_t)j->shape.channels * sizeof(float));
    if (j->worst)
        lane->shots = calloc(cells_of(j), (size_t)4 * NCA_SHOTS);
    if (!lane->state || (j->worst && !lane->shots))
        return nca_fail_memory(error, "judging the model");
    return new_grid(&lane->grid, j, model, error);
}

static NcaStatus set_up_worker(const Judge *j, Worker *w, const NcaModel *model,
                               NcaError *error)
{
    w->state = malloc(cells_of(j) * (size_t)j->shape.channels * sizeof(float));
    w->picture = malloc(cells_of(j) * 4 * sizeof(float));
    if (!w->state || !w->picture)
        return nca_fail_memory(error, "judging the model");
    return new_grid(&w->grid, j, model, error);
}

static NcaStatus set_up(Judge *j, const NcaModel *model, bool shots, NcaError *error)
{
    NcaStatus status = NCA_OK;
    j->shape = *nca_model_shape(model);
    j->width = nca_target_width(j->target);
    j->height = nca_target_height(j->target);
    j->worst_failed = -1;
    j->workers = workers_of(j);
    j->lanes = j->workers < j->params->seeds ? j->workers : j->params->seeds;
    if (shots && !(j->worst = calloc(cells_of(j), (size_t)4 * NCA_SHOTS)))
        return nca_fail_memory(error, "judging the model");
    for (int i = 0; i < j->lanes && status == NCA_OK; i++)
        status = set_up_lane(j, &j->lane[i], model, error);
    for (int i = 0; i < j->workers && status == NCA_OK; i++)
        status = set_up_worker(j, &j->worker[i], model, error);
    return status;
}

static void tear_down(Judge *j)
{
    for (int i = 0; i < WORKERS_MOST; i++) {
        nca_grid_free(&j->lane[i].grid);
        nca_grid_free(&j->worker[i].grid);
        free(j->lane[i].state);
        free(j->lane[i].shots);
        free(j->worker[i].state);
        free(j->worker[i].picture);
    }
    free(j->worst);
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
    j->target = target;
    j->params = params;
    pthread_mutex_init(&j->mutex, NULL);
    NcaStatus status = set_up(j, model, picture != NULL, error);
    if (status == NCA_OK) {
        judge_seeds(j);
        for (int i = 0; i < NCA_CUTS; i++)
            j->eval.cut[i].name = cut_names[i];
        *eval = j->eval;
        if (picture)
            nca_eval_draw(picture, target, j->worst);
    }
    tear_down(j);
    return status;
}
