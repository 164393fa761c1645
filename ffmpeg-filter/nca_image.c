/* SPDX-License-Identifier: MIT
 *
 * Formats are told apart by their descriptors alone: any order of 8-bit components. */
#include "nca_image.h"

#include "libavutil/csp.h"
#include "libavutil/pixdesc.h"
#include "libavutil/rational.h"

#define WITH_ALPHA                                                                       \
    AV_PIX_FMT_RGBA, AV_PIX_FMT_BGRA, AV_PIX_FMT_ARGB, AV_PIX_FMT_ABGR,                  \
        AV_PIX_FMT_GBRAP, AV_PIX_FMT_YUVA420P

/* A source gives the first one where nobody asks for another. */
const enum AVPixelFormat ff_nca_formats[] = {
    AV_PIX_FMT_YUV420P, AV_PIX_FMT_GBRP, AV_PIX_FMT_RGB24, AV_PIX_FMT_BGR24,
    AV_PIX_FMT_RGB0,    AV_PIX_FMT_BGR0, AV_PIX_FMT_0RGB,  AV_PIX_FMT_0BGR,
    WITH_ALPHA,         AV_PIX_FMT_NONE};

const enum AVPixelFormat ff_nca_alpha_formats[] = {WITH_ALPHA, AV_PIX_FMT_NONE};

void ff_nca_planes(const AVFrame *frame, NcaPlane image[4])
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    for (int c = 0; c < 4; c++) {
        const AVComponentDescriptor *of = &format->comp[c];
        image[c] = (NcaPlane){NULL, 0, 0};
        if (c < format->nb_components)
            image[c] = (NcaPlane){frame->data[of->plane] + of->offset,
                                  frame->linesize[of->plane], of->step};
    }
}

int ff_nca_has_alpha(int format)
{
    return !!(av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_ALPHA);
}

NcaImageKind ff_nca_image_kind(const AVFrame *frame)
{
    return (NcaImageKind){frame->width,       frame->height,     frame->format,
                          frame->color_range, frame->colorspace, frame->chroma_location};
}

/* Where nothing is said: BT.601, limited range, chroma beside the left luma sample, as
 * libswscale takes it.  For the luma of RGB, that of sRGB's primaries. */
static void color_params(NcaViewParams *p, const NcaImageKind *kind)
{
    enum AVColorSpace space = p->yuv ? kind->space : AVCOL_SPC_BT709;
    const AVLumaCoefficients *luma = av_csp_luma_coeffs_from_avcsp(space);
    if (!luma || space == AVCOL_SPC_YCGCO || space == AVCOL_SPC_RGB) /* not Y'CbCr */
        luma = av_csp_luma_coeffs_from_avcsp(AVCOL_SPC_SMPTE170M);
    p->kr = av_q2d(luma->cr);
    p->kb = av_q2d(luma->cb);
    p->full_range = kind->range == AVCOL_RANGE_JPEG;
}

static void site_params(NcaViewParams *p, enum AVChromaLocation site)
{
    int centre = site == AVCHROMA_LOC_CENTER || site == AVCHROMA_LOC_TOP ||
                 site == AVCHROMA_LOC_BOTTOM;
    int top = site == AVCHROMA_LOC_TOP || site == AVCHROMA_LOC_TOPLEFT;
    int bottom = site == AVCHROMA_LOC_BOTTOM || site == AVCHROMA_LOC_BOTTOMLEFT;
    p->site_x = centre ? 1 : 0.5;
    p->site_y = top ? 0.5 : bottom ? 1.5 : 1;
}

void ff_nca_view_params(NcaViewParams *p, const NcaImageKind *kind)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(kind->format);
    p->width = kind->width;
    p->height = kind->height;
    p->yuv = !(format->flags & AV_PIX_FMT_FLAG_RGB);
    p->shift_x = format->log2_chroma_w;
    p->shift_y = format->log2_chroma_h;
    color_params(p, kind);
    site_params(p, kind->site);
}
