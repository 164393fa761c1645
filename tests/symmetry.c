/* SPDX-License-Identifier: MIT
 *
 * What the automaton keeps, in all its families: a torus has no edge, an angle turns the
 * grown picture counter-clockwise, and what has no direction looks the same from all
 * sides; and that a grid tells of both. */
#include "grids.h"

/* Moves the picture on the torus. */
static void shift(NcaGrid *g, int dx, int dy)
{
    int w = nca_grid_width(g), h = nca_grid_height(g), n = nca_grid_channels(g);
    float *state = state_of(g), *moved = malloc(values_of(g) * sizeof(float));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            memcpy(moved + ((y + dy) % h * w + (x + dx) % w) * n, state + (y * w + x) * n,
                   (size_t)n * sizeof(float));
    nca_grid_set_state(g, moved);
    free(state);
    free(moved);
}

/* A shifted beginning ends as the shifted picture, bit for bit; where only half of the
 * cells fire it does not, as the mask stays where it is. */
static void try_torus(NcaShape shape, int steps)
{
    shape.edge = NCA_EDGE_WRAP;
    NcaModel *model = lively(shape);
    for (int turn = 0; turn < 6; turn++) {
        float rate = turn < 5 ? 1 : 0.5f;
        int w = whole(50, 140), h = whole(20, 60), dx = whole(1, w - 1),
            dy = whole(1, h - 1);
        NcaGrid *a = grid_of(model, w, h, rate), *b = grid_of(model, w, h, rate);
        for (int i = 0; i < 3; i++) {
            int x = whole(0, w - 1), y = whole(0, h - 1);
            nca_grid_plant(a, x, y);
            nca_grid_plant(b, (x + dx) % w, (y + dy) % h);
        }
        nca_grid_step(a, steps);
        nca_grid_step(b, steps);
        CHECK(nca_grid_alive(a) > 50);
        shift(a, dx, dy);
        CHECK_MSG(same(a, b) == (rate == 1), "%d×%d by %d, %d at rate %g", w, h, dx, dy,
                  (double)rate);
        nca_grid_free(&a);
        nca_grid_free(&b);
    }
    nca_model_free(&model);
}

/* b where it is not a number; gcc 12 for aarch64 falls over fmax. */
static double larger(double a, double b)
{
    return b <= a ? a : b;
}

/* How far b is from a turned counter-clockwise by quarters, in parts of the values. */
static double turned_distance(const NcaGrid *a, const NcaGrid *b, int quarters)
{
    int side = nca_grid_width(a), n = nca_grid_channels(a);
    float *s = state_of(a), *t = state_of(b);
    double worst = 0;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            int tx = x, ty = y;
            for (int q = 0; q < quarters; q++) {
                int old = tx;
                tx = ty;
                ty = side - 1 - old;
            }
            for (int c = 0; c < n; c++) {
                double v = s[(y * side + x) * n + c];
                double d = fabs(v - t[(ty * side + tx) * n + c]) / fmax(1, fabs(v));
                worst = larger(worst, d);
            }
        }
    free(s);
    free(t);
    return worst;
}

/* The sums are in another order: rounding, over 12 steps. */
#define TURN_TOLERANCE 1e-4

static void test_angle(void)
{
    NcaModel *model = lively(small_shape());
    NcaGrid *a = grid_of(model, 31, 31, 1), *b = grid_of(model, 31, 31, 1);
    for (int quarters = 0; quarters < 5; quarters++) {
        nca_grid_reset(a, 0);
        nca_grid_reset(b, 0);
        nca_grid_plant(a, 15, 15);
        nca_grid_plant(b, 15, 15);
        nca_grid_set_angle(b, (float)(90 * quarters));
        nca_grid_step(a, 12);
        nca_grid_step(b, 12);
        double right = turned_distance(a, b, quarters);
        double wrong = turned_distance(a, b, quarters + 2);
        CHECK_MSG(right < TURN_TOLERANCE, "%d°: off by %g", 90 * quarters, right);
        CHECK_MSG(wrong > 0.01, "%d°: the pattern is the same when turned",
                  90 * quarters);
    }
    nca_grid_free(&a);
    nca_grid_free(&b);
    nca_model_free(&model);
}

/* Without a direction in its perception a creature is the same from all sides. */
static void test_isotropic(void)
{
    NcaShape shape = isotropic_shape();
    shape.clamp = 0.5f;
    shape.output_bias = true;
    shape.alive_threshold = 0.2f;
    shape.band_scale[1] = 0.03f; /* else alpha swings below the threshold */
    NcaModel *model = lively(shape);
    NcaGrid *g = grid_of(model, 41, 41, 1), *b = grid_of(model, 41, 41, 1);
    nca_grid_plant(g, 20, 20);
    nca_grid_plant(b, 20, 20);
    nca_grid_set_angle(b, 77);
    nca_grid_step(g, 12);
    nca_grid_step(b, 12);
    CHECK(nca_grid_alive(g) > 50);
    CHECK_MSG(same(g, b), "%s", "an angle turned what has no direction");
    CHECK(turned_distance(g, g, 1) < TURN_TOLERANCE);
    float *state = state_of(g), most = 0;
    for (size_t i = 0; i < values_of(g); i++)
        most = fmaxf(most, fabsf(state[i]));
    CHECK_MSG(most == 0.5f, "%g", (double)most);
    free(state);
    nca_grid_free(&g);
    nca_grid_free(&b);
    nca_model_free(&model);
}

