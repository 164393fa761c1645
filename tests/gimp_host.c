/* SPDX-License-Identifier: MIT
 *
 * Numbers are places in one array; what is gone leaves its place empty, so that no number
 * comes twice.  Asking for what is gone ends the test: GIMP would end the plug-in. */
#include "gimp_host.h"

#include <string.h>

typedef struct Thing {
    gboolean image, there, locked, shown, indexed;
    gint32 above; /* 0: not inserted */
    gint32 of;    /* a drawable's image; an image's selection */
    gint x, y, width, height;
    gchar *name;
    GeglBuffer *pixels, *shadow;
    GHashTable *parasites;
} Thing;

enum { THINGS_MOST = 8192 };
static Thing things[THINGS_MOST];
static gint32 count = 1; /* 0 is nobody */
static gint undo_depth;
static gchar *message;
static gint messages;
static void (*meanwhile)(void);

/* ------------------------------------------------------------------ things */

static Thing *at(gint32 number, gboolean image)
{
    g_assert(number > 0 && number < count);
    Thing *t = &things[number];
    g_assert(t->there && t->image == image);
    return t;
}

static Thing *drawable_at(gint32 number)
{
    return at(number, FALSE);
}

static gint32 add(Thing thing)
{
    g_assert(count < THINGS_MOST);
    thing.there = TRUE;
    things[count] = thing;
    return count++;
}

static GeglBuffer *new_pixels(gint width, gint height)
{
    return gegl_buffer_new(GEGL_RECTANGLE(0, 0, width, height),
                           babl_format("R'G'B'A u8"));
}

/* Made when they are asked for first: without GEGL there may be layers of which nobody
 * asks. */
static GeglBuffer *pixels_of(Thing *t)
{
    if (!t->pixels)
        t->pixels = new_pixels(t->width, t->height);
    return t->pixels;
}

static void clear_thing(Thing *t)
{
    t->there = FALSE;
    g_clear_pointer(&t->name, g_free);
    g_clear_object(&t->pixels);
    g_clear_object(&t->shadow);
    g_clear_pointer(&t->parasites, g_hash_table_unref);
}

/* -------------------------------------------------------------- user's part */

gint32 fake_layer(const char *name, gint width, gint height)
{
    HostLayer as = {name, 0, 0, width, height};
    gint32 image = host_image_new(width, height), layer = host_layer_new(image, &as);
    host_layer_insert(image, layer, -1);
    return layer;
}

void fake_select(gint32 image, GeglRectangle part)
{
    Thing *of = at(image, TRUE);
    GeglColor *white = gegl_color_new("white");
    if (of->of)
        clear_thing(&things[of->of]);
    of->of = 0;
    if (part.width) {
        Thing selection = {.of = image, .pixels = new_pixels(of->width, of->height)};
        gegl_buffer_set_color(selection.pixels, &part, white);
        selection.x = part.x;
        selection.y = part.y;
        selection.width = part.width;
        selection.height = part.height;
        of->of = add(selection);
    }
    g_object_unref(white);
}

void fake_scale(gint32 layer, gint width, gint height)
{
    Thing *t = drawable_at(layer);
    g_clear_object(&t->pixels);
    t->width = width;
    t->height = height;
}

void fake_lock(gint32 layer)
{
    drawable_at(layer)->locked = TRUE;
}

void fake_index(gint32 image)
{
    at(image, TRUE)->indexed = TRUE;
}

void fake_delete(gint32 drawable)
{
    clear_thing(drawable_at(drawable));
}

void fake_close(gint32 image)
{
    for (gint32 i = 1; i < count; i++)
        if (i == image || (things[i].there && !things[i].image && things[i].of == image))
            clear_thing(&things[i]);
    undo_depth = 0; /* they go with it */
}

gint fake_layers(gint32 image)
{
    gint layers = 0;
    for (gint32 i = 1; i < count; i++)
        layers += things[i].there && things[i].parasites && things[i].of == image;
    return layers;
}

gint32 fake_newest(gint32 image)
{
    gint32 newest = -1;
    for (gint32 i = 1; i < count; i++)
        if (things[i].there && things[i].parasites && things[i].of == image)
            newest = i;
    return newest;
}

gint32 fake_above(gint32 layer)
{
    return drawable_at(layer)->above;
}

void fake_move(gint32 layer, gint x, gint y)
{
    drawable_at(layer)->x = x;
    drawable_at(layer)->y = y;
}

void fake_meanwhile(void (*what)(void))
{
    meanwhile = what;
}

gboolean fake_is_shown(gint32 image)
{
    return at(image, TRUE)->shown;
}

gint fake_undo_depth(void)
{
    return undo_depth;
}

const char *fake_message(void)
{
    return message ? message : "";
}

gint fake_messages(void)
{
    return messages;
}

void fake_end(void)
{
    for (gint32 i = 1; i < count; i++)
        clear_thing(&things[i]);
    g_clear_pointer(&message, g_free);
}

/* ------------------------------------------------------------------- items */

gboolean host_is_layer(gint32 drawable)
{
    return drawable > 0 && drawable < count && things[drawable].there &&
           things[drawable].parasites;
}

