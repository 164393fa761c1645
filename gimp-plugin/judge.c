/* SPDX-License-Identifier: MIT
 *
 * The judge is held by its owner and by its thread; the last of them frees it.  So the
 * owner never waits for a run to end. */
#include "judge.h"

struct Judge {
    gint holders;
    gint stop; /* atomic, as `finished` */
    gint finished;
    NcaModel *model;
    NcaTarget *target;
    gint64 began,
        took; /* microseconds; `took` and below are the thread's until finished */
    gboolean judged;
    NcaEval eval;
};

static void release(Judge *judge)
{
    if (!g_atomic_int_dec_and_test(&judge->holders))
        return;
    nca_model_free(&judge->model);
    nca_target_free(&judge->target);
    g_free(judge);
}

static bool go_on(void *judge, int done, int total)
{
    (void)done, (void)total;
    return !g_atomic_int_get(&((Judge *)judge)->stop);
}

static gpointer run(gpointer data)
{
    Judge *judge = data;
    NcaEvalParams params = {.seeds = 1, .progress = go_on, .progress_arg = judge};
    NcaStatus status =
        nca_eval(&judge->eval, judge->model, judge->target, &params, NULL, NULL);
    judge->judged = status == NCA_OK && judge->eval.seeds == params.seeds;
    judge->took = g_get_monotonic_time() - judge->began;
    g_atomic_int_set(&judge->finished, TRUE);
    release(judge);
    return NULL;
}

Judge *judge_start(const NcaModel *model, const NcaTarget *target)
{
    Judge *judge = g_new0(Judge, 1);
    GThread *thread = NULL;
    judge->holders = 2;
    judge->began = g_get_monotonic_time();
    if (nca_model_copy(&judge->model, model, NULL) == NCA_OK &&
        nca_target_copy(&judge->target, target, NULL) == NCA_OK)
        thread = g_thread_try_new("nca judge", run, judge, NULL);
    if (!thread) {
        judge->holders = 1;
        release(judge);
        return NULL;
    }
    g_thread_unref(thread);
    return judge;
}

gboolean judge_finished(Judge *judge)
{
    return g_atomic_int_get(&judge->finished);
}

gboolean judge_poll(Judge *judge, NcaEval *eval)
{
    if (!judge_finished(judge) || !judge->judged)
        return FALSE;
    *eval = judge->eval;
    return TRUE;
}

double judge_seconds(Judge *judge)
{
    gint64 took =
        judge_finished(judge) ? judge->took : g_get_monotonic_time() - judge->began;
    return (double)took / G_USEC_PER_SEC;
}

void judge_free(Judge *judge)
{
    if (!judge)
        return;
    g_atomic_int_set(&judge->stop, TRUE);
    release(judge);
}
