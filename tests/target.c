/* SPDX-License-Identifier: MIT
 *
 * Targets: scaling against PIL's, and what surrounds it.
 *
 * Golden values: each premultiplied band as a float32 picture (mode "F", so that PIL does
 * not round to 8 bits) through PIL 9.4's Image.resize(…, LANCZOS), then alpha clipped to
 * 0…1 and colour to 0…alpha, in numpy.  PIL keeps float32 between its two passes: 6e-8 a
 * value, and the table has 7 digits; the sums have some thousand values. */
#include "target.h"

#include "atlas.h"
#include "test.h"

#define VALUE_TOLERANCE 1e-6
#define SUM_TOLERANCE 1e-3

enum { SIDE_MOST = 40 };

typedef struct Golden {
    int sprite; /* of the atlas, or -1: synthetic */
    int width, height, size;
    int scaled_width, scaled_height;
    double sum;
    struct {
        int x, y;
        double rgba[4];
    } point[4];
} Golden;

static const Golden goldens[] = {
    {-1,
     13,
     7,
     5,
     5,
     3,
     17.800640,
     {{0, 0, {0.1975929, 0.2679963, 0.3456676, 0.6039219}},
      {1, 1, {0.2593056, 0.2218076, 0.2499996, 0.5015653}},
      {2, 1, {0.2061383, 0.1654024, 0.1790745, 0.4129304}},
      {4, 2, {0.2445990, 0.1597510, 0.2441539, 0.4921300}}}},
    {-1,
     13,
     7,
     29,
     29,
     16,
     545.248361,
     {{0, 0, {0.0000000, 0.0326926, 0.1244124, 0.5049344}},
      {8, 9, {0.1573316, 0.2818717, 0.3288252, 0.6017293}},
      {14, 8, {0.0843596, 0.0374343, 0.0597412, 0.1073257}},
      {28, 15, {0.4573141, 0.0000000, 0.0575453, 0.4573141}}}},
    {-1,
     7,
     13,
     10,
     5,
     10,
     60.108729,
     {{0, 0, {0.0563240, 0.2271018, 0.4128052, 0.7086992}},
      {1, 6, {0.1728205, 0.2352269, 0.3608264, 0.5627328}},
      {2, 5, {0.0975039, 0.1722496, 0.2632465, 0.4588409}},
      {4, 9, {0.1052904, 0.2077686, 0.2598454, 0.4980870}}}},
    {-1,
     13,
     1,
     6,
     6,
     1,
     6.713931,
     {{0, 0, {0.1011825, 0.2596820, 0.4227837, 0.7908257}},
      {1, 0, {0.1156896, 0.2303878, 0.3195295, 0.4060292}},
      {3, 0, {0.1771338, 0.1915095, 0.3393892, 0.7381365}},
      {5, 0, {0.1630252, 0.1895665, 0.0000000, 0.1895665}}}},
    {0,
     40,
     40,
     24,
     24,
     24,
     430.584100,
     {{7, 14, {0.0596279, 0.1824435, 0.0503471, 0.4767193}},
      {12, 12, {0.3734848, 0.6833974, 0.2142149, 0.9998965}},
      {16, 6, {0.0081657, 0.0165617, 0.0042823, 0.0506527}},
      {10, 20, {0.1813020, 0.3966578, 0.1263468, 0.7856132}}}},
    {0,
     40,
     40,
     57,
     57,
     57,
     2416.926514,
     {{17, 34, {0.0267482, 0.0880244, 0.0315388, 0.3368730}},
      {28, 28, {0.2248628, 0.6341448, 0.0406039, 0.9994460}},
      {39, 14, {0.0000000, 0.0000000, 0.0000000, 0.0000000}},
      {25, 48, {0.2861986, 0.6021070, 0.1845007, 1.0000000}}}},
    {1,
     40,
     40,
     24,
     24,
     24,
     1042.545565,
     {{7, 14, {0.1213808, 0.1177566, 0.1125140, 1.0000000}},
      {12, 12, {0.9465626, 0.7512195, 0.4724371, 1.0000000}},
      {16, 6, {0.3413095, 0.3153559, 0.1553351, 1.0000000}},
      {10, 20, {0.9525244, 0.6300184, 0.1382996, 0.9896626}}}},
    {7,
     40,
     40,
     33,
     33,
     33,
     642.060539,
     {{9, 19, {0.2528711, 0.2528711, 0.2528711, 0.9736792}},
      {16, 16, {0.0000000, 0.0000000, 0.0000000, 1.0000000}},
      {23, 8, {0.2410323, 0.2410323, 0.2410323, 0.7737802}},
      {14, 28, {0.2812393, 0.2812393, 0.2812393, 1.0000000}}}},
    {7,
     40,
     40,
     80,
     80,
     80,
     3750.266605,
     {{24, 48, {0.2053869, 0.2053869, 0.2053869, 0.9734749}},
      {40, 40, {0.0000000, 0.0000000, 0.0000000, 0.9912181}},
      {56, 20, {0.2210582, 0.2210582, 0.2210582, 0.7143589}},
      {36, 68, {0.2636062, 0.2636062, 0.2636062, 0.7923433}}}},
    {9,
     40,
     40,
     4,
     4,
     4,
     14.455400,
     {{1, 2, {0.3196230, 0.5443416, 0.2316927, 1.0000000}},
      {2, 2, {0.3222172, 0.5624384, 0.2334877, 1.0000000}},
      {2, 1, {0.2957498, 0.4955176, 0.2263898, 0.8328947}},
      {1, 3, {0.2059644, 0.3319751, 0.1440360, 0.7656976}}}},
};

