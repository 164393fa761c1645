/* SPDX-License-Identifier: MIT
 *
 * A view: what it draws beside the same in floating point, sample by sample, for images
 * of every layout; what it leaves alone; the same bits for any number of threads;
 * wounds. */
#include "nca_view.h"

#include "grids.h"

enum { BYTES = 1 << 16, GUARD_BYTES = 64 };

typedef struct Layout {
    const char *name;
    bool yuv, alpha;
    int step;      /* of packed samples; 0: planes */
    int offset[4]; /* of R, G, B, A in a packed pixel */
} Layout;

static const Layout layouts[] = {
    {"rgba", false, true, 4, {0, 1, 2, 3}},   {"argb", false, true, 4, {1, 2, 3, 0}},
    {"bgra", false, true, 4, {2, 1, 0, 3}},   {"rgb24", false, false, 3, {0, 1, 2, 0}},
    {"0bgr", false, false, 4, {3, 2, 1, 0}},  {"gbrp", false, false, 0, {2, 0, 1, 3}},
    {"gbrap", false, true, 0, {2, 0, 1, 3}},  {"yuv420p", true, false, 0, {0, 1, 2, 3}},
    {"yuva420p", true, true, 0, {0, 1, 2, 3}}};
enum { LAYOUTS = sizeof(layouts) / sizeof(layouts[0]) };

/* An image in the middle of guards. */
typedef struct Image {
    uint8_t memory[BYTES];
    NcaPlane plane[4];
} Image;

static int samples(const NcaViewParams *p, const Layout *l, int c, bool x)
{
    int shift = l->yuv && (c == 1 || c == 2) ? (x ? p->shift_x : p->shift_y) : 0;
    return ((x ? p->width : p->height) + (1 << shift) - 1) >> shift;
}

/* Rows run upwards where `flip`: strides may be negative. */
static void lay(Image *image, const NcaViewParams *p, const Layout *l, bool flip)
{
    size_t at = GUARD_BYTES;
    for (size_t i = 0; i < BYTES; i++)
        image->memory[i] = (uint8_t)whole(0, 255);
    for (int order = 0; order < 4; order++)
        for (int c = 0; c < 4; c++) {
            if (l->offset[c] != order || (c == 3 && !l->alpha))
                continue;
            int rows = samples(p, l, c, false);
            int step = l->step ? l->step : 1;
            ptrdiff_t stride = samples(p, l, c, true) * step + 5;
            uint8_t *first = image->memory + at + (l->step ? order : 0);
            image->plane[c] = flip
                                  ? (NcaPlane){first + (rows - 1) * stride, -stride, step}
                                  : (NcaPlane){first, stride, step};
            at += l->step ? 0 : (size_t)(rows * stride) + GUARD_BYTES;
        }
    if (!l->alpha)
        image->plane[3] = (NcaPlane){NULL, 0, 0};
    CHECK(at < BYTES);
}

static uint8_t *sample(const Image *image, int c, int x, int y)
{
    return image->plane[c].data + y * image->plane[c].stride + x * image->plane[c].step;
}

/* --------------------------------------------------------------- reference */

typedef struct Scene {
    NcaGrid *grid;
    float *rgba;
    NcaEdge edge;
    NcaViewParams p;
    const Layout *layout;
    NcaBlend blend;
    double opacity;
} Scene;

static int frame_of(int at, int length, NcaEdge edge)
{
    if (edge == NCA_EDGE_WRAP)
        return (at + length) % length;
    return at < 0 ? 0 : at >= length ? length - 1 : at;
}

/* Straight colours of a cell as codes of 0 … 255, and alpha 0 … 1. */
static void codes_of(const Scene *s, const float *rgba, double *code)
{
    const NcaViewParams *p = &s->p;
    double y = p->kr * rgba[0] + (1 - p->kr - p->kb) * rgba[1] + p->kb * rgba[2];
    for (int c = 0; c < 3; c++)
        code[c] = rgba[c] * 255.0;
    if (p->yuv) {
        code[0] = p->full_range ? 255 * y : 16 + 219 * y;
        code[1] = 128 + (p->full_range ? 255 : 224) * (rgba[2] - y) / (2 - 2 * p->kb);
        code[2] = 128 + (p->full_range ? 255 : 224) * (rgba[0] - y) / (2 - 2 * p->kr);
    }
    for (int c = 0; c < 3; c++)
        code[c] = fmin(code[c], 255);
    code[3] = rgba[3] * s->opacity;
}

