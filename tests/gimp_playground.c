/* SPDX-License-Identifier: MIT
 *
 * The playground under a pointer's hand: what it records, seen as a film, has the same
 * cells bit for bit. */
#include "playground.h"

#include "comma.h"
#include "gtk.h"
#include "nca_film.h"

#include "grids.h"

enum { COLUMNS = 40, ROWS = 30 };

/* With events to come, and one at which the film does not end. */
static const char given[] = "0 plant 50% 50% | 25 angle 15 | 60 erase half left |";

typedef struct Bench {
    Playground *playground;
    GtkWidget *window, *canvas;
    NcaModel *model;
    NcaFilmParams params;
    char *events;        /* as told last */
    gint64 last, turned; /* when it was turned last */
    int told;
} Bench;

static void recorded(const char *events, gint64 last, gpointer bench)
{
    Bench *b = bench;
    g_free(b->events);
    b->events = g_strdup(events);
    b->last = last;
    b->told++;
}

static Bench *bench_new(void)
{
    Bench *b = g_new0(Bench, 1);
    NcaError error = {""};
    b->model = lively(small_shape());
    b->params = nca_film_params_default();
    b->params.grid.width = COLUMNS;
    b->params.grid.height = ROWS;
    b->params.grid.seed = seed;
    b->params.events = given;
    b->playground = playground_new(&(PlaygroundCalls){recorded, b});
    b->window = window_with(playground_widget(b->playground));
    b->canvas = find(b->window, is_area, NULL, 0);
    CHECK(!playground_grid(b->playground) && !*playground_events(b->playground));
    CHECK_MSG(playground_show(b->playground, b->model, &b->params, &error) == NCA_OK,
              "%s", error.text);
    run_for(0.1);
    return b;
}

static void bench_free(Bench *b)
{
    playground_free(b->playground);
    gtk_widget_destroy(b->window);
    nca_model_free(&b->model);
    g_free(b->events);
    g_free(b);
}

static GtkRange *slider(const Bench *b, int which)
{
    return GTK_RANGE(find(b->window, is_slider, NULL, which));
}

enum { ERASER, ANGLE, SPEED };

static gint64 now(const Bench *b)
{
    return nca_grid_time(playground_grid(b->playground));
}

typedef struct Moment {
    const Bench *bench;
    gint64 step;
} Moment;

static gboolean reached(gpointer moment)
{
    const Moment *m = moment;
    return now(m->bench) >= m->step;
}

static void live_until(const Bench *b, gint64 step)
{
    Moment m = {b, step};
    CHECK_MSG(wait_until(reached, &m, 60), "step %d of %d", (int)now(b), (int)step);
}

/* The middle of a cell on the canvas. */
static void place_of(const Bench *b, double cell_x, double cell_y, double *x, double *y)
{
    GtkAllocation size;
    gtk_widget_get_allocation(b->canvas, &size);
    double zoom = fmin(size.width / (double)COLUMNS, size.height / (double)ROWS);
    *x = floor((size.width - zoom * COLUMNS) / 2) + zoom * (cell_x + 0.5);
    *y = floor((size.height - zoom * ROWS) / 2) + zoom * (cell_y + 0.5);
}

static void point_at(const Bench *b, GdkEventType type, double cell_x, double cell_y)
{
    double x, y;
    place_of(b, cell_x, cell_y, &x, &y);
    point(b->canvas, type, 1, x, y);
}

static void drag(const Bench *b, double x0, double y0, double x1, double y1, int moves)
{
    point_at(b, GDK_BUTTON_PRESS, x0, y0);
    for (int i = 1; i <= moves; i++) {
        point_at(b, GDK_MOTION_NOTIFY, x0 + (x1 - x0) * i / moves,
                 y0 + (y1 - y0) * i / moves);
        run_for(0.01);
    }
    point_at(b, GDK_BUTTON_RELEASE, x1, y1);
}

/* The recorded text as a film at the playground's present step. */
static void check_replay(const Bench *b, const char *when)
{
    NcaFilmParams params = b->params;
    NcaFilm *film = NULL;
    NcaError error = {""};
    params.events = playground_events(b->playground);
    CHECK_MSG(nca_film_new(&film, b->model, &params, &error) == NCA_OK, "%s", error.text);
    if (!film)
        return;
    nca_film_next(film, (double)now(b));
    CHECK_MSG(same(nca_film_grid(film), playground_grid(b->playground)),
              "%s, at step %d:\n%s", when, (int)now(b), params.events);
    nca_film_free(&film);
}

static int count_of(const char *text, const char *word)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, word)); at++)
        count++;
    return count;
}

/* ------------------------------------------------------------------- tests */

