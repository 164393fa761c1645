/* SPDX-License-Identifier: MIT
 *
 * From a picture to what is to be grown.  Scaling is separable with a Lanczos window of
 * three lobes, widened by the factor when it shrinks, on premultiplied values.  Sums are
 * double, so that the floats, and with them their SHA-256, do not depend on the last bit
 * of a sine. */
#include "target.h"

#include <assert.h>
#include <endian.h>
#include <math.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "status.h"

enum { LOBES = 3, SIDE_MOST = 65535 };
enum { SIZE_LEAST = 4, SIZE_MOST = 1024, PADDING_MOST = 256 };
_Static_assert(SIZE_MOST + 2 * PADDING_MOST == NCA_TRAINED_MAX, "what can be trained on");

struct NcaTarget {
    int width, height, padding;
    char sha256[SHA256_DIGEST_STRING_LENGTH];
    float pixels[];
};

/* A straight picture of 8 or 16 bits a value. */
typedef struct Picture {
    const uint8_t *bytes;
    int width, height, depth;
    size_t stride;
} Picture;

NcaTargetParams nca_target_params_default(void)
{
    return (NcaTargetParams){.size = 40, .padding = 16};
}

/* ----------------------------------------------------------------- scaling */

/* Which inputs an output is made of. */
typedef struct Taps {
    int first, count;
    double *weight;
} Taps;

/* All outputs of one direction. */
typedef struct Window {
    Taps *taps;
    double *weights; /* what taps[].weight point into */
} Window;

typedef struct Scaling {
    const Picture *picture;
    int width, height; /* of the result */
    Window across, down;
    double *line; /* [picture width][4] */
    double *row;  /* [width][4], a line scaled across */
    double *sum;  /* [height][width][4], what was added up so far */
} Scaling;

static double lanczos(double x)
{
    if (x == 0)
        return 1;
    if (fabs(x) >= LOBES)
        return 0;
    return LOBES * sin(M_PI * x) * sin(M_PI * x / LOBES) / (M_PI * M_PI * x * x);
}

static void fill_taps(Taps *taps, int i, int from, int to)
{
    double factor = (double)from / to, wide = fmax(factor, 1), support = LOBES * wide;
    double center = (i + 0.5) * factor, sum = 0;
    taps->first = (int)fmax(floor(center - support + 0.5), 0);
    taps->count = (int)fmin(floor(center + support + 0.5), from) - taps->first;
    for (int k = 0; k < taps->count; k++) {
        taps->weight[k] = lanczos((taps->first + k + 0.5 - center) / wide);
        sum += taps->weight[k];
    }
    for (int k = 0; k < taps->count; k++)
        taps->weight[k] /= sum;
}

static bool window_init(Window *w, int from, int to)
{
    size_t most = (size_t)(2 * ceil(LOBES * fmax((double)from / to, 1)) + 2);
    w->taps = calloc((size_t)to, sizeof(*w->taps));
    w->weights = calloc((size_t)to * most, sizeof(*w->weights));
    if (!w->taps || !w->weights)
        return false;
    for (int i = 0; i < to; i++) {
        w->taps[i] = (Taps){i, 1, w->weights + (size_t)i * most};
        w->taps[i].weight[0] = 1;
        if (from != to)
            fill_taps(&w->taps[i], i, from, to);
    }
    return true;
}

/* Premultiplied, 0…1. */
static void read_pixel(const Picture *p, int x, int y, double *rgba)
{
    size_t size = (size_t)p->depth / 8;
    const uint8_t *at = p->bytes + (size_t)y * p->stride + (size_t)x * 4 * size;
    for (int c = 0; c < 4; c++) {
        uint16_t wide;
        memcpy(&wide, at + c * size, size);
        rgba[c] = p->depth == 8 ? at[c] / 255.0 : wide / 65535.0;
    }
    for (int c = 0; c < 3; c++)
        rgba[c] *= rgba[3];
}

