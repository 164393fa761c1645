/* SPDX-License-Identifier: MIT
 *
 * A press waits until the pointer moves (then it begins a path there), a second press
 * makes it a double click (then it is forgotten), or neither can come any more. */
#include "pointer.h"

#include <math.h>

typedef struct Place {
    double x, y;
} Place;

struct Pointer {
    PointerCalls calls;
    GtkWidget *widget;
    Place at;      /* where it is */
    gboolean over; /* the widget */
    gboolean down;
    guint waiting; /* the timer of a press that waits; 0: none does */
    Place pressed; /* where */
};

/* --------------------------------------------------------------- the press */

static void forget_press(Pointer *p)
{
    if (p->waiting)
        g_source_remove(p->waiting);
    p->waiting = 0;
}

static void take_press(Pointer *p)
{
    if (!p->waiting)
        return;
    forget_press(p);
    p->calls.begin(p->calls.user, p->pressed.x, p->pressed.y);
}

static gboolean waited(gpointer pointer)
{
    Pointer *p = pointer;
    p->waiting = 0;
    p->calls.begin(p->calls.user, p->pressed.x, p->pressed.y);
    return FALSE;
}

static void setting(const Pointer *p, const char *name, gint *value)
{
    g_object_get(gtk_widget_get_settings(p->widget), name, value, NULL);
}

static void wait_at(Pointer *p, Place at)
{
    gint time;
    setting(p, "gtk-double-click-time", &time);
    forget_press(p);
    p->pressed = at;
    p->waiting = g_timeout_add((guint)time, waited, p);
}

static gboolean far_from_press(const Pointer *p, Place at)
{
    gint distance;
    setting(p, "gtk-double-click-distance", &distance);
    return fabs(at.x - p->pressed.x) > distance || fabs(at.y - p->pressed.y) > distance;
}

/* ------------------------------------------------------------------ events */

static void move_to(Pointer *p, double x, double y, gboolean over)
{
    p->at = (Place){x, y};
    p->over = over;
    p->calls.moved(p->calls.user);
}

static gboolean pressed(GtkWidget *widget, GdkEventButton *event, gpointer pointer)
{
    Pointer *p = pointer;
    Place at = {event->x, event->y};
    (void)widget;
    move_to(p, at.x, at.y, TRUE);
    if (event->button != 1 && event->type == GDK_BUTTON_PRESS)
        p->calls.plant(p->calls.user, at.x, at.y);
    if (event->button != 1)
        return TRUE;
    p->down = event->type == GDK_BUTTON_PRESS;
    if (p->down) {
        if (far_from_press(p, at))
            take_press(p);
        wait_at(p, at);
    } else {
        forget_press(p);
    }
    if (event->type == GDK_2BUTTON_PRESS)
        p->calls.plant(p->calls.user, at.x, at.y);
    return TRUE;
}

static gboolean released(GtkWidget *widget, GdkEventButton *event, gpointer pointer)
{
    Pointer *p = pointer;
    (void)widget;
    if (event->button == 1)
        p->down = FALSE;
    return TRUE;
}

static gboolean motion(GtkWidget *widget, GdkEventMotion *event, gpointer pointer)
{
    Pointer *p = pointer;
    Place at = {event->x, event->y};
    (void)widget;
    move_to(p, at.x, at.y, TRUE);
    if (p->down && far_from_press(p, at))
        take_press(p);
    if (p->down && !p->waiting)
        p->calls.draw_on(p->calls.user, at.x, at.y);
    return TRUE;
}

static gboolean crossed(GtkWidget *widget, GdkEventCrossing *event, gpointer pointer)
{
    (void)widget;
    move_to(pointer, event->x, event->y, event->type == GDK_ENTER_NOTIFY);
    return FALSE;
}

/* ------------------------------------------------------------------ public */

/* Also before the widget's end, as destroying may come long before freeing. */
static void gone(GtkWidget *widget, gpointer pointer)
{
    (void)widget;
    forget_press(pointer);
}

Pointer *pointer_new(GtkWidget *widget, const PointerCalls *calls)
{
    Pointer *p = g_new0(Pointer, 1);
    p->calls = *calls;
    p->widget = widget;
    gtk_widget_add_events(widget, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK |
                                      GDK_POINTER_MOTION_MASK | GDK_ENTER_NOTIFY_MASK |
                                      GDK_LEAVE_NOTIFY_MASK);
    g_signal_connect(widget, "button-press-event", G_CALLBACK(pressed), p);
    g_signal_connect(widget, "button-release-event", G_CALLBACK(released), p);
    g_signal_connect(widget, "motion-notify-event", G_CALLBACK(motion), p);
    g_signal_connect(widget, "enter-notify-event", G_CALLBACK(crossed), p);
    g_signal_connect(widget, "leave-notify-event", G_CALLBACK(crossed), p);
    g_signal_connect(widget, "destroy", G_CALLBACK(gone), p);
    g_object_set_data_full(G_OBJECT(widget), "pointer", p, g_free);
    return p;
}

gboolean pointer_over(const Pointer *pointer, double *x, double *y)
{
    *x = pointer->at.x;
    *y = pointer->at.y;
    return pointer->over;
}
