/* SPDX-License-Identifier: MIT
 *
 * The trainer's panel from Train to its end by way of Stop and Continue, what it says
 * when something fails, and its end at any moment; the judge and the curve beside it. */
#include "train_panel.h"

#include <dirent.h>

#include "curve.h"
#include "folder.h"
#include "gtk.h"
#include "judge.h"
#include "marks.h"
#include "seed.h"
#include "trainers.h"

static uint64_t seed;

/* A host of the panel, as the plug-in is one. */
typedef struct Host {
    TrainPanel *panel;
    GtkWidget *window;
    const char *checkpoint;
    int64_t iterations;
    int device;
    gboolean green;                                 /* the other picture */
    gboolean left_off;                              /* what it says to that */
    gboolean no_target, deny;                       /* what it fails at */
    gboolean training, has_model, anew, from_model; /* as of the last call */
    int began, ended;
} Host;

static NcaStatus host_target(gpointer host, NcaTarget **target, NcaError *error)
{
    const Host *h = host;
    if (h->no_target) {
        g_strlcpy(error->text, "not a visible pixel", sizeof(error->text));
        return NCA_ERR_ARGUMENT;
    }
    *target = new_target(8, 2, h->green);
    return NCA_OK;
}

/* One that is done goes on from its model, another one from its checkpoint. */
static NcaStatus host_start(gpointer host, const NcaTarget *target, gboolean anew,
                            NcaJob **job, NcaError *error)
{
    Host *h = host;
    NcaModel *from = NULL;
    NcaJobParams params = {small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, seed),
                           h->checkpoint};
    params.train.iterations = h->iterations;
    params.train.batch = h->deny ? 0 : params.train.batch;
    params.train.threads = 1;
    params.train.device = h->device;
    h->anew = anew;
    h->from_model = !anew && train_panel_done(h->panel);
    if (anew || h->from_model)
        unlink(h->checkpoint);
    if (h->from_model)
        CHECK(train_panel_model(h->panel, &from, NULL) == NCA_OK);
    NcaStatus status = nca_job_start(job, target, &params, from, error);
    nca_model_free(&from);
    return status;
}

static gboolean host_left_off(gpointer host, const NcaTarget *target)
{
    CHECK(nca_target_width(target) == 12);
    return ((Host *)host)->left_off;
}

static void host_changed(gpointer host, gboolean training, gboolean has_model)
{
    Host *h = host;
    h->training = training;
    h->has_model = has_model;
    h->began += training;
    h->ended += !training;
}

static Host *host_new(int64_t iterations)
{
    Host *h = g_new0(Host, 1);
    h->checkpoint = g_strdup(path_of("checkpoint"));
    h->iterations = iterations;
    unlink(h->checkpoint);
    h->panel = train_panel_new(
        &(TrainPanelCalls){host_target, host_start, host_left_off, host_changed, h});
    h->window = window_with(train_panel_widget(h->panel));
    return h;
}

static void host_free(Host *h)
{
    train_panel_free(h->panel);
    gtk_widget_destroy(h->window);
    g_free((char *)h->checkpoint);
    g_free(h);
}

/* Of the panel's newest model; 0 where there is none. */
static int iterations_of(Host *h)
{
    NcaModel *model = NULL;
    if (train_panel_model(h->panel, &model, NULL) < 0)
        return 0;
    int iterations = atoi(nca_model_meta(model, "iterations"));
    nca_model_free(&model);
    return iterations;
}

static gboolean is_under_way(gpointer host)
{
    return iterations_of(host) >= 5;
}

static gboolean is_at_rest(gpointer host)
{
    return !((Host *)host)->training;
}

static gboolean is_judged(gpointer host)
{
    return !says(((Host *)host)->window, "Grows –");
}

/* ---------------------------------------------------------------- the panel */

static void check_empty(Host *h)
{
    NcaModel *model = NULL;
    NcaError error = {""};
    CHECK(train_panel_model(h->panel, &model, &error) == NCA_ERR_ARGUMENT && !model);
    CHECK(*error.text && !train_panel_done(h->panel));
    CHECK(has_button(h->window, "Train") && !has_button(h->window, "Start Over"));
    CHECK(!h->began && !h->ended);
}

