/* SPDX-License-Identifier: MIT
 *
 * GIMP 2.10: procedures, items, images. */
#include <libgimp/gimp.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#include "beside.h"
#include "host.h"

/* -------------------------------------------------------------- procedures */

enum { FIXED_ARGUMENTS = 3, VALUES_MOST = 64 };

static GimpPDBArgType type_of(const Option *o)
{
    switch (o->kind) {
    case OPTION_REAL:
        return GIMP_PDB_FLOAT;
    case OPTION_TEXT:
    case OPTION_MODEL:
        return GIMP_PDB_STRING;
    default:
        return GIMP_PDB_INT32;
    }
}

/* "The recipe { draft (0), standard (1) }" */
static gchar *describe(const Option *o)
{
    GString *text = g_string_new(o->help);
    for (const OptionChoice *c = o->choices; c && c->name; c++)
        g_string_append_printf(text, "%s%s (%d)", c == o->choices ? " { " : ", ", c->name,
                               (int)(c - o->choices));
    if (o->choices)
        g_string_append(text, " }");
    return g_string_free(text, FALSE);
}

static void install(const Procedure *p)
{
    GimpParamDef arguments[VALUES_MOST] = {
        {GIMP_PDB_INT32, (gchar *)"run-mode",
         (gchar *)"{ RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1), RUN-WITH-LAST-VALS (2) "
                  "}"},
        {GIMP_PDB_IMAGE, (gchar *)"image", (gchar *)"The image"},
        {GIMP_PDB_DRAWABLE, (gchar *)"drawable", (gchar *)"The layer"}};
    GimpParamDef file = {GIMP_PDB_STRING, (gchar *)"file", (gchar *)"The model's file"};
    GimpParamDef image = {GIMP_PDB_IMAGE, (gchar *)"new-image",
                          (gchar *)"The image that has the result"};
    gint count = FIXED_ARGUMENTS;
    for (const Option *o = p->options; o->name; o++)
        arguments[count++] = (GimpParamDef){type_of(o), (gchar *)o->name, describe(o)};
    gimp_install_procedure(p->name, p->blurb, p->help, HOST_AUTHOR, HOST_AUTHOR,
                           HOST_YEAR, p->label, "*", GIMP_PLUGIN, count, 1, arguments,
                           p->returns == RETURNS_FILE ? &file : &image);
    gimp_plugin_menu_register(p->name, HOST_MENU "/" HOST_BRANCH);
    for (gint i = FIXED_ARGUMENTS; i < count; i++)
        g_free(arguments[i].description);
}

static void query(void)
{
    gchar *locale = beside_locale(), *help = beside_help();
    gchar *help_uri = g_filename_to_uri(help, NULL, NULL);
    gimp_plugin_domain_register(GETTEXT_PACKAGE, locale);
    gimp_plugin_help_register(HOST_HELP_DOMAIN, help_uri);
    gimp_plugin_menu_branch_register(HOST_MENU, "_" HOST_BRANCH);
    for (const Procedure *const *p = procedures; *p; p++)
        install(*p);
    g_free(help_uri);
    g_free(help);
    g_free(locale);
}

/* ------------------------------------------------------------------ values */

static void take_argument(const Option *o, gpointer values, const GimpParam *argument)
{
    gchar **text;
    switch (type_of(o)) {
    case GIMP_PDB_FLOAT:
        *option_real(o, values) = argument->data.d_float;
        break;
    case GIMP_PDB_STRING:
        text = option_text(o, values);
        g_free(*text);
        *text = g_strdup(argument->data.d_string ? argument->data.d_string : "");
        break;
    default:
        *option_whole(o, values) = argument->data.d_int32;
        break;
    }
}

/* A script gives all values; else they are those of the last time. */
static gchar *take_values(const Procedure *p, gpointer values, Mode mode,
                          const GimpParam *arguments, gint count)
{
    gint i = FIXED_ARGUMENTS;
    if (mode == MODE_SCRIPT) {
        for (const Option *o = p->options; o->name && i < count; o++, i++)
            take_argument(o, values, &arguments[i]);
        return options_check(p->options, values);
    }
    gint size = gimp_get_data_size(p->name);
    gchar *last = g_malloc0((gsize)size + 1);
    if (size > 0 && gimp_get_data(p->name, last))
        options_parse(p->options, values, last);
    g_free(last);
    return NULL;
}

static void keep_values(const Procedure *p, gconstpointer values)
{
    gchar *text = options_format(p->options, values);
    gimp_set_data(p->name, text, (guint32)strlen(text) + 1);
    g_free(text);
}

/* ---------------------------------------------------------------- running */

static Mode mode_of(GimpRunMode mode)
{
    return mode == GIMP_RUN_INTERACTIVE      ? MODE_INTERACTIVE
           : mode == GIMP_RUN_NONINTERACTIVE ? MODE_SCRIPT
                                             : MODE_REPEAT;
}