/* One row of the picture at the new width. */
static void scale_row(Scaling *s, int y)
{
    for (int x = 0; x < s->picture->width; x++)
        read_pixel(s->picture, x, y, s->line + 4 * (size_t)x);
    for (int x = 0; x < s->width; x++) {
        const Taps *t = &s->across.taps[x];
        for (int c = 0; c < 4; c++) {
            double sum = 0;
            for (int k = 0; k < t->count; k++)
                sum += t->weight[k] * s->line[4 * (size_t)(t->first + k) + c];
            s->row[4 * x + c] = sum;
        }
    }
}

static void add_row(Scaling *s, int y)
{
    for (int i = 0; i < s->height; i++) {
        const Taps *t = &s->down.taps[i];
        if (y < t->first || y >= t->first + t->count)
            continue;
        double weight = t->weight[y - t->first], *sum = s->sum + (size_t)i * 4 * s->width;
        for (int x = 0; x < 4 * s->width; x++)
            sum[x] += weight * s->row[x];
    }
}

/* The window overshoots: alpha into 0…1, then colour into 0…alpha. */
static void clamp_pixel(float *out, const double *rgba)
{
    double alpha = fmin(fmax(rgba[3], 0), 1);
    for (int c = 0; c < 3; c++)
        out[c] = (float)fmin(fmax(rgba[c], 0), alpha);
    out[3] = (float)alpha;
}

/* Rows are added up as they come: only one of the picture's is held. */
static bool scaling_init(Scaling *s)
{
    const Picture *p = s->picture;
    s->line = malloc((size_t)p->width * 4 * sizeof(double));
    s->row = malloc((size_t)s->width * 4 * sizeof(double));
    s->sum = calloc((size_t)s->width * s->height * 4, sizeof(double));
    return window_init(&s->across, p->width, s->width) &&
           window_init(&s->down, p->height, s->height) && s->line && s->row && s->sum;
}

static void scaling_uninit(Scaling *s)
{
    free(s->across.taps);
    free(s->across.weights);
    free(s->down.taps);
    free(s->down.weights);
    free(s->line);
    free(s->row);
    free(s->sum);
}

/* out: [height][pitch][4] */
static NcaStatus scale(const Picture *p, float *out, int width, int height, int pitch,
                       NcaError *error)
{
    Scaling s = {.picture = p, .width = width, .height = height};
    NcaStatus status = NCA_OK;
    if (!scaling_init(&s)) {
        status = nca_fail_memory(error, "scaling the picture");
        goto done;
    }
    for (int y = 0; y < p->height; y++) {
        scale_row(&s, y);
        add_row(&s, y);
    }
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            clamp_pixel(out + ((size_t)y * pitch + x) * 4,
                        s.sum + ((size_t)y * width + x) * 4);
done:
    scaling_uninit(&s);
    return status;
}

/* ------------------------------------------------------------------ public */

static int scaled(int side, int longest, int size)
{
    int v = (int)((double)side * size / longest + 0.5);
    return v < 1 ? 1 : v;
}

static bool visible(const NcaTarget *t)
{
    for (size_t i = 0; i < (size_t)t->width * t->height; i++)
        if (t->pixels[4 * i + 3] > 1.0f / 512)
            return true;
    return false;
}

static void digest(NcaTarget *t)
{
    size_t count = (size_t)t->width * t->height * 4;
    SHA2_CTX context;
    SHA256Init(&context);
    for (size_t i = 0; i < count; i += 4) {
        uint32_t bits[4];
        memcpy(bits, &t->pixels[i], sizeof(bits));
        for (int c = 0; c < 4; c++)
            bits[c] = htole32(bits[c]);
        SHA256Update(&context, (const uint8_t *)bits, sizeof(bits));
    }
    SHA256End(&context, t->sha256);
}

