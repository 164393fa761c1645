/* SPDX-License-Identifier: MIT
 *
 * Each picture of the film is drawn by libnca into one buffer, which becomes a layer; the
 * way back of a loop is copies of those layers. */
#include "frames.h"

#include <glib/gi18n-lib.h>

#include "layer.h"

enum { FRAMES_MOST = 2000, PIXELS_MOST = 1 << 26, PARTS = 100 };

/* Bytes of all frames' creatures.  Of a film that would have more the last frame alone
 * has its own, and can be healed. */
static const gsize CREATURES_MOST = (gsize)1 << 30;

/* What is needed to make pictures, and the picture. */
typedef struct Stage {
    NcaPool *pool;
    NcaFilm *film;
    NcaView *view;
    guint8 *rgba;
    GBytes *creature; /* of that picture; NULL: it cannot be healed */
    gboolean told;    /* that the processor took over */
} Stage;

gchar *frames_sentence(const NcaError *error)
{
    return g_strdup_printf(_("That does not work: %s."), error->text);
}

void frames_warn(const NcaError *error)
{
    gchar *sentence = g_strdup_printf(_("The processor computes: %s."), error->text);
    host_message(sentence);
    g_free(sentence);
}

gint frames_threads(void)
{
    gint threads = 1;
    g_object_get(gegl_config(), "threads", &threads, NULL);
    return CLAMP(threads, 1, NCA_THREADS_MAX);
}

NcaFilmParams frames_film(const NcaModel *model, const FilmValues *values)
{
    NcaFilmParams p = nca_film_params_default();
    nca_model_trained_size(model, &p.grid.width, &p.grid.height);
    p.grid.seed = (uint64_t)values->seed;
    p.grid.angle = (float)values->angle;
    p.grid.fire_rate = (float)values->fire_rate;
    p.grid.device = values->device;
    p.events = values->events;
    return p;
}

/* ------------------------------------------------------------------- check */

/* An indexed image cannot take the colours. */
static gboolean stays(const FramesParams *p)
{
    return p->image >= 0 && p->values->output != OUTPUT_NEW_IMAGE &&
           !host_is_indexed(p->image);
}

gboolean frames_fit(const Place *p)
{
    return p->width <= NCA_VIEW_SIDE_MAX && p->height <= NCA_VIEW_SIDE_MAX &&
           (double)p->width * p->height <= PIXELS_MOST;
}

/* Forth and, but for both ends, back. */
static gint count_frames(const FilmValues *v)
{
    gint last = v->steps / v->every;
    return last + 1 + (v->loop == LOOP_BACK && last > 0 ? last - 1 : 0);
}

static gboolean in_place(const FramesParams *p)
{
    return p->heals && p->values->output == OUTPUT_LAYER;
}

/* Why it is too late, or nothing of it would be seen. */
static gchar *check_layer(const FramesParams *p)
{
    GeglRectangle part;
    gint width = 0, height = 0;
    if (host_is_layer(p->layer))
        host_size(p->layer, &width, &height);
    if (width != p->place.width || height != p->place.height)
        return g_strdup(_("The layer has changed meanwhile: try again."));
    if (in_place(p) && host_is_locked(p->layer))
        return g_strdup(
            _("The layer's pixels or its alpha are locked: unlock them first."));
    if (in_place(p) && !host_selected(p->layer, &part))
        return g_strdup(_("The selection does not touch the layer."));
    return NULL;
}

static gchar *check_events(const FramesParams *p)
{
    NcaEvents *events = NULL;
    NcaError error;
    NcaStatus status = nca_events_parse(&events, p->film.events, &error);
    nca_events_free(&events);
    return status < 0 ? frames_sentence(&error) : NULL;
}

static gchar *check(const FramesParams *p)
{
    gchar *sentence = p->heals ? check_layer(p) : NULL;
    if (!sentence)
        sentence = check_events(p);
    if (sentence)
        return sentence;
    if (p->values->output != OUTPUT_LAYER && count_frames(p->values) > FRAMES_MOST)
        return g_strdup_printf(_("That would be more than %d frames: choose fewer steps, "
                                 "or more steps from frame to frame."),
                               FRAMES_MOST);
    if (!frames_fit(&p->place))
        return g_strdup_printf(_("Frames of %d × %d pixels are too large: choose a "
                                 "scale, in pixels per cell."),
                               p->place.width, p->place.height);
    if (stays(p) && host_is_floating(p->image))
        return g_strdup(_("A selection is floating: anchor it first."));
    return NULL;
}