static Outcome run_call(const Procedure *p, Call *call, const GimpParam *arguments,
                        gint count)
{
    gchar *sentence = take_values(p, call->values, call->mode, arguments, count);
    if (sentence)
        return call_fail(call, sentence);
    Outcome outcome = p->run(call);
    if (outcome == OUTCOME_DONE && call->mode == MODE_INTERACTIVE)
        keep_values(p, call->values);
    return outcome;
}

/* GIMP takes the values when this has returned: they are the process's last. */
static gint answer(const Procedure *p, Outcome outcome, Call *call, GimpParam *values)
{
    static const GimpPDBStatusType statuses[] = {GIMP_PDB_SUCCESS, GIMP_PDB_CANCEL,
                                                 GIMP_PDB_EXECUTION_ERROR};
    values[0].type = GIMP_PDB_STATUS;
    values[0].data.d_status = statuses[outcome];
    if (outcome == OUTCOME_CANCELLED)
        return 1;
    values[1].type = GIMP_PDB_STRING;
    values[1].data.d_string = call->error;
    if (outcome == OUTCOME_FAILED)
        return 2;
    values[1].data.d_string = call->file;
    if (p->returns == RETURNS_IMAGE) {
        values[1].type = GIMP_PDB_IMAGE;
        values[1].data.d_image = call->new_image;
    }
    return 2;
}

static void run(const gchar *name, gint count, const GimpParam *arguments,
                gint *value_count, GimpParam **values)
{
    static GimpParam answers[2];
    const Procedure *const *p = procedures;
    while (strcmp((*p)->name, name) != 0)
        p++;
    Call call = {.mode = mode_of((GimpRunMode)arguments[0].data.d_int32),
                 .image = arguments[1].data.d_image,
                 .drawable = arguments[2].data.d_drawable,
                 .new_image = -1};
    gegl_init(NULL, NULL);
    beside_init();
    call.values = g_malloc0((*p)->size);
    options_init((*p)->options, call.values);
    Outcome outcome = run_call(*p, &call, arguments, count);
    *value_count = answer(*p, outcome, &call, answers);
    *values = answers;
    options_clear((*p)->options, call.values);
    g_free(call.values);
}

const GimpPlugInInfo PLUG_IN_INFO = {NULL, NULL, query, run};

int main(int count, char **arguments)
{
    return gimp_main(&PLUG_IN_INFO, count, arguments);
}

static void fill_argument(const Option *o, gpointer values, GimpParam *argument)
{
    argument->type = type_of(o);
    if (argument->type == GIMP_PDB_FLOAT)
        argument->data.d_float = *option_real(o, values);
    else if (argument->type == GIMP_PDB_STRING)
        argument->data.d_string = *option_text(o, values);
    else
        argument->data.d_int32 = *option_whole(o, values);
}

gboolean host_call(const Procedure *p, gint32 image, gint32 drawable)
{
    GimpParam arguments[VALUES_MOST] = {{.type = GIMP_PDB_INT32}};
    gpointer values = g_malloc0(p->size);
    gint count = FIXED_ARGUMENTS, answered;
    arguments[0].data.d_int32 = GIMP_RUN_INTERACTIVE;
    arguments[1].type = GIMP_PDB_IMAGE;
    arguments[1].data.d_image = image;
    arguments[2].type = GIMP_PDB_DRAWABLE;
    arguments[2].data.d_drawable = drawable;
    options_init(p->options, values);
    for (const Option *o = p->options; o->name; o++)
        fill_argument(o, values, &arguments[count++]);
    GimpParam *answers = gimp_run_procedure2(p->name, &answered, count, arguments);
    gboolean done = answers[0].data.d_status == GIMP_PDB_SUCCESS;
    gimp_destroy_params(answers, answered);
    options_clear(p->options, values);
    g_free(values);
    return done;
}

/* ------------------------------------------------------------------- items */

gboolean host_is_layer(gint32 drawable)
{
    return drawable >= 0 && gimp_item_is_valid(drawable) && gimp_item_is_layer(drawable);
}

gboolean host_is_group(gint32 layer)
{
    return gimp_item_is_group(layer);
}

/* A group's lock is its layers', too. */
gboolean host_is_locked(gint32 layer)
{
    gboolean locked = gimp_layer_get_lock_alpha(layer);
    for (gint32 item = layer; item >= 0 && !locked; item = gimp_item_get_parent(item))
        locked = gimp_item_get_lock_content(item);
    return locked;
}

gint32 host_image_of(gint32 drawable)
{
    return gimp_item_get_image(drawable);
}

gchar *host_name(gint32 drawable)
{
    return gimp_item_get_name(drawable);
}

void host_size(gint32 drawable, gint *width, gint *height)
{
    *width = gimp_drawable_width(drawable);
    *height = gimp_drawable_height(drawable);
}