/* ---------------------------------------------------------------- pictures */

static void synthetic(uint8_t *rgba, int width, int height)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 4; c++)
                *rgba++ = (uint8_t)(x * 37 + y * 91 + c * 53 + x * y * 7);
}

static NcaTarget *target_of(const uint8_t *rgba, int width, int height, int size,
                            int padding)
{
    NcaTargetParams params = {size, padding};
    NcaTarget *target = NULL;
    NcaError error = {""};
    NcaStatus status =
        nca_target_new(&target, rgba, width, height, (size_t)width * 4, &params, &error);
    CHECK_MSG(status == NCA_OK, "%s", error.text);
    return target;
}

static const float *pixel(const NcaTarget *t, int x, int y)
{
    return nca_target_pixels(t) + ((size_t)y * nca_target_width(t) + x) * 4;
}

static size_t values_of(const NcaTarget *t)
{
    return (size_t)nca_target_width(t) * nca_target_height(t) * 4;
}

/* ----------------------------------------------------------------- scaling */

static void test_golden(const Golden *g, const uint8_t *rgba)
{
    enum { PADDING = 3 };
    NcaTarget *t = target_of(rgba, g->width, g->height, g->size, PADDING);
    double sum = 0;
    CHECK(nca_target_width(t) == g->scaled_width + 2 * PADDING);
    CHECK(nca_target_height(t) == g->scaled_height + 2 * PADDING);
    for (size_t i = 0; i < values_of(t); i++)
        sum += nca_target_pixels(t)[i];
    CHECK_MSG(fabs(sum - g->sum) < SUM_TOLERANCE, "size %d: %.6f, PIL %.6f", g->size, sum,
              g->sum);
    for (int i = 0; i < 4; i++)
        for (int c = 0; c < 4; c++) {
            int x = g->point[i].x, y = g->point[i].y;
            float v = pixel(t, x + PADDING, y + PADDING)[c];
            double expected = g->point[i].rgba[c];
            CHECK_MSG(fabs(v - expected) < VALUE_TOLERANCE,
                      "size %d (%d, %d)[%d]: %.7f, %.7f", g->size, x, y, c, v, expected);
        }
    nca_target_free(&t);
}

static void test_goldens(void)
{
    for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
        uint8_t rgba[SIDE_MOST * SIDE_MOST * 4];
        if (goldens[i].sprite < 0)
            synthetic(rgba, goldens[i].width, goldens[i].height);
        else if (!atlas_read(rgba, goldens[i].sprite)) {
            printf("no atlas of sprites here: not tested\n");
            return;
        }
        test_golden(&goldens[i], rgba);
    }
}

/* The same size leaves values alone; around them is nothing. */
static void test_same_size(void)
{
    uint8_t rgba[13 * 7 * 4];
    synthetic(rgba, 13, 7);
    NcaTarget *t = target_of(rgba, 13, 7, 13, 5);
    CHECK(nca_target_width(t) == 23 && nca_target_height(t) == 17);
    for (int y = 0; y < 17; y++)
        for (int x = 0; x < 23; x++) {
            const float *p = pixel(t, x, y);
            bool in = x >= 5 && x < 18 && y >= 5 && y < 12;
            const uint8_t *q = rgba + (in ? ((y - 5) * 13 + x - 5) * 4 : 0);
            float alpha = in ? (float)(q[3] / 255.0) : 0;
            CHECK(p[3] == alpha);
            for (int c = 0; c < 3; c++)
                CHECK(p[c] == (in ? (float)(q[c] / 255.0 * (q[3] / 255.0)) : 0));
        }
    nca_target_free(&t);
}

