/* SPDX-License-Identifier: MIT
 *
 * A step in two kernels, as in step.c: `update` adds what the cells that fire want,
 * `live` kills those that have no mature cell about them before and after.
 *
 * Only cells that fire within two cells of a mature one go through the network, four
 * hidden units at a time, their weights in local memory where that helps.  A tile where
 * nothing lives, nor within two cells of it, is left out; one that has just died is done
 * once more, so that the other buffer is empty there, too. */

#define FLAGS (TILE + 4) /* of a side of a tile, with two cells around */

/* One group's tile. */
typedef struct Tile {
    int x, y, world, columns, rows, index;
} Tile;

static inline Tile tile_of(const Size *s)
{
    Tile t;
    int tx = (int)get_group_id(0), ty = (int)get_group_id(1);
    t.x = tx * TILE;
    t.y = ty * TILE;
    t.world = s->world + (int)get_group_id(2);
    t.columns = min(TILE, s->width - t.x);
    t.rows = min(TILE, s->height - t.y);
    t.index = (t.world * s->tiles_y + ty) * s->tiles_x + tx;
    return t;
}

/* The i-th of five places along a side: two cells before, its ends, two cells behind. */
static inline int place_of(int i, int first, int count)
{
    return i < 2 ? first - 2 + i : i == 2 ? first : first + count + i - 3;
}

/* Whether there is anything to do: life near it now, or in the tile two steps ago.  For
 * all of a group at once. */
static inline bool is_busy(const Size *s, const Tile *t, global const uint *from_lives,
                           global const uint *to_lives, local int *busy)
{
#if ALIVE == 2
    return true;
#endif
    if (get_local_id(0) == 0)
        *busy = to_lives[t->index] > 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = (int)get_local_id(0); i < 25; i += GROUP) {
        int x = around(place_of(i % 5, t->x, t->columns), s->width);
        int y = around(place_of(i / 5, t->y, t->rows), s->height);
        if (is_inside(s, x, y) &&
            from_lives[(t->world * s->tiles_y + y / TILE) * s->tiles_x + x / TILE] > 0)
            *busy = 1;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return *busy;
}

/* ------------------------------------------------------------------ update */

static inline void find_mature(local uchar *mature, global const float4 *from,
                               const Size *s, const Tile *t)
{
#if ALIVE != 2
    for (int i = (int)get_local_id(0); i < FLAGS * FLAGS; i += GROUP)
        mature[i] = alpha_at(from, s, t->world, t->x + i % FLAGS - 2,
                             t->y + i / FLAGS - 2) > THRESHOLD;
#endif
}

/* Any mature cell within `reach` of the tile's cell (x, y). */
static inline bool any_mature(local const uchar *mature, int x, int y, int reach)
{
    uchar any = 0;
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++)
            any |= mature[(y + 2 + dy) * FLAGS + x + 2 + dx];
    return any != 0;
}

/* The cells of all tiles; and of this one what decides, and which go through the
 * network. */
typedef struct Start {
    global const float4 *from;
    global float4 *to;
    global float *alpha;
    global uchar *marks;
    local const uchar *mature;
    local const uint *key;
    uint limit;
    local ushort *list;
    local int *count;
} Start;

/* What all begin with. */
static inline void begin_cells(const Size *s, const Tile *t, Start a)
{
    for (int i = (int)get_local_id(0); i < TILE * TILE; i += GROUP) {
        int x = i % TILE, y = i / TILE;
        if (x >= t->columns || y >= t->rows)
            continue;
        size_t cell = index_of(s, t->world, t->x + x, t->y + y);
        bool fired = fires(a.key[y], (uint)(t->x + x), a.limit);
#if ALIVE == 2
        bool pre = true, near = true;
#else
        bool pre = any_mature(a.mature, x, y, 1);
        bool near = pre || (ALIVE == 0 && fired && any_mature(a.mature, x, y, 2));
#endif
        for (int q = 0; q < QUADS; q++)
            a.to[cell * QUADS + q] = a.from[cell * QUADS + q];
        a.alpha[cell] = a.from[cell * QUADS].w;
        a.marks[cell] = (pre ? IS_PRE : 0) | (pre && fired ? FIRES : 0);
        if (near && fired)
            a.list[atomic_inc(a.count)] = (ushort)i;
    }
}