void host_offsets(gint32 drawable, gint *x, gint *y)
{
    gimp_drawable_offsets(drawable, x, y);
}

gboolean host_selected(gint32 drawable, GeglRectangle *part)
{
    return gimp_drawable_mask_intersect(drawable, &part->x, &part->y, &part->width,
                                        &part->height);
}

gint32 host_selection(gint32 image)
{
    return gimp_selection_is_empty(image) ? -1 : gimp_image_get_selection(image);
}

gint32 host_mask(gint32 layer)
{
    gint32 mask = gimp_layer_get_mask(layer);
    return mask >= 0 && gimp_layer_get_apply_mask(layer) ? mask : -1;
}

/* GIMP 2.10 does not tell GEGL what the numbers of an image with a profile mean. */
static GeglBuffer *in_its_space(GeglBuffer *buffer, gint32 drawable)
{
    const GimpColorRenderingIntent intent =
        GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC;
    GimpColorProfile *profile =
        gimp_drawable_is_rgb(drawable)
            ? gimp_image_get_color_profile(gimp_item_get_image(drawable))
            : NULL;
    const Babl *space =
        profile ? gimp_color_profile_get_space(profile, intent, NULL) : NULL;
    const char *encoding = babl_format_get_encoding(gegl_buffer_get_format(buffer));
    if (space)
        gegl_buffer_set_format(buffer, babl_format_with_space(encoding, space));
    g_clear_object(&profile);
    return buffer;
}

GeglBuffer *host_buffer(gint32 drawable)
{
    return in_its_space(gimp_drawable_get_buffer(drawable), drawable);
}

GeglBuffer *host_shadow(gint32 drawable)
{
    return in_its_space(gimp_drawable_get_shadow_buffer(drawable), drawable);
}

void host_merge_shadow(gint32 drawable)
{
    gimp_drawable_merge_shadow(drawable, TRUE);
    gimp_drawable_update(drawable, 0, 0, gimp_drawable_width(drawable),
                         gimp_drawable_height(drawable));
}

void host_add_alpha(gint32 layer)
{
    if (!gimp_drawable_has_alpha(layer))
        gimp_layer_add_alpha(layer);
}

GBytes *host_parasite(gint32 drawable, const char *name)
{
    GimpParasite *parasite = gimp_item_get_parasite(drawable, name);
    GBytes *bytes;
    if (!parasite)
        return NULL;
    bytes = g_bytes_new(gimp_parasite_data(parasite),
                        (gsize)gimp_parasite_data_size(parasite));
    gimp_parasite_free(parasite);
    return bytes;
}

void host_attach(gint32 drawable, const char *name, GBytes *data)
{
    gsize size;
    gconstpointer bytes = g_bytes_get_data(data, &size);
    GimpParasite *parasite = gimp_parasite_new(
        name, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE, (guint32)size, bytes);
    gimp_item_attach_parasite(drawable, parasite);
    gimp_parasite_free(parasite);
}

/* ------------------------------------------------------------------ images */

gboolean host_is_image(gint32 image)
{
    return image >= 0 && gimp_image_is_valid(image);
}

gboolean host_is_indexed(gint32 image)
{
    return gimp_image_base_type(image) == GIMP_INDEXED;
}

gboolean host_is_floating(gint32 image)
{
    return gimp_image_get_floating_sel(image) >= 0;
}

gint32 host_image_new(gint width, gint height)
{
    gint32 image = gimp_image_new(width, height, GIMP_RGB);
    gimp_image_undo_disable(image);
    return image;
}

void host_image_finish(gint32 image, gboolean show)
{
    gimp_image_undo_enable(image);
    if (show)
        gimp_display_new(image);
}

gint32 host_layer_new(gint32 image, const HostLayer *as)
{
    gboolean gray = gimp_image_base_type(image) == GIMP_GRAY;
    gint32 layer = gimp_layer_new(image, as->name, as->width, as->height,
                                  gray ? GIMP_GRAYA_IMAGE : GIMP_RGBA_IMAGE, 100,
                                  gimp_image_get_default_new_layer_mode(image));
    gimp_layer_set_offsets(layer, as->x, as->y);
    return layer;
}

void host_layer_insert(gint32 image, gint32 layer, gint32 above)
{
    gint32 parent = above < 0 ? -1 : gimp_item_get_parent(above);
    gint position = above < 0 ? 0 : gimp_image_get_item_position(image, above);
    gimp_image_insert_layer(image, layer, parent, position);
}

gint32 host_layer_copy(gint32 image, gint32 layer, const char *name, gint32 above)
{
    gint32 copy = gimp_layer_copy(layer);
    host_layer_insert(image, copy, above);
    gimp_item_set_name(copy, name);
    return copy;
}

void host_undo_begin(gint32 image)
{
    gimp_image_undo_group_start(image);
}

void host_undo_end(gint32 image)
{
    gimp_image_undo_group_end(image);
}
