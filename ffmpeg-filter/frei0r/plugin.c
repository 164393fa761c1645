/* SPDX-License-Identifier: MIT
 *
 * The filter nca and, with NCA_SOURCE, the source ncasrc, for hosts of frei0r: FFmpeg,
 * MLT and its editors.
 *
 * A call may be for any frame: MLT has an instance for each of its threads, and seeks.
 * Where the time tells which one, the creature grows on to it, or anew from the first:
 * the picture is the same in whatever order frames are asked for. */
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The calls below are all that is to be seen of this module. */
#pragma GCC visibility push(default)
#include <frei0r.h>
#pragma GCC visibility pop

#include "parameters.h"

enum { SIDE_MAX = 65535 }; /* of a picture, pixels */

static const char *const name = NCA_SOURCE ? "ncasrc" : "nca";

typedef struct Plugin {
    Creature creature;
    char *text[PARAMETERS_MAX];    /* as the host set them; of KIND_NUMBER: NULL */
    double number[PARAMETERS_MAX]; /* those of KIND_NUMBER */
    bool changed, begins;          /* since they were last read */
    bool in_mlt;
    NcaError told;        /* what was wrong last */
    pthread_mutex_t lock; /* MLT may call for slices of a picture at once */
} Plugin;

/* -------------------------------------------------------------- parameters */

static void tell(Plugin *plugin, const NcaError *error)
{
    if (strcmp(plugin->told.text, error->text))
        fprintf(stderr, "frei0r %s: %s\n", name, error->text);
    plugin->told = *error;
}

static void set_text(Plugin *plugin, int i, const char *value)
{
    const char *text = value && *value ? value : parameters[i].initial;
    char *copy;
    if (plugin->text[i] && !strcmp(plugin->text[i], text))
        return;
    copy = strdup(text);
    if (!copy) {
        tell(plugin, &(NcaError){"out of memory"});
        return;
    }
    free(plugin->text[i]);
    plugin->text[i] = copy;
    plugin->changed = true;
    plugin->begins |= parameters[i].begins;
}

static void set_number(Plugin *plugin, int i, double value)
{
    if (!isfinite(value) || plugin->number[i] == value)
        return;
    plugin->number[i] = value;
    plugin->changed = true;
}

static NcaStatus read_values(const Plugin *plugin, Values *values, NcaError *error)
{
    NcaStatus status = NCA_OK;
    *values = (Values){.mode = NCA_BLEND_ALPHA, .wound = NCA_WOUND_NONE};
    for (int i = 0; status >= 0 && i < PARAMETERS; i++) {
        if (parameters[i].kind == KIND_NUMBER)
            *(double *)((char *)values + parameters[i].at) = plugin->number[i];
        else
            status = parameter_read(&parameters[i], plugin->text[i], values, error);
    }
    if (values->rate < 0)
        values->rate = plugin->in_mlt ? 25 : 0;
    return status;
}

/* Nothing changes as long as a value is refused; that is told of once. */
static void use_values(Plugin *plugin)
{
    Creature *creature = &plugin->creature;
    Values values;
    NcaError error;
    NcaStatus status;
    if (!plugin->changed)
        return;
    plugin->changed = false;
    status = read_values(plugin, &values, &error);
    if (status >= 0)
        status = plugin->begins ? creature_begin(creature, &values, &error)
                                : creature_change(creature, &values, &error);
    if (status < 0) {
        tell(plugin, &error);
        return;
    }
    plugin->begins = false;
    plugin->told.text[0] = '\0';
}

/* ------------------------------------------------------------------ frames */

/* Which frame a call is for. */
static int64_t frame_at(const Creature *creature, double time)
{
    double frame = round(time * creature->values.rate);
    if (creature->values.rate <= 0)
        return creature->frame + 1;
    return frame > 0 ? (int64_t)fmin(frame, INT32_MAX) : 0;
}

void f0r_update(f0r_instance_t instance, double time, const uint32_t *in, uint32_t *out)
{
    Plugin *plugin = instance;
    Creature *creature = &plugin->creature;
    size_t size;
    pthread_mutex_lock(&plugin->lock);
    size = (size_t)creature->width * creature->height * sizeof(*out);
    if (NCA_SOURCE)
        memset(out, 0, size);
    else if (in != out)
        memcpy(out, in, size);
    use_values(plugin);
    if (creature->film) {
        creature_go(creature, frame_at(creature, time));
        creature_show(creature, (uint8_t *)out);
    }
    pthread_mutex_unlock(&plugin->lock);
}

