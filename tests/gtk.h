/* SPDX-License-Identifier: MIT
 *
 * A user of GTK windows: finds buttons by their text, presses them, moves the pointer,
 * and waits. */
#ifndef NCA_TEST_GTK_H
#define NCA_TEST_GTK_H

#include <gtk/gtk.h>
#include <stdbool.h>

#include "test.h"

#ifdef __SANITIZE_ADDRESS__
/* What the libraries of fonts and of screens never free is not ours; nor is a file that
 * GTK 3's chooser forgets, by GIO. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libGLX_mesa\nleak:libgio";
}
#endif

/* False, and a word about it, where there is no display: the test is skipped then. */
static inline bool begin_gtk(int *count, char ***arguments)
{
    bool begun = gtk_init_check(count, arguments);
    if (!begun)
        puts("no display");
    return begun;
}

static inline GtkWidget *window_with(GtkWidget *widget)
{
    GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_container_add(GTK_CONTAINER(window), widget);
    gtk_widget_show_all(window);
    return window;
}

/* ----------------------------------------------------------------- waiting */

typedef gboolean Condition(gpointer user);

/* Runs the main loop until it holds, or for so long. */
static inline gboolean wait_until(Condition *condition, gpointer user, double seconds)
{
    gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
    while (!condition(user)) {
        if (g_get_monotonic_time() > end)
            return FALSE;
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    }
    return TRUE;
}

static inline gboolean never(gpointer user)
{
    (void)user;
    return FALSE;
}

static inline void run_for(double seconds)
{
    wait_until(never, NULL, seconds);
}

/* ----------------------------------------------------------------- finding */

typedef struct Search {
    gboolean (*fits)(GtkWidget *widget, const char *text);
    const char *text;
    int skip; /* so many that fit */
    GtkWidget *found;
} Search;

static inline void search(GtkWidget *widget, gpointer data)
{
    Search *s = data;
    if (s->found)
        return;
    if (s->fits(widget, s->text) && s->skip-- == 0)
        s->found = widget;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), search, s);
}

static inline gboolean is_area(GtkWidget *widget, const char *text)
{
    (void)text;
    return GTK_IS_DRAWING_AREA(widget);
}

static inline gboolean is_slider(GtkWidget *widget, const char *text)
{
    (void)text;
    return GTK_IS_SCALE(widget);
}

static inline gboolean is_label(GtkWidget *widget, const char *text)
{
    return GTK_IS_LABEL(widget) && gtk_widget_get_visible(widget) &&
           strstr(gtk_label_get_text(GTK_LABEL(widget)), text);
}

static inline gboolean is_button(GtkWidget *widget, const char *text)
{
    GtkWidget *child = GTK_IS_BUTTON(widget) ? gtk_bin_get_child(GTK_BIN(widget)) : NULL;
    return GTK_IS_LABEL(child) && gtk_widget_get_visible(widget) &&
           !strcmp(gtk_label_get_text(GTK_LABEL(child)), text);
}

static inline GtkWidget *find(GtkWidget *in, gboolean (*fits)(GtkWidget *, const char *),
                              const char *text, int skip)
{
    Search s = {fits, text, skip, NULL};
    search(in, &s);
    return s.found;
}

/* Whether a label somewhere says so. */
static inline gboolean says(GtkWidget *in, const char *text)
{
    return find(in, is_label, text, 0) != NULL;
}

static inline gboolean has_button(GtkWidget *in, const char *text)
{
    return find(in, is_button, text, 0) != NULL;
}

static inline void press_button(GtkWidget *in, const char *text)
{
    GtkWidget *button = find(in, is_button, text, 0);
    CHECK_MSG(button && gtk_widget_get_sensitive(button), "%s", text);
    if (button)
        gtk_button_clicked(GTK_BUTTON(button));
}

/* ----------------------------------------------------------------- pointer */

static inline void point(GtkWidget *widget, GdkEventType type, int button, double x,
                         double y)
{
    GdkEvent *event = gdk_event_new(type);
    event->any.window = g_object_ref(gtk_widget_get_window(widget));
#if GTK_CHECK_VERSION(3, 0, 0)
    gdk_event_set_device(event, gdk_seat_get_pointer(gdk_display_get_default_seat(
                                    gtk_widget_get_display(widget))));
#endif
    if (type == GDK_MOTION_NOTIFY) {
        event->motion.x = x;
        event->motion.y = y;
        event->motion.state = GDK_BUTTON1_MASK;
    } else {
        event->button.x = x;
        event->button.y = y;
        event->button.button = (guint)button;
    }
    gtk_main_do_event(event);
    gdk_event_free(event);
}

static inline void click(GtkWidget *widget, int button, double x, double y)
{
    point(widget, GDK_BUTTON_PRESS, button, x, y);
    point(widget, GDK_BUTTON_RELEASE, button, x, y);
}

static inline void double_click(GtkWidget *widget, double x, double y)
{
    click(widget, 1, x, y);
    point(widget, GDK_BUTTON_PRESS, 1, x, y);
    point(widget, GDK_2BUTTON_PRESS, 1, x, y);
    point(widget, GDK_BUTTON_RELEASE, 1, x, y);
}

#endif
