/* SPDX-License-Identifier: MIT
 *
 * The procedures with a host in memory and without windows: what the user does to the
 * image while a window is open, what becomes of a training that cannot be kept, and how
 * many frames there are.  Usage: gimp_body LIZARD.bin */
#include "../gimp-plugin/store.h"
#include "gimp_calls.h"

#include <glib/gstdio.h>
#include <utime.h>

static const char *const nothing[] = {NULL};

/* ---------------------------------------------------------------- meanwhile */

static void do_nothing(Call *call)
{
    (void)call;
}

static void enlarge(Call *call)
{
    fake_scale(call->drawable, 500, 500);
}

static void shrink(Call *call)
{
    fake_scale(call->drawable, 20, 20);
}

static void delete_layer(Call *call)
{
    fake_delete(call->drawable);
}

static void close_image(Call *call)
{
    fake_close(call->image);
}

static void lock(Call *call)
{
    fake_lock(call->drawable);
}

static void select_beside(Call *call)
{
    fake_select(call->image, (GeglRectangle){79, 79, 1, 1});
}

static void test_regenerate(void)
{
    static const char *const frames[] = {"output", "0", "steps", "2", "every", "1", NULL};
    static const struct {
        void (*what)(Call *call);
        const char *in_place, *frames;
    } all[] = {{do_nothing, NULL, NULL},
               {enlarge, "has changed", "has changed"},
               {shrink, "has changed", "has changed"},
               {delete_layer, "has changed", "has changed"},
               {close_image, "has changed", "has changed"},
               {lock, "locked", NULL},
               {select_beside, "does not touch", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        meanwhile = all[i].what;
        CHECK_MSG(says(run(&procedure_regenerate, MODE_INTERACTIVE, grown(), nothing),
                       all[i].in_place),
                  "%zu", i);
        CHECK_MSG(says(run(&procedure_regenerate, MODE_INTERACTIVE, grown(), frames),
                       all[i].frames),
                  "%zu", i);
    }
}

/* Grow needs no layer: it goes on without. */
static void test_grow(void)
{
    static void (*const all[])(Call *) = {do_nothing, enlarge, shrink, delete_layer,
                                          close_image};
    static const char *const outputs[] = {"0", "1", "2"};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        for (gsize o = 0; o < G_N_ELEMENTS(outputs); o++) {
            const char *set[] = {"output", outputs[o], "steps", "2", "every", "1", NULL};
            meanwhile = all[i];
            Call call = run(&procedure_grow, MODE_INTERACTIVE, grown(), set);
            CHECK_MSG(fake_layers(call.new_image) >= (o == 2 ? 1 : 3), "%zu %zu", i, o);
            CHECK_MSG(says(call, NULL), "%zu %zu", i, o);
        }
}

/* Nothing of that size is made before it is refused. */
static void test_large(void)
{
    gint32 layer = grown();
    gint width, height;
    host_size(layer, &width, &height);
    fake_scale(layer, 500 * width, 500 * height);
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, nothing), "too large"));
}

/* ------------------------------------------------------------------- frames */

static void test_frames(void)
{
    const char *one[] = {"output", "2", "steps", "2000", "every", "1", NULL};
    const char *many[] = {"output", "0", "steps", "2000", "every", "1", NULL};
    const char *back[] = {"output", "0",    "steps", "1001", "every",
                          "1",      "loop", "1",     NULL};
    const char *few[] = {"output", "1", "steps", "7", "every", "2", "loop", "1", NULL};
    gint32 layer = grown(), image = host_image_of(layer);
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, one), NULL));
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, many), "more than 2000"));
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, back), "more than 2000"));
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, few), NULL));
    CHECK(fake_layers(image) == 2 + 4 + 2);
}

/* -------------------------------------------------------------------- train */

static gint checkpoints(void)
{
    GDir *dir = g_dir_open(path_of("cache/nca/checkpoints"), 0, NULL);
    gint number = 0;
    while (dir && g_dir_read_name(dir))
        number++;
    g_clear_pointer(&dir, g_dir_close);
    return number;
}

