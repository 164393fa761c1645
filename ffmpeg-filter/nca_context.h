/* SPDX-License-Identifier: MIT
 *
 * A creature inside libavfilter: what nca and ncasrc share. */
#ifndef AVFILTER_NCA_CONTEXT_H
#define AVFILTER_NCA_CONTEXT_H

#include <nca_film.h>
#include <nca_view.h>

#include "libavutil/rational.h"

#include "avfilter.h"
#include "nca_image.h"

typedef struct NcaContext {
    const AVClass *class;

    char *model_name, *events, *device_name, *x_text, *y_text;
    double scale, steps, angle, fire_rate, opacity, threshold;
    int grid_width, grid_height;
    int64_t warmup, random_seed;
    int edge, mode, wound, interp;
    int width, height; /* of ncasrc */
    AVRational rate, sar;
    int64_t duration;

    int device; /* NCA_DEVICE_CPU, … */
    NcaModel *model;
    NcaFilm *film;
    NcaView *view;
    NcaImageKind seen; /* what the view is for */
    int moving;        /* the first picture has been shown */
    int told;          /* that the processor took over from the device */
    int64_t pts;       /* of ncasrc, of the next frame */
} NcaContext;

/* Says why, after `what` where it is not NULL; returns it as an AVERROR. */
int ff_nca_failed(AVFilterContext *ctx, NcaStatus status, const char *what,
                  const NcaError *error);

/* Begins to grow for frames of that size and pixel format.  That is done once: when only
 * the link changes, the creature goes on. */
int ff_nca_begin(AVFilterContext *ctx, int width, int height, int format);

/* Begins anew.  seed: 0 … UINT32_MAX. */
void ff_nca_restart(AVFilterContext *ctx, uint64_t seed);

/* Grows, is wounded by the frame, and is drawn on it unless `hidden`; tells the frame's
 * metadata how it is.  Fails where just one device was asked for and that fails. */
int ff_nca_show(AVFilterContext *ctx, AVFrame *frame, NcaBlend blend, int hidden);

#endif