static void test_train_and_stop(Host *h)
{
    check_empty(h);
    train_panel_refresh(h->panel);
    check_empty(h);
    press_button(h->window, "Train");
    CHECK(h->training && h->anew && h->began == 1 && has_button(h->window, "Stop"));
    CHECK(wait_until(is_under_way, h, 30));
    run_for(0.3);
    CHECK(h->training && !says(h->window, "Iteration –") &&
          says(h->window, "Iteration "));
    press_button(h->window, "Stop");
    gint64 begin = g_get_monotonic_time();
    CHECK(wait_until(is_at_rest, h, 10));
    printf("stopped after %.0f ms\n", (double)(g_get_monotonic_time() - begin) / 1000);
    CHECK(h->ended == 1 && h->has_model && !train_panel_done(h->panel));
    CHECK(has_button(h->window, "Continue") && has_button(h->window, "Start Over"));
    CHECK(wait_until(is_judged, h, 30));
}

static void test_continue_and_done(Host *h)
{
    int before = iterations_of(h);
    h->iterations = before + 40;
    h->left_off = TRUE;
    train_panel_refresh(h->panel);
    unlink(h->checkpoint); /* of other parameters now: begins anew, as the host says */
    press_button(h->window, "Continue");
    CHECK(!h->anew && !h->from_model && has_button(h->window, "Stop"));
    CHECK(!has_button(h->window, "Start Over"));
    CHECK(wait_until(is_at_rest, h, 60));
    CHECK(train_panel_done(h->panel) && h->has_model && h->ended == 2);
    CHECK_MSG(iterations_of(h) == before + 40, "%d", iterations_of(h));
    CHECK(has_button(h->window, "Continue"));
    h->iterations = 25;
    press_button(h->window, "Continue");
    CHECK(h->from_model && !train_panel_done(h->panel));
    CHECK(wait_until(is_at_rest, h, 60) && train_panel_done(h->panel));
    press_button(h->window, "Start Over");
    CHECK(h->anew && h->training);
    CHECK(wait_until(is_at_rest, h, 60) && iterations_of(h) == 25);
}

/* Stopped and gone on with, it ends where one that was never stopped does. */
static void test_goes_on(void)
{
    Host *h = host_new(600);
    train_panel_refresh(h->panel);
    press_button(h->window, "Train");
    CHECK(wait_until(is_under_way, h, 30));
    press_button(h->window, "Stop");
    CHECK(wait_until(is_at_rest, h, 30));
    int before = iterations_of(h);
    CHECK_MSG(before >= 5 && before < 600, "%d", before);
    press_button(h->window, "Continue");
    CHECK(wait_until(is_at_rest, h, 120));
    NcaTrainParams params = small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, seed);
    NcaTarget *target = new_target(8, 2, false);
    params.iterations = 600;
    NcaTrainer *trainer = trained(target, &params);
    NcaModel *model = NULL;
    CHECK(train_panel_model(h->panel, &model, NULL) == NCA_OK);
    CHECK(model && weights_equal(model, trainer->model));
    nca_model_free(&model);
    nca_trainer_free(&trainer);
    nca_target_free(&target);
    host_free(h);
}

/* Settings that change while it trains are looked at when it has ended. */
static void test_refresh(void)
{
    Host *h = host_new(1000000);
    h->left_off = TRUE;
    train_panel_refresh(h->panel);
    CHECK(has_button(h->window, "Continue") && has_button(h->window, "Start Over"));
    press_button(h->window, "Start Over");
    CHECK(h->anew && wait_until(is_under_way, h, 30));
    h->left_off = FALSE;
    train_panel_refresh(h->panel);
    CHECK(h->training && has_button(h->window, "Stop"));
    press_button(h->window, "Stop");
    CHECK(wait_until(is_at_rest, h, 30));
    CHECK(has_button(h->window, "Train") && !has_button(h->window, "Start Over"));
    CHECK(h->has_model && iterations_of(h) >= 5);
    host_free(h);
}

