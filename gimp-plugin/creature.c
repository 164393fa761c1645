/* SPDX-License-Identifier: MIT
 *
 * The parasite is a GVariant, which checks what it is made of; cells are compressed, most
 * of them being nothing. */
#include "creature.h"

#include <gio/gio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nca_train.h"

static const char NAME[] = "nca-creature";

/* version, layer's width and height, scale, x, y, interp, the model's file, columns,
 * rows, cells as bits of floats; all of the first version */
#define BODY "(uiidddiayiiay)"
/* that, and at which angle, fire rate and edge it lived */
#define TYPE "(" BODY "ddi)"
enum { FIRST_VERSION = 1, VERSION = 2, STATE_MOST = 1 << 26 /* floats */ };
static const double ANGLE_MOST = 1e9;

/* ------------------------------------------------------------- compression */

/* What goes through the converter until its end, its own sum checked; false where that is
 * not `size` bytes.  `out` has room for one more, so that more would show. */
static gboolean convert_exactly(GConverter *converter, const void *in, gsize in_size,
                                void *out, gsize size)
{
    gsize taken = 0, made = 0, read, written;
    GConverterResult result = G_CONVERTER_CONVERTED;
    while (result == G_CONVERTER_CONVERTED && made <= size) {
        result = g_converter_convert(converter, (const char *)in + taken, in_size - taken,
                                     (char *)out + made, size + 1 - made,
                                     G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
        if (result == G_CONVERTER_ERROR)
            return FALSE;
        taken += read;
        made += written;
    }
    return made == size;
}

static GVariant *compress(const void *data, gsize size)
{
    GConverter *zlib =
        G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 6));
    GOutputStream *memory = g_memory_output_stream_new_resizable();
    GOutputStream *stream = g_converter_output_stream_new(memory, zlib);
    g_output_stream_write_all(stream, data, size, NULL, NULL, NULL);
    g_output_stream_close(stream, NULL, NULL);
    GBytes *bytes = g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(memory));
    GVariant *variant = g_variant_new_from_bytes(G_VARIANT_TYPE("ay"), bytes, TRUE);
    g_bytes_unref(bytes);
    g_object_unref(stream);
    g_object_unref(memory);
    g_object_unref(zlib);
    return variant;
}

static void swap_floats(float *values, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        guint32 bits;
        memcpy(&bits, values + i, sizeof(bits));
        bits = GUINT32_TO_LE(bits);
        memcpy(values + i, &bits, sizeof(bits));
    }
}

static float *expand(GVariant *packed, gsize count)
{
    gsize size;
    gconstpointer data = g_variant_get_fixed_array(packed, &size, 1);
    GConverter *zlib =
        G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
    float *values = g_try_malloc(count * sizeof(float) + 1);
    if (values && convert_exactly(zlib, data, size, values, count * sizeof(float)))
        swap_floats(values, count);
    else
        g_clear_pointer(&values, g_free);
    g_object_unref(zlib);
    return values;
}

/* -------------------------------------------------------------------- read */

static gboolean place_is_sound(const Place *p)
{
    return p->width >= 1 && p->height >= 1 && p->scale >= NCA_VIEW_SCALE_MIN &&
           p->scale <= NCA_VIEW_SCALE_MAX && fabs(p->x) <= 1e6 && fabs(p->y) <= 1e6 &&
           p->interp >= NCA_INTERP_NEAREST && p->interp <= NCA_INTERP_BILINEAR;
}

static gboolean read_model(Creature *creature, GVariant *bytes)
{
    gsize size;
    gconstpointer data = g_variant_get_fixed_array(bytes, &size, 1);
    return nca_model_parse(&creature->model, data, size, NULL) == NCA_OK;
}

/* No cells at all are right, too. */
static gboolean read_state(Creature *c, GVariant *packed)
{
    gsize count;
    if (!c->columns && !c->rows)
        return TRUE;
    if (c->columns < 1 || c->rows < 1 || c->columns > NCA_SIDE_MAX ||
        c->rows > NCA_SIDE_MAX)
        return FALSE;
    count =
        (gsize)c->columns * (gsize)c->rows * (gsize)nca_model_shape(c->model)->channels;
    if (count > STATE_MOST)
        return FALSE;
    c->state = expand(packed, count);
    return c->state != NULL;
}

static gboolean read_body(Creature *c, GVariant *body, guint32 expected)
{
    GVariant *model, *state;
    guint32 version;
    gint interp;
    g_variant_get(body, "(uiidddi@ayii@ay)", &version, &c->place.width, &c->place.height,
                  &c->place.scale, &c->place.x, &c->place.y, &interp, &model, &c->columns,
                  &c->rows, &state);
    c->place.interp = (NcaInterp)interp;
    gboolean good = version == expected && place_is_sound(&c->place) &&
                    read_model(c, model) && read_state(c, state);
    g_variant_unref(model);
    g_variant_unref(state);
    return good;
}

