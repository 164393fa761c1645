/* SPDX-License-Identifier: MIT
 *
 * The adjoint of a step, as in step_back.c, from the states before it and the marks it
 * left: `cells_back` takes the gradient of what was updated through the network,
 * `weights_back` sums the weights' gradient over the cells of a tile, in their order, and
 * `gather_back` gives each cell what its neighbours saw of it.  `loss_back` is the
 * adjoint of the losses (rollout.c). */

#define ROWS1 (INPUTS + 1)     /* of w1's gradient: the inputs, and 1 for the bias */
#define COLUMNS1 HIDDEN4       /* float4 of them */
#define ROWS2 (QUADS * 4)      /* of w2's: the channels ... */
#define COLUMNS2 (HIDDEN4 + 1) /* ... by hidden units, and 1 for the bias */
/* nca_cl_part_first and nca_cl_part_size. */
#define PART_FIRST (ROWS1 * COLUMNS1)
#define PART_SIZE (PART_FIRST + ROWS2 * COLUMNS2)

/* What became of a cell in that step, if it lived through it.  A tile that the step left
 * out has no marks of life: none lived there when it was last done. */
static inline int mark_of(global const uchar *marks, const Size *s, int world, int x,
                          int y)
{
    int mark = marks[index_of(s, world, x, y)];
    return mark & LIVES ? mark : 0;
}

static inline bool was_updated(const Size *s, const Tile *t, global const uchar *marks,
                               int place)
{
    int x = place % TILE, y = place / TILE;
    return x < t->columns && y < t->rows &&
           mark_of(marks, s, t->world, t->x + x, t->y + y) & FIRES;
}

/* The cells of a tile that were updated, row after row, whatever the group: each item
 * looks at a run of them.  counts [GROUP]. */
static inline int list_updated(local ushort *list, local ushort *counts, const Size *s,
                               const Tile *t, global const uchar *marks)
{
    const int run = (TILE * TILE + GROUP - 1) / GROUP;
    int item = (int)get_local_id(0), first = item * run, count = 0, before = 0, all = 0;
    int last = min(first + run, TILE * TILE);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = first; i < last; i++) {
            if (!was_updated(s, t, marks, i))
                continue;
            if (pass)
                list[before++] = (ushort)i;
            else
                count++;
        }
        if (pass)
            break;
        counts[item] = (ushort)count;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < GROUP; k++) {
            before += k < item ? counts[k] : 0;
            all += counts[k];
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return all;
}

/* A cell's part of what is kept for the weights; is_wanted: of an item that has a
 * cell. */
typedef struct Kept {
    global float4 *h, *dz;
    bool is_wanted;
} Kept;

/* Hidden units of a chunk, forward and back: dy += w1' dz, dz = (w2' dd) where h > 0. */
static inline void dense_back(float *dy, const float *y, const float4 *dd, Chunk chunk,
                              global const float4 *network, int first, Kept kept)
{
    for (int unit = 0; unit < min(CHUNK, HIDDEN4 - first); unit++) {
        WEIGHTS const float4 *w1 = chunk.w1 + unit * INPUTS;
        WEIGHTS const float4 *w2 = chunk.w2 + unit * 4 * QUADS;
        float4 z = network[B1 + first + unit], dh = 0;
        UNROLL
        for (int i = 0; i < INPUTS; i++)
            z = fma((float4)y[i], w1[i], z);
        UNROLL
        for (int q = 0; q < QUADS; q++) {
            float4 a = w2[q], b = w2[QUADS + q], c = w2[2 * QUADS + q],
                   e = w2[3 * QUADS + q];
            dh = fma((float4)dd[q].x, (float4)(a.x, b.x, c.x, e.x), dh);
            dh = fma((float4)dd[q].y, (float4)(a.y, b.y, c.y, e.y), dh);
            dh = fma((float4)dd[q].z, (float4)(a.z, b.z, c.z, e.z), dh);
            dh = fma((float4)dd[q].w, (float4)(a.w, b.w, c.w, e.w), dh);
        }
        float4 h = fmax(z, (float4)0), dz = select((float4)0, dh, h > (float4)0);
        UNROLL
        for (int i = 0; i < INPUTS; i++) {
            dy[i] = fma(dz.x, w1[i].x, dy[i]);
            dy[i] = fma(dz.y, w1[i].y, dy[i]);
            dy[i] = fma(dz.z, w1[i].z, dy[i]);
            dy[i] = fma(dz.w, w1[i].w, dy[i]);
        }
        if (kept.is_wanted) {
            kept.h[first + unit] = h;
            kept.dz[first + unit] = dz;
        }
    }
}

