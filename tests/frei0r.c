/* SPDX-License-Identifier: MIT
 *
 * The frei0r modules in a small host: what they say of themselves, and every picture
 * beside those of a film and a view that are led by hand. */
#include "nca_film.h"
#include "nca_view.h"

#include "frei0r_host.h"

static NcaModel *model;

static const char *text_of(const Module *m, f0r_instance_t instance, const char *name)
{
    char *value = NULL;
    m->get(instance, &value, index_of(m, name));
    return value ? value : "(none)";
}

static void check_parameters(const Module *m, const char *const *expected)
{
    f0r_instance_t instance = m->construct(8, 8);
    f0r_param_info_t info;
    int i = 0;
    for (; expected[2 * i]; i++) {
        double number = -7;
        bool is_number = expected[2 * i + 1][0] == '=';
        char text[64];
        m->param(&info, i);
        CHECK_MSG(!strcmp(info.name, expected[2 * i]), "%s, not %s", info.name,
                  expected[2 * i]);
        CHECK(info.explanation && *info.explanation);
        CHECK(info.type == (is_number ? F0R_PARAM_DOUBLE : F0R_PARAM_STRING));
        if (is_number)
            m->get(instance, &number, i);
        if (is_number) /* whatever the locale */
            snprintf(text, sizeof(text), "=%d/10", (int)lrint(number * 10));
        else
            snprintf(text, sizeof(text), "%s", text_of(m, instance, info.name));
        CHECK_MSG(!strcmp(text, expected[2 * i + 1]), "%s: %s, not %s", info.name, text,
                  expected[2 * i + 1]);
    }
    CHECK_MSG(count(m) == i, "%d parameters, not %d", count(m), i);
    set(m, instance, "grid", "12x9");
    CHECK(!strcmp(text_of(m, instance, "grid"), "12x9"));
    set(m, instance, "steps", "");
    CHECK(!strcmp(text_of(m, instance, "steps"), "1"));
    m->destruct(instance);
}

/* clang-format off */
#define COMMON \
    "model", "lizard", "scale", "0", "grid", "", "steps", "1", "warmup", "0", \
    "events", "0 plant 50% 50%", "angle", "0", "fire_rate", "-1", "edge", "model", \
    "seed", "0", "interp", "bilinear"
#define NUMBERS "rate", "auto", "opacity", "=10/10", "x", "=5/10", "y", "=5/10", NULL
/* clang-format on */

static void check_info(void)
{
    static const char *const of_nca[] = {COMMON, "mode",      "overlay", "wound",
                                         "none", "threshold", "-1",      NUMBERS};
    static const char *const of_ncasrc[] = {COMMON, NUMBERS};
    f0r_plugin_info_t info;
    nca.info(&info);
    CHECK(!strcmp(info.name, "nca") && info.plugin_type == F0R_PLUGIN_TYPE_FILTER);
    CHECK(info.color_model == F0R_COLOR_MODEL_RGBA8888);
    CHECK(info.frei0r_version == 1 && info.explanation && info.author);
    ncasrc.info(&info);
    CHECK(!strcmp(info.name, "ncasrc") && info.plugin_type == F0R_PLUGIN_TYPE_SOURCE);
    CHECK(info.color_model == F0R_COLOR_MODEL_RGBA8888);
    check_parameters(&nca, of_nca);
    check_parameters(&ncasrc, of_ncasrc);
}

/* ---------------------------------------------------------------- pictures */

/* An image of a hand-led film, and what it is like. */
typedef struct Hand {
    NcaFilmParams params;
    NcaFilm *film;
    NcaViewParams view_params;
    NcaView *view;
    NcaBlend blend;
    NcaWound wound;
    double steps, opacity, threshold;
    int frame;
} Hand;

static Hand hand_default(void)
{
    Hand h = {.params = nca_film_params_default(),
              .view_params = nca_view_params_default(),
              .steps = 1,
              .opacity = 1};
    h.params.grid.width = WIDTH / SCALE;
    h.params.grid.height = HEIGHT / SCALE;
    h.view_params.width = WIDTH;
    h.view_params.height = HEIGHT;
    h.view_params.scale = SCALE;
    return h;
}

static void hand_begin(Hand *h)
{
    h->frame = 0;
    CHECK(nca_film_new(&h->film, model, &h->params, NULL) == NCA_OK);
    CHECK(nca_view_new(&h->view, h->params.grid.width, h->params.grid.height,
                       &h->view_params, NULL) == NCA_OK);
}

static void hand_end(Hand *h)
{
    nca_view_free(&h->view);
    nca_film_free(&h->film);
}

