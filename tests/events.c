/* SPDX-License-Identifier: MIT
 *
 * The event language: what it says no to and how, what each verb does to a grid full of
 * life, and when. */
#include <locale.h>

#include "nca.h"
#include "random.h"
#include "test.h"

/* ---------------------------------------------------------------- mistakes */

static const struct {
    const char *text, *message;
} mistakes[] = {
    {"0 plant 1 1 | 5 erase half lowr",
     "event 2: \"lowr\" where lower, upper, left or right was expected"},
    {"plant 1 1", "event 1: \"plant\" where a step (0, 1, 2 …) was expected"},
    {"-1 plant 1 1", "event 1: \"-1\" where a step (0, 1, 2 …) was expected"},
    {"1.5 plant 1 1", "event 1: \"1.5\" where a step (0, 1, 2 …) was expected"},
    {"5% plant 1 1", "event 1: \"5%\" where a step (0, 1, 2 …) was expected"},
    {"9007199254740993000 erase all",
     "event 1: \"9007199254740993000\" where a step (0, 1, 2 …) was expected"},
    {"|", "event 1: a step (0, 1, 2 …) is missing"},
    {"0 erase all || 1 erase all", "event 2: a step (0, 1, 2 …) is missing"},
    {"7", "event 1: plant, erase, angle or fire is missing"},
    {"7 | 8 erase all", "event 1: plant, erase, angle or fire is missing"},
    {"7 Plant 1 1", "event 1: \"Plant\" where plant, erase, angle or fire was expected"},
    {"7 plants 1 1",
     "event 1: \"plants\" where plant, erase, angle or fire was expected"},
    {"0 plant", "event 1: the X of the seed is missing"},
    {"0 plant 3", "event 1: the Y of the seed is missing"},
    {"0 plant 3 x", "event 1: \"x\" where the Y of the seed was expected"},
    {"0 plant nan 3", "event 1: \"nan\" where the X of the seed was expected"},
    {"0 plant inf 3", "event 1: \"inf\" where the X of the seed was expected"},
    {"0 plant 1e999 3", "event 1: \"1e999\" where the X of the seed was expected"},
    {"0 plant 1000001 3", "event 1: \"1000001\" where the X of the seed was expected"},
    {"0 plant 0x10 3", "event 1: \"0x10\" where the X of the seed was expected"},
    {"0 plant 1,5 3", "event 1: \"1,5\" where the X of the seed was expected"},
    {"0 plant 50%% 3", "event 1: \"50%%\" where the X of the seed was expected"},
    {"0 plant 3 3 3", "event 1: \"3\" where \"|\" or the end was expected"},
    {"0 erase", "event 1: circle, rect, half or all is missing"},
    {"0 erase disc", "event 1: \"disc\" where circle, rect, half or all was expected"},
    {"0 erase all 3", "event 1: \"3\" where \"|\" or the end was expected"},
    {"0 erase half", "event 1: lower, upper, left or right is missing"},
    {"0 erase circle 1 2", "event 1: the radius of the circle is missing"},
    {"0 erase circle 1 2 -3",
     "event 1: \"-3\" where the radius of the circle was expected"},
    {"0 erase rect 1 2 3", "event 1: the height of the rectangle is missing"},
    {"0 erase rect 1 2 -3 4",
     "event 1: \"-3\" where the width of the rectangle was expected"},
    {"0 angle", "event 1: an angle in degrees is missing"},
    {"0 angle 50%", "event 1: \"50%\" where an angle in degrees was expected"},
    {"0 fire 1.01", "event 1: \"1.01\" where a fire rate of 0 … 1 was expected"},
    {"0 fire -0.1", "event 1: \"-0.1\" where a fire rate of 0 … 1 was expected"},
    /* Too long for a message, cut between characters; and never by its beginning alone.
     */
    {"0 angle 1000000000000000000000000000000000000000x",
     "event 1: \"1000000000000000000000000000000000000000…\" where an angle in degrees "
     "was expected"},
    {"0 1234567890123456789012345678901234567ääää",
     "event 1: \"1234567890123456789012345678901234567ä…\" where plant, erase, angle or "
     "fire was expected"},
};

static void test_mistakes(void)
{
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        NcaEvents *events = NULL;
        NcaError error = {"-"};
        NcaStatus status = nca_events_parse(&events, mistakes[i].text, &error);
        CHECK_MSG(status == NCA_ERR_ARGUMENT && !events, "%s", mistakes[i].text);
        CHECK_MSG(!strcmp(error.text, mistakes[i].message), "\"%s\" gave: %s",
                  mistakes[i].text, error.text);
        CHECK(nca_events_parse(&events, mistakes[i].text, NULL) == status);
    }
}

