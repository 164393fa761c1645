/* SPDX-License-Identifier: MIT
 *
 * From cells to colours: the order of clamping, not-a-numbers, bytes and rows. */
#include <float.h>

#include "grids.h"

static const float values[] = {-INFINITY, -2,    -0.5f, -0.25f, 0, 1e-30f,   0.001f, 0.2f,
                               0.5f,      0.75f, 1,     1.5f,   3, INFINITY, NAN};
enum { VALUES = sizeof(values) / sizeof(values[0]) };

static float unit(float v, float most)
{
    return isnan(v) || v < 0 ? 0 : v > most ? most : v;
}

static void expect(NcaColor color, const float *cell, float *rgba)
{
    float alpha = color == NCA_COLOR_PREMULTIPLIED ? unit(cell[3], 1) : 1;
    for (int c = 0; c < 3; c++)
        rgba[c] = color == NCA_COLOR_HALF        ? unit(cell[c] + 0.5f, 1)
                  : color == NCA_COLOR_HALF_HALF ? unit(cell[c] / 2 + 0.5f, 1)
                  : alpha > 0                    ? unit(cell[c], alpha) / alpha
                                                 : 0;
    rgba[3] = alpha;
}

/* Every value beside every alpha; rows lie apart and what is between them is left alone.
 */
static void try_picture(NcaColor color, int channels)
{
    enum { SIDE = VALUES, STRIDE = SIDE * 4 + 13 };
    static float state[SIDE * SIDE * 8], floats[SIDE * STRIDE];
    static uint8_t bytes[SIDE * STRIDE], between = 0xaa;
    NcaShape shape = color == NCA_COLOR_PREMULTIPLIED ? small_shape() : texture_shape();
    NcaModel *model = NULL;
    shape.channels = channels;
    shape.color = color;
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    NcaGrid *g = grid_of(model, SIDE, SIDE, 1);
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < channels; c++)
            state[i * channels + c] = values[c == 3 ? i / SIDE : (i + c * 4) % SIDE];
    nca_grid_set_state(g, state);
    memset(bytes, between, sizeof(bytes));
    memset(floats, between, sizeof(floats));
    nca_grid_read_rgba8(g, bytes, STRIDE);
    nca_grid_read_rgba(g, floats, STRIDE * sizeof(float));
    for (int i = 0; i < SIDE * STRIDE; i++) {
        int x = i % STRIDE, y = i / STRIDE;
        float rgba[4];
        if (x >= SIDE * 4) {
            uint32_t bits;
            memcpy(&bits, &floats[i], 4);
            CHECK(bytes[i] == between && bits == 0xaaaaaaaa);
            continue;
        }
        expect(color, state + (y * SIDE + x / 4) * channels, rgba);
        CHECK_MSG(fabsf(floats[i] - rgba[x % 4]) <= FLT_EPSILON, "color %d, %d: %g, %g",
                  color, i, (double)floats[i], (double)rgba[x % 4]);
        CHECK_MSG(bytes[i] == (int)(floats[i] * 255 + 0.5f), "color %d, %d: %d, %g",
                  color, i, bytes[i], (double)floats[i]);
    }
    nca_grid_free(&g);
    nca_model_free(&model);
}

/* Pixels by hand, as bytes. */
static void test_bytes(void)
{
    static const float state[4][8] = {
        {0.25f, 0.5f, 0.75f, 0.5f}, {1, 0.5f, -1, 2}, {1, 1, 1, 0}, {0, 0, 0, 0}};
    static const uint8_t expected[16] = {128, 255, 255, 128, 255, 128, 0, 255};
    NcaModel *model = rising();
    NcaGrid *g = grid_of(model, 4, 1, 1);
    uint8_t rgba[16];
    nca_grid_set_state(g, state[0]);
    nca_grid_read_rgba8(g, rgba, 16);
    CHECK(!memcmp(rgba, expected, 16));
    nca_grid_free(&g);
    nca_model_free(&model);
}

/* Where nothing lives the picture is clear, also after something did. */
static void test_untouched(void)
{
    NcaModel *model = rising();
    NcaGrid *g = grid_of(model, 70, 2, 1);
    uint8_t rgba[70 * 2 * 4], clear[70 * 2 * 4] = {0};
    noise(g, 0.5, 1);
    nca_grid_erase_rect(g, 0, 0, 70, 2);
    nca_grid_read_rgba8(g, rgba, 70 * 4);
    CHECK(!memcmp(rgba, clear, sizeof(rgba)));
    nca_grid_plant(g, 69, 1);
    nca_grid_read_rgba8(g, rgba, 70 * 4);
    CHECK(memcmp(rgba, clear, sizeof(rgba) - 4) == 0 && rgba[70 * 2 * 4 - 1] == 255);
    nca_grid_free(&g);
    nca_model_free(&model);
}

int main(void)
{
    for (NcaColor color = NCA_COLOR_PREMULTIPLIED; color <= NCA_COLOR_HALF_HALF; color++)
        try_picture(color, 8);
    try_picture(NCA_COLOR_HALF, 3);
    test_bytes();
    test_untouched();
    return test_end();
}
