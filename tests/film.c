/* SPDX-License-Identifier: MIT
 *
 * Films: steps that are fractions, events once and at their time, and a film that begins
 * again, each beside a grid that is stepped by hand. */
#include "nca_film.h"

#include "allocations.h"
#include "grids.h"

static const char events_text[] = "0 plant 50% 50% | 5 erase half left | 5 angle 30 | "
                                  "9 fire 0.25 | 12 plant 0 0";

static NcaFilmParams film_params(void)
{
    NcaFilmParams p = nca_film_params_default();
    p.grid.width = 13;
    p.grid.height = 9;
    p.grid.seed = seed;
    p.events = events_text;
    return p;
}

/* A grid at `time`, its events done, from the film's state. */
static NcaGrid *by_hand(const NcaModel *model, const NcaFilmParams *p, int64_t time)
{
    NcaEvents *events = NULL;
    NcaGrid *grid = NULL;
    CHECK(nca_events_parse(&events, p->events, NULL) == NCA_OK);
    CHECK(nca_grid_new(&grid, model, &p->grid, NULL) == NCA_OK);
    if (p->state)
        nca_grid_set_state(grid, p->state);
    nca_events_apply(events, grid);
    for (int64_t i = 0; i < time; i++) {
        nca_grid_step(grid, 1);
        nca_events_apply(events, grid);
    }
    nca_events_free(&events);
    return grid;
}

static void check_at(NcaFilm *film, const NcaModel *model, const NcaFilmParams *p,
                     int64_t time)
{
    NcaGrid *grid = by_hand(model, p, time);
    CHECK_MSG(nca_grid_time(nca_film_grid(film)) == time, "%lld, not %lld",
              (long long)nca_grid_time(nca_film_grid(film)), (long long)time);
    CHECK_MSG(same(nca_film_grid(film), grid), "at step %lld", (long long)time);
    nca_grid_free(&grid);
}

static void try_steps(const NcaModel *model, double steps, int64_t warmup)
{
    NcaFilmParams p = film_params();
    NcaFilm *film = NULL;
    p.warmup = warmup;
    CHECK(nca_film_new(&film, model, &p, NULL) == NCA_OK);
    for (int i = 0; i < 20; i++) {
        check_at(film, model, &p, warmup + (int64_t)floor(i * steps + 1e-9));
        nca_film_next(film, steps);
    }
    nca_film_free(&film);
    nca_film_free(&film);
}

/* What was done by hand at the time of an event is not undone by it. */
static void test_once(const NcaModel *model)
{
    NcaFilmParams p = film_params();
    NcaFilm *film = NULL;
    p.events = "0 plant 3 3 | 1 erase all";
    CHECK(nca_film_new(&film, model, &p, NULL) == NCA_OK);
    nca_film_next(film, 1);
    CHECK(nca_grid_alive(nca_film_grid(film)) == 0);
    nca_grid_plant(nca_film_grid(film), 3, 3);
    nca_film_next(film, 0);
    CHECK(nca_grid_alive(nca_film_grid(film)) == 1);
    nca_film_next(film, 1);
    CHECK(nca_grid_alive(nca_film_grid(film)) >= 1);
    nca_film_free(&film);
}

/* 1.003 is a bit less in binary; a thousand of them are 1003 steps all the same. */
static void test_thousandths(const NcaModel *model)
{
    NcaFilmParams p = film_params();
    NcaFilm *film = NULL;
    CHECK(nca_film_new(&film, model, &p, NULL) == NCA_OK);
    for (int i = 0; i < 1000; i++)
        nca_film_next(film, 1.003);
    CHECK(nca_grid_time(nca_film_grid(film)) == 1003);
    nca_film_free(&film);
}

static void test_reset(const NcaModel *model)
{
    NcaFilmParams p = film_params(), other = film_params();
    NcaFilm *film = NULL;
    CHECK(nca_film_new(&film, model, &p, NULL) == NCA_OK);
    nca_film_next(film, 10.7);
    nca_film_reset(film, &p);
    check_at(film, model, &p, 0);
    nca_film_next(film, 10.7);
    check_at(film, model, &p, 10);
    other.grid.seed = seed + 1;
    other.grid.angle = 45;
    other.grid.fire_rate = 0.75f;
    other.warmup = 3;
    nca_film_reset(film, &other);
    check_at(film, model, &other, 3);
    nca_film_next(film, 1);
    check_at(film, model, &other, 4);
    nca_film_free(&film);
}

/* ------------------------------------------------------------------- state */

/* Random values in a third of the cells; the caller's. */
static float *random_state(const NcaModel *model, const NcaFilmParams *p)
{
    int channels = nca_model_shape(model)->channels;
    size_t values = (size_t)p->grid.width * p->grid.height * channels;
    float *state = calloc(values, sizeof(float));
    for (size_t i = 0; i < values; i++)
        if (i / channels % 3 == 0)
            state[i] = (float)uniform(-1, 1);
    return state;
}

/* The events are done on it; it is the film's own copy, and is there again after a
 * reset. */