/* y_kept [cells][ROWS1], h_kept [cells][COLUMNS2], dz_kept [cells][COLUMNS1], dy_kept
 * [cells][INPUTS], where a cell was updated; updated [tiles][1 + TILE^2]: how many of a
 * tile were, and which. */
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
cells_back(Size size, global const float4 *from, global const float4 *gradient,
           global const uchar *marks, global const float4 *network, global float *y_kept,
           global float4 *h_kept, global float4 *dz_kept, global float *dy_kept,
           global ushort *updated)
{
    local ushort list[TILE * TILE], counts[GROUP];
    DECLARE_CHUNK;
    const Size *s = &size;
    Tile t = tile_of(s);
    int item = (int)get_local_id(0);
    int count = list_updated(list, counts, s, &t, marks);
    updated += (size_t)t.index * (1 + TILE * TILE);
    for (int i = item; i < count; i += GROUP)
        updated[1 + i] = list[i];
    if (item == 0)
        updated[0] = (ushort)count;
    for (int base = 0; base < count; base += GROUP) {
        bool keep = base + item < count;
        int place = list[min(base + item, count - 1)];
        int x = t.x + place % TILE, row = t.y + place / TILE;
        size_t cell = index_of(s, t.world, x, row);
        Kept kept = {h_kept + cell * COLUMNS2, dz_kept + cell * COLUMNS1, keep};
        float y[INPUTS], dy[INPUTS];
        float4 dd[QUADS];
        perceive_global(y, from, s, t.world, x, row);
        UNROLL
        for (int i = 0; i < INPUTS; i++)
            dy[i] = 0;
        UNROLL
        for (int q = 0; q < QUADS; q++)
            dd[q] = gradient[cell * QUADS + q];
        for (int first = 0; first < HIDDEN4; first += CHUNK) {
            Chunk c = take_chunk(chunk, network, first);
            dense_back(dy, y, dd, c, network, first, kept);
        }
        if (!keep)
            continue;
        UNROLL
        for (int i = 0; i < INPUTS; i++) {
            y_kept[cell * ROWS1 + i] = y[i];
            dy_kept[cell * INPUTS + i] = dy[i];
        }
        y_kept[cell * ROWS1 + INPUTS] = 1;
        h_kept[cell * COLUMNS2 + HIDDEN4] = (float4)(1, 0, 0, 0);
    }
}

static inline void add_block(float4 *sum, global const float *row, int rows, float4 v)
{
    UNROLL
    for (int r = 0; r < BLOCK; r++)
        if (r < rows)
            sum[r] = fma((float4)row[r], v, sum[r]);
}

/* parts [tiles][rows][columns] += rows * columns' over a tile's updated cells; group id 0
 * is the tile, 1 a block of rows. */
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
weights_back(Size size, global const ushort *updated, global const float *row, int rows,
             global const float4 *column, int columns, global float4 *parts,
             int part_first)
{
    const Size *s = &size;
    int tiles = s->tiles_x * s->tiles_y;
    int tile = s->world * tiles + (int)get_group_id(0), world = tile / tiles;
    int first = (int)get_group_id(1) * BLOCK, count;
    int tx = tile % tiles % s->tiles_x * TILE, ty = tile % tiles / s->tiles_x * TILE;
    updated += (size_t)tile * (1 + TILE * TILE);
    count = updated[0];
    if (count == 0)
        return;
    parts += (size_t)tile * PART_SIZE + part_first;
    for (int c = (int)get_local_id(0); c < columns; c += GROUP) {
        float4 sum[BLOCK];
        UNROLL
        for (int r = 0; r < BLOCK; r++)
            sum[r] = 0;
        for (int i = 0; i < count; i++) {
            int place = updated[1 + i];
            size_t cell = index_of(s, world, tx + place % TILE, ty + place / TILE);
            add_block(sum, row + cell * rows + first, rows - first,
                      column[cell * columns + c]);
        }
        UNROLL
        for (int r = 0; r < BLOCK; r++)
            if (first + r < rows)
                parts[(first + r) * columns + c] += sum[r];
    }
}

/* The sum of a world's parts, in the order of its tiles; group-free: id 0 is the value, 1
 * the world. */
