/* SPDX-License-Identifier: MIT
 *
 * The event language: a list of (time, verb, numbers), parsed once, sorted by time,
 * applied when due.  Beyond what nca.h says of it: no text is no events; a '|' may end
 * the text but neither begin it nor follow another; a number may have an exponent; a step
 * is whole; radius, width and height are not negative. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nca.h"
#include "number.h"
#include "status.h"

enum { ARGUMENTS_MAX = 4, EVENTS_MAX = 100000, QUOTED_MAX = 40, STEPS_AT_ONCE = 1 << 20 };

#define NUMBER_MOST 1e6
#define TIME_MOST 9007199254740992.0 /* 2^53 */

typedef enum Verb {
    PLANT,
    ERASE_CIRCLE,
    ERASE_RECT,
    ERASE_LOWER,
    ERASE_UPPER,
    ERASE_LEFT,
    ERASE_RIGHT,
    ERASE_ALL,
    ANGLE,
    FIRE,
} Verb;

typedef struct Number {
    double value;
    bool percent;
} Number;

typedef struct Event {
    int64_t time;
    size_t place; /* in the text */
    Verb verb;
    Number argument[ARGUMENTS_MAX];
} Event;

struct NcaEvents {
    size_t count;
    Event *event;
};

/* Where the parser is. */
typedef struct Parser {
    const char *at;
    int event; /* from 1, for messages; 0 for a command */
    NcaError *error;
} Parser;

typedef struct Word {
    const char *text;
    size_t length; /* 0 at the end of the event */
} Word;

/* What a number is for, and its range. */
typedef struct Argument {
    const char *expected;
    bool percent_allowed;
    double least, most;
} Argument;

/* ------------------------------------------------------------------- words */

static bool is_space(char c)
{
    return c && strchr("/ \t\n\v\f\r", c);
}

static void skip_space(Parser *p)
{
    while (is_space(*p->at))
        p->at++;
}

static Word next_word(Parser *p)
{
    skip_space(p);
    Word word = {p->at, 0};
    for (; *p->at && *p->at != '|' && !is_space(*p->at); p->at++)
        word.length++;
    return word;
}

static bool is(Word word, const char *text)
{
    return word.length == strlen(text) && !memcmp(word.text, text, word.length);
}

static NcaStatus unexpected(const Parser *p, Word word, const char *expected)
{
    char where[32] = "";
    bool cut = word.length > QUOTED_MAX;
    if (p->event)
        snprintf(where, sizeof(where), "event %d: ", p->event);
    if (!word.length)
        return nca_fail(p->error, NCA_ERR_ARGUMENT, "%s%s is missing", where, expected);
    if (cut)
        for (word.length = QUOTED_MAX;
             word.length > 1 && (word.text[word.length] & 0xc0) == 0x80;)
            word.length--;
    return nca_fail(p->error, NCA_ERR_ARGUMENT, "%s\"%.*s%s\" where %s was expected",
                    where, (int)word.length, word.text, cut ? "…" : "", expected);
}

static NcaStatus parse_number(Parser *p, const Argument *a, Number *number)
{
    Word word = next_word(p);
    const char *end;
    double value;
    if (!word.length || !nca_number_parse(word.text, &end, &value))
        return unexpected(p, word, a->expected);
    bool percent = a->percent_allowed && *end == '%';
    if (end + percent != word.text + word.length ||
        !(value >= a->least && value <= a->most))
        return unexpected(p, word, a->expected);
    *number = (Number){value, percent};
    return NCA_OK;
}

static NcaStatus parse_numbers(Parser *p, const Argument *a, int count, Event *e)
{
    NcaStatus status = NCA_OK;
    for (int i = 0; i < count && status == NCA_OK; i++)
        status = parse_number(p, &a[i], &e->argument[i]);
    return status;
}

/* ------------------------------------------------------------------- verbs */

static NcaStatus parse_half(Parser *p, Event *e)
{
    static const char *const halves[] = {"lower", "upper", "left", "right"};
    static const Verb verbs[] = {ERASE_LOWER, ERASE_UPPER, ERASE_LEFT, ERASE_RIGHT};
    Word word = next_word(p);
    for (int i = 0; i < 4; i++)
        if (is(word, halves[i])) {
            e->verb = verbs[i];
            return NCA_OK;
        }
    return unexpected(p, word, "lower, upper, left or right");
}

