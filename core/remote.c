/* SPDX-License-Identifier: MIT
 *
 * The device is told of changes before its next steps, all at once. */
#include "remote.h"

#include <pthread.h>
#include <stdlib.h>

#include "grid.h"
#include "opencl/opencl.h"
#include "status.h"

/* Steps that the processor may have to make again, for grids up to so many bytes; more of
 * larger ones, which take longer to fetch. */
enum { BEHIND_LEAST = 256, BEHIND_MOST = 16384 };
static const size_t BEHIND_BYTES = (size_t)16 << 20;

struct NcaRemote {
    NcaClWorlds *worlds; /* NULL: there is none, or it failed */
    NcaError error;      /* why */
    int64_t behind;      /* steps that the grid's world lags behind */
    int64_t behind_most;
    bool cells_changed, network_changed;
    pthread_mutex_t mutex; /* of fetching, which readers may do at once */
    float *state;
    uint8_t *lives;
};

static NcaStatus begin(NcaRemote *r, const NcaGrid *grid, int device, NcaError *error)
{
    const NcaWorld *w = &grid->world;
    NcaClWorldsParams params = {
        .device = device,
        .shape = *nca_model_shape(grid->model),
        .edge = w->edge,
        .width = w->width,
        .height = w->height,
        .count = 1,
    };
    NcaStatus status = nca_cl_worlds_new(&r->worlds, &params, &r->error);
    if (status == NCA_OK || (status == NCA_ERR_DEVICE && device == NCA_DEVICE_OPENCL))
        return NCA_OK;
    return nca_fail(error, status, "%s", r->error.text);
}

NcaStatus nca_remote_new(NcaRemote **remote, const NcaGrid *grid, int device,
                         NcaError *error)
{
    const NcaWorld *w = &grid->world;
    size_t cells = (size_t)w->width * w->height,
           bytes = cells * w->channels * sizeof(float);
    NcaRemote *r = calloc(1, sizeof(*r));
    if (!r)
        return nca_fail_memory(error, "the grid");
    pthread_mutex_init(&r->mutex, NULL);
    int64_t most = (int64_t)(bytes / BEHIND_BYTES + 1) * BEHIND_LEAST;
    r->behind_most = most < BEHIND_MOST ? most : BEHIND_MOST;
    r->cells_changed = r->network_changed = true;
    NcaStatus status = begin(r, grid, device, error);
    if (status == NCA_OK && r->worlds) {
        r->state = malloc(bytes);
        r->lives = malloc(cells);
        if (!r->state || !r->lives)
            status = nca_fail_memory(error, "the grid");
    }
    if (status < 0)
        nca_remote_free(&r);
    else
        *remote = r;
    return status;
}

void nca_remote_free(NcaRemote **remote)
{
    NcaRemote *r = *remote;
    if (!r)
        return;
    nca_cl_worlds_free(&r->worlds);
    pthread_mutex_destroy(&r->mutex);
    free(r->state);
    free(r->lives);
    free(r);
    *remote = NULL;
}

NcaStatus nca_remote_state(NcaRemote *r, NcaError *error)
{
    pthread_mutex_lock(&r->mutex);
    NcaStatus status =
        r->worlds ? NCA_OK : nca_fail(error, NCA_ERR_DEVICE, "%s", r->error.text);
    pthread_mutex_unlock(&r->mutex);
    return status;
}

/* What it has made and nobody fetched is made here. */
static void give_up(NcaGrid *grid)
{
    NcaRemote *r = grid->remote;
    NcaStepParams p = grid->step; /* its time is read by others meanwhile */
    nca_cl_worlds_free(&r->worlds);
    p.time -= r->behind;
    nca_grid_make_steps(&grid->world, &p, r->behind);
    r->behind = 0;
}

static void fetch(NcaGrid *grid)
{
    NcaRemote *r = grid->remote;
    if (r->behind == 0)
        return;
    if (nca_cl_worlds_read(r->worlds, 0, r->state, r->lives, &r->error) < 0) {
        give_up(grid);
        return;
    }
    nca_world_load(&grid->world, r->state, r->lives);
    r->behind = 0;
}

void nca_remote_wait(NcaGrid *grid)
{
    NcaRemote *r = grid->remote;
    if (r->worlds && nca_cl_worlds_wait(r->worlds, &r->error) < 0)
        give_up(grid);
}

void nca_remote_fetch(NcaGrid *grid)
{
    pthread_mutex_lock(&grid->remote->mutex);
    fetch(grid);
    pthread_mutex_unlock(&grid->remote->mutex);
}

void nca_remote_forget(NcaRemote *r)
{
    r->behind = 0;
    r->cells_changed = true;
}

void nca_remote_cells_changed(NcaRemote *r)
{
    r->cells_changed = true;
}

void nca_remote_network_changed(NcaRemote *r)
{
    r->network_changed = true;
}

static NcaStatus tell(NcaGrid *grid)
{
    NcaRemote *r = grid->remote;
    NcaStatus status = NCA_OK;
    if (r->cells_changed) {
        nca_world_get(&grid->world, r->state);
        status = nca_cl_worlds_write(r->worlds, 0, r->state, &r->error);
    }
    if (status == NCA_OK && r->network_changed)
        status = nca_cl_worlds_set_network(r->worlds, &grid->network, &r->error);
    r->cells_changed = r->network_changed = false;
    return status;
}

static bool step(NcaGrid *grid, int steps)
{
    NcaRemote *r = grid->remote;
    const NcaStepParams *p = &grid->step;
    if (tell(grid) < 0 ||
        nca_cl_worlds_step(r->worlds, &p->seed, p->time, p->limit, steps, &r->error) < 0)
        return false;
    grid->step.time += steps;
    r->behind += steps;
    return true;
}

void nca_remote_step(NcaGrid *grid, int steps)
{
    NcaRemote *r = grid->remote;
    while (steps > 0 && r->worlds) {
        int64_t room = r->behind_most - r->behind;
        int part = steps < room ? steps : (int)room;
        if (part == 0)
            fetch(grid);
        else if (step(grid, part))
            steps -= part;
        else
            give_up(grid);
    }
    nca_grid_make_steps(&grid->world, &grid->step, steps);
}
