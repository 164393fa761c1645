/* SPDX-License-Identifier: MIT
 *
 * What wounds look like, over many keys: discs stay round on any canvas, centres and
 * radii are spread evenly over their ranges, the mixed kind has all it promises. */
#include "damage.h"
#include "random.h"
#include "seed.h"

enum { CELLS_MOST = 201 * 121, CHANNELS = 16, DISCS = 1000, MIXED = 2000 };

static uint64_t seed;
static float state[CELLS_MOST * CHANNELS];

/* The cells that died. */
typedef struct Hole {
    bool dead[CELLS_MOST];
    int count, left, right, top, bottom;
    double x, y; /* centre of gravity */
} Hole;

/* All channels of a cell die, or none. */
static bool is_dead(const float *cell, int channels)
{
    int zeros = 0, ones = 0;
    for (int c = 0; c < channels; c++) {
        zeros += cell[c] == 0;
        ones += cell[c] == 1;
    }
    CHECK_MSG(zeros == channels || ones == channels, "%d of %d channels died", zeros,
              channels);
    return zeros == channels;
}

static Hole make_hole(NcaDamage *damage, const NcaCanvas *c, uint64_t key)
{
    Hole h = {.left = c->width, .top = c->height, .right = -1, .bottom = -1};
    for (int i = 0; i < c->width * c->height * c->channels; i++)
        state[i] = 1;
    damage(state, c, key);
    for (int i = 0; i < c->width * c->height; i++) {
        int x = i % c->width, y = i / c->width;
        h.dead[i] = is_dead(state + (size_t)i * c->channels, c->channels);
        if (!h.dead[i])
            continue;
        h.count++;
        h.x += x;
        h.y += y;
        h.left = x < h.left ? x : h.left;
        h.right = x > h.right ? x : h.right;
        h.top = y < h.top ? y : h.top;
        h.bottom = y > h.bottom ? y : h.bottom;
    }
    h.x /= h.count;
    h.y /= h.count;
    return h;
}

/* ------------------------------------------------------------------- discs */

/* No dead cell is farther from the centre than a living one, but for what cells and the
 * estimate of the centre round off. */
static void check_round(const Hole *h, const NcaCanvas *c)
{
    double farthest = 0, nearest = 1e9;
    for (int i = 0; i < c->width * c->height; i++) {
        double d = hypot(i % c->width - h->x, i / c->width - h->y);
        if (h->dead[i])
            farthest = fmax(farthest, d);
        else
            nearest = fmin(nearest, d);
    }
    CHECK_MSG(farthest < nearest + 1, "%d×%d: dead to %g, living from %g", c->width,
              c->height, farthest, nearest);
}

/* n numbers, evenly in low … high; `slack` for rounding to cells. */
static void check_even(const char *what, const double *value, int n, double low,
                       double high, double slack)
{
    double least = 1e9, most = -1e9, sum = 0, range = high - low;
    for (int i = 0; i < n; i++) {
        least = fmin(least, value[i]);
        most = fmax(most, value[i]);
        sum += value[i];
    }
    CHECK_MSG(least > low - slack && least < low + slack + 0.02 * range, "%s from %g",
              what, least);
    CHECK_MSG(most < high + slack && most > high - slack - 0.02 * range, "%s to %g", what,
              most);
    /* Six standard deviations of the mean. */
    CHECK_MSG(fabs(sum / n - (low + high) / 2) < 6 * range / sqrt(12.0 * n) + slack / 4,
              "mean %s %g", what, sum / n);
}

static void check_independent(const char *what, const double *a, const double *b, int n)
{
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (int i = 0; i < n; i++) {
        ma += a[i] / n;
        mb += b[i] / n;
    }
    for (int i = 0; i < n; i++) {
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
        ab += (a[i] - ma) * (b[i] - mb);
    }
    CHECK_MSG(fabs(ab) < 6 / sqrt(n) * sqrt(aa * bb), "%s: %g", what, ab / sqrt(aa * bb));
}

