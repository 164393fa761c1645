/* SPDX-License-Identifier: MIT
 *
 * Worlds that step on a device: states in two slots that take turns.  Nothing comes back
 * to the host between steps. */
#include <stdlib.h>
#include <string.h>

#include "cl.h"
#include "status.h"

enum { STEPS_A_FLUSH = 32, STEPS_A_WAIT = 256 };

struct NcaClWorlds {
    NcaClMachine machine;
    NcaClSlot slot[2];
    int now;         /* which of them holds the states */
    uint64_t *seeds; /* those on the device */
    bool seeds_known;
    int64_t begun; /* steps */
};

/* ------------------------------------------------------------------ set-up */

static NcaStatus fill(NcaClWorlds *w, const NcaClWorldsParams *p, NcaError *error)
{
    NcaStatus status = nca_cl_machine_init(&w->machine, p, NCA_CL_STEP, error);
    if (status == NCA_OK)
        status = nca_cl_slot_init(&w->slot[0], &w->machine, NULL, error);
    if (status == NCA_OK)
        status = nca_cl_slot_init(&w->slot[1], &w->machine, w->slot[0].marks, error);
    if (status < 0)
        return status;
    w->seeds = malloc(p->count * sizeof(*w->seeds));
    if (!w->seeds)
        return nca_fail_memory(error, "the cells");
    return nca_cl_worlds_wait(w, error);
}

NcaStatus nca_cl_worlds_new(NcaClWorlds **worlds, const NcaClWorldsParams *params,
                            NcaError *error)
{
    NcaClWorlds *w = calloc(1, sizeof(*w));
    if (!w)
        return nca_fail_memory(error, "the cells");
    NcaStatus status = fill(w, params, error);
    if (status < 0)
        nca_cl_worlds_free(&w);
    else
        *worlds = w;
    return status;
}

void nca_cl_worlds_free(NcaClWorlds **worlds)
{
    NcaClWorlds *w = *worlds;
    if (!w)
        return;
    if (w->machine.device.queue)
        clFinish(w->machine.device.queue);
    nca_cl_slot_uninit(&w->slot[0]);
    nca_cl_slot_uninit(&w->slot[1]);
    nca_cl_machine_uninit(&w->machine);
    free(w->seeds);
    free(w);
    *worlds = NULL;
}

/* ------------------------------------------------------------------ in, out */

NcaStatus nca_cl_worlds_set_network(NcaClWorlds *w, const NcaNetwork *network,
                                    NcaError *error)
{
    const NcaClMachine *m = &w->machine;
    size_t bytes = nca_cl_network_size(&m->layout) * sizeof(cl_float);
    nca_cl_network_pack(&m->layout, network, m->packed);
    return nca_cl_status(&m->device, nca_cl_write(m, m->network, 0, bytes, m->packed),
                         "write weights", error);
}

NcaStatus nca_cl_worlds_write(NcaClWorlds *w, int world, const float *state,
                              NcaError *error)
{
    const NcaClMachine *m = &w->machine;
    nca_cl_cells_pack(&m->layout, state, m->cells, m->packed);
    cl_int code =
        nca_cl_write(m, w->slot[w->now].state, world * m->bytes, m->bytes, m->packed);
    if (code == CL_SUCCESS)
        code = nca_cl_slot_changed(m, &w->slot[w->now], world);
    return nca_cl_status(&m->device, code, "write cells", error);
}

NcaStatus nca_cl_worlds_read(NcaClWorlds *w, int world, float *state, uint8_t *lives,
                             NcaError *error)
{
    const NcaClMachine *m = &w->machine;
    const NcaClSlot *slot = &w->slot[w->now];
    cl_int code = nca_cl_read(m, slot->state, world * m->bytes, m->bytes, m->packed);
    if (code == CL_SUCCESS)
        code = nca_cl_read(m, slot->marks, world * m->cells, m->cells, m->mark);
    if (code != CL_SUCCESS)
        return nca_cl_status(&m->device, code, "read cells", error);
    nca_cl_cells_unpack(&m->layout, m->packed, m->cells, state);
    for (size_t i = 0; i < m->cells; i++)
        lives[i] = (m->mark[i] & NCA_CL_LIVES) != 0;
    return NCA_OK;
}

/* -------------------------------------------------------------------- steps */

static cl_int set_seeds(NcaClWorlds *w, const uint64_t *seed)
{
    size_t bytes = w->machine.count * sizeof(*seed);
    if (w->seeds_known && !memcmp(seed, w->seeds, bytes))
        return CL_SUCCESS;
    memcpy(w->seeds, seed, bytes);
    w->seeds_known = true;
    return nca_cl_write(&w->machine, w->machine.seed, 0, bytes, seed);
}

/* Nobody wants to have thousands of steps in a queue. */
static cl_int keep_short(NcaClWorlds *w)
{
    if (++w->begun % STEPS_A_WAIT == 0)
        return clFinish(w->machine.device.queue);
    return w->begun % STEPS_A_FLUSH == 0 ? clFlush(w->machine.device.queue) : CL_SUCCESS;
}

NcaStatus nca_cl_worlds_step(NcaClWorlds *w, const uint64_t *seed, int64_t time,
                             uint32_t limit, int steps, NcaError *error)
{
    const NcaClMachine *m = &w->machine;
    cl_int code = set_seeds(w, seed);
    for (int i = 0; i < steps && code == CL_SUCCESS; i++) {
        code = nca_cl_step(m, &w->slot[w->now], &w->slot[1 - w->now], 0, m->count, time++,
                           limit);
        w->now = 1 - w->now;
        if (code == CL_SUCCESS)
            code = keep_short(w);
    }
    if (code == CL_SUCCESS)
        code = clFlush(m->device.queue);
    return nca_cl_status(&m->device, code, "step", error);
}

NcaStatus nca_cl_worlds_wait(NcaClWorlds *w, NcaError *error)
{
    return nca_cl_status(&w->machine.device, clFinish(w->machine.device.queue),
                         "end what it began", error);
}