/* A hard edge overshoots: nothing leaves 0 ≤ colour ≤ alpha ≤ 1. */
static void test_range(void)
{
    uint8_t rgba[16 * 16 * 4];
    for (int i = 0; i < 16 * 16; i++)
        for (int c = 0; c < 4; c++)
            rgba[4 * i + c] = (i / 5 + i / 16 + (c < 3)) % 2 ? 255 : 0;
    for (int size = 5; size <= 90; size += 17) {
        NcaTarget *t = target_of(rgba, 16, 16, size, 0);
        for (size_t i = 0; i < values_of(t); i++) {
            float v = nca_target_pixels(t)[i],
                  alpha = nca_target_pixels(t)[i / 4 * 4 + 3];
            CHECK(v >= 0 && v <= alpha && alpha <= 1);
        }
        nca_target_free(&t);
    }
}

/* 257 times an 8-bit value is the same share of 65535; and rows may lie apart. */
static void test_16_bits(void)
{
    enum { WIDTH = 13, HEIGHT = 7, STRIDE = WIDTH * 4 + 3 };
    uint8_t rgba[WIDTH * HEIGHT * 4];
    uint16_t wide[STRIDE * HEIGHT];
    NcaTargetParams params = {9, 2};
    NcaTarget *b = NULL;
    synthetic(rgba, WIDTH, HEIGHT);
    memset(wide, 0xee, sizeof(wide));
    for (int i = 0; i < WIDTH * HEIGHT * 4; i++)
        wide[i / (WIDTH * 4) * STRIDE + i % (WIDTH * 4)] = (uint16_t)(rgba[i] * 257);
    NcaTarget *a = target_of(rgba, WIDTH, HEIGHT, 9, 2);
    CHECK(nca_target_new16(&b, wide, WIDTH, HEIGHT, STRIDE * 2, &params, NULL) == NCA_OK);
    CHECK(!strcmp(nca_target_sha256(a), nca_target_sha256(b)));
    CHECK(!memcmp(nca_target_pixels(a), nca_target_pixels(b),
                  values_of(a) * sizeof(float)));
    nca_target_free(&b);
    wide[STRIDE + 6]++;
    CHECK(nca_target_new16(&b, wide, WIDTH, HEIGHT, STRIDE * 2, &params, NULL) == NCA_OK);
    CHECK(strcmp(nca_target_sha256(a), nca_target_sha256(b)));
    nca_target_free(&a);
    nca_target_free(&b);
}

static void test_long_picture(void)
{
    enum { WIDTH = 65535, HEIGHT = 20 };
    uint8_t *rgba = malloc((size_t)WIDTH * HEIGHT * 4);
    memset(rgba, 255, (size_t)WIDTH * HEIGHT * 4);
    for (int turn = 0; turn < 2; turn++) {
        int width = turn ? HEIGHT : WIDTH, height = turn ? WIDTH : HEIGHT;
        NcaTarget *t = target_of(rgba, width, height, 1024, 1);
        CHECK(nca_target_width(t) == (turn ? 3 : 1026));
        CHECK(nca_target_height(t) == (turn ? 1026 : 3));
        CHECK(pixel(t, 1, 1)[0] == 1 && pixel(t, 1, 1)[3] == 1 && pixel(t, 0, 1)[3] == 0);
        nca_target_free(&t);
    }
    free(rgba);
}

/* ------------------------------------------------------------------ around */

static void test_sha256(void)
{
    /* sha256sum of 4 floats (1 0 0 1) little-endian, times 16. */
    uint8_t rgba[16 * 4];
    for (int i = 0; i < 16 * 4; i++)
        rgba[i] = i % 4 % 3 ? 0 : 255;
    NcaTarget *t = target_of(rgba, 4, 4, 4, 0);
    CHECK_MSG(!strcmp(nca_target_sha256(t),
                      "20c32b58f9dbd5416fe908e078a5ba1d76c369e08dc3c9d62c5c4e71ec4c9b05"),
              "%s", nca_target_sha256(t));
    NcaTarget *copy = NULL;
    CHECK(nca_target_copy(&copy, t, NULL) == NCA_OK);
    nca_target_free(&t);
    CHECK(t == NULL && nca_target_width(copy) == 4 && pixel(copy, 3, 3)[0] == 1);
    CHECK(strlen(nca_target_sha256(copy)) == 64);
    nca_target_free(&copy);
    nca_target_free(&copy);
}