/* ------------------------------------------------------- set-up and tear-down */

/* MLT tells seconds and calls in any order; others call once for each frame, and tell
 * seconds or thousandths of them, after their version. */
static bool is_mlt(void *caller)
{
    Dl_info of;
    return dladdr(caller, &of) && of.dli_fname && strstr(of.dli_fname, "mltfrei0r");
}

void f0r_destruct(f0r_instance_t instance)
{
    Plugin *plugin = instance;
    creature_end(&plugin->creature);
    for (int i = 0; i < PARAMETERS; i++)
        free(plugin->text[i]);
    pthread_mutex_destroy(&plugin->lock);
    free(plugin);
}

static bool set_default(Plugin *plugin, int i)
{
    const Parameter *p = &parameters[i];
    Values values;
    if (p->kind != KIND_NUMBER) {
        set_text(plugin, i, NULL);
        return plugin->text[i];
    }
    if (parameter_read(p, p->initial, &values, &plugin->told) < 0)
        return false;
    set_number(plugin, i, *(double *)((char *)&values + p->at));
    return true;
}

static bool set_defaults(Plugin *plugin)
{
    for (int i = 0; i < PARAMETERS; i++)
        if (!set_default(plugin, i))
            return false;
    return true;
}

f0r_instance_t f0r_construct(unsigned int width, unsigned int height)
{
    bool fits = width && height && width <= SIDE_MAX && height <= SIDE_MAX;
    Plugin *plugin = fits ? calloc(1, sizeof(*plugin)) : NULL;
    if (!plugin)
        return NULL;
    plugin->in_mlt = is_mlt(__builtin_return_address(0));
    plugin->creature.width = (int)width;
    plugin->creature.height = (int)height;
    plugin->begins = true;
    pthread_mutex_init(&plugin->lock, NULL);
    if (!set_defaults(plugin)) {
        f0r_destruct(plugin);
        return NULL;
    }
    return plugin;
}

void f0r_set_param_value(f0r_instance_t instance, f0r_param_t param, int index)
{
    if (index < 0 || index >= PARAMETERS || !param)
        return;
    if (parameters[index].kind == KIND_NUMBER)
        set_number(instance, index, *(f0r_param_double *)param);
    else
        set_text(instance, index, *(f0r_param_string *)param);
}

void f0r_get_param_value(f0r_instance_t instance, f0r_param_t param, int index)
{
    Plugin *plugin = instance;
    if (index < 0 || index >= PARAMETERS || !param)
        return;
    if (parameters[index].kind == KIND_NUMBER)
        *(f0r_param_double *)param = plugin->number[index];
    else
        *(f0r_param_string *)param = plugin->text[index];
}

/* ------------------------------------------------------------- registration */

int f0r_init(void)
{
    return 1;
}

void f0r_deinit(void) {}

void f0r_get_plugin_info(f0r_plugin_info_t *info)
{
    int major = 0, minor = 0;
    sscanf(nca_version(), "%d.%d", &major, &minor);
    *info = (f0r_plugin_info_t){
        .name = name,
        .author = "nca",
        .plugin_type = NCA_SOURCE ? F0R_PLUGIN_TYPE_SOURCE : F0R_PLUGIN_TYPE_FILTER,
        .color_model = F0R_COLOR_MODEL_RGBA8888,
        .frei0r_version = FREI0R_MAJOR_VERSION,
        .major_version = major,
        .minor_version = minor,
        .num_params = PARAMETERS,
        .explanation = NCA_SOURCE ? "Grow a neural cellular automaton"
                                  : "Grow a neural cellular automaton on the video",
    };
}

void f0r_get_param_info(f0r_param_info_t *info, int index)
{
    if (index < 0 || index >= PARAMETERS)
        return;
    info->name = parameters[index].name;
    info->type =
        parameters[index].kind == KIND_NUMBER ? F0R_PARAM_DOUBLE : F0R_PARAM_STRING;
    info->explanation = parameters[index].help;
}