static gboolean read_all(Creature *c, GVariant *v)
{
    double angle, fire_rate;
    GVariant *body;
    g_variant_get(v, "(@" BODY "ddi)", &body, &angle, &fire_rate, &c->edge);
    gboolean good = fabs(angle) <= ANGLE_MOST && fire_rate >= -1 && fire_rate <= 1 &&
                    c->edge >= -1 && c->edge <= (gint)NCA_EDGE_WRAP;
    if (good) {
        c->angle = (float)angle;
        c->fire_rate = (float)fire_rate;
        good = read_body(c, body, VERSION);
    }
    g_variant_unref(body);
    return good;
}

/* GVariant's numbers have the writer's byte order: little-endian, always. */
static GVariant *in_order(GVariant *v)
{
#if G_BYTE_ORDER == G_BIG_ENDIAN
    GVariant *swapped = g_variant_byteswap(v);
    g_variant_unref(v);
    return swapped;
#else
    return v;
#endif
}

/* NULL where the bytes are not of that type. */
static GVariant *variant_of(GBytes *bytes, const char *type)
{
    GVariant *v = in_order(
        g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(type), bytes, FALSE)));
    if (g_variant_is_normal_form(v))
        return v;
    g_variant_unref(v);
    return NULL;
}

static gboolean read_bytes(Creature *c, GBytes *bytes)
{
    GVariant *all = variant_of(bytes, TYPE);
    GVariant *body = all ? NULL : variant_of(bytes, BODY);
    c->fire_rate = -1;
    c->edge = -1;
    gboolean good = all ? read_all(c, all) : body && read_body(c, body, FIRST_VERSION);
    g_clear_pointer(&all, g_variant_unref);
    g_clear_pointer(&body, g_variant_unref);
    return good;
}

Creature *creature_of(gint32 layer)
{
    GBytes *bytes = host_parasite(layer, NAME);
    if (!bytes)
        return NULL;
    Creature *creature = g_new0(Creature, 1);
    if (!read_bytes(creature, bytes))
        g_clear_pointer(&creature, creature_free);
    g_bytes_unref(bytes);
    return creature;
}

void creature_free(Creature *creature)
{
    if (!creature)
        return;
    nca_model_free(&creature->model);
    g_free(creature->state);
    g_free(creature);
}

/* ------------------------------------------------------------------- write */

static GVariant *bytes_variant(gconstpointer data, gsize size)
{
    return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, data, size, 1);
}

static gsize count_floats(const NcaGrid *grid)
{
    return (gsize)nca_grid_width(grid) * (gsize)nca_grid_height(grid) *
           (gsize)nca_grid_channels(grid);
}

static GVariant *state_variant(const NcaGrid *grid)
{
    gsize count = grid ? count_floats(grid) : 0;
    float *state;
    GVariant *packed;
    if (!grid)
        return bytes_variant(NULL, 0);
    state = g_new(float, count);
    nca_grid_read_state(grid, state);
    swap_floats(state, count);
    packed = compress(state, count * sizeof(float));
    g_free(state);
    return packed;
}

GBytes *creature_pack(const NcaModel *model, const Place *p, const NcaGrid *grid)
{
    void *file;
    size_t size;
    if (grid && count_floats(grid) > STATE_MOST) /* read_state would refuse it */
        return NULL;
    if (nca_model_format(model, NCA_FORMAT_SAFETENSORS, &file, &size, NULL) < 0)
        return NULL;
    GVariant *body = g_variant_new(
        "(uiidddi@ayii@ay)", (guint32)VERSION, p->width, p->height, p->scale, p->x, p->y,
        (gint)p->interp, bytes_variant(file, size), grid ? nca_grid_width(grid) : 0,
        grid ? nca_grid_height(grid) : 0, state_variant(grid));
    GVariant *v = in_order(g_variant_ref_sink(
        g_variant_new("(@" BODY "ddi)", body, grid ? (double)nca_grid_angle(grid) : 0.0,
                      grid ? (double)nca_grid_fire_rate(grid) : -1.0,
                      grid ? (gint)nca_grid_edge(grid) : -1)));
    GBytes *bytes = g_variant_get_data_as_bytes(v);
    g_variant_unref(v);
    free(file);
    return bytes;
}

void creature_attach(gint32 layer, GBytes *packed)
{
    if (packed)
        host_attach(layer, NAME, packed);
}

gsize creature_size(const NcaModel *model, const NcaGrid *grid)
{
    void *file;
    size_t size;
    if (nca_model_format(model, NCA_FORMAT_SAFETENSORS, &file, &size, NULL) < 0)
        return 0;
    free(file);
    return size + count_floats(grid) * sizeof(float);
}

/* ------------------------------------------------------------------- place */

Place place_on(const NcaModel *model, const GeglRectangle *part, gint width, gint height)
{
    Place place = {.width = width, .height = height, .interp = NCA_INTERP_BILINEAR};
    gint columns, rows, padding = nca_target_params_of(model).padding;
    nca_model_trained_size(model, &columns, &rows);
    place.scale = MIN((double)part->width / MAX(1, columns - 2 * padding),
                      (double)part->height / MAX(1, rows - 2 * padding));
    place.scale = CLAMP(place.scale, NCA_VIEW_SCALE_MIN, NCA_VIEW_SCALE_MAX);
    place.x = part->x + (part->width - columns * place.scale) / 2;
    place.y = part->y + (part->height - rows * place.scale) / 2;
    return place;
}
