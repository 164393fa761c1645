/* SPDX-License-Identifier: MIT
 *
 * The fire mask is a hash of (seed, time, cell), and what follows a growth begins at time 0
 * again: its seed is a hash of (the run's seed, 200, which trial), so that no run repeats
 * another's mask.  Lengths are of a picture whose longest side is 40 cells, and follow it. */
#include "trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "random.h"
#include "status.h"
#include "target.h"

enum { STEPS_AT_ONCE = 16, HEAL_STEPS = 400, SHIFT_MOST = 8, USUAL_SIZE = 40 };
enum {
    SWIPES = 5,
    SWIPE_STEPS = 40,
    AGAIN = 10,
    AGAIN_STEPS = 100,
    APART = 8,
    OLD_8_BITS = 1000
};
#define ERASER 6.0 /* radius */
#define ASIDE 4.0  /* a swipe passes the middle so near */
#define HEALED_LOSS 3e-3
#define SCATTERED 0.3
#define NOISE 0.2

static const double PI = 3.14159265358979323846;

typedef struct Kind Kind;
typedef NcaStatus Trial(NcaRun *run, const Kind *kind, NcaTrial *verdict,
                        NcaError *error);

struct Kind {
    const char *name;
    Trial *run;
    void (*wound)(NcaRun *run, const Kind *kind);
    int argument; /* of the run or of the wound */
    bool wanders; /* is sought as far away as the padding is wide */
};

/* -------------------------------------------------------------------- runs */

