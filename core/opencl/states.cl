/* SPDX-License-Identifier: MIT
 *
 * What is done to the states of a training between its runs.  Ids: x, y; the worlds are
 * those numbers of their buffers. */

/* Moved by so many cells; what leaves the canvas is lost. */
kernel void move(Size size, global const float4 *from, int from_world, global float4 *to,
                 int to_world, int dx, int dy)
{
    const Size *s = &size;
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    bool inside = is_inside(s, x - dx, y - dy);
    for (int q = 0; q < QUADS; q++)
        to[index_of(s, to_world, x, y) * QUADS + q] =
            inside ? from[index_of(s, from_world, x - dx, y - dy) * QUADS + q]
                   : (float4)0;
}

/* All channels of the cells where `killed` [height][width] is not 0. */
kernel void wound(Size size, global float4 *cells, int world, global const uchar *killed)
{
    const Size *s = &size;
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    for (int q = 0; q < QUADS; q++)
        if (killed[y * s->width + x])
            cells[index_of(s, world, x, y) * QUADS + q] = 0;
}

/* One cell in the middle, channels 3 and up 1. */
kernel void seed(Size size, global float4 *cells, int world)
{
    const Size *s = &size;
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    bool middle = x == s->width / 2 && y == s->height / 2;
    for (int q = 0; q < QUADS; q++) {
        int c = q * 4;
        float4 v =
            (float4)(c >= 3, c + 1 >= 3 && c + 1 < CHANNELS,
                     c + 2 >= 3 && c + 2 < CHANNELS, c + 3 >= 3 && c + 3 < CHANNELS);
        cells[index_of(s, world, x, y) * QUADS + q] = middle ? v : (float4)0;
    }
}

/* The first four channels; the first of them not a number where any channel is not
 * finite. */
kernel void look(Size size, global const float4 *cells, int world, global float4 *picture)
{
    const Size *s = &size;
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    size_t cell = index_of(s, world, x, y) * QUADS;
    float4 v = cells[cell];
    bool finite = true;
    for (int q = 0; q < QUADS; q++)
        finite = finite && all(isfinite(cells[cell + q]));
    v.x = finite ? v.x : NAN;
    picture[y * s->width + x] = v;
}
