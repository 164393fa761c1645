/* SPDX-License-Identifier: MIT
 *
 * GIMP 3: procedures, items, images. */
#include <libgimp/gimp.h>

#include <glib/gi18n-lib.h>
#include <string.h>

#include "beside.h"
#include "host.h"
#include "host3.h"

/* ---------------------------------------------------------------- plug-in */

#define NCA_TYPE_PLUG_IN (nca_plug_in_get_type())
G_DECLARE_FINAL_TYPE(NcaPlugIn, nca_plug_in, NCA, PLUG_IN, GimpPlugIn)

struct _NcaPlugIn {
    GimpPlugIn parent;
};

G_DEFINE_FINAL_TYPE(NcaPlugIn, nca_plug_in, GIMP_TYPE_PLUG_IN)
GIMP_MAIN(NCA_TYPE_PLUG_IN)

static const Procedure *find_procedure(const gchar *name)
{
    const Procedure *const *p = procedures;
    while (strcmp((*p)->name, name) != 0)
        p++;
    return *p;
}

static void set_help(GimpPlugIn *plug_in)
{
    gchar *help = beside_help();
    GFile *folder = g_file_new_for_path(help);
    gimp_plug_in_set_help_domain(plug_in, HOST_HELP_DOMAIN, folder);
    g_object_unref(folder);
    g_free(help);
}

static GList *query_procedures(GimpPlugIn *plug_in)
{
    GList *names = NULL;
    set_help(plug_in);
    for (const Procedure *const *p = procedures; *p; p++)
        names = g_list_append(names, g_strdup((*p)->name));
    return names;
}

/* The folder is found by locale_folder, not below the plug-in only. */
static gboolean set_i18n(GimpPlugIn *plug_in, const gchar *procedure, gchar **domain,
                         gchar **folder)
{
    (void)plug_in, (void)procedure, (void)domain, (void)folder;
    return FALSE;
}

/* -------------------------------------------------------------- arguments */

static GimpChoice *choice_of(const Option *o)
{
    GimpChoice *choice = gimp_choice_new();
    for (const OptionChoice *c = o->choices; c->name; c++)
        gimp_choice_add(choice, c->name, (gint)(c - o->choices), _(c->label), NULL);
    return choice;
}

static void add_argument(GimpProcedure *p, const Option *o)
{
    const gchar *label = _(o->label), *help = _(o->help);
    switch (o->kind) {
    case OPTION_REAL:
        gimp_procedure_add_double_argument(p, o->name, label, help, o->least, o->most,
                                           o->initial, G_PARAM_READWRITE);
        break;
    case OPTION_CHOICE:
        gimp_procedure_add_choice_argument(p, o->name, label, help, choice_of(o),
                                           o->choices[(gint)o->initial].name,
                                           G_PARAM_READWRITE);
        break;
    case OPTION_TEXT:
    case OPTION_MODEL:
        gimp_procedure_add_string_argument(p, o->name, label, help, o->text,
                                           G_PARAM_READWRITE);
        break;
    default:
        gimp_procedure_add_int_argument(p, o->name, label, help, (gint)o->least,
                                        (gint)o->most, (gint)o->initial,
                                        G_PARAM_READWRITE);
    }
}

static GimpValueArray *run(GimpProcedure *procedure, GimpRunMode mode, GimpImage *image,
                           GimpDrawable **drawables, GimpProcedureConfig *config,
                           gpointer data);

/* Everything is there always: what cannot be done is told by a sentence. */
static GimpProcedure *create_procedure(GimpPlugIn *plug_in, const gchar *name)
{
    const Procedure *of = find_procedure(name);
    GimpProcedure *p = gimp_image_procedure_new(plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN,
                                                run, (gpointer)of, NULL);
    gimp_procedure_set_image_types(p, "*");
    gimp_procedure_set_sensitivity_mask(p, GIMP_PROCEDURE_SENSITIVE_ALWAYS);
    gimp_procedure_set_menu_label(p, _(of->label));
    gimp_procedure_add_menu_path(p, HOST_MENU "/_" HOST_BRANCH);
    gimp_procedure_set_documentation(p, _(of->blurb), _(of->help), name);
    gimp_procedure_set_attribution(p, HOST_AUTHOR, HOST_AUTHOR, HOST_YEAR);
    for (const Option *o = of->options; o->name; o++)
        add_argument(p, o);
    if (of->returns == RETURNS_FILE)
        gimp_procedure_add_string_return_value(
            p, "file", _("File"), _("The model's file"), NULL, G_PARAM_READWRITE);
    else
        gimp_procedure_add_image_return_value(p, "new-image", _("Image"),
                                              _("The image that has the result"), TRUE,
                                              G_PARAM_READWRITE);
    return p;
}