static void check_refused(int width, int height, NcaTargetParams params, const char *part)
{
    static const uint8_t rgba[4 * 4] = {255, 255, 255, 255};
    NcaTarget *t = NULL;
    NcaError error = {""};
    NcaStatus status = nca_target_new(&t, rgba, width, height, 16, &params, &error);
    CHECK_MSG(status == NCA_ERR_ARGUMENT && !t, "%d×%d", width, height);
    CHECK_MSG(strstr(error.text, part), "%s", error.text);
}

static void test_refused(void)
{
    NcaTargetParams good = nca_target_params_default();
    CHECK(good.size == 40 && good.padding == 16);
    check_refused(0, 1, good, "0×1");
    check_refused(1, -1, good, "1×-1");
    check_refused(65536, 1, good, "65535");
    check_refused(1, 1, (NcaTargetParams){3, 16}, "4 … 1024");
    check_refused(1, 1, (NcaTargetParams){1025, 16}, "4 … 1024");
    check_refused(1, 1, (NcaTargetParams){40, -1}, "0 … 256");
    check_refused(1, 1, (NcaTargetParams){40, 257}, "0 … 256");
    uint8_t clear[5 * 5 * 4];
    memset(clear, 255, sizeof(clear));
    for (int i = 3; i < 100; i += 4)
        clear[i] = 0;
    NcaTarget *t = NULL;
    NcaError error = {""};
    CHECK(nca_target_new(&t, clear, 5, 5, 20, &good, &error) == NCA_ERR_ARGUMENT && !t);
    CHECK_MSG(strstr(error.text, "visible"), "%s", error.text);
}

/* How much of the cell `to` is covered from `at` on, by a cell that has shrunk. */
static double covered(double at, double part, int to)
{
    return fmax(0, fmin(at + part, to + 1) - fmax(at, to));
}

/* Every cell of the whole picture goes, smaller, to those that it covers; what the middle
 * cell of the canvas sees stays there. */
static void test_shrunk(int width, int height, double part)
{
    uint8_t *rgba = malloc((size_t)width * height * 4);
    NcaTargetParams params = {width > height ? width : height, 3};
    NcaTarget *whole = NULL, *small = NULL;
    for (int i = 0; i < width * height * 4; i++)
        rgba[i] = i % 4 == 3 ? 255 : (uint8_t)(i * 37 % 251);
    CHECK(nca_target_new(&whole, rgba, width, height, (size_t)width * 4, &params, NULL) ==
          NCA_OK);
    CHECK(nca_target_shrink(&small, whole, part, NULL) == NCA_OK);
    int w = nca_target_width(whole), h = nca_target_height(whole);
    double *sum = calloc((size_t)w * h * 4, sizeof(*sum)), empty = 0;
    CHECK(nca_target_width(small) == w && nca_target_height(small) == h);
    for (int i = 0; i < w * h * 4; i++) {
        double value = nca_target_pixels(whole)[i];
        double x = (i / 4 % w - w / 2) * part + w / 2;
        double y = (i / 4 / w - h / 2) * part + h / 2;
        for (int k = 0; k < 4; k++) {
            int to_x = (int)x + k % 2, to_y = (int)y + k / 2;
            if (to_x < w && to_y < h)
                sum[(to_y * w + to_x) * 4 + i % 4] +=
                    value * covered(x, part, to_x) * covered(y, part, to_y);
        }
        empty += value * value / (w * h * 4);
    }
    for (int i = 0; i < w * h * 4; i++)
        CHECK_MSG(fabs(nca_target_pixels(small)[i] - sum[i]) < 1e-6, "%g at %d", part, i);
    CHECK(fabs(nca_target_empty_loss(whole) / empty - 1) < 1e-9);
    CHECK(!strcmp(nca_target_sha256(whole), nca_target_sha256(small)) == (part == 1));
    free(rgba);
    free(sum);
    nca_target_free(&whole);
    nca_target_free(&small);
}

static void check_params(NcaModel *model, const char *width, const char *height,
                         const char *padding, int size, int expected_padding)
{
    nca_model_set_meta(model, "width", width);
    nca_model_set_meta(model, "height", height);
    nca_model_set_meta(model, "padding", padding);
    NcaTargetParams p = nca_target_params_of(model);
    CHECK_MSG(p.size == size && p.padding == expected_padding, "%s×%s, %s: %d, %d",
              width ? width : "-", height ? height : "-", padding ? padding : "-", p.size,
              p.padding);
}