/* A texture has no dead cells: it comes out of nothing, everywhere. */
static void test_texture(void)
{
    NcaShape shape = texture_shape();
    shape.output_bias = true;
    NcaModel *model = lively(shape);
    NcaGrid *g = grid_of(model, 70, 33, -1);
    uint8_t rgba[70 * 33 * 4];
    CHECK(nca_grid_alive(g) == 0);
    nca_grid_read_rgba8(g, rgba, 70 * 4);
    CHECK(rgba[0] == 128 && rgba[3] == 255 && !memcmp(rgba, rgba + 4, sizeof(rgba) - 4));
    nca_grid_step(g, 8);
    CHECK(nca_grid_alive(g) == 70 * 33 && not_zero(g) > 70 * 32);
    nca_grid_read_rgba8(g, rgba, 70 * 4);
    CHECK(memcmp(rgba, rgba + 4, sizeof(rgba) - 4) != 0);
    nca_grid_free(&g);
    nca_model_free(&model);
    shape.channels = 3;
    model = lively(shape);
    g = grid_of(model, 70, 33, -1);
    nca_grid_plant(g, 1, 1);
    nca_grid_step(g, 3);
    CHECK(nca_grid_alive(g) == 70 * 33);
    nca_grid_free(&g);
    nca_model_free(&model);
}

static void test_toruses(void)
{
    NcaShape pre = small_shape();
    pre.alive = NCA_ALIVE_PRE;
    NcaShape texture = texture_shape();
    texture.hidden = 16;
    try_torus(small_shape(), 40);
    try_torus(pre, 40);
    try_torus(texture, 12);
}

/* Alpha rises by 0.2 where nothing is near, and falls where a cell is or was beside: so
 * the nine cells around a lone one live only by those around them, which would mature. */
static NcaModel *saved_by_ring(NcaShape shape)
{
    NcaModel *m = NULL;
    shape.hidden = 5;
    shape.edge = NCA_EDGE_WRAP;
    CHECK(nca_model_new(&m, &shape, NULL) == NCA_OK);
    float *w1 = nca_model_tensor_mut(m, NCA_W1), *w2 = nca_model_tensor_mut(m, NCA_W2);
    int inputs = shape.bands * shape.channels, x = shape.channels + 3,
        y = x + shape.channels;
    const int input[] = {3, x, x, y, y};
    const float sign[] = {1, 1, -1, 1, -1};
    for (int j = 0; j < shape.hidden; j++) {
        w1[j * inputs + input[j]] = sign[j];
        w2[3 * shape.hidden + j] = -4;
    }
    nca_model_tensor_mut(m, NCA_B2)[3] = 0.2f;
    return m;
}

/* Wherever the lone cell is on the torus, eight live on. */
static void test_seams(void)
{
    static const int widths[] = {63, 64, 65, 127, 128, 129, 192, 193, 194, 257};
    NcaModel *model = saved_by_ring(small_shape());
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        NcaGrid *g = grid_of(model, widths[i], 7, 1);
        for (int x = 0; x < widths[i]; x++) {
            float cell[8] = {0, 0, 0, 0.5f};
            nca_grid_reset(g, 0);
            nca_grid_set_part(g, cell, x, 3, 1, 1);
            nca_grid_step(g, 1);
            CHECK_MSG(nca_grid_alive(g) == 8, "%d live at %d of %d",
                      (int)nca_grid_alive(g), x, widths[i]);
        }
        nca_grid_free(&g);
    }
    nca_model_free(&model);
}

/* The model's, unless they are told; what is no number changes nothing. */
static void test_settings(void)
{
    NcaModel *model = rising();
    NcaGridParams params = nca_grid_params_default();
    const NcaShape *shape = nca_model_shape(model);
    NcaGrid *g = grid_of(model, 9, 7, -1);
    CHECK(nca_grid_angle(g) == 0 && nca_grid_edge(g) == shape->edge &&
          nca_grid_fire_rate(g) == shape->fire_rate);
    nca_grid_set_angle(g, 30);
    nca_grid_set_fire_rate(g, 0.25f);
    nca_grid_set_angle(g, NAN);
    nca_grid_set_fire_rate(g, NAN);
    CHECK(nca_grid_angle(g) == 30 && nca_grid_fire_rate(g) == 0.25f);
    nca_grid_set_fire_rate(g, 3);
    CHECK(nca_grid_fire_rate(g) == 1);
    nca_grid_set_fire_rate(g, -1);
    CHECK(nca_grid_fire_rate(g) == shape->fire_rate);
    nca_grid_free(&g);
    params.angle = -45;
    params.fire_rate = 0.75f;
    params.edge = NCA_EDGE_WRAP;
    CHECK(nca_grid_new(&g, model, &params, NULL) == NCA_OK);
    CHECK(nca_grid_angle(g) == -45 && nca_grid_fire_rate(g) == 0.75f &&
          nca_grid_edge(g) == NCA_EDGE_WRAP);
    nca_grid_free(&g);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    test_toruses();
    test_seams();
    test_angle();
    test_isotropic();
    test_texture();
    test_settings();
    return test_end();
}
