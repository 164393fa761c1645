/* SPDX-License-Identifier: MIT
 *
 * What differs between the insides of libavfilter from FFmpeg 5.1 to 9.0, as far as
 * vf_nca.c sees it. */
#ifndef AVFILTER_NCA_COMPAT_H
#define AVFILTER_NCA_COMPAT_H

#include "libavutil/mem.h"
#include "libavutil/version.h"

#include "avfilter.h"
#include "filters.h"
#include "formats.h"
#include "version.h"
#include "video.h"

/* 7.1: internal.h went into filters.h, and the frame rate from the link's public part. */
#if LIBAVFILTER_VERSION_INT < AV_VERSION_INT(10, 4, 100)
#include "internal.h"
#define NCA_FRAME_RATE(link) ((link)->frame_rate)
#else
#define NCA_FRAME_RATE(link) (ff_filter_link(link)->frame_rate)
#endif

/* 8.0: a filter's public part became a member of its own. */
#if LIBAVFILTER_VERSION_INT < AV_VERSION_INT(11, 0, 100)
#define NCA_FILTER AVFilter
#define NCA_PUBLIC(field) .field
#else
#define NCA_FILTER FFFilter
#define NCA_PUBLIC(field) .p.field
#endif

/* 8.0: alpha may be premultiplied, unless a filter says that it takes no such. */
#if LIBAVFILTER_VERSION_INT < AV_VERSION_INT(11, 0, 100)
#define NCA_SET_STRAIGHT_ALPHA(ctx) 0
#else
#define NCA_SET_STRAIGHT_ALPHA(ctx)                                                      \
    ff_set_common_alpha_modes_from_list(                                                 \
        ctx, (const int[]){AVALPHA_MODE_STRAIGHT, AVALPHA_MODE_UNSPECIFIED, -1})
#endif

/* 6.0: pkt_duration became duration. */
#if LIBAVUTIL_VERSION_INT < AV_VERSION_INT(57, 30, 100)
#define NCA_DURATION(frame) ((frame)->pkt_duration)
#else
#define NCA_DURATION(frame) ((frame)->duration)
#endif

#endif
