/* SPDX-License-Identifier: MIT
 *
 * Wounds by an image: which cells die beside the mean of each cell's pixels, summed one
 * by one; motion from image to image, and what makes it forget. */
#include "grids.h"
#include "nca_view.h"

enum { SIDE_MOST = 40, CELLS_MOST = 9 };

typedef struct Scene {
    NcaGrid *grid;
    NcaView *view;
    NcaViewParams p;
    int width, height; /* cells */
    uint8_t memory[SIDE_MOST * SIDE_MOST * 4];
    NcaPlane image[4];
} Scene;

/* Packed samples run upwards. */
static void lay(Scene *s, bool packed)
{
    uint8_t *last = s->memory + (SIDE_MOST - 1) * SIDE_MOST * 4;
    for (int c = 0; c < 4; c++)
        s->image[c] =
            packed ? (NcaPlane){last + 3 - c, -SIDE_MOST * 4, 4}
                   : (NcaPlane){s->memory + c * SIDE_MOST * SIDE_MOST, SIDE_MOST, 1};
}

static void fill(Scene *s)
{
    for (size_t i = 0; i < sizeof(s->memory); i++)
        s->memory[i] = (uint8_t)whole(0, 255);
}

static double pixel(const Scene *s, NcaWound wound, int x, int y)
{
    double v[4];
    for (int c = 0; c < 4; c++)
        v[c] =
            s->image[c].data
                ? s->image[c].data[y * s->image[c].stride + x * s->image[c].step] / 255.0
                : 1;
    if (wound == NCA_WOUND_ALPHA)
        return v[3];
    if (s->p.yuv)
        return s->p.full_range ? v[0] : (v[0] * 255 - 16) / 219;
    return s->p.kr * v[0] + (1 - s->p.kr - s->p.kb) * v[1] + s->p.kb * v[2];
}

/* The mean under a cell, -1 where the image does not reach. */
static double mean(const Scene *s, NcaWound wound, int cx, int cy)
{
    double sum = 0;
    int count = 0;
    for (int y = 0; y < s->p.height; y++)
        for (int x = 0; x < s->p.width; x++) {
            double at_x = (x + 0.5 - s->p.x) / s->p.scale;
            double at_y = (y + 0.5 - s->p.y) / s->p.scale;
            if (floor(at_x) == cx && floor(at_y) == cy) {
                sum += pixel(s, wound, x, y);
                count++;
            }
        }
    return count ? fmin(fmax(sum / count, 0), 1) : -1;
}

static Scene *random_scene(const NcaModel *model)
{
    Scene *s = calloc(1, sizeof(*s));
    s->width = whole(1, CELLS_MOST);
    s->height = whole(1, CELLS_MOST);
    s->grid = grid_of(model, s->width, s->height, 1);
    s->p = nca_view_params_default();
    s->p.width = whole(1, SIDE_MOST);
    s->p.height = whole(1, SIDE_MOST);
    s->p.scale = uniform(1, 9);
    s->p.x = uniform(-20, 20);
    s->p.y = uniform(-20, 20);
    s->p.yuv = whole(0, 1);
    s->p.full_range = whole(0, 1);
    lay(s, whole(0, 1));
    fill(s);
    CHECK(nca_view_new(&s->view, s->width, s->height, &s->p, NULL) == NCA_OK);
    return s;
}

static void end_scene(Scene *s)
{
    nca_view_free(&s->view);
    nca_grid_free(&s->grid);
    free(s);
}

static void plant_all(Scene *s)
{
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++)
            nca_grid_plant(s->grid, x, y);
}

static bool lives(const Scene *s, int x, int y)
{
    float *state = state_of(s->grid);
    bool alive = state[((size_t)y * s->width + x) * nca_grid_channels(s->grid) + 3] > 0;
    free(state);
    return alive;
}

static void try_still(const NcaModel *model, NcaWound wound)
{
    static const double usual[] = {
        [NCA_WOUND_DARK] = 0.2, [NCA_WOUND_BRIGHT] = 0.8, [NCA_WOUND_ALPHA] = 0.5};
    Scene *s = random_scene(model);
    double threshold = whole(0, 3) ? uniform(0.3, 0.7) : usual[wound];
    plant_all(s);
    nca_view_wound(s->view, s->grid, s->image, wound,
                   threshold == usual[wound] ? -1 : threshold);
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            double value = mean(s, wound, x, y);
            bool dies = value >= 0 && wound != NCA_WOUND_NONE &&
                        (wound == NCA_WOUND_DARK ? value < threshold : value > threshold);
            CHECK_MSG(fabs(value - threshold) < 1e-9 || lives(s, x, y) != dies,
                      "wound %d at %d, %d: %g of %g", wound, x, y, value, threshold);
        }
    end_scene(s);
}

