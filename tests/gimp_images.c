/* SPDX-License-Identifier: MIT
 *
 * What the user does with an image while a creature grows in it, of a host in memory; and
 * that a creature goes on as it lived.  Usage: gimp_images LIZARD.bin */
#include "gimp_calls.h"

static gint32 its_layer, its_image;

static void scale(void)
{
    if (host_is_layer(its_layer))
        fake_scale(its_layer, 160, 160);
}

static void halve(void)
{
    if (host_is_layer(its_layer))
        fake_scale(its_layer, 20, 20);
}

static void lock(void)
{
    fake_lock(its_layer);
}

static void delete (void)
{
    if (host_is_layer(its_layer))
        fake_delete(its_layer);
}

static void close_it(void)
{
    if (host_is_image(its_image))
        fake_close(its_image);
}

/* ----------------------------------------------------------------- meanwhile */

static Call run_while(const Procedure *p, gint32 layer, const char *const *set,
                      void (*what)(void))
{
    its_layer = layer;
    its_image = host_image_of(layer);
    fake_meanwhile(what);
    Call call = run(p, MODE_SCRIPT, layer, set);
    fake_meanwhile(NULL);
    return call;
}

/* Not drawn on what is no longer as it was, and not beyond its pixels. */
static void test_heal(void)
{
    const char *set[] = {"steps", "20", NULL};
    void (*const changes[])(void) = {scale, halve, delete, close_it};
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++)
        CHECK(says(run_while(&procedure_regenerate, grown(), set, changes[i]),
                   "has changed meanwhile"));
    CHECK(says(run_while(&procedure_regenerate, grown(), set, lock), "locked"));
}

/* What has grown is not lost with the image that it was for. */
static void test_one(void)
{
    const char *set[] = {"model", lizard, "steps", "20", "output", "2", NULL};
    gint32 layer = fake_layer("picture", 96, 96), image = host_image_of(layer);
    Call call = run_while(&procedure_grow, layer, set, close_it);
    CHECK(call.new_image != image && fake_layers(call.new_image) == 1);
    CHECK(says(call, NULL));
    layer = fake_layer("picture", 96, 96);
    call = run_while(&procedure_grow, layer, set, delete);
    CHECK(call.new_image == its_image && fake_layers(its_image) == 1);
    CHECK(fake_above(fake_newest(its_image)) == -1);
    CHECK(says(call, NULL));
}

static void test_frames(void)
{
    const char *set[] = {"model",  lizard, "steps", "20", "every", "5",
                         "output", "1",    "loop",  "1",  NULL};
    gint32 layer = fake_layer("picture", 96, 96);
    its_image = host_image_of(layer);
    fake_meanwhile(close_it);
    Call call = run(&procedure_grow, MODE_SCRIPT, layer, set);
    fake_meanwhile(NULL);
    CHECK(says(call, "was closed meanwhile"));
}

static void delete_newest(void)
{
    fake_delete(fake_newest(its_image));
}

/* All go before the next is there, the picture first; the last alone is left, with none
 * to lie on and none for the way back. */
static void test_frame_deleted(void)
{
    const char *set[] = {"model",  lizard, "steps", "20", "every", "5",
                         "output", "1",    "loop",  "1",  NULL};
    gint32 layer = fake_layer("picture", 96, 96);
    Call call = run_while(&procedure_grow, layer, set, delete_newest);
    CHECK(call.new_image == its_image && fake_layers(its_image) == 1);
    CHECK(fake_above(fake_newest(its_image)) == -1);
    CHECK(says(call, NULL));
}

/* An indexed image has no room for the colours; what lies there is no ground for what
 * lies elsewhere. */
static void test_indexed(void)
{
    static const char *const outputs[] = {"1", "2"};
    for (gsize i = 0; i < G_N_ELEMENTS(outputs); i++) {
        const char *set[] = {"model", lizard,   "steps",    "4", "every",
                             "4",     "output", outputs[i], NULL};
        gint32 layer = fake_layer("picture", 96, 96), image = host_image_of(layer);
        fake_index(image);
        Call call = run(&procedure_grow, MODE_SCRIPT, layer, set);
        CHECK(call.new_image != image && fake_layers(image) == 1);
        CHECK(fake_layers(call.new_image) == (i ? 1 : 2));
        CHECK(says(call, NULL));
    }
}

/* ----------------------------------------------------------------- its life */

/* So many steps further, as nca_grid_step alone makes them. */
static float *further(const Creature *c, int steps)
{
    NcaGridParams params = nca_grid_params_default();
    NcaGrid *grid = NULL;
    params.width = c->columns;
    params.height = c->rows;
    params.angle = 30;
    params.fire_rate = 0.75f;
    params.edge = NCA_EDGE_WRAP;
    CHECK(nca_grid_new(&grid, c->model, &params, NULL) == NCA_OK);
    nca_grid_set_state(grid, c->state);
    nca_grid_step(grid, steps);
    float *state = g_new(float, (gsize)c->columns *(gsize)c->rows * 16);
    nca_grid_read_state(grid, state);
    nca_grid_free(&grid);
    return state;
}

static gboolean lived(const Creature *c, double angle, double fire_rate)
{
    return fabs(c->angle - angle) < 1e-4 && fabs(c->fire_rate - fire_rate) < 1e-4 &&
           c->edge == (gint)NCA_EDGE_WRAP;
}

/* Turned, at a rate and with an edge that are not the model's. */
static void test_life(void)
{
    const char *set[] = {"model", lizard, "steps",     "60",
                         "scale", "1",    "output",    "2",
                         "edge",  "2",    "fire-rate", "0.75",
                         "angle", "45",   "events",    "0 plant 3 36 | 50 angle 30",
                         NULL};
    const char *on[] = {"steps", "20", NULL};
    const char *other[] = {"steps", "0", "angle", "-10", "fire-rate", "0.25", NULL};
    gint32 picture = fake_layer("picture", 80, 80);
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, picture, set), NULL));
    gint32 layer = fake_newest(host_image_of(picture));
    Creature *old = creature_of(layer);
    CHECK(lived(old, 30, 0.75));
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, on), NULL));
    Creature *now = creature_of(layer);
    float *expected = further(old, 20);
    CHECK(lived(now, 30, 0.75));
    CHECK(!memcmp(now->state, expected,
                  sizeof(float) * 16 * (gsize)(now->columns * now->rows)));
    /* Repeated it does not turn again. */
    CHECK(says(run(&procedure_regenerate, MODE_REPEAT, layer, other), NULL));
    Creature *again = creature_of(layer);
    CHECK(lived(again, 30, 0.25));
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, other), NULL));
    Creature *turned = creature_of(layer);
    CHECK(lived(turned, 20, 0.25));
    creature_free(old);
    creature_free(now);
    creature_free(again);
    creature_free(turned);
    g_free(expected);
}

int main(int count, char **arguments)
{
    if (!begin_calls(count, arguments))
        return 1;
    test_heal();
    test_one();
    test_frames();
    test_frame_deleted();
    test_indexed();
    test_life();
    return end_calls();
}