static void nca_plug_in_class_init(NcaPlugInClass *class)
{
    GimpPlugInClass *plug_in = GIMP_PLUG_IN_CLASS(class);
    plug_in->query_procedures = query_procedures;
    plug_in->create_procedure = create_procedure;
    plug_in->set_i18n = set_i18n;
    beside_init();
}

static void nca_plug_in_init(NcaPlugIn *plug_in)
{
    (void)plug_in;
}

/* ------------------------------------------------------------------ values */

void host3_read_values(GimpProcedureConfig *config, const Option *options,
                       gpointer values)
{
    for (const Option *o = options; o->name; o++)
        if (o->kind == OPTION_TEXT || o->kind == OPTION_MODEL) {
            gchar **text = option_text(o, values);
            g_free(*text);
            g_object_get(config, o->name, text, NULL);
            if (!*text)
                *text = g_strdup("");
        } else if (o->kind == OPTION_CHOICE) {
            *option_whole(o, values) =
                gimp_procedure_config_get_choice_id(config, o->name);
        } else if (o->kind == OPTION_REAL) {
            g_object_get(config, o->name, option_real(o, values), NULL);
        } else {
            g_object_get(config, o->name, option_whole(o, values), NULL);
        }
}

void host3_write_values(GimpProcedureConfig *config, const Option *options,
                        gpointer values)
{
    for (const Option *o = options; o->name; o++)
        if (o->kind == OPTION_TEXT || o->kind == OPTION_MODEL)
            g_object_set(config, o->name, *option_text(o, values), NULL);
        else if (o->kind == OPTION_CHOICE)
            g_object_set(config, o->name, o->choices[*option_whole(o, values)].name,
                         NULL);
        else if (o->kind == OPTION_REAL)
            g_object_set(config, o->name, *option_real(o, values), NULL);
        else
            g_object_set(config, o->name, *option_whole(o, values), NULL);
}

/* ---------------------------------------------------------------- running */

static Mode mode_of(GimpRunMode mode)
{
    return mode == GIMP_RUN_INTERACTIVE      ? MODE_INTERACTIVE
           : mode == GIMP_RUN_NONINTERACTIVE ? MODE_SCRIPT
                                             : MODE_REPEAT;
}

static GimpValueArray *answer(GimpProcedure *procedure, const Procedure *p,
                              Outcome outcome, const Call *call)
{
    static const GimpPDBStatusType statuses[] = {GIMP_PDB_SUCCESS, GIMP_PDB_CANCEL,
                                                 GIMP_PDB_EXECUTION_ERROR};
    GError *error = outcome == OUTCOME_FAILED
                        ? g_error_new_literal(GIMP_PLUG_IN_ERROR, 0, call->error)
                        : NULL;
    GimpValueArray *values =
        gimp_procedure_new_return_values(procedure, statuses[outcome], error);
    if (outcome != OUTCOME_DONE)
        return values;
    if (p->returns == RETURNS_FILE)
        GIMP_VALUES_SET_STRING(values, 1, call->file);
    else
        GIMP_VALUES_SET_IMAGE(values, 1, gimp_image_get_by_id(call->new_image));
    return values;
}

static Outcome run_call(const Procedure *p, Call *call, GimpDrawable **drawables)
{
    gsize count = gimp_core_object_array_get_length((GObject **)drawables);
    if (count > 1)
        return call_fail(call, g_strdup(_("Several layers are chosen: choose one.")));
    call->drawable = count ? gimp_item_get_id(GIMP_ITEM(drawables[0])) : -1;
    return p->run(call);
}