kernel void add_parts(Size size, global const float4 *parts, global float4 *sums)
{
    int i = (int)get_global_id(0), world = (int)get_global_id(1);
    int tiles = size.tiles_x * size.tiles_y;
    float4 sum = 0;
    for (int tile = 0; tile < tiles; tile++)
        sum += parts[((size_t)world * tiles + tile) * PART_SIZE + i];
    sums[(size_t)world * PART_SIZE + i] = sum;
}

/* What the band of a neighbour at (-dx, -dy) takes of this cell. */
static inline float weight_of(int band, int dx, int dy)
{
    float across = dx == 0 ? 2 : 1, along = dy == 0 ? 2 : 1;
    switch (band) {
    case SOBEL_X:
        return along * dx;
    case SOBEL_Y:
        return across * dy;
    case LAPLACIAN:
        return dx == 0 && dy == 0 ? -12 : across * along;
    default:
        return dx == 0 && dy == 0;
    }
}

static inline float4 taken(float4 sum, global const float *dy, int band, int place,
                           int quad, int x, int y)
{
    float w = weight_of(band, x, y);
    int c = quad * 4;
    dy += place * CHANNELS + c;
    sum.x = fma(w, dy[0], sum.x);
    if (c + 1 < CHANNELS)
        sum.y = fma(w, dy[1], sum.y);
    if (c + 2 < CHANNELS)
        sum.z = fma(w, dy[2], sum.z);
    if (c + 3 < CHANNELS)
        sum.w = fma(w, dy[3], sum.w);
    return sum;
}

/* ids: x, y, world. */
kernel void gather_back(Size size, global const float4 *gradient, global float4 *to,
                        global const uchar *marks, global const float *dy_kept)
{
    const Size *s = &size;
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    int world = s->world + (int)get_global_id(2);
    size_t cell = index_of(s, world, x, y);
    bool lived = mark_of(marks, s, world, x, y);
    float4 sum[QUADS];
    UNROLL
    for (int q = 0; q < QUADS; q++)
        sum[q] = lived ? gradient[cell * QUADS + q] : (float4)0;
    for (int k = 0; k < 9; k++) {
        int dx = k % 3 - 1, dy = k / 3 - 1;
        int nx = around(x + dx, s->width), ny = around(y + dy, s->height);
        if (!is_inside(s, nx, ny) || !(mark_of(marks, s, world, nx, ny) & FIRES))
            continue;
        global const float *seen = dy_kept + index_of(s, world, nx, ny) * INPUTS;
        UNROLL
        for (int q = 0; q < QUADS; q++) {
            sum[q] = taken(sum[q], seen, BAND0, 0, q, -dx, -dy);
#if BANDS > 1
            sum[q] = taken(sum[q], seen, BAND1, 1, q, -dx, -dy);
#endif
#if BANDS > 2
            sum[q] = taken(sum[q], seen, BAND2, 2, q, -dx, -dy);
#endif
#if BANDS > 3
            sum[q] = taken(sum[q], seen, BAND3, 3, q, -dx, -dy);
#endif
        }
    }
    UNROLL
    for (int q = 0; q < QUADS; q++)
        to[cell * QUADS + q] = sum[q];
}

/* NcaClLoss of training.h. */
typedef struct Loss {
    int shift_x, shift_y, nothing;
    float aim, place, overflow, stray;
} Loss;

static inline float4 aim_at(global const float4 *target, const Size *s, int x, int y,
                            bool nothing)
{
    return nothing || !is_inside(s, x, y) ? (float4)0 : target[y * s->width + x];
}

kernel void loss_back(Size size, global const float4 *cells, global float4 *gradient,
                      global const float4 *target, global const Loss *losses, int first)
{
    const Size *s = &size;
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    int world = s->world + (int)get_global_id(2);
    Loss l = losses[first + world];
    size_t cell = index_of(s, world, x, y) * QUADS;
    float4 v = cells[cell], sum = gradient[cell];
    float4 aim = aim_at(target, s, x + l.shift_x, y + l.shift_y, l.nothing);
    sum += l.aim * (v - aim);
    sum += l.place * (v - aim_at(target, s, x, y, l.nothing));
    if (v.w > THRESHOLD && aim.w == 0)
        sum.w += l.stray;
    gradient[cell] = sum;
    for (int q = 0; q < QUADS; q++) {
        v = cells[cell + q];
        gradient[cell + q] += l.overflow * (v - clamp(v, (float4)-3, (float4)3));
    }
}
