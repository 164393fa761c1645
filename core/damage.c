/* SPDX-License-Identifier: MIT
 *
 * A wound is the set of cells for which a function of (x, y) is negative. */
#include "damage.h"

#include <math.h>
#include <string.h>

#include "random.h"

enum { STRIPES = 3 }; /* at the most, at once */

typedef enum Kind { DISC, HALF, SQUARE, STRIPE } Kind;

/* x, y: the centre, or a point of the line.  Distances in cells. */
typedef struct Wound {
    Kind kind;
    double x, y;
    double size;               /* radius, or half the side or the width */
    double normal_x, normal_y; /* of a half: away from what stays; of a stripe: across */
} Wound;

/* A number of the key: in low … high, another for another `what`. */
static double draw(uint64_t key, uint64_t what, double low, double high)
{
    return low + (high - low) * nca_uniform(nca_hash3(key, what, 0));
}

static bool is_inside(const Wound *w, int x, int y)
{
    double dx = x - w->x, dy = y - w->y;
    if (w->kind == HALF)
        return dx * w->normal_x + dy * w->normal_y > 0;
    if (w->kind == STRIPE)
        return fabs(dx * w->normal_x + dy * w->normal_y) < w->size;
    if (w->kind == SQUARE)
        return fabs(dx) < w->size && fabs(dy) < w->size;
    return dx * dx + dy * dy < w->size * w->size;
}

static void kill_inside(float *state, const NcaCanvas *c, const Wound *wound)
{
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++, state += c->channels)
            if (is_inside(wound, x, y))
                memset(state, 0, (size_t)c->channels * sizeof(float));
}

/* A coordinate of -1 … 1 on an axis of so many cells. */
static double cell_at(double coordinate, int cells)
{
    return (coordinate + 1) / 2 * (cells - 1);
}

static double half_side(const NcaCanvas *c)
{
    return ((c->width < c->height ? c->width : c->height) - 1) / 2.0;
}

static Wound disc(const NcaCanvas *c, uint64_t key)
{
    return (Wound){
        .kind = DISC,
        .x = cell_at(draw(key, 1, -0.5, 0.5), c->width),
        .y = cell_at(draw(key, 2, -0.5, 0.5), c->height),
        .size = draw(key, 3, 0.1, 0.4) * half_side(c),
    };
}

/* Sides of the picture, not of the canvas. */
static double picture_width(const NcaCanvas *c)
{
    return c->width - 2 * c->padding;
}

static double picture_height(const NcaCanvas *c)
{
    return c->height - 2 * c->padding;
}

/* Half of the lines are level or upright, as people cut. */
static Wound half(const NcaCanvas *c, uint64_t key)
{
    static const double quarter = M_PI / 2;
    double angle = draw(key, 4, 0, 4);
    if (draw(key, 5, 0, 1) < 0.5)
        angle = floor(angle);
    return (Wound){
        .kind = HALF,
        .x = (c->width - 1) / 2.0 + draw(key, 6, -0.2, 0.2) * picture_width(c),
        .y = (c->height - 1) / 2.0 + draw(key, 7, -0.2, 0.2) * picture_height(c),
        .normal_x = cos(angle * quarter),
        .normal_y = sin(angle * quarter),
    };
}

/* In the middle more often than at the rim: a hole there parts the picture in pieces that
 * have to find together again.  aside, size_least: of the picture. */
static Wound square(const NcaCanvas *c, uint64_t key, double aside, double size_least)
{
    double longer = fmax(picture_width(c), picture_height(c));
    return (Wound){
        .kind = SQUARE,
        .x = (c->width - 1) / 2.0 + draw(key, 8, -aside, aside) * picture_width(c),
        .y = (c->height - 1) / 2.0 + draw(key, 9, -aside, aside) * picture_height(c),
        .size = draw(key, 10, size_least, 0.25) * longer,
    };
}

/* What an eraser leaves that goes across the picture, near the middle.  which: of
 * several, whose angles are spread evenly, but for some chance.  size_most: of the
 * picture. */
static Wound stripe(const NcaCanvas *c, uint64_t key, int which, int stripes,
                    double size_most)
{
    double longer = fmax(picture_width(c), picture_height(c));
    uint64_t own = nca_hash3(key, 12, (uint64_t)which);
    double angle =
        draw(key, 13, 0, M_PI) + (which + draw(own, 1, -0.3, 0.3)) * M_PI / stripes;
    double aside = draw(own, 2, -0.2, 0.2) * longer;
    return (Wound){
        .kind = STRIPE,
        .x = (c->width - 1) / 2.0 + aside * cos(angle),
        .y = (c->height - 1) / 2.0 + aside * sin(angle),
        .size = draw(key, 14, 0.05, size_most) * longer,
        .normal_x = cos(angle),
        .normal_y = sin(angle),
    };
}

void nca_damage_disc(float *state, const NcaCanvas *canvas, uint64_t key)
{
    Wound wound = disc(canvas, key);
    kill_inside(state, canvas, &wound);
}

double nca_stage_part(int stage)
{
    return pow(2, -0.5 * stage);
}

/* As the picture is. */
static void shrink(Wound *w, const NcaCanvas *c)
{
    double part = nca_stage_part(c->stage), x = c->width / 2, y = c->height / 2;
    w->x = x + (w->x - x) * part;
    w->y = y + (w->y - y) * part;
    w->size *= part;
}

static void inflict(float *state, const NcaCanvas *canvas, Wound wound)
{
    if (canvas->stage)
        shrink(&wound, canvas);
    kill_inside(state, canvas, &wound);
}

void nca_damage_mixed(float *state, const NcaCanvas *canvas, uint64_t key)
{
    double kind = draw(key, 0, 0, 1);
    int stripes = 1 + (int)draw(key, 11, 0, STRIPES);
    if (kind < 0.1)
        inflict(state, canvas, disc(canvas, key));
    else if (kind < 0.45)
        inflict(state, canvas, half(canvas, key));
    else if (kind < 0.75)
        inflict(state, canvas, square(canvas, key, 0.2, 0.1));
    else
        for (int i = 0; i < stripes; i++)
            inflict(state, canvas, stripe(canvas, key, i, stripes, 0.15));
}

void nca_damage_stroke(float *state, const NcaCanvas *canvas, uint64_t key)
{
    inflict(state, canvas, stripe(canvas, key, 0, 1, 0.2));
}

void nca_damage_hole(float *state, const NcaCanvas *canvas, uint64_t key)
{
    inflict(state, canvas, square(canvas, key, 0.05, 0.15));
}