static NcaStatus check(const Picture *p, const NcaTargetParams *params, NcaError *error)
{
    if (p->width < 1 || p->height < 1 || p->width > SIDE_MOST || p->height > SIDE_MOST)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "a picture of %d×%d, 1 … %d are possible", p->width, p->height,
                        SIDE_MOST);
    if (params->size < SIZE_LEAST || params->size > SIZE_MOST)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "a size of %d cells, %d … %d are possible", params->size,
                        SIZE_LEAST, SIZE_MOST);
    if (params->padding < 0 || params->padding > PADDING_MOST)
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "a padding of %d cells, 0 … %d are possible", params->padding,
                        PADDING_MOST);
    return NCA_OK;
}

static NcaStatus new_target(NcaTarget **out, const Picture *p,
                            const NcaTargetParams *params, NcaError *error)
{
    NcaStatus status = check(p, params, error);
    if (status < 0)
        return status;
    int longest = p->width > p->height ? p->width : p->height, pad = params->padding;
    int width = scaled(p->width, longest, params->size);
    int height = scaled(p->height, longest, params->size);
    int pitch = width + 2 * pad, rows = height + 2 * pad;
    NcaTarget *t = calloc(1, sizeof(*t) + (size_t)pitch * rows * 4 * sizeof(float));
    if (!t)
        return nca_fail_memory(error, "the target");
    t->width = pitch;
    t->height = rows;
    t->padding = pad;
    status = scale(p, t->pixels + ((size_t)pad * pitch + pad) * 4, width, height, pitch,
                   error);
    if (status == NCA_OK && !visible(t))
        status = nca_fail(error, NCA_ERR_ARGUMENT, "the picture has no visible pixel");
    if (status < 0) {
        free(t);
        return status;
    }
    digest(t);
    *out = t;
    return NCA_OK;
}

NcaStatus nca_target_new(NcaTarget **target, const uint8_t *rgba, int width, int height,
                         size_t stride, const NcaTargetParams *params, NcaError *error)
{
    Picture p = {rgba, width, height, 8, stride};
    return new_target(target, &p, params, error);
}

NcaStatus nca_target_new16(NcaTarget **target, const uint16_t *rgba, int width,
                           int height, size_t stride, const NcaTargetParams *params,
                           NcaError *error)
{
    Picture p = {(const uint8_t *)rgba, width, height, 16, stride};
    return new_target(target, &p, params, error);
}

NcaStatus nca_target_copy(NcaTarget **copy, const NcaTarget *t, NcaError *error)
{
    size_t size = sizeof(*t) + (size_t)t->width * t->height * 4 * sizeof(float);
    NcaTarget *c = malloc(size);
    if (!c)
        return nca_fail_memory(error, "the target");
    memcpy(c, t, size);
    *copy = c;
    return NCA_OK;
}

/* Nothing beyond the canvas. */
static float pixel_at(const NcaTarget *t, int x, int y, int channel)
{
    bool inside = x >= 0 && x < t->width && y >= 0 && y < t->height;
    return inside ? t->pixels[((size_t)y * t->width + x) * 4 + channel] : 0;
}

/* What [from, to) covers of cell i. */
static double overlap(double from, double to, int i)
{
    return fmax(0, fmin(to, i + 1) - fmax(from, i));
}

/* The mean of columns x … x + span and rows y … y + span; nothing beyond the canvas. */
static void mean_of(const NcaTarget *t, double x, double y, double span, float *out)
{
    double sum[4] = {0};
    int left = (int)fmax(floor(x), 0), right = (int)fmin(ceil(x + span), t->width);
    int top = (int)fmax(floor(y), 0), bottom = (int)fmin(ceil(y + span), t->height);
    for (int j = top; j < bottom; j++)
        for (int i = left; i < right; i++) {
            double weight = overlap(x, x + span, i) * overlap(y, y + span, j);
            for (int c = 0; c < 4; c++)
                sum[c] += weight * t->pixels[((size_t)j * t->width + i) * 4 + c];
        }
    for (int c = 0; c < 4; c++)
        out[c] = (float)(sum[c] / (span * span));
}

