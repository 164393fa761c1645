/* SPDX-License-Identifier: MIT
 *
 * Frames of libavfilter as images of libnca. */
#ifndef AVFILTER_NCA_IMAGE_H
#define AVFILTER_NCA_IMAGE_H

#include <nca_view.h>

#include "libavutil/frame.h"
#include "libavutil/pixfmt.h"

/* What can be drawn on, those with alpha last; and only those with alpha. */
extern const enum AVPixelFormat ff_nca_formats[], ff_nca_alpha_formats[];

int ff_nca_has_alpha(int format);

/* All of a frame that tells how it is drawn on. */
typedef struct NcaImageKind {
    int width, height;
    int format, range, space, site; /* enums of pixfmt.h */
} NcaImageKind;

NcaImageKind ff_nca_image_kind(const AVFrame *frame);

/* The planes of a frame of one of these formats; they live as long as the frame. */
void ff_nca_planes(const AVFrame *frame, NcaPlane image[4]);

/* Size, layout and colours of such frames; the rest of *params is left as it is. */
void ff_nca_view_params(NcaViewParams *params, const NcaImageKind *kind);

#endif
