/* SPDX-License-Identifier: MIT
 *
 * What Grow and Regenerate leave in an image of a host in memory: which layers, where,
 * and with which cells; and which changes of a layer are wounds.  Usage: gimp_film
 * LIZARD.bin */
#include "gimp_calls.h"

#include "nca_view.h"

/* ------------------------------------------------------------------- layers */

static guint8 *pixels_of(gint32 layer, gsize *size)
{
    gint width, height;
    host_size(layer, &width, &height);
    *size = 4 * (gsize)width * (gsize)height;
    guint8 *rgba = g_malloc(*size);
    GeglBuffer *buffer = host_buffer(layer);
    gegl_buffer_get(buffer, NULL, 1, babl_format("R'G'B'A u8"), rgba, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    g_object_unref(buffer);
    return rgba;
}

static gboolean same_pixels(gint32 a, gint32 b)
{
    gsize size, other;
    guint8 *one = pixels_of(a, &size), *two = pixels_of(b, &other);
    gboolean same = size == other && !memcmp(one, two, size);
    g_free(one);
    g_free(two);
    return same;
}

static void copy_pixels(gint32 from, gint32 to)
{
    GeglBuffer *one = host_buffer(from), *other = host_buffer(to);
    gegl_buffer_copy(one, NULL, GEGL_ABYSS_NONE, other, NULL);
    g_object_unref(one);
    g_object_unref(other);
}

/* A layer that is grown with one more option; NULL: with none. */
static gint32 grown_with(const char *name, const char *value)
{
    const char *set[] = {"model", lizard,   "steps", "40",     "scale",
                         "2.5",   "output", "2",     "events", "0 plant 3 36",
                         name,    value,    NULL};
    gint32 layer = fake_layer("picture", 96, 96);
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, set), NULL));
    return fake_newest(host_image_of(layer));
}

static void test_options(void)
{
    static const char *const sets[][2] = {{"angle", "45"}, {"fire-rate", "0.9"},
                                          {"seed", "5"},   {"edge", "2"},
                                          {"interp", "0"}, {"steps", "41"},
                                          {"scale", "2"},  {"events", "0 plant 4 36"}};
    gint32 plain = grown_with(NULL, NULL);
    CHECK(same_pixels(plain, grown_with(NULL, NULL)));
    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++)
        CHECK_MSG(!same_pixels(plain, grown_with(sets[i][0], sets[i][1])), "%s",
                  sets[i][0]);
}

/* Frames lie around the layer's centre, each on the one before. */
static void test_frames(void)
{
    const char *set[] = {"model",  lizard, "steps", "40", "every", "20",
                         "output", "1",    "scale", "2",  NULL};
    gint32 layer = fake_layer("picture", 300, 260), below = layer;
    fake_move(layer, 40, 30);
    Call call = run(&procedure_grow, MODE_SCRIPT, layer, set);
    CHECK(call.new_image == host_image_of(layer) && fake_layers(call.new_image) == 4);
    for (gint32 frame = layer + 1; frame <= layer + 3; frame++) {
        Creature *c = creature_of(frame);
        gint x, y, width, height;
        host_size(frame, &width, &height);
        host_offsets(frame, &x, &y);
        CHECK(x == 40 + (300 - width) / 2 && y == 30 + (260 - height) / 2);
        CHECK(fake_above(frame) == below);
        CHECK(c && c->state && c->place.width == width && c->place.scale == 2);
        CHECK(frame == layer + 1 || !same_pixels(frame, frame - 1));
        creature_free(c);
        below = frame;
    }
    CHECK(says(call, NULL));
}

/* Frames of a still creature that says it was trained on so many cells a side; the last
 * one.  1536² × 16 floats are a seventh of what all may keep, 1025² × 64 are more than
 * one may; 131 648 weights are a 2000th, but for 2 %, and 8² × 64 floats another 3 %. */