gboolean host_is_group(gint32 layer)
{
    (void)drawable_at(layer);
    return FALSE;
}

gboolean host_is_locked(gint32 layer)
{
    return drawable_at(layer)->locked;
}

gint32 host_image_of(gint32 drawable)
{
    return drawable_at(drawable)->of;
}

gchar *host_name(gint32 drawable)
{
    return g_strdup(drawable_at(drawable)->name);
}

void host_size(gint32 drawable, gint *width, gint *height)
{
    *width = drawable_at(drawable)->width;
    *height = drawable_at(drawable)->height;
}

void host_offsets(gint32 drawable, gint *x, gint *y)
{
    *x = drawable_at(drawable)->x;
    *y = drawable_at(drawable)->y;
}

gboolean host_selected(gint32 drawable, GeglRectangle *part)
{
    const Thing *t = drawable_at(drawable);
    gint32 selection = host_selection(t->of);
    GeglRectangle all = {t->x, t->y, t->width, t->height};
    *part = all;
    if (selection >= 0) {
        const Thing *s = drawable_at(selection);
        if (!gegl_rectangle_intersect(part, &all,
                                      GEGL_RECTANGLE(s->x, s->y, s->width, s->height)))
            return FALSE;
    }
    part->x -= t->x;
    part->y -= t->y;
    return TRUE;
}

gint32 host_selection(gint32 image)
{
    gint32 selection = at(image, TRUE)->of;
    return selection ? selection : -1;
}

gint32 host_mask(gint32 layer)
{
    (void)drawable_at(layer);
    return -1;
}

GeglBuffer *host_buffer(gint32 drawable)
{
    return g_object_ref(pixels_of(drawable_at(drawable)));
}

GeglBuffer *host_shadow(gint32 drawable)
{
    Thing *t = drawable_at(drawable);
    g_assert(!t->shadow);
    t->shadow = new_pixels(t->width, t->height);
    return g_object_ref(t->shadow);
}

void host_merge_shadow(gint32 drawable)
{
    Thing *t = drawable_at(drawable);
    gegl_buffer_copy(t->shadow, NULL, GEGL_ABYSS_NONE, pixels_of(t), NULL);
    g_clear_object(&t->shadow);
}

void host_add_alpha(gint32 layer)
{
    (void)drawable_at(layer);
}

GBytes *host_parasite(gint32 drawable, const char *name)
{
    GBytes *data = g_hash_table_lookup(drawable_at(drawable)->parasites, name);
    return data ? g_bytes_ref(data) : NULL;
}

void host_attach(gint32 drawable, const char *name, GBytes *data)
{
    g_hash_table_insert(drawable_at(drawable)->parasites, g_strdup(name),
                        g_bytes_ref(data));
}

/* ------------------------------------------------------------------ images */

gboolean host_is_image(gint32 image)
{
    return image > 0 && image < count && things[image].there && things[image].image;
}

gboolean host_is_indexed(gint32 image)
{
    return at(image, TRUE)->indexed;
}

gboolean host_is_floating(gint32 image)
{
    (void)at(image, TRUE);
    return FALSE;
}

gint32 host_image_new(gint width, gint height)
{
    return add((Thing){.image = TRUE, .width = width, .height = height});
}

void host_image_finish(gint32 image, gboolean show)
{
    at(image, TRUE)->shown = show;
}

static GHashTable *no_parasites(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                 (GDestroyNotify)g_bytes_unref);
}

gint32 host_layer_new(gint32 image, const HostLayer *as)
{
    (void)at(image, TRUE);
    return add((Thing){.of = image,
                       .x = as->x,
                       .y = as->y,
                       .width = as->width,
                       .height = as->height,
                       .name = g_strdup(as->name),
                       .parasites = no_parasites()});
}

void host_layer_insert(gint32 image, gint32 layer, gint32 above)
{
    Thing *t = drawable_at(layer);
    g_assert(t->of == image && !t->above);
    g_assert(above < 0 || drawable_at(above)->of == image);
    t->above = above;
}

gint32 host_layer_copy(gint32 image, gint32 layer, const char *name, gint32 above)
{
    Thing *t = drawable_at(layer);
    HostLayer copied = {name, t->x, t->y, t->width, t->height};
    gint32 copy = host_layer_new(image, &copied);
    things[copy].pixels = gegl_buffer_dup(pixels_of(t));
    host_layer_insert(image, copy, above);
    return copy;
}

void host_undo_begin(gint32 image)
{
    (void)at(image, TRUE);
    undo_depth++;
}

void host_undo_end(gint32 image)
{
    (void)at(image, TRUE);
    undo_depth--;
}

void host_flush(void) {}

/* -------------------------------------------------------------------- talk */

void host_progress_begin(const char *text)
{
    (void)text;
}

void host_progress(double part)
{
    g_assert(part >= 0 && part <= 1);
    if (meanwhile)
        meanwhile();
}

void host_progress_end(void) {}

void host_message(const char *sentence)
{
    g_free(message);
    message = g_strdup(sentence);
    messages++;
}