#if LOCAL_CELLS
#define FRAMED (TILE + 2)

static inline void load_cells(local float4 *cells, global const float4 *from,
                              const Size *s, const Tile *t)
{
    for (int i = (int)get_local_id(0); i < FRAMED * FRAMED * QUADS; i += GROUP) {
        int cell = i / QUADS;
        cells[i] = quad_at(from, s, t->world, t->x + cell % FRAMED - 1,
                           t->y + cell / FRAMED - 1, i % QUADS);
    }
}

static inline void perceive(float *y, local const float4 *cells, int x, int row)
{
    UNROLL
    for (int quad = 0; quad < QUADS; quad++) {
        float4 q[9];
        UNROLL
        for (int k = 0; k < 9; k++)
            q[k] = cells[((row + k / 3) * FRAMED + x + k % 3) * QUADS + quad];
        put_bands(y, quad, q);
    }
}
#endif

/* The same from global memory; x and row of the world. */
static inline void perceive_global(float *y, global const float4 *from, const Size *s,
                                   int world, int x, int row)
{
    UNROLL
    for (int quad = 0; quad < QUADS; quad++) {
        float4 q[9];
        UNROLL
        for (int k = 0; k < 9; k++)
            q[k] = quad_at(from, s, world, x + k % 3 - 1, row + k / 3 - 1, quad);
        put_bands(y, quad, q);
    }
}

/* d += w2 * relu(w1 * y + b1) for the hidden units of a chunk; y [CELLS][INPUTS], d
 * [CELLS][QUADS]. */
static inline void dense(float4 *d, const float *y, Chunk chunk,
                         global const float4 *network, int first)
{
    for (int unit = 0; unit < min(CHUNK, HIDDEN4 - first); unit++) {
        float4 h[CELLS];
        UNROLL
        for (int k = 0; k < CELLS; k++)
            h[k] = network[B1 + first + unit];
        UNROLL
        for (int i = 0; i < INPUTS; i++) {
            float4 w = chunk.w1[unit * INPUTS + i];
            UNROLL
            for (int k = 0; k < CELLS; k++)
                h[k] = fma((float4)y[k * INPUTS + i], w, h[k]);
        }
        UNROLL
        for (int k = 0; k < CELLS; k++)
            h[k] = fmax(h[k], (float4)0);
        WEIGHTS const float4 *w2 = chunk.w2 + unit * 4 * QUADS;
        UNROLL
        for (int q = 0; q < QUADS; q++) {
            float4 a = w2[q], b = w2[QUADS + q], c = w2[2 * QUADS + q],
                   e = w2[3 * QUADS + q];
            UNROLL
            for (int k = 0; k < CELLS; k++) {
                float4 v = d[k * QUADS + q];
                v = fma((float4)h[k].x, a, v);
                v = fma((float4)h[k].y, b, v);
                v = fma((float4)h[k].z, c, v);
                d[k * QUADS + q] = fma((float4)h[k].w, e, v);
            }
        }
    }
}

kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
update(Size size, global const float4 *from, global float4 *to,
       global const uint *from_lives, global const uint *to_lives, global float *alpha,
       global uchar *marks, global const float4 *network, global const ulong *seed,
       long time, uint limit)
{
    local uchar mature[FLAGS * FLAGS];
    local uint key[TILE];
    local ushort list[TILE * TILE];
    local int count, busy;
    DECLARE_CHUNK;
#if LOCAL_CELLS
    local float4 cells[FRAMED * FRAMED * QUADS];
#endif
    const Size *s = &size;
    Tile t = tile_of(s);
    int item = (int)get_local_id(0);
    if (!is_busy(s, &t, from_lives, to_lives, &busy))
        return;
    find_mature(mature, from, s, &t);
    for (int y = item; y < TILE; y += GROUP)
        key[y] = row_key(seed[t.world], time, t.y + y);
    if (item == 0)
        count = 0;
#if LOCAL_CELLS
    load_cells(cells, from, s, &t);
#endif
    barrier(CLK_LOCAL_MEM_FENCE);
    Start start = {from, to, alpha, marks, mature, key, limit, list, &count};
    begin_cells(s, &t, start);
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    for (int base = 0; base < count; base += GROUP * CELLS) {
        float y[CELLS * INPUTS];
        float4 d[CELLS * QUADS];
        UNROLL
        for (int k = 0; k < CELLS; k++) {
            int place = list[min(base + k * GROUP + item, count - 1)];
#if LOCAL_CELLS
            perceive(y + k * INPUTS, cells, place % TILE, place / TILE);
#else
            perceive_global(y + k * INPUTS, from, s, t.world, t.x + place % TILE,
                            t.y + place / TILE);
#endif
            UNROLL
            for (int q = 0; q < QUADS; q++)
                d[k * QUADS + q] = network[B2 + q];
        }
        for (int first = 0; first < HIDDEN4; first += CHUNK) {
            Chunk c = take_chunk(chunk, network, first);
            dense(d, y, c, network, first);
        }
        UNROLL
        for (int k = 0; k < CELLS; k++) {
            int at = base + k * GROUP + item;
            if (at >= count)
                continue;
            size_t cell =
                index_of(s, t.world, t.x + list[at] % TILE, t.y + list[at] / TILE);
            UNROLL
            for (int q = 0; q < QUADS; q++)
                to[cell * QUADS + q] = from[cell * QUADS + q] + d[k * QUADS + q];
            alpha[cell] = from[cell * QUADS].w + d[k * QUADS].w;
        }
    }
}

/* -------------------------------------------------------------------- live */

static inline bool any_grown(global const float *alpha, const Size *s, int world, int x,
                             int y)
{
    bool any = false;
    for (int k = 0; k < 9; k++) {
        int cx = around(x + k % 3 - 1, s->width), cy = around(y + k / 3 - 1, s->height);
        if (is_inside(s, cx, cy))
            any |= alpha[index_of(s, world, cx, cy)] > THRESHOLD;
    }
    return any;
}

static inline float4 clamped(float4 v)
{
    return select(select(v, (float4)-CLAMP, v < (float4)-CLAMP), (float4)CLAMP,
                  v > (float4)CLAMP);
}

kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
live(Size size, global float4 *to, global const uint *from_lives, global uint *to_lives,
     global const float *alpha, global uchar *marks)
{
    local int busy, lives;
    const Size *s = &size;
    Tile t = tile_of(s);
    if (!is_busy(s, &t, from_lives, to_lives, &busy))
        return;
    if (get_local_id(0) == 0)
        lives = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = (int)get_local_id(0); i < TILE * TILE; i += GROUP) {
        int x = t.x + i % TILE, y = t.y + i / TILE;
        if (i % TILE >= t.columns || i / TILE >= t.rows)
            continue;
        size_t cell = index_of(s, t.world, x, y);
        bool lives_on = marks[cell] & IS_PRE;
#if ALIVE == 0
        lives_on = lives_on && any_grown(alpha, s, t.world, x, y);
#endif
        if (lives_on) {
            marks[cell] |= LIVES;
            atomic_inc(&lives);
        }
        for (int q = 0; q < QUADS; q++)
            if (!lives_on)
                to[cell * QUADS + q] = 0;
            else if (CLAMP > 0)
                to[cell * QUADS + q] = clamped(to[cell * QUADS + q]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (get_local_id(0) == 0)
        to_lives[t.index] = (uint)lives;
}