static void test_state(const NcaModel *model)
{
    NcaFilmParams p = film_params(), other = film_params();
    NcaFilm *film = NULL;
    float *state = random_state(model, &p), *lost = random_state(model, &p);
    size_t values = 13 * 9 * 8;
    memcpy(lost, state, values * sizeof(float));
    p.state = lost;
    CHECK(nca_film_new(&film, model, &p, NULL) == NCA_OK);
    memset(lost, 0x55, values * sizeof(float));
    free(lost);
    p.state = state;
    check_at(film, model, &p, 0);
    for (int time = 1; time < 14; time++) {
        nca_film_next(film, 1);
        check_at(film, model, &p, time);
    }
    nca_film_next(film, 0.7);
    other.warmup = 3;
    nca_film_reset(film, &other); /* its state is ignored */
    other.state = state;
    check_at(film, model, &other, 3);
    nca_film_free(&film);
    p.events = "9 erase all";
    CHECK(nca_film_new(&film, model, &p, NULL) == NCA_OK);
    check_at(film, model, &p, 0);
    CHECK(nca_grid_alive(nca_film_grid(film)) == (13 * 9 + 2) / 3);
    nca_film_free(&film);
    free(state);
}

static void try_hostile(const NcaShape *shape)
{
    static const float values[] = {NAN,    INFINITY, -INFINITY, 3e38f,
                                   -3e38f, 1e-45f,   -0.0f,     1};
    NcaFilmParams p = film_params();
    NcaModel *model = lively(*shape);
    NcaFilm *film = NULL;
    float *state = random_state(model, &p), pixel[13 * 9 * 4];
    for (int i = 0; i < 13 * 9 * shape->channels; i++)
        state[i] = whole(0, 2) ? values[whole(0, 7)] : state[i];
    p.state = state;
    p.warmup = 3;
    CHECK(nca_film_new(&film, model, &p, NULL) == NCA_OK);
    for (int i = 0; i < 8; i++) {
        nca_grid_read_rgba(nca_film_grid(film), pixel, 13 * 4 * sizeof(float));
        for (int k = 0; k < 13 * 9 * 4; k++)
            CHECK_MSG(pixel[k] >= 0 && pixel[k] <= 1, "%g", pixel[k]);
        nca_film_next(film, 1.5);
    }
    nca_film_reset(film, &p);
    nca_film_free(&film);
    nca_model_free(&model);
    free(state);
}

/* What a damaged file may hold is drawn within 0 … 1, whatever it does to the
 * creature. */
static void test_hostile_state(void)
{
    NcaShape shapes[] = {small_shape(), texture_shape(), isotropic_shape(), tiny_shape()};
    for (int turn = 0; turn < 40; turn++)
        try_hostile(&shapes[turn % 4]);
}

/* ------------------------------------------------------------------ memory */

static void test_allocations(const NcaModel *model)
{
    NcaFilmParams p = film_params();
    NcaStatus status = NCA_ERR_MEMORY;
    float *state = random_state(model, &p);
    int n = 0;
    p.state = state;
    for (; status != NCA_OK && n < 1000; n++) {
        NcaFilm *film = NULL;
        NcaError error = {""};
        allocations_left = n;
        status = nca_film_new(&film, model, &p, &error);
        allocations_left = -1;
        CHECK(status == (film ? NCA_OK : NCA_ERR_MEMORY) && !*error.text == !!film);
        nca_film_free(&film);
    }
    CHECK_MSG(status == NCA_OK && n > 8, "%d allocations were tried", n);
    free(state);
}

/* ------------------------------------------------------------------ limits */

static void test_limits(const NcaModel *model)
{
    NcaFilmParams p = film_params();
    NcaFilm *film = NULL;
    NcaError error;
    p.warmup = NCA_FILM_WARMUP_MAX + 1;
    CHECK(nca_film_new(&film, model, &p, &error) == NCA_ERR_ARGUMENT && !film);
    CHECK(!strcmp(error.text, "a warm-up of 100001 steps, 0 … 100000"));
    p = film_params();
    p.events = "0 plant 1";
    CHECK(nca_film_new(&film, model, &p, &error) == NCA_ERR_ARGUMENT && !film);
    CHECK(!strcmp(error.text, "events: event 1: the Y of the seed is missing"));
    p = film_params();
    p.grid.width = 0;
    CHECK(nca_film_new(&film, model, &p, &error) == NCA_ERR_ARGUMENT && !film);
    p = film_params();
    CHECK(nca_film_new(&film, model, &p, NULL) == NCA_OK);
    nca_film_next(film, -5);
    nca_film_next(film, NAN);
    check_at(film, model, &p, 0);
    nca_film_next(film, 1e300);
    CHECK(nca_grid_time(nca_film_grid(film)) == NCA_FILM_STEPS_MAX);
    nca_film_free(&film);
}

int main(int count, char **arguments)
{
    static const double steps[] = {0, 0.1, 0.3, 0.5, 1, 1.5, 2, 7};
    take_seed(count, arguments);
    NcaModel *model = lively(small_shape());
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        for (int64_t warmup = 0; warmup < 8; warmup += 5)
            try_steps(model, steps[i], warmup);
    test_once(model);
    test_thousandths(model);
    test_reset(model);
    test_state(model);
    test_hostile_state();
    test_allocations(model);
    test_limits(model);
    nca_model_free(&model);
    return test_end();
}