NcaStatus nca_run_init(NcaRun *run, const NcaModel *model, const NcaTarget *target,
                       const atomic_bool *stop, NcaError *error)
{
    NcaGridParams params = nca_grid_params_default();
    int padding = nca_target_padding(target);
    params.width = nca_target_width(target);
    params.height = nca_target_height(target);
    *run = (NcaRun){.model = model, .target = target, .stop = stop};
    NcaStatus status =
        nca_likeness_init(&run->likeness, nca_target_pixels(target), params.width,
                          params.height, nca_model_shape(model)->channels,
                          padding < SHIFT_MOST ? padding : SHIFT_MOST, error);
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

void nca_run_step_until(const NcaRun *run, NcaGrid *grid, int64_t time)
{
    for (int64_t left;
         (left = time - nca_grid_time(grid)) > 0 && !atomic_load(run->stop);)
        nca_grid_step(grid, left < STEPS_AT_ONCE ? (int)left : STEPS_AT_ONCE);
}

static void step_on(const NcaRun *run, NcaGrid *grid, int steps)
{
    nca_run_step_until(run, grid, nca_grid_time(grid) + steps);
}

void nca_shot_take(NcaShot *shot, const NcaGrid *grid)
{
    if (!shot)
        return;
    shot->width = nca_grid_width(grid);
    shot->height = nca_grid_height(grid);
    shot->rgba = realloc(shot->rgba, (size_t)shot->width * shot->height * 4);
    if (shot->rgba)
        nca_grid_read_rgba8(grid, shot->rgba, (size_t)shot->width * 4);
}

static void sow(NcaGrid *grid, uint64_t seed)
{
    nca_grid_reset(grid, seed);
    nca_grid_plant(grid, nca_grid_width(grid) / 2, nca_grid_height(grid) / 2);
}

/* Returns the loss of the grown creature. */
static double grow_up(NcaRun *run)
{
    sow(run->grid, run->seed);
    nca_run_step_until(run, run->grid, NCA_GROWN);
    nca_likeness_look(&run->likeness, run->grid, 0, run->likeness.width);
    return nca_likeness_loss(&run->likeness);
}

static void set_bound(NcaTrial *verdict, double before)
{
    verdict->before = before;
    verdict->bound = isfinite(before) ? fmax(HEALED_LOSS, 2 * before) : HEALED_LOSS;
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

/* ------------------------------------------------------------------ wounds */

static uint64_t key_of(const NcaRun *run, int trial)
{
    return nca_hash3(run->seed, NCA_GROWN, (uint64_t)trial);
}

/* Cells for so many of the usual size. */
static double scaled(const NcaRun *run, double cells)
{
    return cells * nca_target_size(run->target) / USUAL_SIZE;
}

/* As published on 72×72: halves of the grid, and 16×16 in the middle of a picture of 40. */
static void cut_part(NcaRun *run, int part)
{
    int w = run->likeness.width, h = run->likeness.height;
    int side = (nca_target_size(run->target) * 2 + 2) / 5;
    int rects[NCA_CUTS][4] = {
        {0, h / 2, w, h - h / 2},
        {0, 0, w, h / 2},
        {w / 2, 0, w - w / 2, h},
        {0, 0, w / 2, h},
        {w / 2 - side / 2, h / 2 - side / 2, side, side},
    };
    const int *r = rects[part];
    nca_grid_erase_rect(run->grid, r[0], r[1], r[2], r[3]);
}

static void cut(NcaRun *run, const Kind *kind)
{
    cut_part(run, kind->argument);
}

/* An eraser goes from rim to rim, and near enough to the middle to take that away. */
static void swipe(NcaRun *run, double angle, double aside)
{
    double across = cos(angle), down = sin(angle), reach = scaled(run, USUAL_SIZE);
    double x = run->likeness.width / 2 + aside * across;
    double y = run->likeness.height / 2 + aside * down;
    for (double t = -reach; t <= reach; t += 0.5)
        nca_grid_erase_circle(run->grid, x - t * down, y + t * across,
                              scaled(run, ERASER));
}

/* As a hand would, one after another and each across those before: in steps of 2/5 of half a
 * turn, from a first that is left to chance. */
static void swipe_often(NcaRun *run, const Kind *kind)
{
    (void)kind;
    uint64_t key = nca_hash3(run->seed, NCA_GROWN, SWIPES);
    double turn = 2 * PI * nca_uniform(key);
    for (int i = 0; i < SWIPES; i++) {
        double aside = 2 * nca_uniform(nca_hash3(key, (uint64_t)i, 0)) - 1;
        if (i > 0)
            step_on(run, run->grid, SWIPE_STEPS);
        swipe(run, turn + i * 2 * PI / SWIPES, scaled(run, ASIDE) * aside);
    }
}

static bool lives(const float *cell, int channels)
{
    for (int c = 0; c < channels; c++)
        if (cell[c] != 0)
            return true;
    return false;
}

/* The living cells of the grid, one after another: cell, and which it is. */
static void for_living(NcaRun *run,
                       void (*change)(float *cell, int channels, uint64_t hash))
{
    float *cell = run->likeness.state;
    int channels = nca_grid_channels(run->grid);
    size_t cells = (size_t)run->likeness.width * run->likeness.height;
    uint64_t key = nca_hash3(run->seed, NCA_GROWN, NCA_TRIALS);
    nca_grid_read_state(run->grid, cell);
    for (size_t i = 0; i < cells; i++, cell += channels)
        if (lives(cell, channels))
            change(cell, channels, nca_hash3(key, i, 0));
    nca_grid_set_state(run->grid, run->likeness.state);
}

static void kill_some(float *cell, int channels, uint64_t hash)
{
    if (nca_uniform(hash) < SCATTERED)
        memset(cell, 0, (size_t)channels * sizeof(float));
}

static void scatter(NcaRun *run, const Kind *kind)
{
    (void)kind;
    for_living(run, kill_some);
}

static void disturb(float *cell, int channels, uint64_t hash)
{
    for (int c = 0; c < channels; c++)
        cell[c] +=
            (float)(NOISE * (2 * nca_uniform(nca_hash3(hash, (uint64_t)c, 1)) - 1));
}

static void add_noise(NcaRun *run, const Kind *kind)
{
    (void)kind;
    for_living(run, disturb);
}

/* A third of the picture stays, at another side with each seed. */
static void cut_two_thirds(NcaRun *run, const Kind *kind)
{
    (void)kind;
    int w = run->likeness.width, h = run->likeness.height;
    int pad = nca_target_padding(run->target);
    int across = pad + (w - 2 * pad + 1) / 3, down = pad + (h - 2 * pad + 1) / 3;
    int rects[4][4] = {
        {across, 0, w, h}, {0, down, w, h}, {0, 0, w - across, h}, {0, 0, w, h - down}};
    const int *r = rects[run->seed % 4];
    nca_grid_erase_rect(run->grid, r[0], r[1], r[2], r[3]);
}

/* Another of the cuts with each seed. */
static void cut_again(NcaRun *run, const Kind *kind)
{
    (void)kind;
    for (int i = 0; i < AGAIN; i++) {
        if (i > 0)
            step_on(run, run->grid, AGAIN_STEPS);
        cut_part(run, (int)(run->seed % NCA_CUTS));
    }
}

/* ------------------------------------------------------------------ trials */

static int index_of(const Kind *kind);

static NcaStatus heal(NcaRun *run, const Kind *kind, NcaTrial *verdict, NcaError *error)
{
    (void)error;
    set_bound(verdict, grow_up(run));
    nca_grid_read_state(run->grid, run->likeness.state);
    nca_grid_reset(run->grid, key_of(run, index_of(kind)));
    nca_grid_set_state(run->grid, run->likeness.state);
    kind->wound(run, kind);
    nca_shot_take(run->first, run->grid);
    step_on(run, run->grid, HEAL_STEPS);
    nca_shot_take(run->last, run->grid);
    NcaLikeness far = run->likeness;
    if (kind->wanders)
        far.shift_most = nca_target_padding(run->target);
    nca_likeness_look(&far, run->grid, 0, far.width);
    judge_shifted(verdict, run, &far);
    return NCA_OK;
}

/* Alive, in its place, and no worse than twice what it was. */
static NcaStatus stay(NcaRun *run, const Kind *kind, NcaTrial *verdict, NcaError *error)
{
    (void)error;
    verdict->before = grow_up(run);
    verdict->bound = isfinite(verdict->before) ? 2 * verdict->before : 0;
    nca_shot_take(run->first, run->grid);
    nca_run_step_until(run, run->grid, kind->argument);
    nca_shot_take(run->last, run->grid);
    nca_likeness_look(&run->likeness, run->grid, 0, run->likeness.width);
    verdict->loss =
        nca_grid_alive(run->grid) > 0 ? nca_likeness_loss(&run->likeness) : INFINITY;
    return NCA_OK;
}

/* Another grid than the run's, and what it should show. */
typedef struct Scene {
    NcaGrid *grid;
    float *target; /* [height][width][4] */
    NcaLikeness likeness;
} Scene;

/* The target is yet to be drawn. */
static NcaStatus scene_init(Scene *scene, const NcaModel *model,
                            const NcaGridParams *params, NcaError *error)
{
    *scene = (Scene){0};
    scene->target = calloc((size_t)params->width * params->height, 4 * sizeof(float));
    if (!scene->target)
        return nca_fail_memory(error, "judging the model");
    return nca_grid_new(&scene->grid, model, params, error);
}

static void scene_uninit(Scene *scene)
{
    nca_grid_free(&scene->grid);
    nca_likeness_uninit(&scene->likeness);
    free(scene->target);
}

/* Columns first … last - 1 are judged; the worse of several such parts counts. */
static NcaStatus judge_scene(Scene *scene, const NcaRun *run, int first, int last,
                             NcaTrial *verdict, NcaError *error)
{
    NcaTrial part = *verdict;
    NcaStatus status =
        nca_likeness_init(&scene->likeness, scene->target, nca_grid_width(scene->grid),
                          nca_grid_height(scene->grid), nca_grid_channels(scene->grid),
                          run->likeness.shift_most, error);
    if (status < 0)
        return status;
    nca_likeness_look(&scene->likeness, scene->grid, first, last);
    judge_shifted(&part, run, &scene->likeness);
    if (!(part.loss <= verdict->loss))
        *verdict = part;
    nca_likeness_uninit(&scene->likeness);
    return NCA_OK;
}

/* The target at that column of the canvas. */
static void draw_target(float *canvas, int width, int column, const NcaTarget *target)
{
    int w = nca_target_width(target), h = nca_target_height(target);
    for (int y = 0; y < h; y++)
        memcpy(canvas + 4 * ((size_t)y * width + column),
               nca_target_pixels(target) + 4 * (size_t)y * w,
               4 * (size_t)w * sizeof(float));
}

/* Grown with an angle, on a grid that has room for it, beside the turned target. */
static NcaStatus turn(NcaRun *run, const Kind *kind, NcaTrial *verdict, NcaError *error)
{
    int pad = nca_target_padding(run->target);
    double across = run->likeness.width - 2 * pad, down = run->likeness.height - 2 * pad;
    NcaGridParams params = nca_grid_params_default();
    Scene scene;
    params.width = params.height = 2 * ((int)ceil(hypot(across, down) / 2) + pad);
    params.angle = (float)kind->argument;
    set_bound(verdict, grow_up(run));
    NcaStatus status = scene_init(&scene, run->model, &params, error);
    if (status == NCA_OK) {
        nca_target_turn(run->target, kind->argument, scene.target, params.width);
        sow(scene.grid, run->seed);
        nca_run_step_until(run, scene.grid, NCA_GROWN);
        nca_shot_take(run->first, scene.grid);
        step_on(run, scene.grid, HEAL_STEPS);
        nca_shot_take(run->last, scene.grid);
        status = judge_scene(&scene, run, 0, params.width, verdict, error);
    }
    scene_uninit(&scene);
    return status;
}

/* Planted where the first is grown, with a few cells between the two pictures. */
static NcaStatus grow_beside(NcaRun *run, const Kind *kind, NcaTrial *verdict,
                             NcaError *error)
{
    (void)kind;
    int w = run->likeness.width, pad = nca_target_padding(run->target);
    int apart = (int)scaled(run, APART), step = w - 2 * pad + apart;
    int middle = w - pad + apart / 2;
    NcaGridParams params = nca_grid_params_default();
    Scene scene;
    params.width = w + step;
    params.height = run->likeness.height;
    set_bound(verdict, grow_up(run));
    NcaStatus status = scene_init(&scene, run->model, &params, error);
    if (status == NCA_OK) {
        nca_grid_reset(scene.grid, run->seed);
        nca_grid_plant(scene.grid, w / 2, params.height / 2);
        nca_run_step_until(run, scene.grid, NCA_GROWN);
        nca_grid_plant(scene.grid, w / 2 + step, params.height / 2);
        nca_shot_take(run->first, scene.grid);
        step_on(run, scene.grid, HEAL_STEPS);
        nca_shot_take(run->last, scene.grid);
        draw_target(scene.target, params.width, 0, run->target);
        status = judge_scene(&scene, run, 0, middle, verdict, error);
    }
    if (status == NCA_OK) {
        memset(scene.target, 0, (size_t)params.width * params.height * 4 * sizeof(float));
        draw_target(scene.target, params.width, step, run->target);
        status = judge_scene(&scene, run, middle, params.width, verdict, error);
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
    set_bound(verdict, grow_up(run));
    NcaStatus status = nca_model_copy(&rounded, run->model, error);
    if (status == NCA_OK) {
        for (int t = 0; t < NCA_TENSORS; t++)
            nca_demo_round(nca_model_tensor_mut(rounded, (NcaTensor)t),
                           nca_model_tensor_size(rounded, (NcaTensor)t));
        status = scene_init(&scene, rounded, &params, error);
    }
    if (status == NCA_OK) {
        sow(scene.grid, run->seed);
        nca_run_step_until(run, scene.grid, NCA_GROWN);
        nca_shot_take(run->first, scene.grid);
        nca_run_step_until(run, scene.grid, kind->argument);
        nca_shot_take(run->last, scene.grid);
        draw_target(scene.target, params.width, 0, run->target);
        status = judge_scene(&scene, run, 0, params.width, verdict, error);
    }
    scene_uninit(&scene);
    nca_model_free(&rounded);
    return status;
}

static const Kind kinds[NCA_TRIALS] = {
    {"lower", heal, cut, 0, false},
    {"upper", heal, cut, 1, false},
    {"right", heal, cut, 2, false},
    {"left", heal, cut, 3, false},
    {"centre", heal, cut, 4, false},
    {"swipes", heal, swipe_often, 0, false},
    {"scattered", heal, scatter, 0, false},
    {"noise", heal, add_noise, 0, false},
    {"two thirds", heal, cut_two_thirds, 0, false},
    {"ten times", heal, cut_again, 0, true},
    {"8 bits", round_weights, NULL, OLD_8_BITS, false},
    {"beside", grow_beside, NULL, 0, false},
    {"turned 45", turn, NULL, 45, false},
    {"turned 90", turn, NULL, 90, false},
    {"turned 180", turn, NULL, 180, false},
    {"step 10000", stay, NULL, 10000, false},
    {"step 100000", stay, NULL, 100000, false},
};

static int index_of(const Kind *kind)
{
    return (int)(kind - kinds);
}

const char *nca_trial_name(int trial)
{
    return kinds[trial].name;
}

NcaStatus nca_trial_run(NcaRun *run, int trial, NcaTrial *verdict, NcaError *error)
{
    NcaTrial v = {.name = kinds[trial].name};
    NcaStatus status = kinds[trial].run(run, &kinds[trial], &v, error);
    if (status < 0)
        return status;
    v.pass = v.loss <= v.bound;
    *verdict = v;
    return NCA_OK;
}