static gint32 grow_large(gint channels, gint hidden, const char *side, const char *steps)
{
    NcaShape shape = nca_shape_default();
    NcaModel *model = NULL;
    const char *path = path_of("large.bin");
    const char *set[] = {"model", path,     "steps", steps, "every",
                         "1",     "output", "1",     NULL};
    gint32 layer = fake_layer("picture", 96, 96);
    shape.channels = channels;
    shape.hidden = hidden;
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    CHECK(nca_model_set_meta(model, "width", side) == NCA_OK);
    CHECK(nca_model_set_meta(model, "height", side) == NCA_OK);
    CHECK(nca_model_save(model, path, NCA_FORMAT_SAFETENSORS, NULL) == NCA_OK);
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, set), NULL));
    nca_model_free(&model);
    return fake_newest(host_image_of(layer));
}

static gboolean can_be_healed(gint32 layer)
{
    Creature *c = creature_of(layer);
    gboolean can = c && c->state;
    creature_free(c);
    return can;
}

static void test_large(void)
{
    const char *none[] = {NULL};
    gint32 last = grow_large(16, 1, "1536", "6");
    CHECK(can_be_healed(last) && can_be_healed(last - 6));
    last = grow_large(16, 1, "1536", "7");
    CHECK(can_be_healed(last) && !can_be_healed(last - 1) && !can_be_healed(last - 7));
    CHECK(
        says(run(&procedure_regenerate, MODE_SCRIPT, last - 1, none), "the last frame"));
    CHECK(!can_be_healed(grow_large(64, 1, "1025", "0")));
    last = grow_large(64, 512, "8", "1999");
    CHECK(can_be_healed(last) && !can_be_healed(last - 1));
}

/* In an image of its own they begin at its corner. */
static void test_image(void)
{
    const char *set[] = {"model", lizard, "steps", "4", "output", "0", NULL};
    gint32 layer = fake_layer("picture", 90, 80);
    fake_move(layer, 40, 30);
    for (Mode mode = MODE_SCRIPT; mode <= MODE_REPEAT; mode++) {
        gint x, y, width, height;
        Call call = run(&procedure_grow, mode, layer, set);
        host_offsets(fake_newest(call.new_image), &x, &y);
        host_size(fake_newest(call.new_image), &width, &height);
        CHECK(call.new_image != call.image && x == 0 && y == 0);
        CHECK(width == 90 && height == 80);
        CHECK(fake_is_shown(call.new_image) == (mode != MODE_SCRIPT));
        CHECK(says(call, NULL));
    }
}

/* Without a layer: of half a thousand pixels, about. */
static void test_alone(void)
{
    const char *set[] = {"model", lizard, "steps", "0", NULL};
    gint width, height;
    Call call = run(&procedure_grow, MODE_SCRIPT, -1, set);
    host_size(fake_newest(call.new_image), &width, &height);
    CHECK(MAX(width, height) > 256 && MAX(width, height) <= 512);
    CHECK(says(call, NULL));
}

/* As large as the layer, whatever its shape: the picture fills it, without its padding,
 * and is in its middle.  Drawn once more, it is the same. */
static void test_fill(void)
{
    static const gint sizes[][2] = {{150, 80}, {80, 150}};
    const char *set[] = {"model", lizard, "steps", "60", "output", "2", NULL};
    const char *none[] = {"steps", "0", NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        gint32 layer = fake_layer("picture", sizes[i][0], sizes[i][1]);
        CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, set), NULL));
        gint32 grown = fake_newest(host_image_of(layer));
        Creature *c = creature_of(grown);
        const Place *p = &c->place;
        gint padding = 16, columns = c->columns - 2 * padding,
             rows = c->rows - 2 * padding;
        double wide = columns * p->scale, high = rows * p->scale;
        CHECK(fabs(wide - sizes[i][0]) < 0.01 || fabs(high - sizes[i][1]) < 0.01);
        CHECK(wide < sizes[i][0] + 0.01 && high < sizes[i][1] + 0.01);
        CHECK(fabs(p->x + c->columns * p->scale / 2 - sizes[i][0] / 2.0) < 0.01);
        CHECK(fabs(p->y + c->rows * p->scale / 2 - sizes[i][1] / 2.0) < 0.01);
        copy_pixels(grown, layer);
        CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, grown, none), NULL));
        CHECK(same_pixels(grown, layer));
        creature_free(c);
    }
}