static void test_discs(int width, int height)
{
    static double x[DISCS], y[DISCS], r[DISCS];
    NcaCanvas c = {width, height, 4, 8};
    double half = ((width < height ? width : height) - 1) / 2.0;
    for (int i = 0; i < DISCS; i++) {
        Hole h =
            make_hole(nca_damage_disc, &c, nca_hash3(seed, (uint64_t)width, (uint64_t)i));
        CHECK(h.count > 0);
        if (i < 100)
            check_round(&h, &c);
        x[i] = 2 * h.x / (width - 1) - 1;
        y[i] = 2 * h.y / (height - 1) - 1;
        r[i] = sqrt(h.count / 3.14159265358979) / half;
    }
    check_even("x", x, DISCS, -0.5, 0.5, 0.5 / half);
    check_even("y", y, DISCS, -0.5, 0.5, 0.5 / half);
    check_even("radius", r, DISCS, 0.1, 0.4, 0.3 / half);
    check_independent("x and y", x, y, DISCS);
    check_independent("x and radius", x, r, DISCS);
    check_independent("y and radius", y, r, DISCS);
}

/* ------------------------------------------------------------------- mixed */

typedef enum Kind {
    DISC,
    SQUARE,
    STRIPE,
    STRIPES,
    UPPER,
    LOWER,
    LEFT,
    RIGHT,
    OBLIQUE,
    KINDS
} Kind;

/* Of `count` cells, `step` apart: how often the dead begin or end between two of them. */
static int changes(const Hole *h, int first, int step, int count)
{
    int n = 0;
    for (int i = 1; i < count; i++)
        n += h->dead[first + i * step] != h->dead[first + (i - 1) * step];
    return n;
}

/* The most of any row or column: 1 for a half, 2 for a stripe, more for several. */
static int most_changes(const Hole *h, const NcaCanvas *c)
{
    int most = 0;
    for (int y = 0; y < c->height; y++)
        most = fmax(most, changes(h, y * c->width, 1, c->width));
    for (int x = 0; x < c->width; x++)
        most = fmax(most, changes(h, x, c->width, c->height));
    return most;
}

static Kind kind_of(const Hole *h, const NcaCanvas *c)
{
    int w = h->right - h->left + 1, t = h->bottom - h->top + 1;
    bool is_box = w * t == h->count;
    bool at_edge = h->left == 0 || h->top == 0 || h->right == c->width - 1 ||
                   h->bottom == c->height - 1;
    if (!at_edge)
        return is_box ? SQUARE : DISC;
    if (most_changes(h, c) > 1)
        return most_changes(h, c) == 2 ? STRIPE : STRIPES;
    if (!is_box)
        return OBLIQUE;
    if (w == c->width)
        return h->top == 0 ? UPPER : LOWER;
    CHECK(t == c->height);
    return h->left == 0 ? LEFT : RIGHT;
}

static void check_kind(const Hole *h, const NcaCanvas *c, Kind kind)
{
    int cells = c->width * c->height;
    CHECK(h->count > 0 && h->count < cells);
    if (kind == DISC)
        check_round(h, c);
    if (kind == SQUARE)
        CHECK(abs(h->right - h->left - h->bottom + h->top) <= 1);
    if (kind == STRIPE || kind == STRIPES) {
        /* each comes as near to the middle as 0.2 of the picture, less its own width */
        int longer = (c->width > c->height ? c->width : c->height) - 2 * c->padding;
        bool near = false;
        for (int i = 0; i < cells; i++)
            near |= h->dead[i] &&
                    hypot(i % c->width - (c->width - 1) / 2.0,
                          i / c->width - (c->height - 1) / 2.0) <= 0.2 * longer + 1;
        CHECK(near);
        CHECK_MSG(h->count > longer / 10 && h->count < cells * 6 / 10,
                  "stripes: %d of %d", h->count, cells);
    }
    if (kind >= UPPER)
        CHECK_MSG(h->count > cells / 5 && h->count < cells - cells / 5, "half: %d of %d",
                  h->count, cells);
}

/* Channels as in published models, a canvas that is not square. */
static void test_mixed(int width, int height)
{
    NcaCanvas c = {width, height, CHANNELS, 16, 0};
    int seen[KINDS] = {0};
    for (int i = 0; i < MIXED; i++) {
        Hole h = make_hole(nca_damage_mixed, &c, nca_hash3(seed, 7, (uint64_t)i));
        Kind kind = kind_of(&h, &c);
        check_kind(&h, &c, kind);
        seen[kind]++;
    }
    for (int k = 0; k < KINDS; k++)
        CHECK_MSG(seen[k] > MIXED / 50, "kind %d: %d of %d", k, seen[k], MIXED);
}

