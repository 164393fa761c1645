/* SPDX-License-Identifier: MIT
 *
 * The pool: drawn fairly and without doubles; where the seed is; what counts as lost. */
#include "samples.h"
#include "random.h"
#include "seed.h"

enum { COUNT = 20, BATCH = 5, DRAWS = 20000 };

static uint64_t seed;

/* -------------------------------------------------------------------- draw */

static bool are_different(const int *index, int batch, int count)
{
    bool seen[COUNT] = {false};
    for (int i = 0; i < batch; i++) {
        if (index[i] < 0 || index[i] >= count || seen[index[i]])
            return false;
        seen[index[i]] = true;
    }
    return true;
}

static void test_draw(void)
{
    NcaSamples pool = {.count = COUNT};
    int index[BATCH], again[BATCH], times[COUNT] = {0}, first[COUNT] = {0}, same = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        uint64_t key = nca_hash3(seed, 1, i);
        nca_samples_draw(&pool, index, BATCH, key);
        nca_samples_draw(&pool, again, BATCH, key);
        CHECK(are_different(index, BATCH, COUNT) && !memcmp(index, again, sizeof(index)));
        for (int k = 0; k < BATCH; k++)
            times[index[k]]++;
        first[index[0]]++;
        nca_samples_draw(&pool, again, BATCH, key + 1);
        same += !memcmp(index, again, sizeof(index));
    }
    CHECK_MSG(same < 10, "%d neighbouring keys draw the same", same);
    /* Six standard deviations of a binomial count: 61 and 31. */
    for (int i = 0; i < COUNT; i++) {
        CHECK_MSG(abs(times[i] - DRAWS / 4) < 370, "%d drawn %d times", i, times[i]);
        CHECK_MSG(abs(first[i] - DRAWS / COUNT) < 190, "%d first %d times", i, first[i]);
    }
}

static void test_draw_all(void)
{
    NcaSamples pool = {.count = COUNT};
    int index[COUNT];
    for (uint64_t i = 0; i < 200; i++) {
        nca_samples_draw(&pool, index, COUNT, seed + i);
        CHECK(are_different(index, COUNT, COUNT));
    }
    pool.count = 1;
    nca_samples_draw(&pool, index, 1, seed);
    CHECK(index[0] == 0);
}

/* -------------------------------------------------------------------- seed */

static bool is_seed(const float *state, int width, int height, int channels, int at_x,
                    int at_y)
{
    for (int i = 0; i < width * height; i++)
        for (int c = 0; c < channels; c++) {
            bool here = i % width == at_x && i / width == at_y;
            if (state[i * channels + c] != (here && c >= 3 ? 1.0f : 0.0f))
                return false;
        }
    return true;
}

static void test_seed_at(int width, int height, int channels, int x, int y)
{
    NcaCanvas canvas = {width, height, channels, 0};
    NcaSamples pool;
    size_t floats = (size_t)width * height * channels;
    float *state = malloc(floats * sizeof(float));
    CHECK(nca_samples_size(&canvas) == floats * sizeof(float));
    for (size_t i = 0; i < floats; i++)
        state[i] = NAN;
    nca_samples_seed(state, &canvas);
    CHECK_MSG(is_seed(state, width, height, channels, x, y), "%d×%d", width, height);
    CHECK(nca_samples_init(&pool, &canvas, 3, NULL) == NCA_OK);
    CHECK(pool.count == 3 && pool.size == floats);
    for (int i = 0; i < 3; i++)
        CHECK(!memcmp(nca_samples_at(&pool, i), state, floats * sizeof(float)));
    nca_samples_uninit(&pool);
    CHECK(pool.states == NULL && pool.count == 0);
    free(state);
}

/* -------------------------------------------------------------------- lost */

/* One cell has this in this channel, all else is a living picture or nothing. */
static bool is_lost(float value, int channel, bool living)
{
    NcaCanvas c = {9, 7, 8, 0};
    float state[9 * 7 * 8] = {0};
    if (living)
        nca_samples_seed(state, &c);
    state[(2 * 9 + 5) * 8 + channel] = value;
    return nca_samples_is_lost(state, &c, 0.1f);
}

static void test_lost(void)
{
    CHECK(is_lost(0, 0, false) && !is_lost(0, 0, true));
    CHECK(is_lost(0.1f, 3, false) && !is_lost(nextafterf(0.1f, 1), 3, false));
    CHECK(is_lost(-5, 3, false) && is_lost(1e30f, 4, false) && is_lost(1, 2, false));
    CHECK(!is_lost(3e38f, 7, true) && !is_lost(-3e38f, 0, true));
    for (int channel = 0; channel < 8; channel++) {
        CHECK(is_lost(NAN, channel, true) && is_lost(-NAN, channel, true));
        CHECK(is_lost(INFINITY, channel, true) && is_lost(-INFINITY, channel, true));
    }
}

/* -------------------------------------------------------------------- moved */

static void test_move(int width, int height, int dx, int dy)
{
    enum { CHANNELS = 3 };
    NcaCanvas c = {width, height, CHANNELS, 0};
    size_t floats = (size_t)width * height * CHANNELS;
    float *from = malloc(floats * sizeof(float)), *to = malloc(floats * sizeof(float));
    int wrong = 0;
    for (size_t i = 0; i < floats; i++) {
        from[i] = (float)(i + 1);
        to[i] = NAN;
    }
    nca_samples_move(to, from, &c, dx, dy);
    for (int i = 0; i < width * height * CHANNELS; i++) {
        int x = i / CHANNELS % width - dx, y = i / CHANNELS / width - dy;
        bool inside = x >= 0 && y >= 0 && x < width && y < height;
        wrong += to[i] != (inside ? from[(y * width + x) * CHANNELS + i % CHANNELS] : 0);
    }
    CHECK_MSG(wrong == 0, "%d×%d by %d, %d: %d wrong", width, height, dx, dy, wrong);
    free(from);
    free(to);
}

static void test_moves(void)
{
    for (int dy = -6; dy <= 6; dy++)
        for (int dx = -8; dx <= 8; dx++)
            test_move(7, 5, dx, dy);
}

int main(void)
{
    seed = test_seed();
    test_draw();
    test_draw_all();
    test_seed_at(72, 72, 16, 36, 36);
    test_seed_at(72, 44, 16, 36, 22);
    test_seed_at(13, 8, 4, 6, 4);
    test_seed_at(5, 31, 64, 2, 15);
    test_seed_at(1, 1, 8, 0, 0);
    test_lost();
    test_moves();
    return test_end();
}