/* A number that begins well and goes on for longer than any buffer. */
static void test_long_number(void)
{
    char text[400] = "0 angle ";
    memset(text + 8, '0', 300);
    NcaEvents *events = NULL;
    CHECK(nca_events_parse(&events, text, NULL) == NCA_OK);
    nca_events_free(&events);
    strcpy(text + 308, "x");
    CHECK(nca_events_parse(&events, text, NULL) == NCA_ERR_ARGUMENT);
}

/* -------------------------------------------------------------------- grid */

/* Weights of 0 keep every cell as it is; others make each step tell. */
static NcaGrid *new_grid(int width, int height, float weights)
{
    NcaShape shape = nca_shape_default();
    NcaGridParams params = nca_grid_params_default();
    NcaModel *model = NULL;
    NcaGrid *grid = NULL;
    params.width = width;
    params.height = height;
    CHECK(nca_model_new(&model, &shape, NULL) == NCA_OK);
    for (int t = 0; t < NCA_TENSORS; t++) {
        float *w = nca_model_tensor_mut(model, (NcaTensor)t);
        for (size_t i = 0; i < nca_model_tensor_size(model, (NcaTensor)t); i++)
            w[i] = weights * (float)(nca_uniform(nca_hash3(2, (uint64_t)t, i)) - 0.5);
    }
    CHECK(nca_grid_new(&grid, model, &params, NULL) == NCA_OK);
    nca_model_free(&model);
    return grid;
}

static float *state_of(const NcaGrid *grid)
{
    size_t size = (size_t)nca_grid_width(grid) * nca_grid_height(grid);
    float *state = calloc(size * nca_grid_channels(grid), sizeof(float));
    nca_grid_read_state(grid, state);
    return state;
}

static void fill(NcaGrid *grid)
{
    float *state = state_of(grid);
    size_t size = (size_t)nca_grid_width(grid) * nca_grid_height(grid);
    for (size_t i = 0; i < size * nca_grid_channels(grid); i++)
        state[i] = 1;
    nca_grid_set_state(grid, state);
    free(state);
}

/* ------------------------------------------------------------------- verbs */

typedef struct Shape {
    const char *command;
    int width, height;
    /* Cells that die: in left … right-1, top … bottom-1, and nearer than radius to (x, y)
     * where there is a radius. */
    int left, top, right, bottom;
    double x, y, radius;
} Shape;

static const Shape shapes[] = {
    {"erase all", 72, 70, 0, 0, 72, 70},
    {"erase half lower", 72, 71, 0, 35, 72, 71},
    {"erase half upper", 72, 71, 0, 0, 72, 35},
    {"erase half right", 71, 72, 35, 0, 71, 72},
    {"erase half left", 71, 72, 0, 0, 35, 72},
    {"erase rect 28 27 16 15", 72, 72, 28, 27, 44, 42},
    {"erase rect -5 -5 10 10", 72, 72, 0, 0, 5, 5},
    {"erase rect 70 70 1000000 1e6", 72, 72, 70, 70, 72, 72},
    {"erase rect 50% 50% 50% 50%", 71, 73, 35, 36, 71, 73},
    {"erase rect 0 0 50% 50%", 71, 73, 0, 0, 35, 36},
    {"erase rect 29% 29% 1 1", 100, 100, 29, 29, 30, 30},
    {"erase rect 10 10 0 5", 72, 72, 0, 0, 0, 0},
    {"\t erase/circle/36/ 36 \n8 ", 72, 72, 0, 0, 72, 72, 36, 36, 8},
    {"erase circle 10.5 20.25 3.75", 72, 72, 0, 0, 72, 72, 10.5, 20.25, 3.75},
    {"erase circle 50% 25% 10%", 90, 60, 0, 0, 90, 60, 45, 15, 6},
    {"erase circle 50% 25% 10%", 60, 90, 0, 0, 60, 90, 30, 22.5, 6},
    {"erase circle 50% 50% 0", 60, 90, 0, 0, 0, 0},
};

static bool dies(const Shape *s, int x, int y)
{
    double dx = x - s->x, dy = y - s->y;
    return x >= s->left && x < s->right && y >= s->top && y < s->bottom &&
           (s->radius == 0 || dx * dx + dy * dy < s->radius * s->radius);
}