static void test_replay(Bench *b)
{
    gtk_range_set_value(slider(b, SPEED), 240);
    live_until(b, 8);
    drag(b, 12, 8, 25, 20, 6);
    check_replay(b, "after a drag");
    gtk_range_set_value(slider(b, ANGLE), 50);
    gtk_range_set_value(slider(b, ANGLE), -70);
    b->turned = now(b);
    live_until(b, 30);
    gtk_range_set_value(slider(b, ERASER), 3);
    drag(b, 30, 25, 5, 5, 3);
    live_until(b, 70);
    check_replay(b, "after the given events");
    gtk_range_set_value(slider(b, SPEED), 7);
    drag(b, 20, 2, 22, 28, 9);
    run_for(0.5);
    check_replay(b, "slowly");
    CHECK(b->told > 3 && !strcmp(b->events, playground_events(b->playground)));
    CHECK(g_str_has_prefix(b->events, given) && b->last <= now(b) && b->last >= 70);
    CHECK(!strchr(b->events, ',') && strchr(b->events, '.'));
}

static void test_restart(Bench *b)
{
    char *before = g_strdup(playground_events(b->playground));
    gint64 end = now(b);
    press_button(b->window, "Restart");
    CHECK(now(b) == 0 && !strcmp(before, playground_events(b->playground)));
    CHECK(gtk_range_get_value(slider(b, ANGLE)) == 0);
    check_replay(b, "at the beginning");
    gtk_range_set_value(slider(b, SPEED), 240);
    live_until(b, MAX(40, b->turned + 1));
    check_replay(b, "again");
    CHECK(gtk_range_get_value(slider(b, ANGLE)) == -70);
    drag(b, 35, 3, 30, 20, 4); /* before others that are recorded */
    live_until(b, end + 5);
    check_replay(b, "with one more");
    CHECK(b->last >= 70);
    NcaFilmParams same_life = b->params; /* of another seed, say */
    same_life.events = b->events;
    CHECK(playground_show(b->playground, b->model, &same_life, NULL) == NCA_OK);
    check_replay(b, "shown anew");
    press_button(b->window, "Clear");
    CHECK(now(b) == 0 && !strcmp(playground_events(b->playground), given));
    CHECK(!strcmp(b->events, given) && b->last == 60);
    live_until(b, 10);
    check_replay(b, "cleared");
    g_free(before);
}

static gboolean cell_is_empty(const Bench *b, int x, int y)
{
    const NcaGrid *grid = playground_grid(b->playground);
    int channels = nca_grid_channels(grid);
    float *state = state_of(grid), *cell = state + (size_t)(y * COLUMNS + x) * channels;
    gboolean empty = TRUE;
    for (int c = 0; c < channels; c++)
        empty &= cell[c] == 0;
    free(state);
    return empty;
}

/* From one end to the other at once. */
static void test_no_gaps(Bench *b)
{
    static const int radii[] = {1, 2, 5};
    live_until(b, 40);
    press_button(b->window, "Pause");
    for (int i = 0; i < 3; i++) {
        int before = count_of(playground_events(b->playground), "circle"), y = 4 + 10 * i;
        gtk_range_set_value(slider(b, ERASER), radii[i]);
        drag(b, 2, y, 37, y, 1);
        for (int x = 3; x < 36; x++)
            CHECK_MSG(cell_is_empty(b, x, y), "(%d, %d), radius %d", x, y, radii[i]);
        int circles = count_of(playground_events(b->playground), "circle") - before;
        CHECK_MSG(circles > 1 && circles <= 36, "%d circles", circles);
    }
    check_replay(b, "paused");
}

static void test_plant(Bench *b)
{
    double x, y;
    drag(b, -20, -20, -30, 50, 2);
    char *before = g_strdup(playground_events(b->playground));
    place_of(b, 17, 4, &x, &y);
    CHECK(cell_is_empty(b, 17, 4) && cell_is_empty(b, 20, 14));
    double_click(b->canvas, x, y);
    place_of(b, 20, 14, &x, &y);
    click(b->canvas, 3, x, y);
    click(b->canvas, 2, -5, -5);
    run_for(0.8); /* a click that waits would have erased by then */
    CHECK(!cell_is_empty(b, 17, 4) && !cell_is_empty(b, 20, 14));
    CHECK(count_of(playground_events(b->playground), "plant") ==
          count_of(before, "plant") + 2);
    CHECK(count_of(playground_events(b->playground), "erase") ==
          count_of(before, "erase"));
    CHECK(strstr(playground_events(b->playground), "plant 17 4"));
    click(b->canvas, 1, x, y);
    run_for(0.8);
    CHECK(cell_is_empty(b, 20, 14));
    CHECK(g_str_has_suffix(playground_events(b->playground), "erase circle 20 14 5"));
    CHECK(count_of(playground_events(b->playground), "erase") ==
          count_of(before, "erase") + 1);
    check_replay(b, "planted");
    g_free(before);
}

/* Turns of one step are one, and a pause is one. */
static void test_paused(Bench *b)
{
    gint64 step = now(b);
    int turns = count_of(playground_events(b->playground), "angle");
    for (int angle = 1; angle < 90; angle++)
        gtk_range_set_value(slider(b, ANGLE), angle);
    CHECK(count_of(playground_events(b->playground), "angle") == turns + 1);
    CHECK(strstr(playground_events(b->playground), "angle 89"));
    run_for(0.3);
    CHECK(now(b) == step && has_button(b->window, "Play"));
    press_button(b->window, "Play");
    live_until(b, step + 20);
    check_replay(b, "played on");
}

