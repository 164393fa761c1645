/* SPDX-License-Identifier: MIT
 *
 * The shape of a model: its range, and its form as metadata. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "number.h"
#include "status.h"

static const char *const band_names[] = {"identity", "sobel_x", "sobel_y", "laplacian",
                                         NULL};
static const char *const alive_names[] = {"pre+post", "pre", "none", NULL};
static const char *const edge_names[] = {"zero", "wrap", NULL};
static const char *const color_names[] = {"premultiplied", "x+0.5", "x/2+0.5", NULL};

static const char *const keys[] = {
    "format", "version",         "channels", "hidden",    "bands", "band_scale",
    "alive",  "alive_threshold", "edge",     "fire_rate", "color", "clamp",
};

NcaShape nca_shape_default(void)
{
    return (NcaShape){
        .channels = 16,
        .hidden = 128,
        .bands = 3,
        .band = {NCA_BAND_IDENTITY, NCA_BAND_SOBEL_X, NCA_BAND_SOBEL_Y},
        .band_scale = {1, 0.125f, 0.125f},
        .alive_threshold = 0.1f,
        .fire_rate = 0.5f,
        .output_bias = true,
    };
}

bool nca_shape_is_key(const char *key)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!strcmp(key, keys[i]))
            return true;
    return false;
}

size_t nca_shape_tensor_size(const NcaShape *s, NcaTensor tensor)
{
    switch (tensor) {
    case NCA_W1:
        return (size_t)s->hidden * s->bands * s->channels;
    case NCA_B1:
        return (size_t)s->hidden;
    case NCA_W2:
        return (size_t)s->channels * s->hidden;
    default:
        return s->output_bias ? (size_t)s->channels : 0;
    }
}

static NcaStatus check_bands(const NcaShape *s, NcaError *error)
{
    unsigned seen = 0;
    if (s->bands < 1 || s->bands > NCA_BANDS_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "%d bands, 1 … %d are possible",
                        s->bands, NCA_BANDS_MAX);
    for (int b = 0; b < s->bands; b++) {
        if ((unsigned)s->band[b] >= NCA_BAND_COUNT || seen & 1u << s->band[b])
            return nca_fail(error, NCA_ERR_ARGUMENT, "band %d is unknown or there twice",
                            b);
        if (!(fabsf(s->band_scale[b]) <= 1e3f))
            return nca_fail(error, NCA_ERR_ARGUMENT,
                            "the scale of band %d is out of range", b);
        seen |= 1u << s->band[b];
    }
    return NCA_OK;
}

NcaStatus nca_shape_check(const NcaShape *s, NcaError *error)
{
    bool colored = s->color == NCA_COLOR_PREMULTIPLIED || s->alive != NCA_ALIVE_NONE;
    if (s->channels < (colored ? 4 : 3) || s->channels > NCA_CHANNELS_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "%d channels, %d … %d are possible",
                        s->channels, colored ? 4 : 3, NCA_CHANNELS_MAX);
    if (s->hidden < 1 || s->hidden > NCA_HIDDEN_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "%d hidden units, 1 … %d are possible",
                        s->hidden, NCA_HIDDEN_MAX);
    if ((unsigned)s->alive > NCA_ALIVE_NONE || (unsigned)s->edge > NCA_EDGE_WRAP ||
        (unsigned)s->color > NCA_COLOR_HALF_HALF)
        return nca_fail(error, NCA_ERR_ARGUMENT, "an unknown alive rule, edge or colour");
    /* Empty space must not count as alive, or no cell could be skipped. */
    if (!(s->alive_threshold >= 0 && s->alive_threshold <= 1e3f))
        return nca_fail(error, NCA_ERR_ARGUMENT, "the alive threshold is out of range");
    if (!(s->fire_rate >= 0 && s->fire_rate <= 1))
        return nca_fail(error, NCA_ERR_ARGUMENT, "the fire rate is not in 0 … 1");
    if (!(s->clamp >= 0 && s->clamp <= 1e6f))
        return nca_fail(error, NCA_ERR_ARGUMENT, "the clamp is out of range");
    return check_bands(s, error);
}

/* ------------------------------------------------------------------- write */

static bool set_text(json_t *meta, const char *key, const char *value)
{
    return json_object_set_new(meta, key, json_string(value)) == 0;
}

static bool set_number(json_t *meta, const char *key, double value)
{
    char text[32];
    nca_number_print(text, sizeof(text), value);
    return set_text(meta, key, text);
}

static bool set_bands(const NcaShape *s, json_t *meta)
{
    char names[64] = "", scales[NCA_BANDS_MAX * 32] = "";
    for (int b = 0; b < s->bands; b++) {
        char scale[32];
        nca_number_print(scale, sizeof(scale), s->band_scale[b]);
        strcat(strcat(names, b ? "," : ""), band_names[s->band[b]]);
        strcat(strcat(scales, b ? "," : ""), scale);
    }
    return set_text(meta, "bands", names) && set_text(meta, "band_scale", scales);
}

