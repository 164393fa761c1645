/* SPDX-License-Identifier: MIT
 *
 * Films: steps that are fractions, events once and at their time, and a film that begins
 * again, each beside a grid that is stepped by hand. */
#include "nca_film.h"

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

/* A grid at `time`, its events done. */
static NcaGrid *by_hand(const NcaModel *model, const NcaFilmParams *p, int64_t time)
{
    NcaEvents *events = NULL;
    NcaGrid *grid = NULL;
    CHECK(nca_events_parse(&events, p->events, NULL) == NCA_OK);
    CHECK(nca_grid_new(&grid, model, &p->grid, NULL) == NCA_OK);
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
    test_limits(model);
    nca_model_free(&model);
    return test_end();
}