static void hand_show(Hand *h, const uint32_t *in, uint32_t *out)
{
    NcaPlane image[4];
    memcpy(out, in, PIXELS * 4);
    for (int c = 0; c < 4; c++)
        image[c] = (NcaPlane){(uint8_t *)out + c, WIDTH * 4, 4};
    nca_view_wound(h->view, nca_film_grid(h->film), image, h->wound, h->threshold);
    nca_view_draw(h->view, nca_film_grid(h->film), image, h->blend, h->opacity);
}

/* Frame by frame: `now` is called before each of them, to change both. */
static void compare(const Module *m, Hand *h, f0r_instance_t instance, int frames,
                    void (*now)(int frame, f0r_instance_t instance, Hand *h))
{
    uint32_t in[PIXELS], out[PIXELS], expected[PIXELS];
    hand_begin(h);
    for (int i = 0; i < frames; i++) {
        video(in, i);
        if (m == &ncasrc)
            memset(in, 0, sizeof(in));
        if (now)
            now(i, instance, h);
        if (h->frame++)
            nca_film_next(h->film, h->steps);
        hand_show(h, in, expected);
        memset(out, 0x5a, sizeof(out));
        m->update(instance, 1e9 - i * 3, m == &nca ? in : NULL, out);
        CHECK_MSG(!memcmp(out, expected, sizeof(out)), "frame %d", i);
    }
    hand_end(h);
    m->destruct(instance);
}

static void check_frames(void)
{
    Hand h = hand_default();
    compare(&nca, &h, begin(&nca), 40, NULL);
    h.blend = NCA_BLEND_ALPHA;
    compare(&ncasrc, &h, begin(&ncasrc), 40, NULL);
}