/* Trains the layer; x, y: the middle of what was learnt of it. */
static void check_learnt(gint32 layer, const NcaTarget *target, double x, double y)
{
    Call call = train(layer, path_of("target.bin"));
    const char *sum = nca_target_sha256(target);
    NcaModel *model = NULL;
    gint columns, rows;
    Creature *c = creature_of(layer);
    CHECK(nca_model_load(&model, path_of("target.bin"), NULL) == NCA_OK);
    CHECK(!strcmp(nca_model_meta(model, "target_sha256"), sum));
    CHECK(!strcmp(nca_model_meta(model, "iterations"), "1"));
    CHECK(c && !c->state && !strcmp(nca_model_meta(c->model, "target_sha256"), sum));
    nca_model_trained_size(model, &columns, &rows);
    CHECK(fabs(c->place.x + columns * c->place.scale / 2 - x) < 0.01);
    CHECK(fabs(c->place.y + rows * c->place.scale / 2 - y) < 0.01);
    CHECK(says(call, NULL));
    creature_free(c);
    nca_model_free(&model);
}

/* The picture's own pixels are what is learnt, from a layer that is wider than high; what
 * is selected of it, where it is in the image. */
static void test_target(void)
{
    enum { WIDTH = 16, HEIGHT = 8, HALF = 8, TOP = 2, ROWS = 3 };
    static guint8 rgba[4 * WIDTH * HEIGHT];
    NcaTargetParams params = {8, 2};
    NcaTarget *part = NULL, *all = NULL;
    gint32 layer = fake_layer("noise", WIDTH, HEIGHT);
    GeglBuffer *pixels = host_buffer(layer);
    for (gsize i = 0; i < sizeof(rgba); i++)
        rgba[i] = (guint8)(i % 4 == 3 ? 255 : i * i * 37 >> 3);
    gegl_buffer_set(pixels, NULL, 0, babl_format("R'G'B'A u8"), rgba,
                    GEGL_AUTO_ROWSTRIDE);
    g_object_unref(pixels);
    CHECK(nca_target_new(&all, rgba, WIDTH, HEIGHT, 4 * WIDTH, &params, NULL) == NCA_OK);
    CHECK(nca_target_new(&part, rgba + 4 * (WIDTH * TOP + HALF), HALF, ROWS, 4 * WIDTH,
                         &params, NULL) == NCA_OK);
    check_learnt(layer, all, WIDTH / 2.0, HEIGHT / 2.0);
    fake_move(layer, -HALF, -TOP);
    fake_select(host_image_of(layer), (GeglRectangle){0, 0, HALF, ROWS});
    check_learnt(layer, part, 1.5 * HALF, TOP + ROWS / 2.0);
    nca_target_free(&all);
    nca_target_free(&part);
}

/* Straight colours of what is half clear; a smaller picture of many pixels. */
static void test_read(void)
{
    static const guint16 expected[] = {200 * 257, 100 * 257, 50 * 257, 102 * 257};
    static const guint8 thin[] = {200, 100, 50, 102};
    gint32 layer = fake_layer("thin", 16, 16);
    GeglBuffer *pixels = host_buffer(layer);
    Picture p;
    gegl_buffer_set_color_from_pixel(pixels, NULL, thin, babl_format("R'G'B'A u8"));
    g_object_unref(pixels);
    CHECK(!layer_read(layer, &p) && p.width == 16 && p.height == 16);
    for (int c = 0; c < 4; c++)
        CHECK_MSG(abs(p.rgba[4 * 100 + c] - expected[c]) < 400, "%d",
                  p.rgba[4 * 100 + c]);
    g_free(p.rgba);
    CHECK(!layer_read(fake_layer("large", 8000, 1000), &p));
    CHECK(p.width * p.height <= 4 << 20 && abs(p.width - 8 * p.height) <= 8);
    CHECK(p.width > 5000 && p.part.width == 8000);
    g_free(p.rgba);
    CHECK(says(train(fake_layer("wide", 65536, 1), ""), "too large"));
    CHECK(says(train(fake_layer("high", 1, 65536), ""), "too large"));
}

