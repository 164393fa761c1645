/* SPDX-License-Identifier: MIT
 *
 * The fire mask is a hash of (seed, time, cell), and what follows a growth begins at time
 * 0 again: its seed is a hash of (the run's seed, 200, which trial), so that no run
 * repeats another's mask. */
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "random.h"
#include "status.h"
#include "target.h"
#include "trial_wounds.h"
#include "world.h"

enum { STEPS_AT_ONCE = 16, HEAL_STEPS = 400, STEPS_8_BITS = 1000 };
enum { SHIFT_MOST = 8, AGAIN = 10, MANY_SHIFT = 40, APART = 8 };
#define HEALED_LOSS 3e-3

typedef struct Kind Kind;
typedef NcaStatus Trial(NcaRun *run, const Kind *kind, NcaTrial *verdict,
                        NcaError *error);

struct Kind {
    const char *name;
    Trial *run;
    NcaWound *wound;
    int argument; /* of the run or of the wound */
    int shift;    /* sought so far away, and within the padding */
};

/* -------------------------------------------------------------------- runs */

static int least(int a, int b)
{
    return a < b ? a : b;
}

NcaStatus nca_run_init(NcaRun *run, const NcaModel *model, const NcaTarget *target,
                       const atomic_bool *stop, NcaError *error)
{
    NcaGridParams params = nca_grid_params_default();
    params.width = nca_target_width(target);
    params.height = nca_target_height(target);
    *run = (NcaRun){.model = model, .target = target, .stop = stop};
    NcaStatus status =
        nca_likeness_init(&run->likeness, nca_target_pixels(target), params.width,
                          params.height, nca_model_shape(model)->channels, 0, error);
    if (status == NCA_OK)
        status = nca_grid_new(&run->grid, model, &params, error);
    if (status < 0)
        nca_run_uninit(run);
    return status;
}

void nca_run_uninit(NcaRun *run)
{
    nca_likeness_uninit(&run->likeness);
    nca_grid_free(&run->grid);
}

void nca_run_sow(const NcaRun *run, NcaGrid *grid)
{
    nca_grid_reset(grid, run->seed);
    nca_grid_plant(grid, nca_grid_width(grid) / 2, nca_grid_height(grid) / 2);
}

void nca_run_step_until(const NcaRun *run, NcaGrid *grid, int64_t time)
{
    for (int64_t left;
         (left = time - nca_grid_time(grid)) > 0 && !atomic_load(run->stop);)
        nca_grid_step(grid, left < STEPS_AT_ONCE ? (int)left : STEPS_AT_ONCE);
}

void nca_run_step(const NcaRun *run, NcaGrid *grid, int steps)
{
    nca_run_step_until(run, grid, nca_grid_time(grid) + steps);
}

void nca_shot_take(NcaShot *shot, const NcaGrid *grid)
{
    if (!shot)
        return;
    free(shot->rgba);
    shot->width = nca_grid_width(grid);
    shot->height = nca_grid_height(grid);
    shot->rgba = malloc((size_t)shot->width * shot->height * 4);
    if (shot->rgba)
        nca_grid_read_rgba8(grid, shot->rgba, (size_t)shot->width * 4);
}

/* The creature, or the two, have been through it. */
static void end(NcaRun *run, const NcaGrid *grid)
{
    run->alive = nca_grid_alive(grid);
    nca_shot_take(run->last, grid);
}

/* As it lies on the run's own grid. */
static double loss_of(NcaRun *run)
{
    nca_likeness_look(&run->likeness, run->grid, 0, run->likeness.width);
    return nca_likeness_loss(&run->likeness);
}

/* At the best shift.  A grid larger than the target's is taken for as large as that. */
static void judge_shifted(NcaTrial *verdict, const NcaRun *run, const NcaLikeness *l)
{
    NcaShift shift = nca_likeness_shift(l);
    double cells = (double)run->likeness.width * run->likeness.height;
    verdict->loss = shift.loss * ((double)l->width * l->height / cells);
    verdict->shift_x = shift.x;
    verdict->shift_y = shift.y;
}

/* ------------------------------------------------------------------ scenes */

/* Another grid than the run's, and what it should show. */
typedef struct Scene {
    NcaGrid *grid;
    float *target; /* [height][width][4] */
    NcaLikeness likeness;
} Scene;

/* Sides, cells: a square in which the picture can lie at any angle, … */
static int turned_side(const NcaTarget *t)
{
    int pad = nca_target_padding(t);
    double across = nca_target_width(t) - 2 * pad, down = nca_target_height(t) - 2 * pad;
    return 2 * ((int)ceil(hypot(across, down) / 2) + pad);
}

/* … and how far beside a picture another one begins. */
static int apart_of(const NcaTarget *t)
{
    return (int)nca_trial_scaled(t, APART);
}

static int beside_step(const NcaTarget *t)
{
    return nca_target_width(t) - 2 * nca_target_padding(t) + apart_of(t);
}