/* The layer's own creature grows where it is. */
static void test_own_place(void)
{
    const char *set[] = {"steps", "2", "output", "2", NULL};
    gint32 layer = grown_with(NULL, NULL), image = host_image_of(layer);
    Creature *own = creature_of(layer);
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, set), NULL));
    Creature *next = creature_of(fake_newest(image));
    gchar *name = host_name(fake_newest(image));
    CHECK(fake_newest(image) != layer && fake_above(fake_newest(image)) == layer);
    CHECK(!strcmp(name, nca_model_meta(own->model, "name")));
    CHECK(next->place.scale == own->place.scale && next->place.x == own->place.x &&
          next->place.y == own->place.y && next->place.width == own->place.width);
    g_free(name);
    creature_free(own);
    creature_free(next);
}

/* --------------------------------------------------------------- regenerate */

/* Drawn cells and their picture belong together, before and after. */
static void test_further(void)
{
    const char *further[] = {"steps", "30", NULL}, *none[] = {"steps", "0", NULL};
    const char *frames[] = {"steps", "30", "every", "30", "output", "1", NULL};
    gint32 layer = grown_with(NULL, NULL), image = host_image_of(layer);
    Creature *old = creature_of(layer);
    gint32 before = fake_layer("before", old->place.width, old->place.height);
    fake_move(layer, 7, 9);
    copy_pixels(layer, before);
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, frames), NULL));
    gint x, y;
    host_offsets(fake_newest(image), &x, &y);
    CHECK(x == 7 && y == 9 && fake_above(fake_newest(image)) == fake_newest(image) - 1);
    CHECK(same_pixels(layer, before) && same_pixels(fake_newest(image) - 1, layer));
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, further), NULL));
    CHECK(same_pixels(fake_newest(image), layer));
    Creature *now = creature_of(layer);
    CHECK(memcmp(now->state, old->state,
                 sizeof(float) * 16 * (gsize)(old->columns * old->rows)) != 0);
    copy_pixels(layer, before);
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, none), NULL));
    CHECK(same_pixels(layer, before));
    creature_free(old);
    creature_free(now);
}

/* ------------------------------------------------------------------- wounds */

enum { SIDE = 6, PIXELS = 4 }; /* cells, pixels per cell */

/* Cells of one colour, the last column of another, drawn on a layer of the grid's size
 * with that shift, in pixels, half as much down. */
static gint32 drawn(const float most[4], const float last[4], double x, NcaInterp interp)
{
    NcaModel *model = NULL;
    NcaGrid *grid = NULL;
    NcaView *view = NULL;
    NcaGridParams params = nca_grid_params_default();
    NcaViewParams seen = nca_view_params_default();
    Place place = {SIDE * PIXELS, SIDE * PIXELS, PIXELS, x, x / 2, interp};
    static float state[SIDE * SIDE * 16];
    static guint8 rgba[4 * SIDE * PIXELS * SIDE * PIXELS];
    NcaPlane image[4];
    gint32 layer = fake_layer("cells", place.width, place.height);
    GeglBuffer *buffer = host_buffer(layer);
    memset(state, 0, sizeof(state));
    memset(rgba, 0, sizeof(rgba));
    params.width = params.height = SIDE;
    seen.width = seen.height = place.width;
    seen.scale = PIXELS;
    seen.x = x;
    seen.y = x / 2;
    seen.interp = interp;
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < 16; c++) {
            const float *cell = i % SIDE == SIDE - 1 ? last : most;
            state[16 * i + c] = c < 4 ? cell[c] : cell[3] > 0 ? 0.25f : 0;
        }
    for (int c = 0; c < 4; c++)
        image[c] = (NcaPlane){rgba + c, 4 * SIDE * PIXELS, 4};
    CHECK(nca_model_load(&model, lizard, NULL) == NCA_OK);
    CHECK(nca_grid_new(&grid, model, &params, NULL) == NCA_OK);
    CHECK(nca_view_new(&view, SIDE, SIDE, &seen, NULL) == NCA_OK);
    nca_grid_set_state(grid, state);
    nca_view_draw(view, grid, image, NCA_BLEND_ALPHA, 1);
    gegl_buffer_set(buffer, NULL, 0, babl_format("R'G'B'A u8"), rgba,
                    GEGL_AUTO_ROWSTRIDE);
    GBytes *packed = creature_pack(model, &place, grid);
    creature_attach(layer, packed);
    g_bytes_unref(packed);
    nca_view_free(&view);
    nca_grid_free(&grid);
    nca_model_free(&model);
    g_object_unref(buffer);
    return layer;
}