/* The weights that one iteration ends with. */
static float *weights(const char *name, const char *value, gsize *size)
{
    const char *set[] = {"size",       "8",    "padding", "2",
                         "from",       lizard, "output",  path_of("weights.bin"),
                         "iterations", "1",    name,      value,
                         NULL};
    NcaModel *model = NULL;
    CHECK(says(run(&procedure_train, MODE_SCRIPT, picture("weights", "red"), set), NULL));
    CHECK(nca_model_load(&model, path_of("weights.bin"), NULL) == NCA_OK);
    *size = nca_model_tensor_size(model, NCA_W1) * sizeof(float);
    float *copy = g_memdup2(nca_model_tensor(model, NCA_W1), *size);
    nca_model_free(&model);
    return copy;
}

static void test_training(void)
{
    static const char *const sets[][2] = {
        {NULL, NULL}, {"seed", "1"}, {"from", ""}, {"iterations", "2"}};
    gsize size, other;
    float *plain = weights(NULL, NULL, &size);
    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++) {
        float *w = weights(sets[i][0], sets[i][1], &other);
        CHECK_MSG(size == other && (memcmp(w, plain, size) == 0) == (i == 0), "%zu", i);
        g_free(w);
    }
    g_free(plain);
}

/* How many of them were not old; a file's age is in seconds. */
static gint make_old(void)
{
    GDir *dir = g_dir_open(path_of("cache/nca/checkpoints"), 0, NULL);
    const gchar *name;
    gint number = 0;
    while (dir && (name = g_dir_read_name(dir))) {
        gchar *file = g_build_filename(path_of("cache/nca/checkpoints"), name, NULL);
        struct utimbuf old = {1000, 1000};
        GStatBuf info;
        number += g_stat(file, &info) == 0 && info.st_mtime > old.modtime;
        CHECK(g_utime(file, &old) == 0);
        g_free(file);
    }
    g_clear_pointer(&dir, g_dir_close);
    return number;
}

/* Only the newest stay, and each for its own settings. */
static void test_checkpoints(void)
{
    static const char *const seeds[] = {"1", "2", "3", "4", "5", "6"};
    static const char nowhere[] = "/no/such/folder/x.bin";
    gint32 layer = picture("checkpoints", "red");
    for (gsize i = 0; i < G_N_ELEMENTS(seeds); i++) {
        const char *set[] = {
            "size",   "8",     "padding", "2",          "from",       i % 2 ? lizard : "",
            "output", nowhere, "seed",    seeds[i / 2], "iterations", "1",
            NULL};
        CHECK(says(run(&procedure_train, MODE_SCRIPT, layer, set), "cannot be kept"));
        CHECK_MSG(checkpoints() == (gint)MIN(i + 1, 4), "%d", checkpoints());
        CHECK(make_old() == 1);
    }
}

/* All white. */
static NcaTarget *white(const TrainValues *v)
{
    guint8 rgba[4 * 8 * 8];
    NcaTargetParams params = {v->size, v->padding};
    NcaTarget *target = NULL;
    memset(rgba, 255, sizeof(rgba));
    CHECK(nca_target_new(&target, rgba, 8, 8, 4 * 8, &params, NULL) == NCA_OK);
    return target;
}

/* The oldest is there for who asks, and while he goes on. */
static void test_oldest(void)
{
    gchar nobody[] = "";
    TrainValues v = {.size = 8, .padding = 2, .iterations = 3, .from = nobody};
    NcaTarget *target = white(&v);
    gchar *first = store_checkpoint(target, &v);
    gint others = checkpoints();
    CHECK(g_file_set_contents(first, "x", 1, NULL) && checkpoints() == others + 1);
    CHECK(make_old() == 1);
    for (v.seed = 1; v.seed < 6; v.seed++) {
        gchar *newer = store_checkpoint(target, &v);
        CHECK(g_file_set_contents(newer, "x", 1, NULL));
        g_free(newer);
    }
    v.seed = 0;
    CHECK(training_left_off(target, &v));
    store_make_room(first);
    CHECK(training_left_off(target, &v) && checkpoints() == 4);
    g_remove(first);
    g_free(first);
    nca_target_free(&target);
}

/* It begins, and is stopped; the iteration that it came to, or -1: another has its
 * checkpoint. */
