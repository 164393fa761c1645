/* SPDX-License-Identifier: MIT
 *
 * What all kernels share.  The layout's numbers come as macros (layout.c): CHANNELS,
 * QUADS, INPUTS, HIDDEN4, BANDS, BAND0 ..., ALIVE, THRESHOLD, CLAMP, WRAP, TILE, BLOCK,
 * LIVES, GROUP, CELLS, CHUNK, LOCAL_WEIGHTS, LOCAL_CELLS, ON_CPU.  Not every compiler of
 * OpenCL takes more than ASCII.
 *
 * A cell is QUADS float4.  Cells lie [world][height][width]; a group works on a tile of
 * TILE x TILE cells, group id (0, 1) being the tile and 2 the world.  Every output is the
 * chain of fused multiply-adds that kernels_c.c has, in its order. */

enum { PRE_POST, PRE, NONE };                   /* NcaAlive */
enum { IDENTITY, SOBEL_X, SOBEL_Y, LAPLACIAN }; /* NcaBand */
enum { IS_PRE = 1, FIRES = 2 }; /* marks of a cell in a step, with LIVES */

#if ON_CPU /* its compiler would take minutes */
#define UNROLL
#else
#define UNROLL _Pragma("unroll")
#endif

/* Size of the worlds, and which of them is the first. */
typedef struct Size {
    int width, height, tiles_x, tiles_y, world;
} Size;

/* random.h: splitmix64, and the hash of a cell under its row's key. */
static inline ulong hash64(ulong x)
{
    x += 0x9e3779b97f4a7c15UL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9UL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebUL;
    return x ^ (x >> 31);
}

static inline uint row_key(ulong seed, long time, int y)
{
    return (uint)hash64(hash64(hash64(seed) ^ (ulong)time) ^ (ulong)y);
}

static inline bool fires(uint key, uint x, uint limit)
{
    uint h = key + x * 0x9e3779b9u;
    h = (h ^ (h >> 16)) * 0x7feb352du;
    h = (h ^ (h >> 15)) * 0x846ca68bu;
    return (h >> 8) < limit;
}

/* Where it lies on a torus; elsewhere it stays outside. */
static inline int around(int v, int size)
{
#if WRAP
    v %= size;
    return v < 0 ? v + size : v;
#else
    return v;
#endif
}

static inline bool is_inside(const Size *s, int x, int y)
{
    return x >= 0 && y >= 0 && x < s->width && y < s->height;
}

/* Index of the cell among all cells. */
static inline size_t index_of(const Size *s, int world, int x, int y)
{
    return ((size_t)world * s->height + y) * s->width + x;
}

/* Of a cell, or of nothing. */
static inline float alpha_at(global const float4 *cells, const Size *s, int world, int x,
                             int y)
{
    x = around(x, s->width);
    y = around(y, s->height);
    return is_inside(s, x, y) ? cells[index_of(s, world, x, y) * QUADS].w : 0;
}

static inline float4 quad_at(global const float4 *cells, const Size *s, int world, int x,
                             int y, int quad)
{
    x = around(x, s->width);
    y = around(y, s->height);
    return is_inside(s, x, y) ? cells[index_of(s, world, x, y) * QUADS + quad]
                              : (float4)0;
}

/* One band of four channels; q: the 3x3 about the cell, row after row. */
static inline float4 band_of(int band, const float4 *q)
{
    float4 diagonal = q[8] - q[0], antidiagonal = q[2] - q[6];
    switch (band) {
    case SOBEL_X:
        return fma((float4)2, q[5] - q[3], diagonal + antidiagonal);
    case SOBEL_Y:
        return fma((float4)2, q[7] - q[1], diagonal - antidiagonal);
    case LAPLACIAN: {
        float4 corners = (q[0] + q[8]) + (q[2] + q[6]);
        float4 sides = (q[3] + q[5]) + (q[1] + q[7]);
        return fma((float4)-12, q[4], fma((float4)2, sides, corners));
    }
    default:
        return q[4];
    }
}

/* The inputs of one band, of the four channels of a quad. */
static inline void put_band(float *y, int band, int place, int quad, const float4 *q)
{
    float4 v = band_of(band, q);
    int c = quad * 4;
    y += place * CHANNELS + c;
    y[0] = v.x;
    if (c + 1 < CHANNELS)
        y[1] = v.y;
    if (c + 2 < CHANNELS)
        y[2] = v.z;
    if (c + 3 < CHANNELS)
        y[3] = v.w;
}

static inline void put_bands(float *y, int quad, const float4 *q)
{
    put_band(y, BAND0, 0, quad, q);
#if BANDS > 1
    put_band(y, BAND1, 1, quad, q);
#endif
#if BANDS > 2
    put_band(y, BAND2, 2, quad, q);
#endif
#if BANDS > 3
    put_band(y, BAND3, 3, quad, q);
#endif
}

/* Weights in the order of nca_cl_network_pack. */
#define W1 0
#define W2 (HIDDEN4 * INPUTS)
#define B1 (W2 + HIDDEN4 * 4 * QUADS)
#define B2 (B1 + HIDDEN4)

/* The weights of hidden units 4*first ... : w1 [CHUNK][INPUTS] and w2 [CHUNK*4][QUADS],
 * which all of a group bring into local memory, or where they are. */
#if LOCAL_WEIGHTS
#define WEIGHTS local
#define DECLARE_CHUNK local float4 chunk[CHUNK * (INPUTS + 4 * QUADS)]
#else
#define WEIGHTS global
#define DECLARE_CHUNK const int chunk = 0
#endif

typedef struct Chunk {
    WEIGHTS const float4 *w1, *w2;
} Chunk;

#if LOCAL_WEIGHTS
static inline Chunk take_chunk(local float4 *chunk, global const float4 *network,
                               int first)
{
    int units = min(CHUNK, HIDDEN4 - first), item = (int)get_local_id(0);
    Chunk c = {chunk, chunk + CHUNK * INPUTS};
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < units * INPUTS; i += GROUP)
        chunk[i] = network[W1 + first * INPUTS + i];
    for (int i = item; i < units * 4 * QUADS; i += GROUP)
        chunk[CHUNK * INPUTS + i] = network[W2 + first * 4 * QUADS + i];
    barrier(CLK_LOCAL_MEM_FENCE);
    return c;
}
#else
static inline Chunk take_chunk(int chunk, global const float4 *network, int first)
{
    Chunk c = {network + W1 + first * INPUTS, network + W2 + first * 4 * QUADS};
    return c;
}
#endif