/* Premultiplied component c and alpha at a place on the image. */
static void paint_at(const Scene *s, double px, double py, int c, double *value,
                     double *alpha)
{
    int w = nca_grid_width(s->grid), h = nca_grid_height(s->grid);
    double x = (px - s->p.x) / s->p.scale, y = (py - s->p.y) / s->p.scale;
    *value = *alpha = 0;
    if (x < 0 || y < 0 || x >= w || y >= h)
        return;
    bool nearest = s->p.interp == NCA_INTERP_NEAREST;
    double left = nearest ? floor(x) : floor(x - 0.5), fx = nearest ? 0 : x - 0.5 - left;
    double top = nearest ? floor(y) : floor(y - 0.5), fy = nearest ? 0 : y - 0.5 - top;
    for (int i = 0; i < 4; i++) {
        int cx = frame_of((int)left + i % 2, w, s->edge);
        int cy = frame_of((int)top + i / 2, h, s->edge);
        double code[4], weight = (i % 2 ? fx : 1 - fx) * (i / 2 ? fy : 1 - fy);
        codes_of(s, s->rgba + ((size_t)cy * w + cx) * 4, code);
        *value += weight * code[c] * code[3];
        *alpha += weight * code[3];
    }
}

static double centre(const Scene *s, int c, int i, bool x)
{
    bool chroma = s->layout->yuv && (c == 1 || c == 2);
    if (!chroma)
        return i + 0.5;
    return x ? (i << s->p.shift_x) + s->p.site_x : (i << s->p.shift_y) + s->p.site_y;
}

static double alpha_of(const Scene *s, const Image *before, int x, int y, bool chroma)
{
    int sx = chroma ? s->p.shift_x : 0, sy = chroma ? s->p.shift_y : 0, count = 0;
    double sum = 0;
    if (s->blend != NCA_BLEND_OVER)
        return s->blend == NCA_BLEND_ALPHA && s->layout->alpha ? 0 : 1;
    if (!s->layout->alpha)
        return 1;
    for (int py = y << sy; py < (y + 1) << sy && py < s->p.height; py++)
        for (int px = x << sx; px < (x + 1) << sx && px < s->p.width; px++, count++)
            sum += *sample(before, 3, px, py);
    return round(sum / count) / 255;
}

/* What sample (x, y) of component c becomes; *worth: how far it may be from that. */
static double expected(const Scene *s, const Image *before, int c, int x, int y,
                       double *worth)
{
    bool chroma = s->layout->yuv && (c == 1 || c == 2);
    double px = centre(s, c, x, true), py = centre(s, c, y, false);
    double value, alpha, below = *sample(before, c, x, y);
    double old = alpha_of(s, before, x, y, chroma);
    paint_at(s, px, py, c == 3 ? 0 : c, &value, &alpha);
    if (s->blend != NCA_BLEND_OVER)
        below = chroma ? 128 : s->layout->yuv && !s->p.full_range ? 16 : 0;
    double kept = old * (1 - alpha), all = alpha + kept;
    *worth = s->p.interp == NCA_INTERP_BILINEAR ? 1.51 : 0.51;
    if (c == 3)
        return 255 * all;
    if (all < 1e-9)
        return below;
    /* Paint has 7 bits below a code; weights have 8 bits, in x and in y. */
    *worth = 0.51 + (s->p.interp == NCA_INTERP_BILINEAR ? 1.01 : 0.01) / all;
    return (value + below * kept) / all;
}

/* -------------------------------------------------------------------- tests */

static void read_cells(Scene *s)
{
    nca_grid_read_rgba(s->grid, s->rgba,
                       (size_t)nca_grid_width(s->grid) * 4 * sizeof(float));
}

