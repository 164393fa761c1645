/* SPDX-License-Identifier: MIT
 *
 * How cells and weights lie on a device: in quads of floats, hidden units four at a
 * time. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cl.h"

enum { GROUP = 64, CHUNK_BYTES = 8192, BLOCK_INPUTS = 64, BLOCK_QUADS = 4 };

/* Of a group: the cells of a tile with a frame of one. */
static size_t tile_bytes(int quads)
{
    return (size_t)(NCA_CL_TILE + 2) * (NCA_CL_TILE + 2) * quads * 4 * sizeof(float);
}

/* Flags, lists and counters of a group, and two bytes an item, take less than this. */
static const size_t LOCAL_REST = 4096;

NcaClLayout nca_cl_layout(const NcaClDevice *d, const NcaShape *shape, NcaEdge edge,
                          const NcaClTuning *tuning)
{
    NcaClLayout l = {
        .shape = *shape,
        .edge = edge,
        .quads = (shape->channels + 3) / 4,
        .inputs = shape->bands * shape->channels,
        .hidden4 = (shape->hidden + 3) / 4,
        .group = tuning->group ? tuning->group : GROUP,
        .cells = tuning->cells ? tuning->cells
                 : d->is_cpu   ? 1
                               : 2,
    };
    if ((size_t)l.group > d->group_most)
        l.group = (int)d->group_most;
    /* Two of a larger shape would not fit the registers. */
    if (l.inputs > BLOCK_INPUTS || l.quads > BLOCK_QUADS)
        l.cells = 1;
    size_t unit = (size_t)(l.inputs + 4 * l.quads) * 4 * sizeof(float);
    /* A CPU has its caches, and PoCL 3.1 makes wrong code of barriers in a loop that is
     * gone through once. */
    l.local_weights = tuning->local ? tuning->local > 0 : !d->is_cpu;
    l.chunk = l.local_weights ? (int)(CHUNK_BYTES / unit) : l.hidden4;
    l.chunk = l.chunk < 1 ? 1 : l.chunk > l.hidden4 ? l.hidden4 : l.chunk;
    l.local_cells = l.local_weights &&
                    LOCAL_REST + l.chunk * unit + tile_bytes(l.quads) <= d->local_bytes;
    return l;
}

/* No locale writes a number otherwise. */
static unsigned bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

void nca_cl_layout_options(const NcaClLayout *l, const NcaClDevice *d, char *options,
                           size_t size)
{
    const NcaShape *s = &l->shape;
    char bands[256] = "";
    for (int b = 0; b < s->bands; b++)
        snprintf(bands + strlen(bands), sizeof(bands) - strlen(bands), " -DBAND%d=%d", b,
                 (int)s->band[b]);
    snprintf(options, size,
             "-cl-std=CL1.2 -cl-denorms-are-zero -DCHANNELS=%d -DQUADS=%d -DINPUTS=%d "
             "-DHIDDEN4=%d -DBANDS=%d%s -DALIVE=%d -DTHRESHOLD=as_float(%uu) "
             "-DCLAMP=as_float(%uu) -DWRAP=%d -DTILE=%d -DBLOCK=%d -DLIVES=%d "
             "-DGROUP=%d -DCELLS=%d -DCHUNK=%d -DLOCAL_WEIGHTS=%d -DLOCAL_CELLS=%d "
             "-DON_CPU=%d",
             s->channels, l->quads, l->inputs, l->hidden4, s->bands, bands, (int)s->alive,
             bits_of(s->alive_threshold), bits_of(s->clamp), l->edge == NCA_EDGE_WRAP,
             NCA_CL_TILE, NCA_CL_BLOCK, NCA_CL_LIVES, l->group, l->cells, l->chunk,
             l->local_weights, l->local_cells, d->is_cpu);
}

/* ----------------------------------------------------------------- weights */

static size_t w1_size(const NcaClLayout *l)
{
    return (size_t)l->hidden4 * l->inputs * 4;
}

static size_t w2_size(const NcaClLayout *l)
{
    return (size_t)l->hidden4 * 4 * l->quads * 4;
}