static void check_every_value(void)
{
    Hand h = hand_default();
    f0r_instance_t instance = begin(&nca);
    static const char *const texts[][2] = {
        {"grid", "19x13"},
        {"steps", "1.5"},
        {"warmup", "9"},
        {"seed", "4294967295"},
        {"edge", "wrap"},
        {"angle", "30"},
        {"fire_rate", "1"},
        {"interp", "nearest"},
        {"mode", "replace"},
        {"wound", "bright"},
        {"threshold", "0.6"},
        {"rate", "0"},
        {"events", "0/plant/50%/50% | 14 erase circle 30% 50% 3; 20 angle 90"}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        set(&nca, instance, texts[i][0], texts[i][1]);
    set_number(&nca, instance, "opacity", 0.75);
    set_number(&nca, instance, "opacity", nan(""));
    set_number(&nca, instance, "x", 0.25);
    set_number(&nca, instance, "y", 1);
    h.params.events = "0/plant/50%/50% | 14 erase circle 30% 50% 3 | 20 angle 90";
    h.params.warmup = 9;
    h.params.grid.width = 19;
    h.params.grid.height = 13;
    h.params.grid.seed = 4294967295;
    h.params.grid.edge = NCA_EDGE_WRAP;
    h.params.grid.angle = 30;
    h.params.grid.fire_rate = 1;
    h.steps = 1.5;
    h.view_params.x = (WIDTH - 19 * SCALE) * 0.25;
    h.view_params.y = HEIGHT - 13 * SCALE;
    h.view_params.interp = NCA_INTERP_NEAREST;
    h.blend = NCA_BLEND_REPLACE;
    h.wound = NCA_WOUND_BRIGHT;
    h.threshold = 0.6;
    h.opacity = 0.75;
    compare(&nca, &h, instance, 30, NULL);
}

static void check_wounds(void)
{
    static const char *const names[] = {"none", "motion", "dark", "bright", "alpha"};
    static const double usual[] = {0, 0.1, 0.2, 0.8, 0.5};
    for (int i = 0; i < 5; i++) {
        Hand h = hand_default();
        f0r_instance_t instance = begin(&nca);
        set(&nca, instance, "wound", names[i]);
        set(&nca, instance, "mode", "alpha");
        set(&nca, instance, "warmup", "20");
        h.wound = (NcaWound)i;
        h.threshold = usual[i];
        h.blend = NCA_BLEND_ALPHA;
        h.params.warmup = 20;
        compare(&nca, &h, instance, 12, NULL);
    }
}

/* By the frame's height, as FFmpeg's filter does it. */
static void check_scale(void)
{
    Hand h = hand_default();
    f0r_instance_t instance = begin(&ncasrc);
    set(&ncasrc, instance, "scale", "0");
    h.view_params.scale = nca_view_scale(model, 0, 0, WIDTH, HEIGHT);
    h.params.grid.width = (int)lrint(WIDTH / h.view_params.scale);
    h.params.grid.height = (int)lrint(HEIGHT / h.view_params.scale);
    h.view_params.x = (WIDTH - h.params.grid.width * h.view_params.scale) / 2;
    h.view_params.y = (HEIGHT - h.params.grid.height * h.view_params.scale) / 2;
    h.blend = NCA_BLEND_ALPHA;
    compare(&ncasrc, &h, instance, 12, NULL);
}

/* ----------------------------------------------------------- while it runs */

static void change(int frame, f0r_instance_t instance, Hand *h)
{
    NcaGrid *grid = nca_film_grid(h->film);
    if (frame == 4) {
        set(&nca, instance, "angle", "45");
        nca_grid_set_angle(grid, 45);
    }
    if (frame == 7) {
        set(&nca, instance, "steps", "3");
        set(&nca, instance, "mode", "alpha");
        h->steps = 3;
        h->blend = NCA_BLEND_ALPHA;
    }
    if (frame == 9) {
        set(&nca, instance, "fire_rate", "0.25");
        set_number(&nca, instance, "opacity", 0.5);
        nca_grid_set_fire_rate(grid, 0.25);
        h->opacity = 0.5;
    }
    if (frame == 11) { /* what events did stays */
        set_number(&nca, instance, "opacity", 0.6);
        h->opacity = 0.6;
    }
    if (frame == 12) {
        set(&nca, instance, "fire_rate", "-1");
        set_number(&nca, instance, "y", 1.5);
        nca_grid_set_fire_rate(grid, 0.5);
        h->view_params.y = 1.5 * (HEIGHT - 9 * SCALE);
        CHECK(nca_view_set(h->view, &h->view_params, NULL) == NCA_OK);
    }
    if (frame == 15) /* the same again changes nothing */
        set(&nca, instance, "angle", "45");
    if (frame == 18) { /* anew */
        set(&nca, instance, "seed", "8");
        h->params.grid.seed = 8;
        h->params.grid.angle = 45;
        hand_end(h);
        hand_begin(h);
    }
}

static void check_changes(void)
{
    Hand h = hand_default();
    f0r_instance_t instance = begin(&nca);
    set(&nca, instance, "grid", "21x9");
    set(&nca, instance, "events", "0 plant 50% 50% | 5 angle 80 | 17 fire 0.9");
    h.params.events = "0 plant 50% 50% | 5 angle 80 | 17 fire 0.9";
    h.params.grid.height = 9;
    h.view_params.y = 0.5 * (HEIGHT - 9 * SCALE);
    compare(&nca, &h, instance, 24, change);
}

/* ------------------------------------------------------------------- order */

enum { FILM = 30 };

static void check_order(const char *rate, double per_second, int64_t turn)
{
    static uint32_t expected[FILM][PIXELS];
    uint32_t out[PIXELS];
    Hand h = hand_default();
    f0r_instance_t instance = begin(&ncasrc);
    const char *events = "0 plant 50% 50% | 12 erase half left | 15 angle 90 | 17 fire 1";
    set(&ncasrc, instance, "rate", rate);
    set(&ncasrc, instance, "events", events);
    set(&ncasrc, instance, "steps", "0.75");
    set(&ncasrc, instance, "warmup", "3");
    h.params.events = events;
    h.params.warmup = 3;
    h.steps = 0.75;
    h.blend = NCA_BLEND_ALPHA;
    hand_begin(&h);
    memset(out, 0, sizeof(out));
    for (int i = 0; i < FILM; i++, nca_film_next(h.film, h.steps))
        hand_show(&h, out, expected[i]);
    hand_end(&h);
    for (int64_t i = 0; i < 3 * FILM; i++) {
        int frame = (int)(i * turn % FILM);
        for (int again = 0; again < 2; again++)
            ncasrc.update(instance, frame / per_second, NULL, out);
        CHECK_MSG(!memcmp(out, expected[frame], sizeof(out)), "frame %d, rate %s", frame,
                  rate);
    }
    set(&ncasrc, instance, "angle", "30"); /* from the next frame on */
    ncasrc.update(instance, (FILM - turn) / per_second, NULL, out);
    CHECK(!memcmp(out, expected[FILM - turn], sizeof(out)));
    set(&ncasrc, instance, "angle", "0");
    ncasrc.update(instance, -5, NULL, out);
    CHECK(!memcmp(out, expected[0], sizeof(out)));
    ncasrc.update(instance, nan(""), NULL, out);
    CHECK(!memcmp(out, expected[0], sizeof(out)));
    ncasrc.destruct(instance);
}

int main(int argc, char **argv)
{
    if (!host_begin(argc, argv))
        return 1;
    CHECK(nca_model_load(&model, model_path, NULL) == NCA_OK);
    check_info();
    check_frames();
    check_every_value();
    check_wounds();
    check_scale();
    check_changes();
    check_order("25", 25, 1);
    check_order("25", 25, 7);
    check_order("30000/1001", 30000.0 / 1001, 13);
    check_order("29.97", 30000.0 / 1001, 29);
    nca_model_free(&model);
    return host_end();
}