/* ------------------------------------------------------------------- stage */

static NcaStatus raise_stage(Stage *s, const FramesParams *p, NcaError *error)
{
    NcaFilmParams film = p->film;
    NcaViewParams view = nca_view_params_default();
    NcaStatus status = nca_pool_new(&s->pool, frames_threads(), error);
    if (status < 0)
        return status;
    film.grid.parallel = view.parallel = nca_pool_run;
    film.grid.host = view.host = s->pool;
    film.grid.threads = view.threads = nca_pool_threads(s->pool);
    status = nca_film_new(&s->film, p->model, &film, error);
    if (status < 0)
        return status;
    view.width = p->place.width;
    view.height = p->place.height;
    view.scale = p->place.scale;
    view.x = p->place.x;
    view.y = p->place.y;
    view.interp = p->place.interp;
    return nca_view_new(&s->view, film.grid.width, film.grid.height, &view, error);
}

static void check_device(Stage *s)
{
    NcaError error;
    if (s->told || nca_grid_device(nca_film_grid(s->film), &error) == NCA_OK)
        return;
    s->told = TRUE;
    frames_warn(&error);
}

static void clear_stage(Stage *s)
{
    g_free(s->rgba);
    g_clear_pointer(&s->creature, g_bytes_unref);
    nca_view_free(&s->view);
    nca_film_free(&s->film);
    nca_pool_free(&s->pool);
}

static gchar *open_stage(Stage *s, const FramesParams *p)
{
    NcaError error;
    *s = (Stage){NULL};
    if (raise_stage(s, p, &error) < 0) {
        clear_stage(s);
        return frames_sentence(&error);
    }
    s->rgba = g_malloc(4 * (gsize)p->place.width * (gsize)p->place.height);
    check_device(s);
    return NULL;
}

static void draw(Stage *s, const FramesParams *p, gboolean can_be_healed)
{
    NcaPlane image[4];
    for (int c = 0; c < 4; c++)
        image[c] = (NcaPlane){s->rgba + c, 4 * (ptrdiff_t)p->place.width, 4};
    nca_view_draw(s->view, nca_film_grid(s->film), image, NCA_BLEND_ALPHA, 1);
    g_clear_pointer(&s->creature, g_bytes_unref);
    if (can_be_healed)
        s->creature = creature_pack(p->model, &p->place, nca_film_grid(s->film));
    check_device(s);
}

/* ------------------------------------------------------------------ layers */

static gint duration(const FilmValues *v, gint frame, gint last)
{
    if (frame == last && v->hold_last)
        return v->hold_last;
    return frame == 0 && v->hold_first ? v->hold_first : v->delay;
}

/* The name that GIMP's animations know, in every language. */
static gchar *frame_name(gint number, gint milliseconds)
{
    return g_strdup_printf("Frame %d (%dms)(replace)", number, milliseconds);
}

/* The user may do anything with the image meanwhile. */
static gint32 if_there(gint32 layer)
{
    return host_is_layer(layer) ? layer : -1;
}

/* The picture, on the layer `above` where that is there. */
static gint32 add_layer(const Stage *s, const FramesParams *p, const char *name,
                        gint32 image, gint32 above)
{
    gboolean own = image == p->image;
    HostLayer as = {name, own ? p->x : 0, own ? p->y : 0, p->place.width,
                    p->place.height};
    gint32 layer = host_layer_new(image, &as);
    layer_fill(layer, s->rgba);
    creature_attach(layer, s->creature);
    host_layer_insert(image, layer, if_there(above));
    return layer;
}

/* What the first new layer lies on. */
static gint32 ground_of(const FramesParams *p, gint32 image)
{
    return image == p->image ? p->layer : -1;
}

/* Frames last - 1 … 1 once more. */
static void add_way_back(const FramesParams *p, gint32 image, const gint32 *layers,
                         gint last)
{
    gint32 above = layers[last];
    for (gint k = last - 1; k > 0 && host_is_image(image); k--) {
        gchar *name = frame_name(2 * last - k + 1, p->values->delay);
        if (host_is_layer(layers[k]))
            above = host_layer_copy(image, layers[k], name, if_there(above));
        g_free(name);
    }
}