/* Straight colour, on the pixels of a cell. */
static void paint(gint32 layer, int column, int row, int scale, const guint8 rgba[4])
{
    GeglBuffer *buffer = host_buffer(layer);
    guint8 block[4 * 64 * 64];
    int side = PIXELS * scale;
    for (int i = 0; i < side * side; i++)
        memcpy(block + 4 * i, rgba, 4);
    gegl_buffer_set(buffer, GEGL_RECTANGLE(column * side, row * side, side, side), 0,
                    babl_format("R'G'B'A u8"), block, GEGL_AUTO_ROWSTRIDE);
    g_object_unref(buffer);
}

/* Heals nothing, and tells which cells are dead: bit by bit, row after row. */
static guint64 dead(gint32 layer)
{
    const char *set[] = {"steps", "0", NULL};
    guint64 bits = 0;
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, set), NULL));
    Creature *c = creature_of(layer);
    for (int i = 0; i < SIDE * SIDE; i++)
        bits |= (guint64)(c->state[16 * i + 15] == 0) << i;
    creature_free(c);
    return bits;
}

static guint64 cell(int column, int row)
{
    return (guint64)1 << (row * SIDE + column);
}

static const float BRIGHT[] = {0.8f, 0.4f, 0.2f, 1}, BLACK[] = {0, 0, 0, 1},
                   THIN[] = {0.2f, 0.2f, 0.2f, 0.2f},
                   HAZE[] = {0.04f, 0.04f, 0.04f, 0.04f}, NOTHING[] = {0, 0, 0, 0};
static const guint8 CLEAR[] = {0, 0, 0, 0};

static void test_wounds(void)
{
    static const struct {
        guint8 rgba[4];
        gboolean wounds;
    } paints[] = {{{0, 0, 0, 0}, TRUE},         {{204, 102, 51, 255}, FALSE},
                  {{204, 102, 51, 200}, TRUE},  {{204, 102, 51, 240}, FALSE},
                  {{194, 102, 51, 255}, FALSE}, {{204, 162, 51, 255}, TRUE},
                  {{204, 102, 101, 255}, TRUE}, {{154, 102, 51, 255}, TRUE}};
    CHECK(dead(drawn(BRIGHT, BRIGHT, 0, NCA_INTERP_NEAREST)) == 0);
    for (gsize i = 0; i < G_N_ELEMENTS(paints); i++) {
        gint32 layer = drawn(BRIGHT, BRIGHT, 0, NCA_INTERP_NEAREST);
        paint(layer, 4, 1, 1, paints[i].rgba);
        CHECK_MSG(dead(layer) == (paints[i].wounds ? cell(4, 1) : 0), "%zu", i);
    }
}

/* Of what is black, alpha alone tells. */
static void test_black(void)
{
    static const guint8 thin[] = {0, 0, 0, 200};
    gint32 layer = drawn(BLACK, BLACK, 0, NCA_INTERP_NEAREST);
    paint(layer, 4, 1, 1, thin);
    CHECK(dead(layer) == cell(4, 1));
}

/* However faint it was, what is erased is; but if all is faint, nothing is there. */
static void test_haze(void)
{
    const char *set[] = {"steps", "0", NULL};
    gint32 layer = drawn(BRIGHT, HAZE, 0, NCA_INTERP_NEAREST);
    paint(layer, SIDE - 1, 1, 1, CLEAR);
    CHECK(dead(layer) == cell(SIDE - 1, 1));
    layer = drawn(HAZE, HAZE, 0, NCA_INTERP_NEAREST);
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, set), "Nothing of the"));
    CHECK(dead(drawn(THIN, THIN, 0, NCA_INTERP_NEAREST)) == 0);
}

