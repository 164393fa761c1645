/* SPDX-License-Identifier: MIT */
#include "trial_wounds.h"

#include <math.h>
#include <string.h>

#include "random.h"
#include "target.h"

enum { USUAL_SIZE = 40, SWIPES = 5, SWIPE_STEPS = 40, AGAIN_STEPS = 100 };
/* What is drawn of a seed; other numbers would be other wounds. */
enum { KEY_SWIPES = 5, KEY_CELLS = 17 };

#define ERASER 6.0 /* radius */
#define ASIDE 4.0  /* a swipe passes the middle so near */
#define SCATTERED 0.3
#define NOISE 0.2

double nca_trial_scaled(const NcaTarget *target, double cells)
{
    return cells * nca_target_size(target) / USUAL_SIZE;
}

/* As published on 72×72: halves of the grid, and 16×16 in the middle of a picture of
 * 40. */
void nca_wound_cut(NcaRun *run, int part)
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

/* An eraser goes from rim to rim, and near enough to the middle to take that away. */
static void swipe(NcaRun *run, double angle, double aside)
{
    double across = cos(angle), down = sin(angle),
           reach = nca_trial_scaled(run->target, USUAL_SIZE);
    double x = run->likeness.width / 2 + aside * across;
    double y = run->likeness.height / 2 + aside * down;
    double radius = nca_trial_scaled(run->target, ERASER), step = fmax(0.5, radius / 12);
    for (double t = -reach; t <= reach; t += step)
        nca_grid_erase_circle(run->grid, x - t * down, y + t * across, radius);
}

/* As a hand would, one after another and each across those before: in steps of 2/5 of
 * half a turn, from a first that is left to chance. */
void nca_wound_swipes(NcaRun *run, int unused)
{
    (void)unused;
    uint64_t key = nca_hash3(run->seed, NCA_GROWN, KEY_SWIPES);
    double turn = 2 * M_PI * nca_uniform(key);
    for (int i = 0; i < SWIPES; i++) {
        double aside = 2 * nca_uniform(nca_hash3(key, (uint64_t)i, 0)) - 1;
        if (i > 0)
            nca_run_step(run, run->grid, SWIPE_STEPS);
        swipe(run, turn + i * 2 * M_PI / SWIPES,
              nca_trial_scaled(run->target, ASIDE) * aside);
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
    uint64_t key = nca_hash3(run->seed, NCA_GROWN, KEY_CELLS);
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

void nca_wound_scatter(NcaRun *run, int unused)
{
    (void)unused;
    for_living(run, kill_some);
}

static void disturb(float *cell, int channels, uint64_t hash)
{
    for (int c = 0; c < channels; c++)
        cell[c] +=
            (float)(NOISE * (2 * nca_uniform(nca_hash3(hash, (uint64_t)c, 1)) - 1));
}

void nca_wound_noise(NcaRun *run, int unused)
{
    (void)unused;
    for_living(run, disturb);
}

static int third(int cells)
{
    return cells < 3 ? 1 : (cells + 1) / 3;
}

/* A third of the picture stays, at another side with each seed. */
void nca_wound_two_thirds(NcaRun *run, int unused)
{
    (void)unused;
    int w = run->likeness.width, h = run->likeness.height;
    int pad = nca_target_padding(run->target);
    int across = pad + third(w - 2 * pad), down = pad + third(h - 2 * pad);
    const int rects[4][4] = {
        {across, 0, w, h}, {0, down, w, h}, {0, 0, w - across, h}, {0, 0, w, h - down}};
    const int *r = rects[run->seed % 4];
    nca_grid_erase_rect(run->grid, r[0], r[1], r[2], r[3]);
}

/* Another of the cuts with each seed. */
void nca_wound_again(NcaRun *run, int times)
{
    for (int i = 0; i < times; i++) {
        if (i > 0)
            nca_run_step(run, run->grid, AGAIN_STEPS);
        nca_wound_cut(run, (int)(run->seed % NCA_CUTS));
    }
}