static void add_frames(Stage *s, const FramesParams *p, gint32 image)
{
    const FilmValues *v = p->values;
    gint last = v->steps / v->every;
    gint32 *layers = g_new0(gint32, last + 1);
    gint32 above = ground_of(p, image);
    gboolean all_heal = creature_size(p->model, nca_film_grid(s->film)) <=
                        CREATURES_MOST / (gsize)count_frames(v);
    for (gint k = 0; k <= last; k++) {
        if (k > 0)
            nca_film_next(s->film, v->every);
        draw(s, p, all_heal || k == last);
        host_progress((k + 1.0) / (last + 1));
        if (!host_is_image(image)) /* all that takes time is done */
            break;
        gchar *name = frame_name(k + 1, duration(v, k, last));
        above = layers[k] = add_layer(s, p, name, image, above);
        g_free(name);
    }
    if (v->loop == LOOP_BACK)
        add_way_back(p, image, layers, last);
    g_free(layers);
}

static gint32 begin_image(const FramesParams *p)
{
    if (!stays(p))
        return host_image_new(p->place.width, p->place.height);
    host_undo_begin(p->image);
    return p->image;
}

static void end_image(const FramesParams *p, gint32 image)
{
    if (image == p->image)
        host_undo_end(image);
    else
        host_image_finish(image, p->show);
    host_flush();
}

static gchar *make_all(Stage *s, const FramesParams *p, gint32 *image)
{
    host_progress_begin(_("Growing frames"));
    *image = begin_image(p);
    add_frames(s, p, *image);
    host_progress_end();
    if (!host_is_image(*image))
        return g_strdup(_("The image was closed meanwhile."));
    end_image(p, *image);
    return NULL;
}

/* -------------------------------------------------------------- one picture */

static void run_to_end(Stage *s, const FramesParams *p)
{
    gint steps = p->values->steps;
    host_progress_begin(_("Growing"));
    for (gint part = 0; part < PARTS; part++) {
        gint64 from = (gint64)steps * part / PARTS,
               to = (gint64)steps * (part + 1) / PARTS;
        nca_film_next(s->film, (double)(to - from));
        if (part == PARTS - 1)
            draw(s, p, TRUE);
        host_progress((part + 1.0) / PARTS);
    }
    host_progress_end();
}

static void replace_pixels(const Stage *s, const FramesParams *p)
{
    host_undo_begin(p->image);
    host_add_alpha(p->layer);
    layer_change(p->layer, s->rgba);
    creature_attach(p->layer, s->creature);
    host_undo_end(p->image);
    host_flush();
}

static void make_layer(const Stage *s, const FramesParams *p, gint32 *image)
{
    const char *name = nca_model_meta(p->model, "name");
    *image = begin_image(p);
    add_layer(s, p, name ? name : _("Creature"), *image, ground_of(p, *image));
    end_image(p, *image);
}

static gchar *make_one(Stage *s, const FramesParams *p, gint32 *image)
{
    gchar *sentence = NULL;
    FramesParams now = *p;
    run_to_end(s, p);
    if (!host_is_image(now.image))
        now.image = -1;
    if (!in_place(p))
        make_layer(s, &now, image);
    else if (!(sentence = check_layer(p)))
        replace_pixels(s, p);
    return sentence;
}

/* ------------------------------------------------------------------- frames */

static gchar *make(const FramesParams *p, gint32 *image)
{
    Stage stage;
    gchar *sentence = check(p);
    if (!sentence)
        sentence = open_stage(&stage, p);
    if (sentence)
        return sentence;
    *image = p->image;
    sentence = p->values->output == OUTPUT_LAYER ? make_one(&stage, p, image)
                                                 : make_all(&stage, p, image);
    clear_stage(&stage);
    return sentence;
}

/* Makes what is planned; image NULL: only looks whether it can be made. */
static gchar *carry_out(const FramesPlan *plan, gint32 *image)
{
    FramesParams p;
    NcaModel *model = NULL;
    NcaError error;
    gchar *sentence;
    if (plan->plan(plan->user, &p, &model, &error) < 0)
        sentence = frames_sentence(&error);
    else
        sentence = image ? make(&p, image) : check(&p);
    nca_model_free(&model);
    return sentence;
}

gchar *frames_check(const FramesPlan *plan)
{
    return carry_out(plan, NULL);
}

Outcome frames_make(const FramesPlan *plan, Call *call)
{
    gchar *sentence = carry_out(plan, &call->new_image);
    return sentence ? call_fail(call, sentence) : OUTCOME_DONE;
}