/* Selected cells die, and changed ones; the layer is elsewhere than the image. */
static void test_selected(void)
{
    gint32 layer = drawn(BRIGHT, BRIGHT, 0, NCA_INTERP_NEAREST);
    fake_move(layer, 2 * PIXELS, -PIXELS);
    fake_select(host_image_of(layer), (GeglRectangle){3 * PIXELS, 0, PIXELS, PIXELS});
    paint(layer, 4, 4, 1, CLEAR);
    CHECK(dead(layer) == (cell(1, 1) | cell(4, 4)));
}

/* A layer that was scaled takes its cells along; their place is beside the corner. */
static void test_scaled(void)
{
    const gint side = SIDE * PIXELS;
    static const guint8 same[] = {204, 102, 51, 255};
    gint32 layer = drawn(BRIGHT, BRIGHT, -2 * PIXELS, NCA_INTERP_NEAREST);
    fake_scale(layer, 2 * side, 2 * side);
    for (int i = 0; i < (SIDE - 1) * (SIDE - 2); i++)
        paint(layer, i % (SIDE - 2), i / (SIDE - 2), 2, same);
    paint(layer, 1, 2, 2, CLEAR);
    CHECK(dead(layer) == cell(3, 3));
    fake_scale(layer, 2 * side, side);
    Call call = run(&procedure_regenerate, MODE_SCRIPT, layer, (const char *[]){NULL});
    CHECK(says(call, "cropped or stretched"));
}

/* The layer's pixels from right to left, from bottom to top, or over the diagonal. */
static void turn(gint32 layer, gboolean across, gboolean down, gboolean diagonal)
{
    gsize size;
    gint width, height;
    guint8 *from = pixels_of(layer, &size), *to = g_malloc(size);
    GeglBuffer *buffer = host_buffer(layer);
    host_size(layer, &width, &height);
    for (gint y = 0; y < height; y++)
        for (gint x = 0; x < width; x++) {
            gint column = across ? width - 1 - x : x, row = down ? height - 1 - y : y;
            gint at = diagonal ? column * width + row : row * width + column;
            memcpy(to + 4 * (y * width + x), from + 4 * at, 4);
        }
    gegl_buffer_set(buffer, NULL, 0, babl_format("R'G'B'A u8"), to, GEGL_AUTO_ROWSTRIDE);
    g_object_unref(buffer);
    g_free(from);
    g_free(to);
}

/* It does not grow back the old way round; nor is any large wound taken for that. */
static void test_turned(void)
{
    const char *set[] = {"steps", "0", NULL}, *longer[] = {"steps", "100", NULL};
    for (gint way = 1; way < 8; way++) {
        gint32 layer = grown_with("scale", "0");
        gint width, height;
        host_size(layer, &width, &height);
        CHECK(width == height);
        turn(layer, way & 1, way & 2, way & 4);
        CHECK_MSG(says(run(&procedure_regenerate, MODE_SCRIPT, layer, set), "flipped"),
                  "%d", way);
        turn(layer, way & (way & 4 ? 2 : 1), way & (way & 4 ? 1 : 2), way & 4);
        CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, set), NULL));
    }
    for (gint half = 0; half < 4; half++) {
        gint32 layer = grown();
        gint width, height;
        host_size(layer, &width, &height);
        fake_select(host_image_of(layer),
                    (GeglRectangle){half & 1 ? width / 2 : 0, half & 2 ? height / 2 : 0,
                                    width / 2, height});
        CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, longer), NULL));
    }
}

/* What lives beside the layer only shines in: nothing is left on it. */
static void test_beside(void)
{
    const char *set[] = {"steps", "0", NULL};
    gint32 layer = drawn(NOTHING, BRIGHT, 5.3, NCA_INTERP_BILINEAR);
    gsize size;
    guint8 *rgba = pixels_of(layer, &size);
    CHECK(rgba[size - 1] > 5);
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, set), "Nothing of the"));
    g_free(rgba);
}

int main(int count, char **arguments)
{
    if (!begin_calls(count, arguments))
        return 1;
    test_options();
    test_frames();
    test_large();
    test_image();
    test_alone();
    test_fill();
    test_own_place();
    test_further();
    test_wounds();
    test_black();
    test_haze();
    test_selected();
    test_scaled();
    test_turned();
    test_beside();
    return end_calls();
}
