/* SPDX-License-Identifier: MIT
 *
 * Forward with a tape, loss, and back.  Where the tape fills up, the state is kept, the
 * tape begins anew, and on the way back the segments before the last one are made
 * again. */
#include "rollout.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "shift.h"
#include "status.h"
#include "step_back.h"

enum { SEGMENTS_MAX = 64 };

struct NcaRollout {
    NcaShape shape;
    NcaWorld world;
    NcaTape tape;
    NcaWorldGradient gradient;
    NcaGradient weights;
    NcaScratch scratch;
    NcaNetwork sizes;  /* of this shape; holds no weights */
    size_t state_size; /* floats */
    float *picture;    /* [height][width][4] */
    float *kept;       /* [segments_max] states */
    int segments_max;
    int segment_start[SEGMENTS_MAX];
};

size_t nca_gradient_size(const NcaShape *s)
{
    size_t w1 = (size_t)s->hidden * s->bands * s->channels;
    size_t w2 = (size_t)s->channels * s->hidden;
    return w1 + s->hidden + w2 + (s->output_bias ? s->channels : 0);
}

double nca_state_loss(const float *state, int channels, const float *target, int width,
                      int height)
{
    double sum = 0;
    size_t cells = (size_t)width * height;
    for (size_t i = 0; i < cells; i++)
        for (int c = 0; c < 4; c++) {
            double e = state[i * channels + c] - target[i * 4 + c];
            sum += e * e;
        }
    return sum / (4.0 * (double)cells);
}

/* ----------------------------------------------------------------- set-up */

/* The fewest segments with which the worst case (every cell changes at every step) fits;
 * sets how many bytes are left to the tape. */
static int plan_segments(const NcaWorld *w, size_t state, int steps, size_t bytes,
                         size_t *tape)
{
    size_t step = (size_t)w->width * w->height * w->stride * sizeof(float);
    for (int segments = 1; segments <= SEGMENTS_MAX; segments++) {
        size_t need = ((size_t)steps / segments + 1) * step;
        size_t kept = segments > 1 ? segments * state * sizeof(float) : 0;
        *tape = need;
        if (need + kept <= bytes)
            return segments;
    }
    return 0;
}

static NcaStatus fill(NcaRollout *r, int width, int height, int steps_max,
                      size_t tape_bytes, NcaError *error)
{
    NcaStatus status =
        nca_world_init(&r->world, &r->shape, r->shape.edge, width, height, error);
    if (status == NCA_OK)
        status = nca_network_init(&r->sizes, &r->shape, false, error);
    if (status == NCA_OK)
        status = nca_scratch_init(&r->scratch, &r->sizes, true, error);
    if (status == NCA_OK)
        status = nca_gradient_init(&r->weights, &r->sizes, error);
    if (status == NCA_OK)
        status = nca_world_gradient_init(&r->gradient, &r->world, error);
    if (status < 0)
        return status;
    size_t tape, fixed = nca_tape_fixed_size(&r->world, steps_max);
    size_t room = tape_bytes > fixed ? tape_bytes - fixed : 0;
    r->state_size = (size_t)width * height * r->shape.channels;
    r->segments_max = plan_segments(&r->world, r->state_size, steps_max, room, &tape);
    if (!r->segments_max)
        return nca_fail(error, NCA_ERR_MEMORY,
                        "%d steps of %d×%d cells do not fit %zu MiB a thread", steps_max,
                        width, height, tape_bytes >> 20);
    if (r->segments_max > 1)
        r->kept = malloc(r->segments_max * r->state_size * sizeof(float));
    r->picture = malloc((size_t)width * height * 4 * sizeof(float));
    if (!r->picture || (r->segments_max > 1 && !r->kept))
        return nca_fail_memory(error, "the states of a training sample");
    return nca_tape_init(&r->tape, &r->world, steps_max, tape, error);
}

NcaStatus nca_rollout_new(NcaRollout **rollout, const NcaShape *shape, int width,
                          int height, int steps_max, size_t tape_bytes, NcaError *error)
{
    if (shape->clamp > 0)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "a model with a clamp cannot be trained");
    NcaRollout *r = calloc(1, sizeof(*r));
    if (!r)
        return nca_fail_memory(error, "a training sample");
    r->shape = *shape;
    NcaStatus status = fill(r, width, height, steps_max, tape_bytes, error);
    if (status < 0)
        nca_rollout_free(&r);
    else
        *rollout = r;
    return status;
}