NcaStatus nca_shape_write(const NcaShape *s, json_t *meta, NcaError *error)
{
    bool good = set_text(meta, "format", "nca") && set_text(meta, "version", "1") &&
                set_number(meta, "channels", s->channels) &&
                set_number(meta, "hidden", s->hidden) && set_bands(s, meta) &&
                set_text(meta, "alive", alive_names[s->alive]) &&
                set_number(meta, "alive_threshold", s->alive_threshold) &&
                set_text(meta, "edge", edge_names[s->edge]) &&
                set_number(meta, "fire_rate", s->fire_rate) &&
                set_text(meta, "color", color_names[s->color]) &&
                set_number(meta, "clamp", s->clamp);
    return good ? NCA_OK : nca_fail_memory(error, "metadata");
}

/* -------------------------------------------------------------------- read */

static NcaStatus bad_value(NcaError *error, const char *key, const char *text)
{
    return nca_fail(error, NCA_ERR_FORMAT, "%s \"%.60s\" is not understood", key, text);
}

static NcaStatus get_number(const json_t *meta, const char *key, float *value,
                            NcaError *error)
{
    const char *text = json_string_value(json_object_get(meta, key)), *end;
    double v;
    if (!text)
        return NCA_OK;
    if (!nca_number_parse(text, &end, &v) || *end || !(fabs(v) <= 1e6))
        return bad_value(error, key, text);
    *value = (float)v;
    return NCA_OK;
}

/* Leaves *value as it was where the key is not there. */
static NcaStatus get_name(const json_t *meta, const char *key, const char *const *names,
                          int *value, NcaError *error)
{
    const char *text = json_string_value(json_object_get(meta, key));
    if (!text)
        return NCA_OK;
    for (int i = 0; names[i]; i++)
        if (!strcmp(text, names[i])) {
            *value = i;
            return NCA_OK;
        }
    return bad_value(error, key, text);
}

static int band_of(const char *name, size_t length)
{
    for (int i = 0; band_names[i]; i++)
        if (strlen(band_names[i]) == length && !strncmp(band_names[i], name, length))
            return i;
    return -1;
}

static NcaStatus get_bands(NcaShape *s, const json_t *meta, NcaError *error)
{
    const char *text = json_string_value(json_object_get(meta, "bands"));
    if (!text)
        return NCA_OK;
    s->bands = 0;
    for (const char *p = text;; p++) {
        size_t length = strcspn(p, ",");
        int band = band_of(p, length);
        if (band < 0 || s->bands == NCA_BANDS_MAX)
            return bad_value(error, "bands", text);
        s->band[s->bands] = (NcaBand)band;
        s->band_scale[s->bands++] = band == NCA_BAND_IDENTITY ? 1 : 0.125f;
        p += length;
        if (!*p)
            return NCA_OK;
    }
}

static NcaStatus get_scales(NcaShape *s, const json_t *meta, NcaError *error)
{
    const char *text = json_string_value(json_object_get(meta, "band_scale")), *p = text;
    if (!text)
        return NCA_OK;
    for (int b = 0; b < s->bands; b++) {
        double v;
        if (!nca_number_parse(p, &p, &v) || *p != (b + 1 < s->bands ? ',' : 0) ||
            !(fabs(v) <= 1e6))
            return bad_value(error, "band_scale", text);
        s->band_scale[b] = (float)v;
        p++;
    }
    return NCA_OK;
}

static NcaStatus get_size(const json_t *meta, const char *key, int tensors,
                          NcaError *error)
{
    float value = (float)tensors;
    NcaStatus status = get_number(meta, key, &value, error);
    if (status == NCA_OK && value != (float)tensors)
        return nca_fail(error, NCA_ERR_FORMAT, "%s is %g where the tensors have %d", key,
                        (double)value, tensors);
    return status;
}

static NcaStatus get_names(NcaShape *s, const json_t *meta, NcaError *error)
{
    int alive = s->alive, edge = s->edge, color = s->color;
    NcaStatus status = get_name(meta, "alive", alive_names, &alive, error);
    if (status == NCA_OK)
        status = get_name(meta, "edge", edge_names, &edge, error);
    if (status == NCA_OK)
        status = get_name(meta, "color", color_names, &color, error);
    s->alive = (NcaAlive)alive;
    s->edge = (NcaEdge)edge;
    s->color = (NcaColor)color;
    return status;
}

NcaStatus nca_shape_read(NcaShape *s, const json_t *meta, NcaError *error)
{
    static const char *const formats[] = {"nca", NULL}, *const versions[] = {"1", NULL};
    int ignored;
    NcaStatus status = get_name(meta, "format", formats, &ignored, error);
    if (status == NCA_OK)
        status = get_name(meta, "version", versions, &ignored, error);
    if (status == NCA_OK)
        status = get_size(meta, "channels", s->channels, error);
    if (status == NCA_OK)
        status = get_size(meta, "hidden", s->hidden, error);
    if (status == NCA_OK)
        status = get_bands(s, meta, error);
    if (status == NCA_OK)
        status = get_scales(s, meta, error);
    if (status == NCA_OK)
        status = get_names(s, meta, error);
    if (status == NCA_OK)
        status = get_number(meta, "alive_threshold", &s->alive_threshold, error);
    if (status == NCA_OK)
        status = get_number(meta, "fire_rate", &s->fire_rate, error);
    if (status == NCA_OK)
        status = get_number(meta, "clamp", &s->clamp, error);
    return status;
}