static void test_params_of(void)
{
    NcaShape shape = nca_shape_default();
    NcaModel *model = NULL;
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    check_params(model, NULL, NULL, NULL, 40, 16);
    check_params(model, "96", "80", "12", 72, 12);
    check_params(model, "80", "96", "0", 96, 0);
    check_params(model, "60", "72", NULL, 40, 16);
    check_params(model, "64", "64", NULL, 32, 16);
    check_params(model, "1536", "1536", "256", 1024, 256);
    check_params(model, "96", NULL, "12", 40, 16);
    check_params(model, "30", "30", "16", 40, 16);
    check_params(model, "1e9", "80", "12", 40, 16);
    check_params(model, "72x", "80", "12", 40, 16);
    check_params(model, "72.5", "70", "12", 40, 16);
    check_params(model, "-72", "-70", "12", 40, 16);
    check_params(model, "2000", "2000", "12", 40, 16);
    nca_model_free(&model);
}

/* ------------------------------------------------------------------- turned */

/* Right angles move cells about the seed's; each of them is there once. */
static void test_turned_target(void)
{
    uint8_t rgba[7 * 5 * 4];
    for (int i = 0; i < 7 * 5 * 4; i++)
        rgba[i] = (uint8_t)(i * 37 + i * i % 11 + 20);
    NcaTarget *t = NULL;
    CHECK(nca_target_new(&t, rgba, 7, 5, 7 * 4, &(NcaTargetParams){7, 3}, NULL) ==
          NCA_OK);
    int w = nca_target_width(t), h = nca_target_height(t), side = 24;
    const float *pixels = nca_target_pixels(t);
    float *canvas = malloc((size_t)side * side * 4 * sizeof(float));
    for (int quarter = 0; quarter < 4; quarter++) {
        int wrong = 0, outside = 0;
        nca_target_turn(t, quarter * 90, canvas, side);
        for (int i = 0; i < side * side; i++) {
            /* counter-clockwise, y down: what was right is up */
            int dx = i % side - side / 2, dy = i / side - side / 2;
            int x = quarter == 0 ? dx : quarter == 1 ? -dy : quarter == 2 ? -dx : dy;
            int y = quarter == 0 ? dy : quarter == 1 ? dx : quarter == 2 ? -dy : -dx;
            x += w / 2;
            y += h / 2;
            for (int c = 0; c < 4; c++) {
                bool in = x >= 0 && y >= 0 && x < w && y < h;
                wrong += canvas[4 * i + c] != (in ? pixels[4 * (y * w + x) + c] : 0);
                outside += !in;
            }
        }
        CHECK_MSG(wrong == 0 && outside > 0, "%d quarters: %d wrong", quarter, wrong);
    }
    free(canvas);
    nca_target_free(&t);
}

/* Between cells a slope stays that slope, and turned by 45° it is steeper along the
 * axes. */
static void test_turned_slope(void)
{
    enum { SIDE = 40 };
    uint8_t rgba[SIDE * SIDE * 4];
    float *canvas = malloc((size_t)SIDE * SIDE * 4 * sizeof(float));
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < 4; c++)
            rgba[4 * i + c] = (uint8_t)(c < 3 ? 40 + 4 * (i % SIDE) : 255);
    NcaTarget *t = NULL;
    CHECK(nca_target_new(&t, rgba, SIDE, SIDE, SIDE * 4, &(NcaTargetParams){SIDE, 0},
                         NULL) == NCA_OK);
    nca_target_turn(t, 45, canvas, SIDE);
    for (int y = 15; y < 25; y++)
        for (int x = 15; x < 25; x++) {
            double along = ((x - 20) - (y - 20)) * sqrt(0.5) + 20;
            double expected = (40 + 4 * along) / 255;
            CHECK_MSG(fabs(canvas[4 * (y * SIDE + x)] - expected) < 1e-6, "%d %d: %g, %g",
                      x, y, (double)canvas[4 * (y * SIDE + x)], expected);
        }
    free(canvas);
    nca_target_free(&t);
}

int main(void)
{
    test_goldens();
    test_same_size();
    test_range();
    test_16_bits();
    test_long_picture();
    test_sha256();
    test_refused();
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++)
            test_shrunk(8 + i % 2, 6 + i / 2, (double[]){1, sqrt(0.5), 0.5, 0.3}[k]);
    test_params_of();
    test_turned_target();
    test_turned_slope();
    return test_end();
}
