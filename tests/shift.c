/* SPDX-License-Identifier: MIT
 *
 * The best shift against all shifts, tried one by one on a plane without end. */
#include "shift.h"
#include "random.h"
#include "seed.h"
#include "test.h"

enum { W = 9, H = 7, MOST = 4 };

static uint64_t seed, drawn;

static float random_value(void)
{
    return (float)nca_uniform(nca_hash3(seed, 3, drawn++));
}

static double at(const float *picture, int x, int y, int c)
{
    return x < 0 || y < 0 || x >= W || y >= H ? 0 : picture[(y * W + x) * 4 + c];
}

static double moved_loss(const float *picture, const float *target, int dx, int dy)
{
    double sum = 0;
    for (int y = -MOST; y < H + MOST; y++)
        for (int x = -MOST; x < W + MOST; x++)
            for (int c = 0; c < 4; c++) {
                double e = at(picture, x - dx, y - dy, c) - at(target, x, y, c);
                sum += e * e;
            }
    return sum / (4.0 * W * H);
}

static void check(const float *picture, const float *target, int most)
{
    NcaShift s = nca_shift_find(picture, target, W, H, most);
    double own = moved_loss(picture, target, s.x, s.y);
    CHECK(abs(s.x) <= most && abs(s.y) <= most);
    CHECK_MSG(fabs(s.loss - own) < 1e-9, "%g, %g", s.loss, own);
    for (int dy = -most; dy <= most; dy++)
        for (int dx = -most; dx <= most; dx++)
            CHECK_MSG(moved_loss(picture, target, dx, dy) > own - 1e-9, "%d %d", dx, dy);
}

/* The target fills the canvas, or a part of it. */
static void test_random(int left, int top, int right, int bottom)
{
    float picture[W * H * 4], target[W * H * 4] = {0};
    for (int i = 0; i < W * H * 4; i++) {
        int x = i / 4 % W, y = i / 4 / W;
        picture[i] = 2 * random_value() - 0.5f;
        if (x >= left && x < right && y >= top && y < bottom)
            target[i] = random_value();
    }
    for (int most = 0; most <= MOST; most++)
        check(picture, target, most);
}

/* No shift where none is better, not even by what is equal. */
static void test_equal(void)
{
    float flat[W * H * 4], nothing[W * H * 4] = {0};
    for (int i = 0; i < W * H * 4; i++)
        flat[i] = 0.5f;
    NcaShift s = nca_shift_find(nothing, flat, W, H, MOST);
    CHECK(s.x == 0 && s.y == 0 && s.loss == 0.25);
    s = nca_shift_find(flat, nothing, W, H, MOST);
    CHECK(s.x == 0 && s.y == 0 && s.loss == 0.25);
    s = nca_shift_find(flat, flat, W, H, MOST);
    CHECK(s.x == 0 && s.y == 0 && s.loss == 0);
    flat[17] = NAN;
    s = nca_shift_find(flat, flat, W, H, MOST);
    CHECK(s.x == 0 && s.y == 0 && isnan(s.loss));
}

int main(void)
{
    seed = test_seed();
    for (int i = 0; i < 20; i++) {
        test_random(0, 0, W, H);
        test_random(2, 1, 6, 5);
        test_random(8, 6, 9, 7);
    }
    test_equal();
    return test_end();
}