static void test_shape(const Shape *s)
{
    NcaGrid *grid = new_grid(s->width, s->height, 0);
    NcaError error = {""};
    int wrong = 0;
    fill(grid);
    CHECK_MSG(nca_grid_command(grid, s->command, &error) == NCA_OK, "%s", error.text);
    float *state = state_of(grid), *cell = state;
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++, cell += nca_grid_channels(grid))
            for (int c = 0; c < nca_grid_channels(grid); c++)
                wrong += cell[c] != (dies(s, x, y) ? 0 : 1);
    CHECK_MSG(wrong == 0, "%s: %d", s->command, wrong);
    free(state);
    nca_grid_free(&grid);
}

static void check_planted(const char *command, int width, int height, int x, int y)
{
    NcaGrid *grid = new_grid(width, height, 0);
    CHECK(nca_grid_command(grid, command, NULL) == NCA_OK);
    float *state = state_of(grid);
    int channels = nca_grid_channels(grid), wrong = 0;
    for (int i = 0; i < width * height * channels; i++) {
        bool here = i / channels == y * width + x;
        wrong += state[i] != (here && i % channels >= 3 ? 1 : 0);
    }
    CHECK_MSG(wrong == 0, "%s: %d", command, wrong);
    free(state);
    nca_grid_free(&grid);
}

static void test_verbs(void)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        test_shape(&shapes[i]);
    check_planted("plant 50% 50%", 72, 72, 36, 36);
    check_planted("plant 50% 50%", 71, 33, 35, 16);
    check_planted("plant 50% 12.5%", 72, 64, 36, 8);
    check_planted("plant 3.9 7", 72, 72, 3, 7);
    check_planted("plant 100% 0", 72, 72, -1, -1);
    check_planted("plant -0.5 0", 72, 72, -1, -1);
}

static void test_command_mistakes(void)
{
    static const char *const wrong[][2] = {
        {"erase half lowr", "\"lowr\" where lower, upper, left or right was expected"},
        {"0 erase all", "\"0\" where plant, erase, angle or fire was expected"},
        {"", "plant, erase, angle or fire is missing"},
        {"erase all | plant 1 1", "\"|\" where the end was expected"},
        {"erase all |", "\"|\" where the end was expected"},
        {"erase all now", "\"now\" where the end was expected"},
    };
    NcaGrid *grid = new_grid(20, 20, 0);
    fill(grid);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        NcaError error = {""};
        CHECK(nca_grid_command(grid, wrong[i][0], &error) == NCA_ERR_ARGUMENT);
        CHECK_MSG(!strcmp(error.text, wrong[i][1]), "%s", error.text);
        CHECK(nca_grid_alive(grid) == 400);
    }
    nca_grid_free(&grid);
}

/* -------------------------------------------------------------------- time */

static NcaEvents *events_of(const char *text)
{
    NcaEvents *events = NULL;
    NcaError error = {""};
    CHECK_MSG(nca_events_parse(&events, text, &error) == NCA_OK, "%s: %s", text,
              error.text);
    return events;
}

static void test_time(void)
{
    NcaGrid *grid = new_grid(20, 20, 0);
    /* Out of order in the text; at step 5 the erasure comes first.  A seed's neighbours
     * live too. */
    NcaEvents *events = events_of(
        "5 erase all | 5 plant 3 3 | 2 plant 9 9 | 7 plant 4 14| 7 erase all |");
    static const int alive[] = {0, 0, 0, 9, 9, 9, 9, 9, 0, 0};
    CHECK(nca_events_last(events) == 7);
    for (int t = 0; t < 10; t++, nca_grid_run(grid, events, 1)) {
        CHECK(nca_grid_time(grid) == t);
        CHECK_MSG(nca_grid_alive(grid) == alive[t], "step %d", t);
    }
    nca_grid_reset(grid, 0);
    nca_grid_run(grid, events, 7);
    CHECK(nca_grid_time(grid) == 7 && nca_grid_alive(grid) == 9);
    float *state = state_of(grid);
    CHECK(state[(3 * 20 + 3) * nca_grid_channels(grid) + 3] == 1);
    nca_grid_run(grid, events, 0);
    nca_grid_run(grid, events, -3);
    CHECK(nca_grid_time(grid) == 7);
    free(state);
    nca_events_free(&events);
    nca_grid_free(&grid);
}

