/* SPDX-License-Identifier: MIT
 *
 * A judge now and then, and four labels that keep their width. */
#include "marks.h"

#include <glib/gi18n-lib.h>

#include "canvas.h"
#include "judge.h"

/* A loss at which one takes the creature for the picture: at 5e-3 a published lizard has
 * all its parts and colours. */
static const double GOOD_LOSS = 5e-3;

/* Of the five cuts: one of them may take away all that a picture could grow from. */
enum { GOOD_CUTS = 4 };

static const double EVERY = 8;  /* seconds from judge to judge, at least */
static const double SHARE = 10; /* a judge may take one part in ten of the time */

struct Marks {
    GtkWidget *row, *grows, *stays, *heals, *good;
    Judge *judge; /* NULL: none judges */
    gint64 due;   /* microseconds */
};

static GtkWidget *add(GtkWidget *row, int chars)
{
    GtkWidget *label = canvas_label("", chars);
    gtk_box_pack_start(GTK_BOX(row), label, FALSE, FALSE, 0);
    return label;
}

Marks *marks_new(void)
{
    Marks *m = g_new0(Marks, 1);
    m->row = canvas_row(CANVAS_FAR);
    m->grows = add(m->row, 9);
    m->stays = add(m->row, 9);
    m->heals = add(m->row, 14);
    m->good = add(m->row, 0);
    gtk_widget_set_tooltip_text(m->grows, _("Looks like the target after growing"));
    gtk_widget_set_tooltip_text(m->stays, _("Still does so a thousand steps later"));
    gtk_widget_set_tooltip_text(m->heals, _("Grows again what was cut off"));
    marks_clear(m);
    return m;
}

GtkWidget *marks_widget(Marks *marks)
{
    return marks->row;
}

void marks_free(Marks *marks)
{
    judge_free(marks->judge);
    g_free(marks);
}

static void wait_for(Marks *m, double seconds)
{
    m->due = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
}

void marks_clear(Marks *marks)
{
    judge_free(marks->judge);
    marks->judge = NULL;
    wait_for(marks, EVERY);
    gtk_label_set_text(GTK_LABEL(marks->grows), _("Grows –"));
    gtk_label_set_text(GTK_LABEL(marks->stays), _("Stays –"));
    gtk_label_set_text(GTK_LABEL(marks->heals), _("Heals –"));
    gtk_label_set_text(GTK_LABEL(marks->good), "");
}

gboolean marks_due(const Marks *marks)
{
    return !marks->judge && g_get_monotonic_time() >= marks->due;
}

void marks_judge(Marks *marks, const NcaModel *model, const NcaTarget *target)
{
    judge_free(marks->judge);
    marks->judge = judge_start(model, target);
    wait_for(marks, EVERY);
}

static void show(Marks *m, const NcaEval *eval)
{
    gboolean grows = eval->loss96 <= GOOD_LOSS && eval->loss200 <= GOOD_LOSS;
    gboolean stays = eval->loss1000 <= GOOD_LOSS;
    /* What never was there can't be missing: nothing heals before it grows. */
    char *heals = grows ? g_strdup_printf(_("Heals %d of %d"), eval->regrown, NCA_CUTS)
                        : g_strdup(_("Heals –"));
    char *good = g_markup_printf_escaped("<b>%s</b>", _("★ Good enough"));
    gtk_label_set_text(GTK_LABEL(m->grows), grows ? _("Grows ✓") : _("Grows ✗"));
    gtk_label_set_text(GTK_LABEL(m->stays), stays ? _("Stays ✓") : _("Stays ✗"));
    gtk_label_set_text(GTK_LABEL(m->heals), heals);
    gtk_label_set_markup(GTK_LABEL(m->good),
                         grows && stays && eval->regrown >= GOOD_CUTS ? good : "");
    g_free(heals);
    g_free(good);
}

void marks_poll(Marks *marks)
{
    NcaEval eval;
    if (!marks->judge || !judge_finished(marks->judge))
        return;
    double took = judge_seconds(marks->judge);
    if (judge_poll(marks->judge, &eval))
        show(marks, &eval);
    wait_for(marks, MAX(EVERY - took, (SHARE - 1) * took));
    judge_free(marks->judge);
    marks->judge = NULL;
}