static Scene random_scene(const NcaModel *model, const Layout *layout)
{
    Scene s = {.layout = layout, .p = nca_view_params_default()};
    NcaGridParams g = nca_grid_params_default();
    g.width = whole(1, 9);
    g.height = whole(1, 9);
    s.edge = g.edge = whole(0, 1);
    CHECK(nca_grid_new(&s.grid, model, &g, NULL) == NCA_OK);
    if (whole(0, 7)) /* else it is as it was made */
        noise(s.grid, -0.5, 1.5);
    nca_grid_erase_circle(s.grid, uniform(0, 9), uniform(0, 9), uniform(0, 5));
    s.rgba = malloc((size_t)g.width * g.height * 4 * sizeof(float));
    read_cells(&s);
    s.p.width = whole(1, 40);
    s.p.height = whole(1, 40);
    s.p.scale = whole(0, 2) ? whole(1, 8) : uniform(0.3, 9);
    s.p.x = whole(0, 1) ? whole(-8, 20) : uniform(-20, 20);
    s.p.y = whole(0, 1) ? whole(-8, 20) : uniform(-20, 20);
    s.p.interp = whole(0, 1);
    s.p.yuv = layout->yuv;
    s.p.shift_x = layout->yuv;
    s.p.shift_y = layout->yuv;
    s.p.site_x = whole(0, 1) ? 0.5 : 1;
    s.p.site_y = whole(0, 1) ? 0.5 : 1;
    s.p.full_range = whole(0, 1);
    s.p.kr = whole(0, 1) ? 0.299 : 0.2126;
    s.p.kb = whole(0, 1) ? 0.114 : 0.0722;
    s.blend = whole(0, 2);
    s.opacity = whole(0, 1) ? 1 : uniform(0, 1);
    return s;
}

static void end_scene(Scene *s)
{
    nca_grid_free(&s->grid);
    free(s->rgba);
}

/* Some images are opaque, and some are clear in places. */
static void set_alpha(const Scene *s, const Image *image)
{
    int kind = whole(0, 2);
    for (int y = 0; s->layout->alpha && y < s->p.height; y++)
        for (int x = 0; x < s->p.width; x++)
            if (kind == 0 || (kind == 1 && whole(0, 1)))
                *sample(image, 3, x, y) = kind ? 0 : 255;
}

/* A centre that nearly lies on the edge of a cell may fall on either side. */
static bool is_close(double at, double origin, double scale)
{
    double cells = (at - origin) / scale;
    return fabs(cells - round(cells)) < 1e-9 && cells != round(cells);
}

static void compare_sample(const Scene *s, const Image *before, const Image *after, int c,
                           int x, int y)
{
    double worth, value = expected(s, before, c, x, y, &worth);
    int got = *sample(after, c, x, y);
    if (is_close(centre(s, c, x, true), s->p.x, s->p.scale) ||
        is_close(centre(s, c, y, false), s->p.y, s->p.scale))
        return;
    CHECK_MSG(fabs(got - value) <= worth,
              "%s, blend %d, %d of %d, %d: %d, expected %g ± %g", s->layout->name,
              s->blend, c, x, y, got, value, worth);
}

static void compare(const Scene *s, const Image *before, const Image *after,
                    uint8_t *touched)
{
    for (int c = 0; c < 3 + s->layout->alpha; c++)
        for (int y = 0; y < samples(&s->p, s->layout, c, false); y++)
            for (int x = 0; x < samples(&s->p, s->layout, c, true); x++) {
                touched[sample(after, c, x, y) - after->memory] = 1;
                compare_sample(s, before, after, c, x, y);
            }
}

static void copy_image(Image *to, const Image *from)
{
    memcpy(to->memory, from->memory, sizeof(to->memory));
    for (int c = 0; c < 4; c++) {
        to->plane[c] = from->plane[c];
        if (from->plane[c].data)
            to->plane[c].data = to->memory + (from->plane[c].data - from->memory);
    }
}