void nca_rollout_free(NcaRollout **rollout)
{
    NcaRollout *r = *rollout;
    if (!r)
        return;
    free(r->kept);
    free(r->picture);
    nca_tape_uninit(&r->tape);
    nca_world_gradient_uninit(&r->gradient);
    nca_gradient_uninit(&r->weights);
    nca_scratch_uninit(&r->scratch);
    nca_network_uninit(&r->sizes);
    nca_world_uninit(&r->world);
    free(r);
    *rollout = NULL;
}

/* -------------------------------------------------------------------- loss */

/* A target, and how far the state is moved to be compared with it. */
typedef struct Aim {
    const float *target; /* [height][width][4]; NULL: nothing */
    int x, y;
} Aim;

/* What the cell (x, y) should look like: nothing beyond the canvas. */
static const float *aim_at(const Aim *aim, const NcaWorld *w, int x, int y)
{
    static const float nothing[4];
    x += aim->x;
    y += aim->y;
    bool inside = x >= 0 && y >= 0 && x < w->width && y < w->height;
    return inside && aim->target ? aim->target + ((size_t)y * w->width + x) * 4 : nothing;
}

static double world_loss(const NcaWorld *w, const Aim *aim)
{
    double sum = 0;
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++) {
            const float *cell = nca_world_cell(w, x, y), *target = aim_at(aim, w, x, y);
            for (int c = 0; c < 4; c++) {
                double e = cell[c] - target[c];
                sum += e * e;
            }
        }
    return sum / (4.0 * w->width * w->height);
}

/* Moves the aim by what fits the present state best. */
static void take_aim(NcaRollout *r, Aim *aim, int most)
{
    const NcaWorld *w = &r->world;
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++)
            memcpy(r->picture + ((size_t)y * w->width + x) * 4, nca_world_cell(w, x, y),
                   4 * sizeof(float));
    NcaShift shift = nca_shift_find(r->picture, aim->target, w->width, w->height, most);
    aim->x = shift.x;
    aim->y = shift.y;
}

static void mark_all(NcaWorldGradient *g, const NcaWorld *w)
{
    for (int y = 0; y < w->height; y++)
        for (int i = 0; i < w->words; i++)
            g->support[(size_t)y * w->words + i] =
                i + 1 < w->words ? ~(uint64_t)0 : w->tail;
}

static void add_loss_gradient(NcaRollout *r, const Aim *aim, float weight)
{
    const NcaWorld *w = &r->world;
    float scale = weight * 2 / (4.0f * (float)w->width * (float)w->height);
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++) {
            const float *cell = nca_world_cell(w, x, y), *target = aim_at(aim, w, x, y);
            float *g = r->gradient.cells + (cell - w->cells);
            for (int c = 0; c < 4; c++)
                g[c] += scale * (cell[c] - target[c]);
        }
    mark_all(&r->gradient, w);
}

/* d/dx of mean relu(|x| - 3)². */
static void add_overflow_gradient(NcaRollout *r, float weight)
{
    const NcaWorld *w = &r->world;
    float scale = weight * 2 / ((float)w->width * (float)w->height * (float)w->channels);
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++) {
            const float *cell = nca_world_cell(w, x, y);
            float *g = r->gradient.cells + (cell - w->cells);
            for (int c = 0; c < w->channels; c++) {
                float over = cell[c] > 3 ? cell[c] - 3 : cell[c] < -3 ? cell[c] + 3 : 0;
                g[c] += scale * over;
            }
        }
}

/* d/dx of mean relu(alpha - threshold), where nothing should be. */
static void add_stray_gradient(NcaRollout *r, const Aim *aim, float weight)
{
    const NcaWorld *w = &r->world;
    float scale = weight / ((float)w->width * (float)w->height);
    for (int y = 0; y < w->height; y++)
        for (int x = 0; x < w->width; x++) {
            const float *cell = nca_world_cell(w, x, y);
            if (cell[3] > r->shape.alive_threshold && aim_at(aim, w, x, y)[3] == 0)
                r->gradient.cells[cell - w->cells + 3] += scale;
        }
}

/* ----------------------------------------------------------------- the run */

/* What one call of nca_rollout_run works on. */
typedef struct Run {
    NcaRollout *r;
    const NcaRolloutParams *params;
    Aim aim;
    const atomic_bool *stop;
    NcaStepParams step;
    int segments;
    NcaRolloutResult result;
} Run;

static bool stopped(const Run *run)
{
    return run->stop && atomic_load_explicit(run->stop, memory_order_relaxed);
}

/* The index of the loss that is taken after `time` steps, or -1. */
static int loss_at(const NcaRolloutParams *p, int time)
{
    for (int i = 0; i < p->losses; i++)
        if (p->loss_step[i] == time)
            return i;
    return -1;
}