static NcaStatus parse_erase(Parser *p, Event *e)
{
    static const Argument circle[] = {
        {"the X of the circle", true, -NUMBER_MOST, NUMBER_MOST},
        {"the Y of the circle", true, -NUMBER_MOST, NUMBER_MOST},
        {"the radius of the circle", true, 0, NUMBER_MOST},
    };
    static const Argument rect[] = {
        {"the X of the rectangle", true, -NUMBER_MOST, NUMBER_MOST},
        {"the Y of the rectangle", true, -NUMBER_MOST, NUMBER_MOST},
        {"the width of the rectangle", true, 0, NUMBER_MOST},
        {"the height of the rectangle", true, 0, NUMBER_MOST},
    };
    Word word = next_word(p);
    if (is(word, "half"))
        return parse_half(p, e);
    if (is(word, "circle")) {
        e->verb = ERASE_CIRCLE;
        return parse_numbers(p, circle, 3, e);
    }
    if (is(word, "rect")) {
        e->verb = ERASE_RECT;
        return parse_numbers(p, rect, 4, e);
    }
    e->verb = ERASE_ALL;
    return is(word, "all") ? NCA_OK : unexpected(p, word, "circle, rect, half or all");
}

static NcaStatus parse_verb(Parser *p, Event *e)
{
    static const Argument plant[] = {
        {"the X of the seed", true, -NUMBER_MOST, NUMBER_MOST},
        {"the Y of the seed", true, -NUMBER_MOST, NUMBER_MOST},
    };
    static const Argument angle = {"an angle in degrees", false, -NUMBER_MOST,
                                   NUMBER_MOST};
    static const Argument fire = {"a fire rate of 0 … 1", false, 0, 1};
    Word word = next_word(p);
    if (is(word, "erase"))
        return parse_erase(p, e);
    if (is(word, "plant")) {
        e->verb = PLANT;
        return parse_numbers(p, plant, 2, e);
    }
    if (is(word, "angle")) {
        e->verb = ANGLE;
        return parse_numbers(p, &angle, 1, e);
    }
    e->verb = FIRE;
    return is(word, "fire") ? parse_numbers(p, &fire, 1, e)
                            : unexpected(p, word, "plant, erase, angle or fire");
}

/* The verb, its arguments, and nothing more. */
static NcaStatus parse_rest(Parser *p, Event *e)
{
    NcaStatus status = parse_verb(p, e);
    if (status < 0)
        return status;
    Word word = next_word(p);
    return word.length ? unexpected(p, word, p->event ? "\"|\" or the end" : "the end")
                       : NCA_OK;
}

static NcaStatus parse_event(Parser *p, Event *e)
{
    static const Argument step = {"a step (0, 1, 2 …)", false, 0, TIME_MOST};
    Parser before = *p;
    Number time = {0};
    NcaStatus status = parse_number(p, &step, &time);
    if (status < 0)
        return status;
    if (time.value != floor(time.value))
        return unexpected(p, next_word(&before), step.expected);
    e->time = (int64_t)time.value;
    return parse_rest(p, e);
}

/* ------------------------------------------------------------------ public */

static NcaStatus parse_all(NcaEvents *events, Parser *p)
{
    size_t room = 0;
    for (skip_space(p); *p->at; skip_space(p)) {
        p->event++;
        if (events->count == EVENTS_MAX)
            return nca_fail(p->error, NCA_ERR_ARGUMENT, "more than %d events",
                            EVENTS_MAX);
        if (events->count == room) {
            room = room ? 2 * room : 8;
            Event *more = realloc(events->event, room * sizeof(*more));
            if (!more)
                return nca_fail_memory(p->error, "events");
            events->event = more;
        }
        Event *e = &events->event[events->count];
        *e = (Event){.place = events->count};
        NcaStatus status = parse_event(p, e);
        if (status < 0)
            return status;
        events->count++;
        if (*p->at == '|')
            p->at++;
    }
    return NCA_OK;
}

