/* SPDX-License-Identifier: MIT
 *
 * What travels with a layer: it comes back as it was, and whatever else a file may hold
 * in its place is no creature, or one that can live. */
#include "../gimp-plugin/creature.h"

#include <gio/gio.h>

#include "gimp_host.h"
#include "models.h"
#include "nca_film.h"
#include "seed.h"

static const char NAME[] = "nca-creature";
enum { COLUMNS = 7, ROWS = 5, FLIPS = 4000, ZLIB_HEADER = 2 };
static const Place place = {30, 20, 4.25, -1.5, 0.75, NCA_INTERP_NEAREST};
static gint32 layer;

/* ------------------------------------------------------------------ helpers */

static NcaGrid *grid_of(const NcaModel *model)
{
    NcaGridParams params = nca_grid_params_default();
    NcaGrid *grid = NULL;
    params.width = COLUMNS;
    params.height = ROWS;
    CHECK(nca_grid_new(&grid, model, &params, NULL) == NCA_OK);
    return grid;
}

/* As much of a life as can do harm. */
static void live(const Creature *c)
{
    NcaFilmParams params = nca_film_params_default();
    NcaViewParams seen = nca_view_params_default();
    NcaFilm *film = NULL;
    NcaView *view = NULL;
    static guint8 pixels[4][64 * 64];
    NcaPlane image[4];
    params.grid.width = c->columns;
    params.grid.height = c->rows;
    params.state = c->state;
    seen.width = seen.height = 64;
    seen.scale = c->place.scale;
    seen.x = c->place.x;
    seen.y = c->place.y;
    seen.interp = c->place.interp;
    for (int p = 0; p < 4; p++)
        image[p] = (NcaPlane){pixels[p], 64, 1};
    if (nca_film_new(&film, c->model, &params, NULL) == NCA_OK &&
        nca_view_new(&view, c->columns, c->rows, &seen, NULL) == NCA_OK) {
        nca_film_next(film, 2);
        nca_view_draw(view, nca_film_grid(film), image, NCA_BLEND_ALPHA, 1);
        nca_view_wound(view, nca_film_grid(film), image, NCA_WOUND_ALPHA, 0.1);
    }
    nca_view_free(&view);
    nca_film_free(&film);
}

static void attach(GBytes *bytes)
{
    host_attach(layer, NAME, bytes);
    g_bytes_unref(bytes);
}

static void attach_packed(const NcaModel *model, const NcaGrid *grid)
{
    GBytes *packed = creature_pack(model, &place, grid);
    creature_attach(layer, packed);
    g_bytes_unref(packed);
}

/* Whether it is one; where it has cells they live. */
static gboolean is_creature(void)
{
    Creature *c = creature_of(layer);
    gboolean is = c != NULL;
    if (is && c->state)
        live(c);
    creature_free(c);
    return is;
}

/* --------------------------------------------------------------- round trip */

static gboolean same_floats(const float *a, const float *b, gsize count)
{
    return count == 0 || memcmp(a, b, count * sizeof(float)) == 0;
}