NcaStatus nca_target_shrink(NcaTarget **small, const NcaTarget *t, double part,
                            NcaError *error)
{
    NcaTarget *s = NULL;
    NcaStatus status = nca_target_copy(&s, t, error);
    if (status < 0)
        return status;
    assert(s);
    int middle_x = t->width / 2, middle_y = t->height / 2;
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++)
            mean_of(t, middle_x + (x - middle_x) / part, middle_y + (y - middle_y) / part,
                    1 / part, s->pixels + ((size_t)y * t->width + x) * 4);
    digest(s);
    *small = s;
    return NCA_OK;
}

/* Catmull and Rom's cubic: goes through the values. */
static double cubic(double x)
{
    x = fabs(x);
    if (x >= 2)
        return 0;
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((2.5 - 0.5 * x) * x - 4) * x + 2;
}

/* rgba gets the target at a place between its cells. */
static void read_between(const NcaTarget *t, double x, double y, double *rgba)
{
    int left = (int)floor(x) - 1, top = (int)floor(y) - 1;
    memset(rgba, 0, 4 * sizeof(*rgba));
    for (int i = 0; i < 16; i++) {
        int cx = left + i % 4, cy = top + i / 4;
        double weight = cubic(x - cx) * cubic(y - cy);
        for (int c = 0; c < 4; c++)
            rgba[c] += weight * pixel_at(t, cx, cy, c);
    }
}

/* Right angles are met to the last bit. */
static void turn_of(double degrees, double *cosine, double *sine)
{
    *cosine = nearbyint(cos(degrees * M_PI / 180) * 1e15) / 1e15;
    *sine = nearbyint(sin(degrees * M_PI / 180) * 1e15) / 1e15;
}

void nca_target_turn(const NcaTarget *t, double degrees, float *canvas, int side)
{
    double c, s, rgba[4];
    turn_of(degrees, &c, &s);
    for (int y = -side / 2; y < side - side / 2; y++)
        for (int x = -side / 2; x < side - side / 2; x++, canvas += 4) {
            read_between(t, t->width / 2 + c * x - s * y, t->height / 2 + s * x + c * y,
                         rgba);
            clamp_pixel(canvas, rgba);
        }
}

float nca_target_alpha_max(const NcaTarget *t)
{
    float most = 0;
    for (size_t i = 0, cells = (size_t)t->width * t->height; i < cells; i++)
        most = fmaxf(most, t->pixels[i * 4 + 3]);
    return most;
}

double nca_target_empty_loss(const NcaTarget *t)
{
    size_t count = (size_t)t->width * t->height * 4;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)t->pixels[i] * t->pixels[i];
    return sum / (double)count;
}

void nca_target_free(NcaTarget **target)
{
    free(*target);
    *target = NULL;
}

int nca_target_width(const NcaTarget *target)
{
    return target->width;
}

int nca_target_height(const NcaTarget *target)
{
    return target->height;
}

int nca_target_padding(const NcaTarget *target)
{
    return target->padding;
}

int nca_target_size(const NcaTarget *t)
{
    return (t->width > t->height ? t->width : t->height) - 2 * t->padding;
}

const float *nca_target_pixels(const NcaTarget *target)
{
    return target->pixels;
}

const char *nca_target_sha256(const NcaTarget *target)
{
    return target->sha256;
}

NcaTargetParams nca_target_params_of(const NcaModel *model)
{
    NcaTargetParams p = nca_target_params_default();
    int width = nca_model_meta_int(model, "width", NCA_TRAINED_MAX),
        height = nca_model_meta_int(model, "height", NCA_TRAINED_MAX);
    int padding = nca_model_meta_int(model, "padding", PADDING_MOST);
    padding = padding < 0 ? p.padding : padding;
    int size = (width > height ? width : height) - 2 * padding;
    if (width > 0 && height > 0 && size >= SIZE_LEAST && size <= SIZE_MOST &&
        nca_model_work(model, width, height) <= NCA_WORK_MAX)
        p = (NcaTargetParams){size, padding};
    return p;
}