static gint64 stopped_at(const NcaTarget *target, const TrainValues *v, gboolean anew)
{
    NcaJob *job = NULL;
    CHECK(training_start(&job, target, v, NULL, anew, NULL) == NCA_OK);
    nca_job_stop(job);
    NcaStatus status = nca_job_wait(job, NULL);
    gint64 at = nca_job_status(job).iteration;
    CHECK(status == NCA_OK || status == NCA_ERR_BUSY);
    nca_job_free(&job);
    return status == NCA_OK ? at : -1;
}

/* Anew takes nothing away from a training that another GIMP is at. */
static void test_anew(void)
{
    gchar nobody[] = "";
    TrainValues v = {.size = 8, .padding = 2, .iterations = 1000000, .from = nobody};
    NcaTarget *target = white(&v);
    NcaJob *other = NULL;
    CHECK(training_start(&other, target, &v, NULL, FALSE, NULL) == NCA_OK);
    while (nca_job_status(other).iteration < 50 && !nca_job_status(other).done)
        g_usleep(1000);
    CHECK(stopped_at(target, &v, FALSE) == -1);
    CHECK(stopped_at(target, &v, TRUE) == -1);
    nca_job_stop(other);
    CHECK(nca_job_wait(other, NULL) == NCA_OK);
    nca_job_free(&other);
    CHECK(stopped_at(target, &v, FALSE) >= 50);
    CHECK(stopped_at(target, &v, TRUE) < 50);
    gchar *checkpoint = store_checkpoint(target, &v);
    CHECK(g_remove(checkpoint) == 0);
    g_free(checkpoint);
    nca_target_free(&target);
}

/* What was learnt is not lost where it cannot be kept. */
static void test_kept(void)
{
    const char *nowhere[] = {"output", "/no/such/folder/x.bin", NULL};
    gint32 layer = picture("kept", "red");
    CHECK(says(train(layer, nowhere[1]), "cannot be kept"));
    CHECK(checkpoints() == 1);
    CHECK(says(train(layer, ""), NULL));
    CHECK(checkpoints() == 0);
}

/* Only its checkpoint cannot be kept. */
static void test_no_cache(void)
{
    gint32 layer = picture("no cache", "blue");
    gchar *moved = g_strdup(path_of("cache/nca/moved"));
    CHECK(g_rename(path_of("cache/nca/checkpoints"), moved) == 0);
    CHECK(g_file_set_contents(path_of("cache/nca/checkpoints"), "", 0, NULL));
    CHECK(says(train(layer, path_of("uncached.bin")), NULL));
    CHECK_MSG(strstr(fake_message(), "No checkpoint was kept"), "%s", fake_message());
    CHECK(g_file_test(path_of("uncached.bin"), G_FILE_TEST_EXISTS));
    CHECK(g_remove(path_of("cache/nca/checkpoints")) == 0);
    CHECK(g_rename(moved, path_of("cache/nca/checkpoints")) == 0);
    g_free(moved);
}

static void save_nowhere(Call *call)
{
    TrainValues *v = call->values;
    CHECK(!*v->output); /* the last name is the last creature's */
    g_free(v->output);
    v->output = g_strdup("/no/such/folder/x.bin");
}

static void test_window(void)
{
    const char *last[] = {"output", "last time's", NULL};
    gint32 layer = picture("window", "red");
    meanwhile = save_nowhere;
    CHECK(says(run(&procedure_train, MODE_INTERACTIVE, layer, last), "cannot be kept"));
    CHECK(g_file_test(path_of("checkpoint"), G_FILE_TEST_EXISTS));
    meanwhile = do_nothing;
    CHECK(says(run(&procedure_train, MODE_INTERACTIVE, layer, last), NULL));
    CHECK(!g_file_test(path_of("checkpoint"), G_FILE_TEST_EXISTS));
    CHECK(!*fake_message());
    meanwhile = delete_layer;
    CHECK(says(run(&procedure_train, MODE_INTERACTIVE, layer, last), NULL));
    CHECK(strstr(fake_message(), "window.bin"));
}

int main(int count, char **arguments)
{
    if (!begin_calls(count, arguments))
        return 1;
    test_regenerate();
    test_grow();
    test_large();
    test_frames();
    test_anew();
    test_kept();
    test_target();
    test_read();
    test_training();
    test_checkpoints();
    test_oldest();
    test_window();
    test_no_cache();
    return end_calls();
}