static void test_errors(Bench *b)
{
    NcaFilmParams params = b->params;
    NcaError error = {""};
    gint64 step = now(b);
    params.events = "0 plunt 1 1";
    CHECK(playground_show(b->playground, b->model, &params, &error) == NCA_ERR_ARGUMENT);
    CHECK(strstr(error.text, "plunt") && says(b->window, error.text));
    CHECK(says(b->window, "This creature cannot be shown: events"));
    CHECK(now(b) >= step);
    check_replay(b, "after an error");
    CHECK(playground_show(b->playground, b->model, &b->params, NULL) == NCA_OK);
    CHECK(now(b) == 0 && !says(b->window, "cannot be shown"));
    CHECK(!strcmp(playground_events(b->playground), given));
}

/* A film that begins with a state, of its own copy. */
static void test_state(Bench *b)
{
    NcaFilmParams params = b->params;
    NcaGrid *grid = grid_of(b->model, COLUMNS, ROWS, -1);
    noise(grid, 0, 1);
    float *state = state_of(grid);
    params.state = state;
    params.events = "";
    CHECK(playground_show(b->playground, b->model, &params, NULL) == NCA_OK);
    b->params = params;
    drag(b, 5, 5, 30, 5, 2);
    CHECK(!strncmp(playground_events(b->playground), "0 ", 2) || now(b) > 0);
    live_until(b, 12);
    check_replay(b, "from a state");
    float *copy = g_memdup2(state, values_of(grid) * sizeof(float));
    memset(state, 0, values_of(grid) * sizeof(float));
    b->params.state = copy;
    press_button(b->window, "Restart");
    live_until(b, 12);
    check_replay(b, "from a state again");
    b->params.state = NULL;
    g_free(copy);
    free(state);
    nca_grid_free(&grid);
}

/* Seconds of the processor: what others do on the machine does not count. */
static double worked(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The longest that the main loop was held within a second. */
static double longest_turn(void)
{
    double longest = 0;
    gint64 end = g_get_monotonic_time() + G_USEC_PER_SEC;
    while (g_get_monotonic_time() < end) {
        double begin = worked();
        g_main_context_iteration(NULL, TRUE);
        longest = fmax(longest, worked() - begin);
    }
    return longest;
}

/* A slow creature does not freeze the window. */
static void test_large(Bench *b)
{
    NcaFilmParams params = nca_film_params_default();
    NcaModel *model = lively(nca_shape_default());
    NcaGrid *grid = grid_of(model, 400, 400, -1);
    noise(grid, 0, 1);
    float *state = state_of(grid);
    double step = worked();
    nca_grid_step(grid, 1);
    step = worked() - step;
    params.grid.width = params.grid.height = 400;
    params.state = state;
    params.events = "";
    CHECK(playground_show(b->playground, model, &params, NULL) == NCA_OK);
    gtk_range_set_value(slider(b, SPEED), 240);
    double longest = longest_turn();
    printf("400×400: %d steps in a second, one %.0f ms, the longest turn %.0f ms\n",
           (int)now(b), step * 1000, longest * 1000);
    /* 25 ms of steps, one more, and drawing; one that makes up for all has 24 steps. */
    CHECK_MSG(now(b) > 0 && longest < 0.08 + 3 * step, "%g s", longest);
    free(state);
    nca_grid_free(&grid);
    nca_model_free(&model);
}

/* The window is destroyed first, as by its own close button. */
static void test_ends(void)
{
    Playground *empty = playground_new(&(PlaygroundCalls){NULL, NULL});
    playground_free(empty);
    playground_free(NULL);
    Bench *b = bench_new();
    point_at(b, GDK_BUTTON_PRESS, 5, 5); /* still waits */
    gtk_widget_destroy(b->window);
    run_for(0.6);
    playground_free(b->playground);
    nca_model_free(&b->model);
    g_free(b->events);
    g_free(b);
}

/* Begins a film on a device where there is none. */
static void test_device(Bench *b)
{
    NcaFilmParams params = b->params;
    params.grid.device = NCA_DEVICE_OPENCL;
    CHECK(playground_show(b->playground, b->model, &params, NULL) == NCA_OK);
    CHECK(says(b->window, "The processor computes: "));
    live_until(b, 5);
    press_button(b->window, "Restart");
    CHECK(says(b->window, "The processor computes: "));
    CHECK(playground_show(b->playground, b->model, &b->params, NULL) == NCA_OK);
    CHECK(!says(b->window, "The processor computes"));
}

int main(int count, char **arguments)
{
    if (!begin_gtk(&count, &arguments))
        return TEST_SKIP;
    if (!folder_make())
        return test_end();
    comma_locale();
    g_setenv("OCL_ICD_VENDORS", path_of("none"), TRUE); /* no driver */
    take_seed(count, arguments);
    Bench *b = bench_new();
    test_replay(b);
    test_restart(b);
    test_no_gaps(b);
    test_plant(b);
    test_paused(b);
    test_errors(b);
    test_state(b);
    test_large(b);
    test_device(b);
    bench_free(b);
    test_ends();
    folder_remove();
    return test_end();
}