static void try_motion(const NcaModel *model)
{
    Scene *s = random_scene(model);
    double before[CELLS_MOST * CELLS_MOST];
    plant_all(s);
    nca_view_wound(s->view, s->grid, s->image, NCA_WOUND_MOTION, 0);
    CHECK(nca_grid_alive(s->grid) == s->width * s->height);
    for (int i = 0; i < s->width * s->height; i++)
        before[i] = mean(s, NCA_WOUND_MOTION, i % s->width, i / s->width);
    fill(s);
    double threshold = whole(0, 1) ? 0.05 : 0.1;
    nca_view_wound(s->view, s->grid, s->image, NCA_WOUND_MOTION,
                   threshold == 0.1 ? -1 : threshold);
    for (int i = 0; i < s->width * s->height; i++) {
        double now = mean(s, NCA_WOUND_MOTION, i % s->width, i / s->width);
        double change = fabs(now - before[i]);
        CHECK_MSG(fabs(change - threshold) < 1e-6 ||
                      lives(s, i % s->width, i / s->width) == (change < threshold),
                  "motion at %d: %g", i, change);
    }
    /* Other colours and threads do not move the cells, another place does. */
    s->p.kr = 0.2126;
    CHECK(nca_view_set(s->view, &s->p, NULL) == NCA_OK);
    bool seen = mean(s, NCA_WOUND_MOTION, 0, 0) > 1e-6; /* darkness does not move */
    plant_all(s);
    memset(s->memory, 0, sizeof(s->memory));
    nca_view_wound(s->view, s->grid, s->image, NCA_WOUND_MOTION, 0);
    CHECK(!seen || !lives(s, 0, 0));
    plant_all(s);
    s->p.x += 1;
    CHECK(nca_view_set(s->view, &s->p, NULL) == NCA_OK);
    fill(s);
    nca_view_wound(s->view, s->grid, s->image, NCA_WOUND_MOTION, 0);
    CHECK(nca_grid_alive(s->grid) == s->width * s->height);
    end_scene(s);
}

/* Cells smaller than a pixel look at the one that they lie in. */
static void test_small_cells(void)
{
    NcaModel *model = rising();
    Scene *s = random_scene(model);
    NcaGrid *grid = grid_of(model, 8, 1, 1);
    NcaView *view = NULL;
    NcaViewParams p = nca_view_params_default();
    lay(s, false);
    p.width = 2;
    p.scale = 0.25;
    s->image[0].data[0] = s->image[1].data[0] = s->image[2].data[0] = 0;
    s->image[0].data[1] = s->image[1].data[1] = s->image[2].data[1] = 255;
    CHECK(nca_view_new(&view, 8, 1, &p, NULL) == NCA_OK);
    for (int x = 0; x < 8; x++)
        nca_grid_plant(grid, x, 0);
    nca_view_wound(view, grid, s->image, NCA_WOUND_DARK, 0.5);
    CHECK(nca_grid_alive(grid) == 4);
    nca_grid_erase_rect(grid, 4, 0, 4, 1);
    CHECK(nca_grid_alive(grid) == 0);
    nca_view_free(&view);
    nca_grid_free(&grid);
    end_scene(s);
    nca_model_free(&model);
}

/* An image without alpha is opaque. */
static void test_opaque(const NcaModel *model)
{
    Scene *s = random_scene(model);
    s->image[3] = (NcaPlane){NULL, 0, 0};
    s->p.x = s->p.y = 0;
    s->p.scale = 1;
    CHECK(nca_view_set(s->view, &s->p, NULL) == NCA_OK);
    plant_all(s);
    nca_view_wound(s->view, s->grid, s->image, NCA_WOUND_ALPHA, 0.99);
    CHECK(!lives(s, 0, 0));
    end_scene(s);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    NcaModel *model = rising();
    for (int i = 0; i < 200; i++) {
        for (NcaWound wound = NCA_WOUND_NONE; wound <= NCA_WOUND_ALPHA; wound++)
            if (wound != NCA_WOUND_MOTION)
                try_still(model, wound);
        try_motion(model);
    }
    test_small_cells();
    test_opaque(model);
    nca_model_free(&model);
    return test_end();
}