static void by_hand(NcaGrid *grid, int step)
{
    if (step == 0)
        nca_grid_plant(grid, 20, 15);
    if (step == 3)
        nca_grid_set_angle(grid, 30);
    if (step == 4 || step == 31)
        nca_grid_set_fire_rate(grid, step == 4 ? 0.9f : 0);
    if (step == 20)
        nca_grid_erase_rect(grid, 0, 0, 20, 30);
    if (step == 40)
        nca_grid_set_fire_rate(grid, 1);
}

/* Steps made at once are those made one by one, with what the verbs stand for. */
static void test_run(void)
{
    NcaEvents *events =
        events_of("0 plant 50% 50% | 3 angle 30 | 4 fire 0.9 | 20 erase half "
                  "left | 31 fire 0 | 40 fire 1");
    NcaGrid *a = new_grid(40, 30, 0.3f), *b = new_grid(40, 30, 0.3f);
    nca_grid_run(a, events, 50);
    for (int i = 0; i < 50; i++) {
        by_hand(b, i);
        nca_grid_step(b, 1);
    }
    float *x = state_of(a), *y = state_of(b);
    CHECK(nca_grid_time(a) == 50);
    CHECK(nca_grid_alive(a) > 20);
    CHECK(!memcmp(x, y, 40 * 30 * nca_grid_channels(a) * sizeof(float)));
    free(x);
    free(y);
    nca_events_free(&events);
    nca_grid_free(&a);
    nca_grid_free(&b);
}

static void test_texts(void)
{
    NcaEvents *events = events_of("");
    CHECK(nca_events_last(events) == 0);
    nca_events_free(&events);
    CHECK(events == NULL);
    nca_events_free(&events);
    events = events_of(" \n");
    nca_events_free(&events);
    events = events_of(NCA_EVENTS_DEFAULT);
    nca_events_free(&events);
    events = events_of("9007199254740992 erase all|1e3/angle/-7.5e-1 | ");
    CHECK(nca_events_last(events) == 9007199254740992);
    nca_events_free(&events);
}

static void test_locale(void)
{
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE",
                                         "pt_BR.UTF-8"};
    const char *set = NULL;
    for (int i = 0; i < 4 && !set; i++)
        set = setlocale(LC_ALL, commas[i]);
    if (!set) {
        printf("no locale with a decimal comma here: not tested\n");
        return;
    }
    NcaEvents *events = events_of("0 fire 0.5 | 1 plant 12.5% 3.5");
    nca_events_free(&events);
    CHECK(nca_events_parse(&events, "0 fire 0,5", NULL) == NCA_ERR_ARGUMENT);
    setlocale(LC_ALL, "C");
}

/* -------------------------------------------------------------------- fuzz */

static void random_text(char *text, uint64_t seed)
{
    static const char *const pieces[] = {
        "plant", "erase", "circle", "rect",  "half", "lower", "all", "angle", "fire", "0",
        "5",     "0.5",   "-3",     "50%",   "1e9",  "|",     "|",   " ",     "/",    "x",
        "\xc3",  "\xff",  "…",      "1e-30", "%",    "+.5",   "\n",  "9e15",  "nan",  ".",
    };
    *text = 0;
    for (int i = 0; i < (int)(nca_hash(seed) % 20); i++) {
        uint64_t h = nca_hash3(seed, 1, (uint64_t)i);
        strcat(text, pieces[h % (sizeof(pieces) / sizeof(pieces[0]))]);
        if (h >> 60 < 12)
            strcat(text, " ");
    }
}

static void test_random_texts(int count)
{
    NcaGrid *grid = new_grid(9, 7, 0);
    int good = 0;
    for (int i = 0; i < count; i++) {
        char text[400];
        NcaEvents *events = NULL;
        NcaError error = {""};
        random_text(text, (uint64_t)i);
        NcaStatus status = nca_events_parse(&events, text, &error);
        CHECK_MSG((status == NCA_OK) == (events != NULL), "%s", text);
        CHECK_MSG((status == NCA_OK) == (error.text[0] == 0), "%s", text);
        CHECK_MSG(!strchr(error.text, '\n'), "%s", error.text);
        if (events) {
            nca_events_apply(events, grid);
            good++;
        }
        nca_events_free(&events);
        nca_grid_command(grid, text, NULL);
    }
    CHECK_MSG(good > count / 1000, "%d", good);
    nca_grid_free(&grid);
}

int main(int argc, char **argv)
{
    test_mistakes();
    test_long_number();
    test_verbs();
    test_command_mistakes();
    test_time();
    test_run();
    test_texts();
    test_locale();
    test_random_texts(argc > 1 ? atoi(argv[1]) : 20000);
    return test_end();
}