static void test_errors(void)
{
    Host *h = host_new(30);
    h->no_target = TRUE;
    train_panel_refresh(h->panel);
    CHECK(says(h->window, "cannot be learnt: not a visible pixel."));
    press_button(h->window, "Train");
    CHECK(!h->began && says(h->window, "cannot be learnt: not a visible pixel."));
    h->no_target = FALSE;
    train_panel_refresh(h->panel);
    CHECK(!says(h->window, "cannot be learnt"));
    h->deny = TRUE;
    press_button(h->window, "Train");
    CHECK(!h->began && says(h->window, "could not be started: ") &&
          says(h->window, "batch"));
    CHECK(has_button(h->window, "Train"));
    h->deny = FALSE;
    g_free((char *)h->checkpoint);
    h->checkpoint = g_strdup(path_of("nowhere/checkpoint"));
    press_button(h->window, "Train");
    CHECK(!says(h->window, "could not be started"));
    train_panel_refresh(h->panel);
    CHECK(wait_until(is_at_rest, h, 30) && h->has_model);
    CHECK(says(h->window, "The training failed: ") && says(h->window, "nowhere"));
    host_free(h);
}

/* On a device where there is none. */
static void test_device(void)
{
    Host *h = host_new(4);
    h->device = NCA_DEVICE_OPENCL;
    press_button(h->window, "Train");
    CHECK(wait_until(is_at_rest, h, 30) && iterations_of(h) == 4);
    CHECK(says(h->window, "The processor computes: ") && says(h->window, "OpenCL"));
    h->device = NCA_DEVICE_CPU;
    press_button(h->window, "Start Over");
    CHECK(!says(h->window, "The processor computes"));
    CHECK(wait_until(is_at_rest, h, 30));
    CHECK(!says(h->window, "The processor computes"));
    host_free(h);
}

static void test_ends(void)
{
    train_panel_free(NULL);
    for (int i = 0; i < 6; i++) {
        Host *h = host_new(1000000);
        train_panel_refresh(h->panel);
        press_button(h->window, "Train");
        run_for(0.03 * i);
        if (i % 3 == 1)
            press_button(h->window, "Stop");
        if (i % 2) {
            gtk_widget_destroy(h->window);
            h->window = NULL;
            run_for(0.2);
        }
        train_panel_free(h->panel);
        CHECK(!h->ended);
        if (h->window)
            gtk_widget_destroy(h->window);
        g_free((char *)h->checkpoint);
        g_free(h);
    }
}

/* ---------------------------------------------------------------- the judge */

static gboolean has_finished(gpointer judge)
{
    return judge_finished(judge);
}

static void test_judge(void)
{
    NcaTarget *target = new_target(8, 2, false);
    NcaShape shape = nca_shape_default();
    NcaModel *model = random_model(&shape, 0.02, seed);
    NcaEvalParams params = {.seeds = 1};
    NcaEval expected = {0}, eval = {0};
    Judge *judge = judge_start(model, target);
    CHECK(nca_eval(&expected, model, target, &params, NULL, NULL) == NCA_OK);
    CHECK(judge && wait_until(has_finished, judge, 60) && judge_poll(judge, &eval));
    CHECK(eval.seeds == 1 && eval.loss96 == expected.loss96 &&
          eval.loss1000 == expected.loss1000 && eval.regrown == expected.regrown);
    CHECK(judge_seconds(judge) > 0 && judge_seconds(judge) < 60);
    judge_free(judge);
    nca_model_free(&model);
    nca_target_free(&target);
}

static int threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    if (!tasks)
        return -1;
    while (readdir(tasks))
        count++;
    closedir(tasks);
    return count;
}

static int threads_before;

static gboolean threads_ended(gpointer user)
{
    (void)user;
    return threads() <= threads_before;
}

/* Every cell of a large canvas lives, so that the whole would take many seconds. */
static void test_judge_stops(void)
{
    NcaTarget *target = new_target(24, 8, false);
    NcaShape shape = nca_shape_default();
    shape.output_bias = true;
    NcaModel *model = random_model(&shape, 0.02, seed);
    nca_model_tensor_mut(model, NCA_B2)[3] = 0.2f;
    NcaEvalParams params = {.seeds = 1};
    NcaEval eval;
    gint64 begin = g_get_monotonic_time();
    CHECK(nca_eval(&eval, model, target, &params, NULL, NULL) == NCA_OK);
    double whole = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    threads_before = threads();
    Judge *judge = judge_start(model, target);
    CHECK(!judge_poll(judge, &eval));
    run_for(0.02);
    begin = g_get_monotonic_time();
    judge_free(judge);
    double returned = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    CHECK_MSG(returned < 0.1, "%g s", returned);
    CHECK(wait_until(threads_ended, NULL, 60));
    double ended = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    printf("judge: %.2f s in all, stopped after %.2f s\n", whole, ended);
    /* One run of six, the longest, is a third of the steps. */
    CHECK_MSG(threads_before < 0 || ended < whole * 0.7, "%g of %g s", ended, whole);
    judge_free(NULL);
    nca_model_free(&model);
    nca_target_free(&target);
}