/* A second drawing finds nothing of a first one that showed more. */
static void try_drawing(const NcaModel *model, const Layout *layout)
{
    static Image before, after;
    static uint8_t touched[BYTES];
    Scene s = random_scene(model, layout);
    NcaView *view = NULL;
    CHECK(nca_view_new(&view, nca_grid_width(s.grid), nca_grid_height(s.grid), &s.p,
                       NULL) == NCA_OK);
    lay(&before, &s.p, layout, whole(0, 1));
    set_alpha(&s, &before);
    memset(touched, 0, sizeof(touched));
    copy_image(&after, &before);
    nca_view_draw(view, s.grid, after.plane, s.blend, s.opacity);
    copy_image(&after, &before);
    nca_grid_erase_circle(s.grid, uniform(0, 9), uniform(0, 9), uniform(0, 5));
    read_cells(&s);
    nca_view_draw(view, s.grid, after.plane, s.blend, s.opacity);
    compare(&s, &before, &after, touched);
    for (int i = 0; i < BYTES; i++)
        CHECK_MSG(touched[i] || before.memory[i] == after.memory[i],
                  "%s: byte %d is not the image's", layout->name, i);
    nca_view_free(&view);
    end_scene(&s);
}

/* Draws on the memory of a large image, and wounds; how many cells live then. */
static int64_t draw_large(const NcaModel *model, uint8_t *memory, NcaPool *pool)
{
    enum { WIDTH = 1101, HEIGHT = 1003, HALF = 551, LUMA = WIDTH * HEIGHT };
    const NcaPlane image[4] = {{memory, WIDTH, 1},
                               {memory + LUMA, HALF, 1},
                               {memory + LUMA + HALF * 502, HALF, 1},
                               {memory + LUMA + HALF * 502 * 2, WIDTH, 1}};
    NcaGrid *grid = grid_of(model, 800, 700, 1);
    NcaViewParams p = nca_view_params_default();
    NcaView *view = NULL;
    p.width = WIDTH;
    p.height = HEIGHT;
    p.scale = 1.4;
    p.yuv = true;
    p.shift_x = p.shift_y = 1;
    p.parallel = pool ? nca_pool_run : NULL;
    p.host = pool;
    p.threads = pool ? nca_pool_threads(pool) : 1;
    CHECK(nca_view_new(&view, 800, 700, &p, NULL) == NCA_OK);
    for (int i = 0; i < 300; i++)
        nca_grid_plant(grid, i * 37 % 800, i * 101 % 700);
    nca_grid_step(grid, 3);
    nca_view_wound(view, grid, image, NCA_WOUND_DARK, 0.5);
    nca_view_draw(view, grid, image, NCA_BLEND_OVER, 0.7);
    int64_t alive = nca_grid_alive(grid);
    nca_view_free(&view);
    nca_grid_free(&grid);
    return alive;
}

/* The same image and the same wounds from several threads. */
static void test_threads(const NcaModel *model)
{
    enum { SIZE = 1101 * 1003 * 2 + 551 * 502 * 2 };
    uint8_t *one = malloc(SIZE), *three = malloc(SIZE);
    NcaPool *pool = NULL;
    CHECK(nca_pool_new(&pool, 3, NULL) == NCA_OK);
    for (int round = 0; round < 4; round++) { /* a race may be won */
        for (int i = 0; i < SIZE; i++)
            one[i] = three[i] = (uint8_t)(i * 7 + i / 1101 * 13 + round);
        CHECK(draw_large(model, one, NULL) == draw_large(model, three, pool));
        CHECK(!memcmp(one, three, SIZE));
    }
    nca_pool_free(&pool);
    free(one);
    free(three);
}

