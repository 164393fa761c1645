/* SPDX-License-Identifier: MIT
 *
 * One text that grows at its end: events of one step are done in the order of the text,
 * and so were the commands.  The grid and the text get the same words, whose numbers are
 * written alike in every locale. */
#include "record.h"

#include <math.h>
#include <string.h>

enum { COMMAND_MOST = 160 };

typedef struct Turn {
    gint64 step;
    double degrees;
    gsize at; /* where it begins in the text */
} Turn;

struct Record {
    GString *text;
    gsize given; /* bytes of the text that it began with */
    gint64 given_last, last;
    double x, y;   /* where the path has come to */
    GArray *turns; /* Turn */
};

Record *record_new(const char *events)
{
    Record *record = g_new0(Record, 1);
    NcaEvents *parsed = NULL;
    record->text = g_string_new(events);
    record->given = record->text->len;
    record->turns = g_array_new(FALSE, FALSE, sizeof(Turn));
    if (nca_events_parse(&parsed, events, NULL) == NCA_OK)
        record->given_last = nca_events_last(parsed);
    nca_events_free(&parsed);
    record->last = record->given_last;
    return record;
}

Record *record_again(const Record *before, const char *events)
{
    Record *record = record_new(events);
    if (!before || strcmp(before->text->str, events) != 0)
        return record;
    record->given = before->given;
    record->given_last = before->given_last;
    g_array_append_vals(record->turns, before->turns->data, before->turns->len);
    return record;
}

void record_free(Record *record)
{
    if (!record)
        return;
    g_string_free(record->text, TRUE);
    g_array_free(record->turns, TRUE);
    g_free(record);
}

/* ---------------------------------------------------------------- the text */

/* A text may end with '|', and be empty. */
static const char *joint(const char *text, gsize length)
{
    while (length && strchr("/ \t\n\v\f\r", text[length - 1]))
        length--;
    if (!length)
        return "";
    return text[length - 1] == '|' ? " " : " | ";
}

static void append(Record *record, gint64 step, const char *command)
{
    GString *text = record->text;
    g_string_append(text, joint(text->str, text->len));
    g_string_append_printf(text, "%" G_GINT64_FORMAT " %s", step, command);
    record->last = MAX(record->last, step);
}

/* Where the grid takes it: all our numbers are in the range of the language. */
static void act(Record *record, NcaGrid *grid, const char *command)
{
    if (nca_grid_command(grid, command, NULL) == NCA_OK)
        append(record, nca_grid_time(grid), command);
}

typedef char Number[G_ASCII_DTOSTR_BUF_SIZE];

/* To a tenth. */
static const char *number(Number text, double value)
{
    return g_ascii_formatd(text, sizeof(Number), "%.8g", rint(value * 10) / 10);
}

/* ----------------------------------------------------------------- erasing */

/* To events a cell is the point in its middle.  Circles beside the grid are none. */
static void erase(Record *record, NcaGrid *grid, double radius)
{
    char text[COMMAND_MOST];
    Number x, y, r;
    if (record->x < -radius || record->x > nca_grid_width(grid) + radius ||
        record->y < -radius || record->y > nca_grid_height(grid) + radius)
        return;
    g_snprintf(text, sizeof(text), "erase circle %s %s %s", number(x, record->x - 0.5),
               number(y, record->y - 0.5), number(r, radius));
    act(record, grid, text);
}

void record_erase(Record *record, NcaGrid *grid, double x, double y, double radius)
{
    record->x = x;
    record->y = y;
    erase(record, grid, radius);
}

/* Circles half a radius apart leave no gap, and there is no more than one to a cell. */
gboolean record_erase_to(Record *record, NcaGrid *grid, double x, double y, double radius)
{
    double apart = MAX(1, radius / 2);
    double dx = x - record->x, dy = y - record->y, length = hypot(dx, dy);
    int circles = (int)(length / apart);
    for (int i = 0; i < circles; i++) {
        record->x += dx * apart / length;
        record->y += dy * apart / length;
        erase(record, grid, radius);
    }
    return circles > 0;
}

/* ------------------------------------------------------ planting, turning */

gboolean record_plant(Record *record, NcaGrid *grid, double x, double y)
{
    char text[COMMAND_MOST];
    if (!(x >= 0 && y >= 0 && x < nca_grid_width(grid) && y < nca_grid_height(grid)))
        return FALSE;
    g_snprintf(text, sizeof(text), "plant %d %d", (int)x, (int)y);
    act(record, grid, text);
    return TRUE;
}

/* The last event, where it is a turn at this step, is taken back. */
static void take_back_turn(Record *record, gint64 step)
{
    if (!record->turns->len)
        return;
    Turn last = g_array_index(record->turns, Turn, record->turns->len - 1);
    const char *text = record->text->str + last.at;
    if (last.step != step || strchr(text + strspn(text, " |"), '|'))
        return;
    g_string_truncate(record->text, last.at);
    g_array_set_size(record->turns, record->turns->len - 1);
}

void record_turn(Record *record, NcaGrid *grid, double degrees)
{
    char text[COMMAND_MOST];
    Number angle;
    gint64 step = nca_grid_time(grid);
    take_back_turn(record, step);
    Turn turn = {step, degrees, record->text->len};
    g_snprintf(text, sizeof(text), "angle %s", number(angle, degrees));
    act(record, grid, text);
    g_array_append_val(record->turns, turn);
}

/* ---------------------------------------------------------- the whole of it */

void record_clear(Record *record)
{
    g_string_truncate(record->text, record->given);
    g_array_set_size(record->turns, 0);
    record->last = record->given_last;
}

const char *record_text(const Record *record)
{
    return record->text->str;
}

gint64 record_last(const Record *record)
{
    return record->last;
}

/* The latest of them, and of one step the last. */
double record_angle(const Record *record, gint64 step, double otherwise)
{
    const Turn *best = NULL;
    for (guint i = 0; i < record->turns->len; i++) {
        const Turn *turn = &g_array_index(record->turns, Turn, i);
        if (turn->step <= step && (!best || turn->step >= best->step))
            best = turn;
    }
    return best ? best->degrees : otherwise;
}