/* A grid, its state, its picture, and what it should show. */
static size_t grid_size(const NcaShape *shape, int width, int height)
{
    return nca_world_size(shape, width, height) +
           (size_t)width * height * ((size_t)shape->channels + 8) * sizeof(float);
}

size_t nca_run_size(const NcaModel *model, const NcaTarget *target, bool hard)
{
    const NcaShape *shape = nca_model_shape(model);
    int w = nca_target_width(target), h = nca_target_height(target);
    int side = turned_side(target);
    size_t own = grid_size(shape, w, h), turned = grid_size(shape, side, side);
    size_t beside = grid_size(shape, w + beside_step(target), h);
    if (!hard)
        return own;
    return own + (turned > beside ? turned : beside);
}

/* The target is yet to be drawn. */
static NcaStatus scene_init(Scene *scene, const NcaRun *run, const NcaModel *model,
                            const NcaGridParams *params, NcaError *error)
{
    *scene = (Scene){0};
    scene->target = calloc((size_t)params->width * params->height, 4 * sizeof(float));
    if (!scene->target)
        return nca_fail_memory(error, "judging the model");
    NcaStatus status = nca_grid_new(&scene->grid, model, params, error);
    if (status == NCA_OK)
        status = nca_likeness_init(&scene->likeness, scene->target, params->width,
                                   params->height, nca_grid_channels(scene->grid),
                                   run->likeness.shift_most, error);
    return status;
}

static void scene_uninit(Scene *scene)
{
    nca_grid_free(&scene->grid);
    nca_likeness_uninit(&scene->likeness);
    free(scene->target);
}

/* Nothing but the run's target, at that column. */
static void scene_expect(Scene *scene, const NcaRun *run, int column)
{
    int w = run->likeness.width, h = run->likeness.height, width = scene->likeness.width;
    memset(scene->target, 0, (size_t)width * h * 4 * sizeof(float));
    for (int y = 0; y < h; y++)
        memcpy(scene->target + 4 * ((size_t)y * width + column),
               nca_target_pixels(run->target) + 4 * (size_t)y * w,
               4 * (size_t)w * sizeof(float));
}

/* Columns first … last - 1 are judged; the worse of several such parts counts. */
static void scene_judge(Scene *scene, const NcaRun *run, int first, int last,
                        NcaTrial *verdict)
{
    NcaTrial part = *verdict;
    nca_likeness_look(&scene->likeness, scene->grid, first, last);
    judge_shifted(&part, run, &scene->likeness);
    if (!(part.loss <= verdict->loss))
        *verdict = part;
}

/* From one cell until that step. */
static void scene_grow(Scene *scene, NcaRun *run, int64_t time)
{
    nca_run_sow(run, scene->grid);
    nca_run_step_until(run, scene->grid, NCA_GROWN);
    nca_shot_take(run->first, scene->grid);
    nca_run_step_until(run, scene->grid, time);
    end(run, scene->grid);
}

/* ------------------------------------------------------------------ trials */

static int index_of(const Kind *kind);

static NcaStatus heal(NcaRun *run, const Kind *kind, NcaTrial *verdict, NcaError *error)
{
    (void)error;
    nca_grid_read_state(run->grid, run->likeness.state);
    nca_grid_reset(run->grid, nca_hash3(run->seed, NCA_GROWN, (uint64_t)index_of(kind)));
    nca_grid_set_state(run->grid, run->likeness.state);
    kind->wound(run, kind->argument);
    nca_shot_take(run->first, run->grid);
    nca_run_step(run, run->grid, HEAL_STEPS);
    end(run, run->grid);
    nca_likeness_look(&run->likeness, run->grid, 0, run->likeness.width);
    judge_shifted(verdict, run, &run->likeness);
    return NCA_OK;
}

/* In its place, and no worse than twice what it was. */
static NcaStatus stay(NcaRun *run, const Kind *kind, NcaTrial *verdict, NcaError *error)
{
    (void)error;
    verdict->bound = isfinite(verdict->before) ? 2 * verdict->before : 0;
    nca_shot_take(run->first, run->grid);
    nca_run_step_until(run, run->grid, kind->argument);
    end(run, run->grid);
    verdict->loss = loss_of(run);
    return NCA_OK;
}

/* Grown with an angle, beside the turned target. */
static NcaStatus turn(NcaRun *run, const Kind *kind, NcaTrial *verdict, NcaError *error)
{
    NcaGridParams params = nca_grid_params_default();
    Scene scene;
    params.width = params.height = turned_side(run->target);
    params.angle = (float)kind->argument;
    NcaStatus status = scene_init(&scene, run, run->model, &params, error);
    if (status == NCA_OK) {
        nca_target_turn(run->target, kind->argument, scene.target, params.width);
        scene_grow(&scene, run, NCA_GROWN + HEAL_STEPS);
        scene_judge(&scene, run, 0, params.width, verdict);
    }
    scene_uninit(&scene);
    return status;
}