static int compare(const void *a, const void *b)
{
    const Event *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

NcaStatus nca_events_parse(NcaEvents **out, const char *text, NcaError *error)
{
    Parser p = {.at = text, .error = error};
    NcaEvents *events = calloc(1, sizeof(*events));
    if (!events)
        return nca_fail_memory(error, "events");
    NcaStatus status = parse_all(events, &p);
    if (status < 0) {
        nca_events_free(&events);
        return status;
    }
    if (events->count)
        qsort(events->event, events->count, sizeof(Event), compare);
    *out = events;
    return NCA_OK;
}

void nca_events_free(NcaEvents **events)
{
    if (!*events)
        return;
    free((*events)->event);
    free(*events);
    *events = NULL;
}

/* Percent first times, then divided: 29 % of 100 is 29. */
static double cells(Number n, int of)
{
    return n.percent ? n.value * of / 100 : n.value;
}

/* Downwards: 50 % of 71 is cell 35. */
static int cell(double at)
{
    return (int)floor(at);
}

/* Both ends downwards, so that halves meet and end where the grid does. */
static void erase_rect(NcaGrid *grid, const Number *a, int w, int h)
{
    double x = cells(a[0], w), y = cells(a[1], h);
    int left = cell(x), right = cell(x + cells(a[2], w));
    int top = cell(y), bottom = cell(y + cells(a[3], h));
    nca_grid_erase_rect(grid, left, top, right - left, bottom - top);
}

static void apply(const Event *e, NcaGrid *grid)
{
    int w = nca_grid_width(grid), h = nca_grid_height(grid), shorter = w < h ? w : h;
    const Number *a = e->argument;
    switch (e->verb) {
    case PLANT:
        nca_grid_plant(grid, cell(cells(a[0], w)), cell(cells(a[1], h)));
        break;
    case ERASE_CIRCLE:
        nca_grid_erase_circle(grid, cells(a[0], w), cells(a[1], h), cells(a[2], shorter));
        break;
    case ERASE_RECT:
        erase_rect(grid, a, w, h);
        break;
    case ERASE_LOWER:
        nca_grid_erase_rect(grid, 0, h / 2, w, h);
        break;
    case ERASE_UPPER:
        nca_grid_erase_rect(grid, 0, 0, w, h / 2);
        break;
    case ERASE_LEFT:
        nca_grid_erase_rect(grid, 0, 0, w / 2, h);
        break;
    case ERASE_RIGHT:
        nca_grid_erase_rect(grid, w / 2, 0, w, h);
        break;
    case ERASE_ALL:
        nca_grid_erase_rect(grid, 0, 0, w, h);
        break;
    case ANGLE:
        nca_grid_set_angle(grid, (float)a[0].value);
        break;
    case FIRE:
        nca_grid_set_fire_rate(grid, (float)a[0].value);
        break;
    }
}

/* The first event that is due at `time` or later. */
static size_t first_due(const NcaEvents *events, int64_t time)
{
    size_t low = 0, high = events->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (events->event[middle].time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void nca_events_apply(const NcaEvents *events, NcaGrid *grid)
{
    int64_t now = nca_grid_time(grid);
    size_t i = first_due(events, now);
    for (; i < events->count && events->event[i].time == now; i++)
        apply(&events->event[i], grid);
}

int64_t nca_events_last(const NcaEvents *events)
{
    return events->count ? events->event[events->count - 1].time : 0;
}

/* How many of `steps` there are before the next event. */
static int steps_at_once(const NcaEvents *events, int64_t now, int64_t steps)
{
    size_t next = first_due(events, now + 1);
    if (next < events->count && events->event[next].time - now < steps)
        steps = events->event[next].time - now;
    return (int)(steps < STEPS_AT_ONCE ? steps : STEPS_AT_ONCE);
}

void nca_grid_run(NcaGrid *grid, const NcaEvents *events, int64_t steps)
{
    while (steps > 0) {
        int now = steps_at_once(events, nca_grid_time(grid), steps);
        nca_events_apply(events, grid);
        nca_grid_step(grid, now);
        steps -= now;
    }
}

NcaStatus nca_grid_command(NcaGrid *grid, const char *text, NcaError *error)
{
    Parser p = {.at = text, .error = error};
    Event event = {.time = 0};
    NcaStatus status = parse_rest(&p, &event);
    if (status == NCA_OK && *p.at == '|')
        status = unexpected(&p, (Word){p.at, 1}, "the end");
    if (status == NCA_OK)
        apply(&event, grid);
    return status;
}