static void keep_state(Run *run, int time)
{
    NcaRollout *r = run->r;
    assert(run->segments < r->segments_max);
    if (r->kept)
        nca_world_get(&r->world, r->kept + run->segments * r->state_size);
    r->segment_start[run->segments++] = time;
    nca_tape_clear(&r->tape);
}

static void step_once(Run *run, int time, bool first_time)
{
    NcaRollout *r = run->r;
    run->step.time = time;
    nca_step_decide(&r->world, &run->step);
    if (!nca_tape_record(&r->tape, &r->world)) {
        keep_state(run, time);
        nca_tape_record(&r->tape, &r->world);
    }
    if (first_time)
        run->result.fired += r->world.offset[r->world.row_last];
    nca_step_apply(&r->world, &run->step);
}

static bool go_forward(Run *run)
{
    keep_state(run, 0);
    for (int time = 0; time < run->params->steps; time++) {
        if (stopped(run))
            return false;
        step_once(run, time, true);
    }
    if (run->params->shift_most > 0 && run->aim.target)
        take_aim(run->r, &run->aim, run->params->shift_most);
    run->result.loss = world_loss(&run->r->world, &run->aim);
    run->result.shift_x = run->aim.x;
    run->result.shift_y = run->aim.y;
    return true;
}

/* From the world's present state, after `time` steps, to the first on the tape. */
static bool go_back(Run *run, int time, const NcaNetwork *network)
{
    NcaRollout *r = run->r;
    while (r->tape.steps > 0) {
        int loss = loss_at(run->params, time--);
        if (stopped(run))
            return false;
        if (loss >= 0) {
            float weight = run->params->loss_weight[loss];
            run->result.loss_mean += weight * world_loss(&r->world, &run->aim);
            add_loss_gradient(r, &run->aim, weight);
            if (run->params->place_weight > 0 && (run->aim.x || run->aim.y))
                add_loss_gradient(r, &(Aim){run->aim.target, 0, 0},
                                  weight * run->params->place_weight);
            if (run->params->overflow_weight > 0)
                add_overflow_gradient(r, weight * run->params->overflow_weight);
            if (run->params->stray_weight > 0)
                add_stray_gradient(r, &run->aim, weight * run->params->stray_weight);
        }
        nca_step_back(&r->world, &r->tape, &r->gradient, &r->weights, network,
                      run->step.kernels, &r->scratch);
    }
    return true;
}

/* Segment by segment, the last one being on the tape already. */
static bool go_all_back(Run *run, const NcaNetwork *network)
{
    NcaRollout *r = run->r;
    int last = run->params->steps;
    for (int segment = run->segments - 1;; segment--) {
        if (!go_back(run, last, network))
            return false;
        if (segment == 0)
            return true;
        last = r->segment_start[segment];
        nca_world_reset(&r->world, r->kept + (segment - 1) * r->state_size);
        for (int time = r->segment_start[segment - 1]; time < last; time++) {
            if (stopped(run))
                return false;
            step_once(run, time, false);
        }
    }
}

static Run run_of(NcaRollout *r, const NcaNetwork *network,
                  const NcaRolloutParams *params, const atomic_bool *stop)
{
    return (Run){
        .r = r,
        .params = params,
        .aim.target = params->target,
        .stop = stop,
        .step = {.network = network,
                 .kernels = nca_kernels(),
                 .seed = params->seed,
                 .limit = nca_fire_limit(params->fire_rate),
                 .scratch = &r->scratch,
                 .slots = 1},
    };
}

bool nca_rollout_step(NcaRollout *r, const NcaNetwork *network,
                      const NcaRolloutParams *params, const atomic_bool *stop,
                      float *state)
{
    Run run = run_of(r, network, params, stop);
    nca_world_reset(&r->world, state);
    for (int time = 0; time < params->steps; time++) {
        if (stopped(&run))
            return false;
        run.step.time = time;
        nca_step_decide(&r->world, &run.step);
        nca_step_apply(&r->world, &run.step);
    }
    nca_world_get(&r->world, state);
    return true;
}

bool nca_rollout_run(NcaRollout *r, const NcaNetwork *network,
                     const NcaRolloutParams *params, const atomic_bool *stop,
                     float *state, float *gradient, NcaRolloutResult *result)
{
    Run run = run_of(r, network, params, stop);
    assert(params->steps <= r->tape.steps_max);
    nca_world_reset(&r->world, state);
    nca_world_gradient_clear(&r->gradient, &r->world);
    nca_gradient_clear(&r->weights);
    if (!go_forward(&run))
        return false;
    nca_world_get(&r->world, state);
    if (!go_all_back(&run, network))
        return false;
    nca_network_unpack_gradient(network, &r->shape, 0, 1, &r->weights, gradient);
    *result = run.result;
    return true;
}
