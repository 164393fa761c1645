/* SPDX-License-Identifier: MIT
 *
 * plug-in-nca-train: pixels are copied first, so that whatever becomes of the image
 * meanwhile harms nothing. */
#include "training.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "creature.h"
#include "frames.h"
#include "procedures.h"
#include "store.h"

static const size_t MEMORY = (size_t)512 << 20; /* of the 1 GiB that all may take */

/* ----------------------------------------------------------------- training */

NcaStatus training_target(NcaTarget **target, const Picture *p, const TrainValues *v,
                          NcaError *error)
{
    NcaTargetParams params = {v->size, v->padding};
    return nca_target_new16(target, p->rgba, p->width, p->height, 8 * (size_t)p->width,
                            &params, error);
}

static NcaStatus params_of(NcaTrainParams *params, const TrainValues *v, NcaError *error)
{
    static const char *const presets[] = {"draft", "standard", "best"};
    NcaStatus status = nca_train_params_preset(params, presets[v->preset], error);
    if (status < 0)
        return status;
    if (v->iterations)
        params->iterations = v->iterations;
    params->seed = (uint64_t)v->seed;
    params->memory = MEMORY;
    params->device = v->device;
    params->threads = frames_threads();
    return NCA_OK;
}

NcaStatus training_start(NcaJob **job, const NcaTarget *target, const TrainValues *v,
                         const NcaModel *from, gboolean anew, NcaError *error)
{
    NcaModel *named = NULL;
    NcaJobParams params = {.anew = anew};
    gchar *checkpoint;
    NcaStatus status = params_of(&params.train, v, error);
    if (status == NCA_OK && !from && *v->from)
        status = nca_model_find(&named, v->from, error);
    if (status < 0)
        return status;
    params.checkpoint = checkpoint = store_checkpoint(target, v);
    store_make_room(checkpoint);
    status = nca_job_start(job, target, &params, from ? from : named, error);
    nca_model_free(&named);
    g_free(checkpoint);
    return status;
}

gboolean training_left_off(const NcaTarget *target, const TrainValues *v)
{
    gchar *checkpoint = store_checkpoint(target, v);
    gboolean there = g_file_test(checkpoint, G_FILE_TEST_IS_REGULAR);
    g_free(checkpoint);
    return there;
}

gchar *training_keep(Call *call, const Trained *trained)
{
    const TrainValues *v = call->values;
    gchar *sentence = store_keep(trained->model, v->output, trained->layer, &call->file);
    if (!sentence && trained->checkpoint)
        g_remove(trained->checkpoint);
    return sentence;
}

/* ---------------------------------------------------------- without a window */

static gboolean check_device(NcaJob *job)
{
    NcaError error;
    if (nca_job_device(job, &error) == NCA_OK)
        return FALSE;
    frames_warn(&error);
    return TRUE;
}

static void wait_for(NcaJob *job)
{
    gboolean told = FALSE;
    host_progress_begin(_("Training the creature"));
    while (!nca_job_finished(job)) {
        NcaTrainStatus s = nca_job_status(job);
        told = told || check_device(job);
        host_progress((double)s.iteration / (double)MAX(1, s.iterations));
        g_usleep(G_USEC_PER_SEC / 10);
    }
    if (!told)
        check_device(job);
    host_progress_end();
}

static void warn_of_checkpoint(const NcaError *error)
{
    gchar *sentence = g_strdup_printf(_("No checkpoint was kept: %s."), error->text);
    host_message(sentence);
    g_free(sentence);
}

static NcaStatus train_now(Trained *trained, const NcaTarget *target,
                           const TrainValues *values, NcaError *error)
{
    NcaJob *job = NULL;
    NcaStatus status = training_start(&job, target, values, NULL, FALSE, error);
    if (status < 0)
        return status;
    wait_for(job);
    status = nca_job_wait(job, error);
    if (status < 0 && nca_job_status(job).done) { /* all but its checkpoint is there */
        warn_of_checkpoint(error);
        status = NCA_OK;
    }
    if (status == NCA_OK)
        status = nca_job_model(job, &trained->model, error);
    nca_job_free(&job);
    if (status == NCA_OK)
        trained->checkpoint = store_checkpoint(target, values);
    return status;
}

static Outcome train_silently(Call *call, const Picture *picture, Trained *trained)
{
    NcaTarget *target = NULL;
    NcaError error;
    gchar *sentence;
    NcaStatus status = training_target(&target, picture, call->values, &error);
    if (status == NCA_OK)
        status = train_now(trained, target, call->values, &error);
    nca_target_free(&target);
    sentence = status < 0 ? frames_sentence(&error) : training_keep(call, trained);
    return sentence ? call_fail(call, sentence) : OUTCOME_DONE;
}

/* --------------------------------------------------------------- procedure */

/* The layer may have gone meanwhile; the model is kept all the same. */
static Outcome finish(Call *call, const NcaModel *model, const Picture *picture)
{
    if (!host_is_layer(call->drawable)) {
        gchar *kept = g_strdup_printf(_("The layer is gone; the model is kept as “%s”."),
                                      call->file);
        host_message(kept);
        g_free(kept);
        return OUTCOME_DONE;
    }
    Place place =
        place_on(model, &picture->part, picture->layer_width, picture->layer_height);
    GBytes *creature = creature_pack(model, &place, NULL);
    creature_attach(call->drawable, creature);
    g_clear_pointer(&creature, g_bytes_unref);
    if (call->mode == MODE_INTERACTIVE)
        host_call(&procedure_grow, call->image, call->drawable);
    return OUTCOME_DONE;
}

Outcome train_run(Call *call)
{
    Picture picture;
    Trained trained = {NULL};
    Outcome outcome;
    gchar *name, *sentence = layer_check(call->drawable);
    if (!sentence)
        sentence = layer_read(call->drawable, &picture);
    if (sentence)
        return call_fail(call, sentence);
    if (call->mode != MODE_SCRIPT) /* the last creature would be overwritten */
        options_forget(train_options, call->values, "output");
    trained.layer = name = host_name(call->drawable);
    outcome = call->mode == MODE_INTERACTIVE ? training_dialog(call, &picture, &trained)
                                             : train_silently(call, &picture, &trained);
    if (outcome == OUTCOME_DONE)
        outcome = finish(call, trained.model, &picture);
    nca_model_free(&trained.model);
    g_free(trained.checkpoint);
    g_free(picture.rgba);
    g_free(name);
    return outcome;
}