static GimpValueArray *run(GimpProcedure *procedure, GimpRunMode mode, GimpImage *image,
                           GimpDrawable **drawables, GimpProcedureConfig *config,
                           gpointer data)
{
    const Procedure *p = data;
    Host3 host = {procedure, config};
    Call call = {.mode = mode_of(mode),
                 .image = image ? gimp_image_get_id(image) : -1,
                 .host = &host,
                 .new_image = -1};
    gegl_init(NULL, NULL);
    call.values = g_malloc0(p->size);
    options_init(p->options, call.values);
    host3_read_values(config, p->options, call.values);
    Outcome outcome = run_call(p, &call, drawables);
    /* GIMP would attach the settings to an image that is gone, and complain. */
    if (outcome == OUTCOME_DONE && image && !gimp_image_id_is_valid(call.image))
        outcome = OUTCOME_CANCELLED;
    GimpValueArray *values = answer(procedure, p, outcome, &call);
    options_clear(p->options, call.values);
    g_free(call.values);
    g_free(call.error);
    g_free(call.file);
    return values;
}

gboolean host_call(const Procedure *p, gint32 image, gint32 drawable)
{
    GimpProcedure *procedure = gimp_pdb_lookup_procedure(gimp_get_pdb(), p->name);
    GimpDrawable *drawables[] = {gimp_drawable_get_by_id(drawable), NULL};
    GimpValueArray *values =
        gimp_procedure_run(procedure, "run-mode", GIMP_RUN_INTERACTIVE, "image",
                           gimp_image_get_by_id(image), "drawables", drawables, NULL);
    gboolean done = GIMP_VALUES_GET_ENUM(values, 0) == GIMP_PDB_SUCCESS;
    gimp_value_array_unref(values);
    return done;
}

/* ------------------------------------------------------------------- items */

static GimpDrawable *drawable_of(gint32 id)
{
    return gimp_drawable_get_by_id(id);
}

gboolean host_is_layer(gint32 drawable)
{
    return drawable >= 0 && gimp_item_id_is_valid(drawable) &&
           gimp_item_id_is_layer(drawable);
}

gboolean host_is_group(gint32 layer)
{
    return gimp_item_is_group(gimp_item_get_by_id(layer));
}

/* A group's lock is its layers', too. */
gboolean host_is_locked(gint32 layer)
{
    GimpItem *item = gimp_item_get_by_id(layer);
    gboolean locked = gimp_layer_get_lock_alpha(GIMP_LAYER(item));
    for (; item && !locked; item = gimp_item_get_parent(item))
        locked = gimp_item_get_lock_content(item);
    return locked;
}

gint32 host_image_of(gint32 drawable)
{
    return gimp_image_get_id(gimp_item_get_image(gimp_item_get_by_id(drawable)));
}

gchar *host_name(gint32 drawable)
{
    return gimp_item_get_name(gimp_item_get_by_id(drawable));
}

void host_size(gint32 drawable, gint *width, gint *height)
{
    *width = gimp_drawable_get_width(drawable_of(drawable));
    *height = gimp_drawable_get_height(drawable_of(drawable));
}

void host_offsets(gint32 drawable, gint *x, gint *y)
{
    gimp_drawable_get_offsets(drawable_of(drawable), x, y);
}

gboolean host_selected(gint32 drawable, GeglRectangle *part)
{
    return gimp_drawable_mask_intersect(drawable_of(drawable), &part->x, &part->y,
                                        &part->width, &part->height);
}

gint32 host_selection(gint32 image)
{
    GimpImage *of = gimp_image_get_by_id(image);
    if (gimp_selection_is_empty(of))
        return -1;
    return gimp_item_get_id(GIMP_ITEM(gimp_image_get_selection(of)));
}

gint32 host_mask(gint32 layer)
{
    GimpLayer *of = gimp_layer_get_by_id(layer);
    GimpLayerMask *mask = gimp_layer_get_mask(of);
    return mask && gimp_layer_get_apply_mask(of) ? gimp_item_get_id(GIMP_ITEM(mask)) : -1;
}

GeglBuffer *host_buffer(gint32 drawable)
{
    return gimp_drawable_get_buffer(drawable_of(drawable));
}