/* What has gone is not mixed in again. */
static void test_stale(void)
{
    enum { CELLS = 200, SCALE = 2 };
    NcaModel *model = rising();
    NcaGrid *grid = grid_of(model, CELLS, 2, 0);
    NcaViewParams p = nca_view_params_default();
    NcaView *view = NULL;
    uint8_t memory[4][2 * SCALE][CELLS * SCALE] = {{{0}}};
    NcaPlane image[4];
    p.width = CELLS * SCALE;
    p.height = 2 * SCALE;
    p.scale = SCALE;
    for (int c = 0; c < 4; c++)
        image[c] = (NcaPlane){memory[c][0], CELLS * SCALE, 1};
    CHECK(nca_view_new(&view, CELLS, 2, &p, NULL) == NCA_OK);
    for (int i = 0; i < 6; i++)
        nca_grid_plant(grid, 188 + i / 2, i % 2);
    nca_view_draw(view, grid, image, NCA_BLEND_ALPHA, 1);
    CHECK(memory[3][1][189 * SCALE] == 255);
    nca_grid_reset(grid, 0);
    for (int i = 0; i < 3; i++)
        nca_grid_plant(grid, 188 + i, 1);
    nca_view_draw(view, grid, image, NCA_BLEND_ALPHA, 1);
    CHECK(memory[3][0][189 * SCALE] == 0);
    CHECK_MSG(memory[3][1][189 * SCALE] == 64, "%d", memory[3][1][189 * SCALE]);
    nca_view_free(&view);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

/* What is refused, and that a view which refuses stays as it was. */
static void test_refused(void)
{
    NcaModel *model = rising();
    NcaGrid *grid = grid_of(model, 4, 4, 0);
    NcaViewParams p = nca_view_params_default();
    NcaView *view = NULL;
    uint8_t pixels[2][4][4] = {{{0}}};
    NcaPlane image[4] = {
        {pixels[0][0], 4, 1}, {pixels[0][0], 4, 1}, {pixels[0][0], 4, 1}};
    p.width = p.height = 4;
    nca_grid_plant(grid, 2, 1);
    CHECK(nca_view_new(&view, 4, 4, &p, NULL) == NCA_OK);
    memset(pixels, 200, sizeof(pixels));
    nca_view_draw(view, grid, image, NCA_BLEND_OVER, 1);
    p.width = 70000;
    CHECK(nca_view_set(view, &p, NULL) == NCA_ERR_ARGUMENT);
    image[0].data = image[1].data = image[2].data = pixels[1][0];
    nca_view_draw(view, grid, image, NCA_BLEND_OVER, 1);
    CHECK(pixels[0][1][2] == 0 && !memcmp(pixels[0], pixels[1], sizeof(pixels[0])));
    nca_view_free(&view);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

static void test_params(void)
{
    static const struct {
        double scale, x;
        int width, threads;
        const char *text;
    } bad[] = {{0, 0, 8, 1, "0 pixels to a cell, 0.0001 … 100000 is possible"},
               {NAN, 0, 8, 1, "nan pixels to a cell, 0.0001 … 100000 is possible"},
               {1, NAN, 8, 1, "the grid lies too far off the image"},
               {1, 2e6, 8, 1, "the grid lies too far off the image"},
               {1, 0, 0, 1, "an image of 0×8 pixels, 1 … 65536 is possible"},
               {1, 0, 65537, 1, "an image of 65537×8 pixels, 1 … 65536 is possible"},
               {1, 0, 8, 257, "more than 256 threads"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        NcaViewParams p = nca_view_params_default();
        NcaView *view = NULL;
        NcaError error;
        p.height = 8;
        p.width = bad[i].width;
        p.scale = bad[i].scale;
        p.x = bad[i].x;
        p.threads = bad[i].threads;
        CHECK(nca_view_new(&view, 4, 4, &p, &error) == NCA_ERR_ARGUMENT && !view);
        CHECK_MSG(!strcmp(error.text, bad[i].text), "%s", error.text);
    }
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    NcaModel *model = rising(), *texture = NULL;
    NcaShape shape = texture_shape();
    CHECK(nca_model_new(&texture, &shape, NULL) == NCA_OK);
    for (int i = 0; i < 200; i++)
        for (int l = 0; l < LAYOUTS; l++)
            try_drawing(i % 8 ? model : texture, &layouts[l]);
    test_threads(model);
    nca_model_free(&model);
    nca_model_free(&texture);
    test_stale();
    test_refused();
    test_params();
    return test_end();
}