static void test_shape(NcaShape shape)
{
    NcaModel *model = filled(&shape);
    NcaGrid *grid = grid_of(model);
    gsize count = (gsize)COLUMNS * ROWS * (gsize)shape.channels;
    float *state = g_new(float, count), *back = g_new(float, count);
    for (gsize i = 0; i < count; i++)
        state[i] = i % 17 == 3 ? NAN : i % 23 == 5 ? INFINITY : (float)i / 7 - 9;
    nca_grid_set_state(grid, state);
    nca_grid_read_state(grid, back);
    attach_packed(model, grid);
    Creature *c = creature_of(layer);
    CHECK(c && c->columns == COLUMNS && c->rows == ROWS);
    CHECK(c && same_floats(c->state, back, count));
    CHECK(c && shapes_equal(nca_model_shape(c->model), &shape));
    for (int t = 0; c && t < NCA_TENSORS; t++)
        CHECK(same_floats(nca_model_tensor(c->model, t), nca_model_tensor(model, t),
                          nca_model_tensor_size(model, t)));
    CHECK(c && c->place.width == place.width && c->place.height == place.height &&
          c->place.scale == place.scale && c->place.x == place.x &&
          c->place.y == place.y && c->place.interp == place.interp);
    creature_free(c);
    CHECK(is_creature());
    attach_packed(model, NULL);
    c = creature_of(layer);
    CHECK(c && c->model && !c->state && !c->columns && !c->rows);
    creature_free(c);
    g_free(state);
    g_free(back);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

/* -------------------------------------------------------------- own values */

/* A parasite, part by part. */
typedef struct Parts {
    guint32 version;
    Place place;
    gint interp;
    GBytes *model, *cells;
    gint columns, rows;
} Parts;

static GBytes *packed(gconstpointer data, gsize size)
{
    GConverter *zlib =
        G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
    gsize room = size + 1024, read, written;
    gchar *out = g_malloc(room);
    CHECK(g_converter_convert(zlib, data, size, out, room, G_CONVERTER_INPUT_AT_END,
                              &read, &written, NULL) == G_CONVERTER_FINISHED);
    g_object_unref(zlib);
    return g_bytes_new_take(out, written);
}

static GBytes *zeros(gsize size)
{
    gpointer data = g_malloc0(size);
    GBytes *bytes = packed(data, size);
    g_free(data);
    return bytes;
}

static GVariant *bytes_variant(GBytes *bytes)
{
    return g_variant_new_from_bytes(G_VARIANT_TYPE("ay"), bytes, TRUE);
}

static GVariant *body_of(const Parts *p)
{
    return g_variant_new("(uiidddi@ayii@ay)", p->version, p->place.width, p->place.height,
                         p->place.scale, p->place.x, p->place.y, p->interp,
                         bytes_variant(p->model), p->columns, p->rows,
                         bytes_variant(p->cells));
}

static void attach_variant(GVariant *floating)
{
    GVariant *v = g_variant_ref_sink(floating);
    if (G_BYTE_ORDER == G_BIG_ENDIAN) {
        GVariant *little = g_variant_byteswap(v);
        g_variant_unref(v);
        v = little;
    }
    attach(g_variant_get_data_as_bytes(v));
    g_variant_unref(v);
}

/* The cells go. */
static gboolean good(Parts p, GBytes *cells)
{
    p.cells = cells ? cells : p.cells;
    attach_variant(body_of(&p));
    if (cells)
        g_bytes_unref(cells);
    return is_creature();
}

static void test_place(const Parts *sound)
{
    static const double scales[] = {0, -1, 1e-5, 1e6, INFINITY, NAN},
                        offsets[] = {1.1e6, -1.1e6, INFINITY, -INFINITY, NAN};
    static const gint sides[] = {0, -1, G_MININT}, interps[] = {-1, 2, G_MAXINT};
    Parts p;
    for (gsize i = 0; i < G_N_ELEMENTS(scales); i++)
        CHECK((p = *sound, p.place.scale = scales[i], !good(p, NULL)));
    for (gsize i = 0; i < G_N_ELEMENTS(offsets); i++) {
        CHECK((p = *sound, p.place.x = offsets[i], !good(p, NULL)));
        CHECK((p = *sound, p.place.y = offsets[i], !good(p, NULL)));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(sides); i++) {
        CHECK((p = *sound, p.place.width = sides[i], !good(p, NULL)));
        CHECK((p = *sound, p.place.height = sides[i], !good(p, NULL)));
        CHECK((p = *sound, p.interp = interps[i], !good(p, NULL)));
    }
    CHECK((p = *sound, p.version = 0, !good(p, NULL)));
    CHECK((p = *sound, p.version = 2, !good(p, NULL)));
}

/* A whole parasite of the second version. */
static gboolean lives(Parts p, double angle, double fire_rate, gint edge)
{
    attach_variant(
        g_variant_new("(@(uiidddiayiiay)ddi)", body_of(&p), angle, fire_rate, edge));
    return is_creature();
}

/* Of the first version it is not known how it lived; what a stranger says is checked. */
static void test_life(const Parts *sound)
{
    static const double angles[] = {NAN, INFINITY, -INFINITY, 1.1e9, -1e300},
                        rates[] = {NAN, INFINITY, -1.1, 1.1};
    Parts p = *sound;
    CHECK(good(*sound, NULL));
    Creature *c = creature_of(layer);
    CHECK(c && c->angle == 0 && c->fire_rate == -1 && c->edge == -1);
    creature_free(c);
    CHECK(!lives(p, 0, 0.5, 0));
    p.version = 2;
    CHECK(lives(p, -725.5, 0.25, 1));
    c = creature_of(layer);
    CHECK(c && c->angle == -725.5f && c->fire_rate == 0.25f && c->edge == 1);
    creature_free(c);
    CHECK(lives(p, 0, -1, -1));
    for (gsize i = 0; i < G_N_ELEMENTS(angles); i++)
        CHECK_MSG(!lives(p, angles[i], 0.5, 0), "%g", angles[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++)
        CHECK_MSG(!lives(p, 0, rates[i], 0), "%g", rates[i]);
    CHECK(!lives(p, 0, 0.5, 2) && !lives(p, 0, 0.5, -2) && !lives(p, 0, 0.5, G_MININT));
}

static void test_cells(const Parts *sound, gsize size)
{
    static const gint wrong[][2] = {
        {0, ROWS},      {COLUMNS, 0},       {-1, -1},
        {-COLUMNS, -5}, {32769, 1},         {1, 32769},
        {32768, 32768}, {65536, 65536},     {G_MAXINT, G_MAXINT},
        {COLUMNS, 6},   {COLUMNS - 1, ROWS}};
    Parts p;
    CHECK(good(*sound, zeros(size)));
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        CHECK_MSG((p = *sound, p.columns = wrong[i][0], p.rows = wrong[i][1],
                   !good(p, zeros(size))),
                  "%d × %d", wrong[i][0], wrong[i][1]);
    p = *sound;
    p.columns = NCA_SIDE_MAX + 1;
    p.rows = 1;
    CHECK(!good(p, zeros(4 * sizeof(float) * (gsize)p.columns)));
    CHECK(!good(*sound, zeros(size - 4)));
    CHECK(!good(*sound, zeros(size + 4)));
    CHECK(!good(*sound, zeros((gsize)1 << 26)));
    CHECK(!good(*sound, g_bytes_new_static(NULL, 0)));
    CHECK(!good(*sound, g_bytes_new_static("cells", 5)));
    CHECK((p = *sound, p.columns = p.rows = 4096, !good(p, zeros(size))));
}

/* The cells as they are written, with a bit of them changed: their sum tells, unless they
 * are the same cells all the same. */
static void test_sum(const Parts *sound, gconstpointer cells, gsize cells_size)
{
    gsize size;
    gconstpointer data = g_bytes_get_data(sound->cells, &size);
    for (gsize bit = 8 * ZLIB_HEADER; bit < 8 * size; bit++) {
        guint8 *damaged = g_memdup2(data, size);
        damaged[bit / 8] ^= (guint8)(1 << bit % 8);
        Creature *c =
            good(*sound, g_bytes_new_take(damaged, size)) ? creature_of(layer) : NULL;
        CHECK_MSG(!c || !memcmp(c->state, cells, cells_size), "bit %zu", bit);
        creature_free(c);
    }
}

static void test_models(const Parts *sound)
{
    static const char *const texts[] = {"", "{}", "[]", "no model", "\x08"};
    Parts p = *sound;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        p.model = g_bytes_new_static(texts[i], strlen(texts[i]));
        CHECK(!good(p, NULL));
        g_bytes_unref(p.model);
    }
}

static void test_parts(void)
{
    NcaShape shape = tiny_shape();
    NcaModel *model = filled(&shape);
    float cells[COLUMNS * ROWS * 4];
    void *file;
    size_t size;
    for (gsize i = 0; i < G_N_ELEMENTS(cells); i++)
        cells[i] = (float)(i * i % 31);
    CHECK(nca_model_format(model, NCA_FORMAT_SAFETENSORS, &file, &size, NULL) == NCA_OK);
    Parts sound = {.version = 1,
                   .place = place,
                   .model = g_bytes_new_static(file, size),
                   .cells = packed(cells, sizeof(cells)),
                   .columns = COLUMNS,
                   .rows = ROWS};
    CHECK(good(sound, NULL));
    test_place(&sound);
    test_life(&sound);
    test_cells(&sound, sizeof(cells));
    test_sum(&sound, cells, sizeof(cells));
    test_models(&sound);
    g_bytes_unref(sound.model);
    g_bytes_unref(sound.cells);
    free(file);
    nca_model_free(&model);
}

/* ----------------------------------------------------------------- any bytes */

static void test_bytes(const char *text, gsize size)
{
    attach(g_bytes_new(text, size));
    CHECK_MSG(!is_creature(), "%zu bytes: %s", size, text);
}

static void test_damage(guint32 seed)
{
    NcaShape shape = tiny_shape();
    NcaModel *model = filled(&shape);
    NcaGrid *grid = grid_of(model);
    GRand *random = g_rand_new_with_seed(seed);
    attach_packed(model, grid);
    GBytes *whole = host_parasite(layer, NAME);
    gsize size;
    gconstpointer data = g_bytes_get_data(whole, &size);
    for (gsize length = 0; length < size; length++) {
        attach(g_bytes_new(data, length));
        CHECK_MSG(!is_creature(), "the first %zu bytes of %zu", length, size);
    }
    for (int i = 0; i < FLIPS; i++) {
        guint8 *bytes = g_memdup2(data, size);
        for (int flips = g_rand_int_range(random, 1, 4); flips > 0; flips--)
            bytes[g_rand_int_range(random, 0, (gint32)size)] =
                (guint8)g_rand_int_range(random, 0, 256);
        attach(g_bytes_new_take(bytes, size));
        is_creature();
    }
    g_bytes_unref(whole);
    g_rand_free(random);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

int main(void)
{
    guint32 seed = (guint32)test_seed();
    layer = fake_layer("picture", place.width, place.height);
    CHECK(!is_creature());
    test_shape(tiny_shape());
    test_shape(texture_shape());
    test_shape(isotropic_shape());
    test_shape(largest_shape());
    test_parts();
    test_bytes("", 0);
    test_bytes("hello", 5);
    test_bytes("\0\0\0\0\0\0\0\0", 8);
    test_damage(seed);
    fake_end();
    return test_end();
}