size_t nca_cl_network_size(const NcaClLayout *l)
{
    return w1_size(l) + w2_size(l) + (size_t)l->hidden4 * 4 + (size_t)l->quads * 4;
}

void nca_cl_network_pack(const NcaClLayout *l, const NcaNetwork *n, float *packed)
{
    float *w1 = packed, *w2 = w1 + w1_size(l), *b1 = w2 + w2_size(l);
    float *b2 = b1 + (size_t)l->hidden4 * 4;
    memset(packed, 0, nca_cl_network_size(l) * sizeof(float));
    for (int j = 0; j < n->hidden; j++) {
        for (int i = 0; i < l->inputs; i++)
            w1[((size_t)(j / 4) * l->inputs + i) * 4 + j % 4] =
                n->w1[(size_t)i * n->hidden_stride + j];
        memcpy(w2 + (size_t)j * l->quads * 4, n->w2 + (size_t)j * n->stride,
               (size_t)n->channels * sizeof(float));
        b1[j] = n->b1[j];
    }
    memcpy(b2, n->b2, (size_t)n->channels * sizeof(float));
}

/* Calls for each value of the tensors with where it lies on the device. */
typedef void Visit(float *packed, float *value);

static void visit_tensors(const NcaClLayout *l, float *const *tensor, float *packed,
                          Visit *visit)
{
    int hidden = l->shape.hidden, channels = l->shape.channels;
    float *w2 = packed + w1_size(l), *b1 = w2 + w2_size(l);
    float *b2 = b1 + (size_t)l->hidden4 * 4;
    for (int j = 0; j < hidden; j++) {
        for (int i = 0; i < l->inputs; i++)
            visit(packed + ((size_t)(j / 4) * l->inputs + i) * 4 + j % 4,
                  tensor[NCA_W1] + (size_t)j * l->inputs + i);
        for (int c = 0; c < channels; c++)
            visit(w2 + (size_t)j * l->quads * 4 + c,
                  tensor[NCA_W2] + (size_t)c * hidden + j);
        visit(b1 + j, tensor[NCA_B1] + j);
    }
    for (int c = 0; c < channels && l->shape.output_bias; c++)
        visit(b2 + c, tensor[NCA_B2] + c);
}

static void put(float *packed, float *value)
{
    *packed = *value;
}

static void take(float *packed, float *value)
{
    *value = *packed;
}

void nca_cl_tensors_pack(const NcaClLayout *l, float *const *tensor, float *packed)
{
    memset(packed, 0, nca_cl_network_size(l) * sizeof(float));
    visit_tensors(l, tensor, packed, put);
}

void nca_cl_tensors_unpack(const NcaClLayout *l, float *packed, float *const *tensor)
{
    visit_tensors(l, tensor, packed, take);
}

/* ------------------------------------------------------------------- cells */

void nca_cl_cells_pack(const NcaClLayout *l, const float *state, size_t cells,
                       float *packed)
{
    size_t channels = (size_t)l->shape.channels, stride = (size_t)l->quads * 4;
    if (channels == stride) {
        memcpy(packed, state, cells * stride * sizeof(float));
        return;
    }
    memset(packed, 0, cells * stride * sizeof(float));
    for (size_t i = 0; i < cells; i++)
        memcpy(packed + i * stride, state + i * channels, channels * sizeof(float));
}

void nca_cl_cells_unpack(const NcaClLayout *l, const float *packed, size_t cells,
                         float *state)
{
    size_t channels = (size_t)l->shape.channels, stride = (size_t)l->quads * 4;
    for (size_t i = 0; i < cells; i++)
        memcpy(state + i * channels, packed + i * stride, channels * sizeof(float));
}

/* --------------------------------------------------------------- arguments */

cl_int nca_cl_arguments(cl_kernel kernel, ...)
{
    cl_int code = CL_SUCCESS;
    va_list list;
    va_start(list, kernel);
    for (cl_uint i = 0; code == CL_SUCCESS; i++) {
        const void *value = va_arg(list, const void *);
        if (!value)
            break;
        code = clSetKernelArg(kernel, i, va_arg(list, size_t), value);
    }
    va_end(list);
    return code;
}