GeglBuffer *host_shadow(gint32 drawable)
{
    return gimp_drawable_get_shadow_buffer(drawable_of(drawable));
}

void host_merge_shadow(gint32 drawable)
{
    GimpDrawable *of = drawable_of(drawable);
    gimp_drawable_merge_shadow(of, TRUE);
    gimp_drawable_update(of, 0, 0, gimp_drawable_get_width(of),
                         gimp_drawable_get_height(of));
}

void host_add_alpha(gint32 layer)
{
    if (!gimp_drawable_has_alpha(drawable_of(layer)))
        gimp_layer_add_alpha(gimp_layer_get_by_id(layer));
}

GBytes *host_parasite(gint32 drawable, const char *name)
{
    GimpParasite *parasite = gimp_item_get_parasite(gimp_item_get_by_id(drawable), name);
    guint32 size;
    if (!parasite)
        return NULL;
    gconstpointer data = gimp_parasite_get_data(parasite, &size);
    GBytes *bytes = g_bytes_new(data, size);
    gimp_parasite_free(parasite);
    return bytes;
}

void host_attach(gint32 drawable, const char *name, GBytes *data)
{
    gsize size;
    gconstpointer bytes = g_bytes_get_data(data, &size);
    GimpParasite *parasite = gimp_parasite_new(
        name, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE, (guint32)size, bytes);
    gimp_item_attach_parasite(gimp_item_get_by_id(drawable), parasite);
    gimp_parasite_free(parasite);
}

/* ------------------------------------------------------------------ images */

gboolean host_is_image(gint32 image)
{
    return image >= 0 && gimp_image_id_is_valid(image);
}

gboolean host_is_indexed(gint32 image)
{
    return gimp_image_get_base_type(gimp_image_get_by_id(image)) == GIMP_INDEXED;
}

gboolean host_is_floating(gint32 image)
{
    return gimp_image_get_floating_sel(gimp_image_get_by_id(image)) != NULL;
}

gint32 host_image_new(gint width, gint height)
{
    GimpImage *image = gimp_image_new(width, height, GIMP_RGB);
    gimp_image_undo_disable(image);
    return gimp_image_get_id(image);
}

void host_image_finish(gint32 image, gboolean show)
{
    GimpImage *of = gimp_image_get_by_id(image);
    gimp_image_undo_enable(of);
    if (show)
        gimp_display_new(of);
}

void host_layer_insert(gint32 image, gint32 layer, gint32 above)
{
    GimpImage *of = gimp_image_get_by_id(image);
    GimpItem *item = above < 0 ? NULL : gimp_item_get_by_id(above), *parent = NULL;
    gint position = 0;
    if (item) {
        parent = gimp_item_get_parent(item);
        position = gimp_image_get_item_position(of, item);
    }
    gimp_image_insert_layer(of, gimp_layer_get_by_id(layer),
                            parent ? GIMP_LAYER(parent) : NULL, position);
}

gint32 host_layer_new(gint32 image, const HostLayer *as)
{
    GimpImage *of = gimp_image_get_by_id(image);
    gboolean gray = gimp_image_get_base_type(of) == GIMP_GRAY;
    GimpLayer *layer = gimp_layer_new(of, as->name, as->width, as->height,
                                      gray ? GIMP_GRAYA_IMAGE : GIMP_RGBA_IMAGE, 100,
                                      gimp_image_get_default_new_layer_mode(of));
    gimp_layer_set_offsets(layer, as->x, as->y);
    return gimp_item_get_id(GIMP_ITEM(layer));
}

gint32 host_layer_copy(gint32 image, gint32 layer, const char *name, gint32 above)
{
    GimpLayer *copy = gimp_layer_copy(gimp_layer_get_by_id(layer));
    gint32 number = gimp_item_get_id(GIMP_ITEM(copy));
    host_layer_insert(image, number, above);
    gimp_item_set_name(GIMP_ITEM(copy), name);
    return number;
}

void host_undo_begin(gint32 image)
{
    gimp_image_undo_group_start(gimp_image_get_by_id(image));
}

void host_undo_end(gint32 image)
{
    gimp_image_undo_group_end(gimp_image_get_by_id(image));
}