/* ---------------------------------------------------------------- the marks */

static NcaTarget *target_of(const NcaModel *model, const char *picture)
{
    GdkPixbuf *file = gdk_pixbuf_new_from_file(picture, NULL);
    GdkPixbuf *rgba = gdk_pixbuf_add_alpha(file, FALSE, 0, 0, 0);
    NcaTargetParams params = nca_target_params_of(model);
    NcaTarget *target = NULL;
    CHECK(nca_target_new(&target, gdk_pixbuf_get_pixels(rgba), gdk_pixbuf_get_width(rgba),
                         gdk_pixbuf_get_height(rgba),
                         (size_t)gdk_pixbuf_get_rowstride(rgba), &params,
                         NULL) == NCA_OK);
    g_object_unref(file);
    g_object_unref(rgba);
    return target;
}

static Marks *marks;

static gboolean is_marked(gpointer window)
{
    marks_poll(marks);
    return !says(window, "Grows –");
}

/* A published lizard, and nothing at all. */
static void test_marks(const char *lizard, const char *picture)
{
    NcaModel *model = NULL, *nothing = NULL;
    NcaShape shape = nca_shape_default();
    CHECK(nca_model_load(&model, lizard, NULL) == NCA_OK);
    CHECK(nca_model_new(&nothing, &shape, NULL) == NCA_OK);
    NcaTarget *target = target_of(model, picture);
    marks = marks_new();
    GtkWidget *window = window_with(marks_widget(marks));
    CHECK(says(window, "Grows –") && !marks_due(marks));
    marks_judge(marks, nothing, target);
    CHECK(wait_until(is_marked, window, 60));
    CHECK(says(window, "Grows ✗") && says(window, "Heals –") && !says(window, "Good"));
    marks_clear(marks);
    CHECK(says(window, "Stays –"));
    marks_judge(marks, nothing, target); /* dropped */
    marks_judge(marks, model, target);
    CHECK(!marks_due(marks));
    CHECK(wait_until(is_marked, window, 60));
    CHECK(says(window, "Grows ✓") && says(window, "Stays ✓") &&
          says(window, "Good enough"));
    CHECK(says(window, "Heals 5 of 5") && !marks_due(marks));
    gtk_widget_destroy(window);
    marks_free(marks);
    nca_model_free(&model);
    nca_model_free(&nothing);
    nca_target_free(&target);
}

/* ---------------------------------------------------------------- the curve */

static void test_curve(void)
{
    GtkWidget *curve = curve_new(), *window = window_with(curve);
    CHECK(curve_points(curve) == 0);
    run_for(0.05);
    curve_add(curve, 0, NAN);
    curve_add(curve, 0, 0);
    curve_add(curve, 0, INFINITY);
    CHECK(curve_points(curve) == 0);
    for (int i = 0; i < 30000; i++) {
        curve_add(curve, i, 1.0 / (i + 1));
        int points = curve_points(curve);
        if (points > 1000 || points < MIN(i + 1, 500)) {
            CHECK_MSG(false, "%d of %d points", points, i + 1);
            break;
        }
    }
    run_for(0.05);
    curve_add(curve, 0, 1e-30);
    run_for(0.05);
    curve_clear(curve);
    CHECK(curve_points(curve) == 0);
    gtk_widget_destroy(window);
}

int main(int count, char **arguments)
{
    if (!begin_gtk(&count, &arguments))
        return TEST_SKIP;
    if (!folder_make())
        return test_end();
    g_setenv("OCL_ICD_VENDORS", path_of("none"), TRUE); /* no driver */
    seed = test_seed();
    test_curve();
    test_judge();
    test_judge_stops();
    CHECK(count == 3);
    if (count == 3)
        test_marks(arguments[1], arguments[2]);
    Host *h = host_new(1000000);
    test_train_and_stop(h);
    test_continue_and_done(h);
    host_free(h);
    test_goes_on();
    test_refresh();
    test_errors();
    test_device();
    test_ends();
    folder_remove();
    return test_end();
}