/* One stripe, of 4 to 16 cells across a picture of 40; on the canvas of 72 it is 72 to
 * 102 long, less what is missing at a corner. */
static void test_strokes(void)
{
    enum { STROKES = 1000 };
    NcaCanvas c = {72, 72, CHANNELS, 16, 0};
    double least = 1e9, most = 0;
    int level = 0;
    for (uint64_t i = 0; i < STROKES; i++) {
        Hole h = make_hole(nca_damage_stroke, &c, nca_hash3(seed, 9, i));
        check_kind(&h, &c, STRIPE);
        CHECK(kind_of(&h, &c) == STRIPE);
        least = fmin(least, h.count / 72.0);
        most = fmax(most, h.count / 72.0);
        level += h.left == 0 && h.right == 71;
    }
    CHECK_MSG(least > 3.3 && least < 4.6, "%g cells across", least);
    CHECK_MSG(most > 17 && most < 22, "%g cells across", most);
    CHECK_MSG(level > STROKES * 4 / 10 && level < STROKES * 7 / 10, "%d level", level);
}

/* Of a picture of 40 × 30: the larger side counts for both. */
static void test_holes(void)
{
    enum { HOLES = 1000 };
    NcaCanvas c = {72, 62, CHANNELS, 16, 0};
    double x[HOLES], y[HOLES], size[HOLES];
    for (uint64_t i = 0; i < HOLES; i++) {
        Hole h = make_hole(nca_damage_hole, &c, nca_hash3(seed, 8, i));
        CHECK(kind_of(&h, &c) == SQUARE);
        check_kind(&h, &c, SQUARE);
        x[i] = h.x;
        y[i] = h.y;
        size[i] = sqrt(h.count);
    }
    check_even("x of holes", x, HOLES, 35.5 - 2, 35.5 + 2, 0.51);
    check_even("y of holes", y, HOLES, 30.5 - 1.5, 30.5 + 1.5, 0.51);
    check_even("sides of holes", size, HOLES, 12, 20, 0.51);
    check_independent("x, y of holes", x, y, HOLES);
    check_independent("x, side of holes", x, size, HOLES);
}

static void compare_halved(const Hole *whole, const Hole *half, int width, int height)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int x2 = 2 * x - width / 2, y2 = 2 * y - height / 2;
            if (x2 >= 0 && x2 < width && y2 >= 0 && y2 < height)
                CHECK(half->dead[y * width + x] == whole->dead[y2 * width + x2]);
        }
}

/* A picture of half the size is wounded as the whole one, about the cell in the
 * middle. */
static void test_halved(int width, int height)
{
    NcaCanvas whole = {width, height, CHANNELS, 16, 0}, half = whole;
    half.stage = 2;
    for (uint64_t i = 0; i < 100; i++) {
        Hole w = make_hole(nca_damage_mixed, &whole, nca_hash3(seed, 8, i));
        Hole h = make_hole(nca_damage_mixed, &half, nca_hash3(seed, 8, i));
        compare_halved(&w, &h, width, height);
    }
}

/* ------------------------------------------------------------------- both */

static void test_keys(NcaDamage *damage)
{
    NcaCanvas c = {72, 60, CHANNELS, 16, 0};
    int same = 0;
    for (uint64_t key = seed; key < seed + 50; key++) {
        Hole a = make_hole(damage, &c, key), b = make_hole(damage, &c, key);
        Hole other = make_hole(damage, &c, key + 1);
        CHECK(!memcmp(a.dead, b.dead, sizeof(a.dead)));
        same += !memcmp(a.dead, other.dead, sizeof(a.dead));
    }
    /* Small holes are by chance, one pair in 250. */
    CHECK_MSG(same < 10, "%d of 50 neighbours are the same", same);
}

int main(void)
{
    seed = test_seed();
    test_discs(121, 121);
    test_discs(201, 121);
    test_discs(61, 181);
    test_mixed(72, 72);
    test_mixed(72, 60);
    test_strokes();
    test_holes();
    test_halved(72, 72);
    test_halved(61, 72);
    test_keys(nca_damage_disc);
    test_keys(nca_damage_mixed);
    test_keys(nca_damage_stroke);
    test_keys(nca_damage_hole);
    return test_end();
}