/* Planted where the first is grown, with a few cells between the two pictures. */
static NcaStatus grow_beside(NcaRun *run, const Kind *kind, NcaTrial *verdict,
                             NcaError *error)
{
    (void)kind;
    int w = run->likeness.width, h = run->likeness.height,
        step = beside_step(run->target);
    int middle = w - nca_target_padding(run->target) + apart_of(run->target) / 2;
    NcaGridParams params = nca_grid_params_default();
    Scene scene;
    params.width = w + step;
    params.height = h;
    NcaStatus status = scene_init(&scene, run, run->model, &params, error);
    if (status == NCA_OK) {
        nca_grid_reset(scene.grid, run->seed);
        nca_grid_plant(scene.grid, w / 2, h / 2);
        nca_run_step_until(run, scene.grid, NCA_GROWN);
        nca_grid_plant(scene.grid, w / 2 + step, h / 2);
        nca_shot_take(run->first, scene.grid);
        nca_run_step(run, scene.grid, HEAL_STEPS);
        end(run, scene.grid);
        scene_expect(&scene, run, 0);
        scene_judge(&scene, run, 0, middle, verdict);
        scene_expect(&scene, run, step);
        scene_judge(&scene, run, middle, params.width, verdict);
    }
    scene_uninit(&scene);
    return status;
}

/* With weights that were rounded as the published ones are. */
static NcaStatus round_weights(NcaRun *run, const Kind *kind, NcaTrial *verdict,
                               NcaError *error)
{
    NcaModel *rounded = NULL;
    NcaGridParams params = nca_grid_params_default();
    Scene scene = {0};
    params.width = run->likeness.width;
    params.height = run->likeness.height;
    NcaStatus status = nca_model_copy(&rounded, run->model, error);
    if (status == NCA_OK) {
        for (int t = 0; t < NCA_TENSORS; t++)
            nca_demo_round(nca_model_tensor_mut(rounded, (NcaTensor)t),
                           nca_model_tensor_size(rounded, (NcaTensor)t));
        status = scene_init(&scene, run, rounded, &params, error);
    }
    if (status == NCA_OK) {
        scene_grow(&scene, run, kind->argument);
        scene_expect(&scene, run, 0);
        scene_judge(&scene, run, 0, params.width, verdict);
    }
    scene_uninit(&scene);
    nca_model_free(&rounded);
    return status;
}

static const Kind kinds[NCA_TRIALS] = {
    {"lower", heal, nca_wound_cut, 0, SHIFT_MOST},
    {"upper", heal, nca_wound_cut, 1, SHIFT_MOST},
    {"right", heal, nca_wound_cut, 2, SHIFT_MOST},
    {"left", heal, nca_wound_cut, 3, SHIFT_MOST},
    {"centre", heal, nca_wound_cut, 4, SHIFT_MOST},
    {"swipes", heal, nca_wound_swipes, 0, MANY_SHIFT},
    {"scattered", heal, nca_wound_scatter, 0, SHIFT_MOST},
    {"noise", heal, nca_wound_noise, 0, SHIFT_MOST},
    {"two thirds", heal, nca_wound_two_thirds, 0, SHIFT_MOST},
    {"ten times", heal, nca_wound_again, AGAIN, MANY_SHIFT},
    {"8 bits", round_weights, NULL, STEPS_8_BITS, SHIFT_MOST},
    {"beside", grow_beside, NULL, 0, SHIFT_MOST},
    {"turned 45", turn, NULL, 45, SHIFT_MOST},
    {"turned 90", turn, NULL, 90, SHIFT_MOST},
    {"turned 180", turn, NULL, 180, SHIFT_MOST},
    {"step 10000", stay, NULL, 10000, 0},
    {"step 100000", stay, NULL, 100000, 0},
};

static int index_of(const Kind *kind)
{
    return (int)(kind - kinds);
}

const char *nca_trial_name(int trial)
{
    return kinds[trial].name;
}

/* The cuts are judged by the published rule, which does not ask for life. */
NcaStatus nca_trial_run(NcaRun *run, int trial, NcaTrial *verdict, NcaError *error)
{
    const Kind *kind = &kinds[trial];
    run->likeness.shift_most = least(kind->shift, nca_target_padding(run->target));
    nca_run_sow(run, run->grid);
    nca_run_step_until(run, run->grid, NCA_GROWN);
    NcaTrial v = {.name = kind->name, .before = loss_of(run)};
    v.bound = isfinite(v.before) ? fmax(HEALED_LOSS, 2 * v.before) : HEALED_LOSS;
    NcaStatus status = kind->run(run, kind, &v, error);
    if (status < 0)
        return status;
    if (trial >= NCA_CUTS && run->alive == 0)
        v.loss = INFINITY;
    v.pass = v.loss <= v.bound;
    *verdict = v;
    return NCA_OK;
}
