/* SPDX-License-Identifier: MIT
 *
 * libnca, training: a picture in, a model out.  Conventions as in nca.h.
 *
 * The loss of a state is the mean over height, width and the channels R, G, B
 * (premultiplied) and alpha of its squared difference from the target; states are not
 * clamped. */
#ifndef NCA_TRAIN_H
#define NCA_TRAIN_H

#include "nca.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ target */

/* What is to be grown: premultiplied RGBA, scaled and padded. */
typedef struct NcaTarget NcaTarget;

typedef struct NcaTargetParams {
    int size;    /* longest side of the picture in cells, 4 … 1024; 40 */
    int padding; /* cells of nothing on each side, 0 … 256; 16 */
} NcaTargetParams;

NCA_API NcaTargetParams nca_target_params_default(void);

/* From straight 8-bit RGBA, `stride` bytes a row; width and height 1 … 65535.  Scaled
 * with a Lanczos window on premultiplied values, up or down, so that the longest side is
 * `size`.  A picture without a visible pixel is NCA_ERR_ARGUMENT. */
NCA_API NcaStatus nca_target_new(NcaTarget **target, const uint8_t *rgba, int width,
                                 int height, size_t stride, const NcaTargetParams *params,
                                 NcaError *error);
/* The same from straight 16-bit RGBA (0 … 65535), `stride` bytes a row. */
NCA_API NcaStatus nca_target_new16(NcaTarget **target, const uint16_t *rgba, int width,
                                   int height, size_t stride,
                                   const NcaTargetParams *params, NcaError *error);
NCA_API NcaStatus nca_target_copy(NcaTarget **copy, const NcaTarget *target,
                                  NcaError *error);
NCA_API void nca_target_free(NcaTarget **target);

NCA_API int nca_target_width(const NcaTarget *target);  /* padded */
NCA_API int nca_target_height(const NcaTarget *target); /* padded */
/* [height][width][4], premultiplied, 0…1 */
NCA_API const float *nca_target_pixels(const NcaTarget *target);
/* SHA-256 of those floats in little-endian order, 64 hexadecimal digits. */
NCA_API const char *nca_target_sha256(const NcaTarget *target);

/* The size and padding that the model's own metadata tells ("width", "height",
 * "padding"), else the default, as where they are beyond what nca_model_trained_size
 * takes. */
NCA_API NcaTargetParams nca_target_params_of(const NcaModel *model);

/* -------------------------------------------------------------------- eval */

#define NCA_CUTS 5
#define NCA_TRIALS 17

/* What a creature went through, and how it came out.  The first five are the published
 * cuts, which anybody's creature is judged by; the others are harder:
 *   lower, upper, right, left, centre
 *               a half of the grid, or a square of 2/5 of the picture, is cut away
 *   swipes      five times, every 40 steps, an eraser of 6 cells' radius goes across the
 *               picture, each time in another direction, and takes away the middle
 *   scattered   30 % of the living cells die, here and there
 *   noise       of ±0.2, uniform, on all channels of the living cells
 *   two thirds  of the picture are cut away; another third stays with each seed
 *   ten times   the same cut every 100 steps; another of the five with each seed
 *   8 bits      grown with weights rounded to the demo JSON's 8 bits, to step 1000
 *   beside      a second one is planted, with 8 cells between the two pictures
 *   turned …    grown with an angle of 45°, 90°, 180°, to step 600, beside the
 *               turned picture
 *   step …      left alone until step 10 000, 100 000
 * Wounds, and the second one, come when the creature is grown, at step 200; 400 steps
 * after the last of them it is judged, at the shift of the picture that fits best: up to
 * 8 cells, after the many wounds of "swipes" and "ten times" up to 40, never more than
 * the padding; "step …" in its place.  Lengths that the creature meets with are of a
 * picture of 40 cells, and scale with it. */
typedef struct NcaTrial {
    const char *name;
    double
        loss; /* at the end; INFINITY where it is not finite, or, but for the cuts, where
                      no cell lives */
    double before; /* at step 200, grown upright and whole */
    double bound;  /* it may be so much: max(3e-3, 2 × before); step …: 2 × before */
    int shift_x, shift_y; /* the best shift, cells */
    bool pass;
} NcaTrial;

typedef struct NcaEval {
    int seeds;
    double loss96, loss200, loss1000;
    int regrown;                /* cuts that pass with every seed */
    int trials;                 /* of `trial`: NCA_CUTS, or NCA_TRIALS where `hard` */
    int passed;                 /* of those, with every seed */
    NcaTrial trial[NCA_TRIALS]; /* the cuts first */
} NcaEval;

typedef struct NcaEvalParams {
    int seeds;             /* 1 … 1000; 5: seeds 0 … 4 */
    bool hard;             /* all trials, some 120 000 steps a seed; else the cuts */
    NcaParallel *parallel; /* runs are spread over these threads */
    void *host;
    int threads;
    /* Called from one thread at a time after each finished run, the longest of which
     * takes 100 000 steps; returning false stops. */
    bool (*progress)(void *arg, int done, int total);
    void *progress_arg;
} NcaEvalParams;

/* Grows the model on the target's grid from the centre and judges it: the worst of all
 * seeds in each figure.  `picture` may be NULL; else it gets what the growth looked like
 * with the seed that was the worst after 200 steps, and each trial with the seed that was
 * the worst in it (see nca_eval_picture_size), for which these are run once more, or an
 * empty sheet where it was stopped.  Returns NCA_OK with eval->seeds < params->seeds when
 * stopped before all seeds were judged.  NCA_ERR_ARGUMENT, NCA_ERR_MEMORY. */
NCA_API NcaStatus nca_eval(NcaEval *eval, const NcaModel *model, const NcaTarget *target,
                           const NcaEvalParams *params, uint8_t *picture,
                           NcaError *error);

/* Pixels of that RGBA picture: a strip of growth (steps 0, 16, 32, 48, 64, 96, 200, 1000,
 * beside them the target), then rows of nine trials, each wounded above (where it is not
 * a wound: at its beginning), and below as it came out, framed green where it passed and
 * red where it did not. */
NCA_API void nca_eval_picture_size(const NcaTarget *target, bool hard, int *width,
                                   int *height);

/* ------------------------------------------------------------------- train */

typedef enum NcaRegime {
    NCA_REGIME_GROWING,      /* from the seed only */
    NCA_REGIME_PERSISTENT,   /* with a sample pool */
    NCA_REGIME_REGENERATING, /* with a pool and damage */
} NcaRegime;

typedef enum NcaRecipe {
    NCA_RECIPE_PUBLISHED, /* as in the article, exactly */
    NCA_RECIPE_OWN,       /* the better one, see models/README.md */
    NCA_RECIPE_FINISHING, /* after OWN: worse wounds, from a model that heals */
    NCA_RECIPE_DRAFT, /* OWN with half of the wounds, once each, and never tidied up */
} NcaRecipe;

typedef struct NcaTrainParams {
    NcaRegime regime;
    NcaRecipe recipe;
    bool from_scratch;    /* with random weights in our own recipes, too */
    int channels, hidden; /* of a new model: 16, 128 */
    int batch;            /* samples an iteration, and the most threads that have work: 8;
                             2 in a preset */
    int pool;             /* samples in the pool: 1024; 256 in a preset; fewer where
                             they would take more than half of `memory` */
    int64_t iterations;   /* 8001; what a schedule is stretched over */
    double minutes;       /* 0: no limit; else the schedule follows the clock and the run
                             is not reproducible */
    float rate;           /* learning rate: 2e-3 */
    uint64_t seed;
    size_t memory; /* bytes that states, pool and tapes may take: 1 GiB */
    int device;    /* NCA_DEVICE_CPU, …; rounding, and so the model, depends on it */
    NcaParallel *parallel;
    void *host;
    int threads;
} NcaTrainParams;

/* The published regenerating regime. */
NCA_API NcaTrainParams nca_train_params_default(void);

/* name: "draft", "standard", "best", "finish"; all of *params is replaced.
 * NCA_ERR_ARGUMENT quotes another name. */
NCA_API NcaStatus nca_train_params_preset(NcaTrainParams *params, const char *name,
                                          NcaError *error);

/* "growing", "persistent", "regenerating" */
NCA_API const char *nca_regime_name(NcaRegime regime);
NCA_API NcaStatus nca_regime_parse(NcaRegime *regime, const char *name, NcaError *error);

typedef struct NcaTrainer NcaTrainer;

typedef struct NcaTrainStatus {
    int64_t iteration;  /* done so far, those before a resume counted */
    int64_t iterations; /* in all; with `minutes` the present estimate */
    double loss;        /* of the last batch, its mean; NAN before the first */
    double smooth_loss; /* running mean of log10, as 10^mean, over about 50 iterations of
                            the present size; NAN before the first of them */
    int size;           /* of the picture that is learnt now, longest side, cells: our own
                            recipe begins with less than the target's */
    double rate;        /* of the last iteration */
    double seconds;     /* spent training */
    double seconds_left; /* estimate; NAN before the first */
    bool done;
} NcaTrainStatus;

/* from: a model to start with (its shape wins over params), or NULL, but for
 * NCA_RECIPE_FINISHING: our own recipes then begin with a model that the library brings
 * along; or with random weights, as the published one does, where `from_scratch` or other
 * channels or hidden than its 16 and 128 ask for that.  Where the target is larger than
 * what that model grows, or the weights are random, our own begin with the picture at a
 * part of its size, but for NCA_RECIPE_FINISHING.  The target is copied.
 * NCA_ERR_ARGUMENT, NCA_ERR_MEMORY (also when `memory` cannot do), NCA_ERR_DEVICE where
 * just that one device was asked for. */
NCA_API NcaStatus nca_trainer_new(NcaTrainer **trainer, const NcaTarget *target,
                                  const NcaTrainParams *params, const NcaModel *from,
                                  NcaError *error);
NCA_API void nca_trainer_free(NcaTrainer **trainer);

/* One iteration.  No-op when done; none is made where a device fails at its end, the next
 * call makes it again. */
NCA_API void nca_trainer_step(NcaTrainer *trainer);

NCA_API NcaTrainStatus nca_trainer_status(const NcaTrainer *trainer);

/* Whether it is computed by the device that was asked for.  NCA_ERR_DEVICE tells why not:
 * there is none, or it failed since.  The processor goes on then with the same weights;
 * what the pool's samples and the optimiser's means had become since they were last
 * fetched is lost. */
NCA_API NcaStatus nca_trainer_device(const NcaTrainer *trainer, NcaError *error);

/* The model so far with its provenance metadata.  A new object, the caller's. */
NCA_API NcaStatus nca_trainer_model(const NcaTrainer *trainer, NcaModel **model,
                                    NcaError *error);

/* Asks an iteration that runs on another thread to end early: nca_trainer_step returns
 * soon, the iteration is dropped, and the next call makes it anew.  Any thread may
 * call. */
NCA_API void nca_trainer_interrupt(NcaTrainer *trainer);

/* Of a trainer on a device the two below and nca_trainer_preview fetch what they tell of:
 * they are for one thread at a time.
 *
 * A checkpoint holds all that the next iteration depends on: a run that goes on from it
 * is bit-equal to one never interrupted (not with `minutes`).  It appears whole or not at
 * all.  The one that a trainer has saved or held last is its own until it is freed:
 * another, in whatever process, that would save or hold it meanwhile gets NCA_ERR_BUSY.
 * Loading asks for nothing of that.  (The lock is flock's: a killed process leaves none,
 * and a file system that has no locks keeps nobody out.)  Loading replaces the trainer's
 * state; the checkpoint must be of the same target and parameters, else NCA_ERR_ARGUMENT;
 * damaged: NCA_ERR_FORMAT. */
NCA_API NcaStatus nca_trainer_save(NcaTrainer *trainer, const char *path,
                                   NcaError *error);
/* To be called before a long training: takes the checkpoint that is there, unread, or
 * saves one where there is none. */
NCA_API NcaStatus nca_trainer_hold(NcaTrainer *trainer, const char *path,
                                   NcaError *error);
NCA_API NcaStatus nca_trainer_load(NcaTrainer *trainer, const char *path,
                                   NcaError *error);

/* A contact sheet of the samples of the last batch, before above and after below,
 * RGBA. */
NCA_API void nca_trainer_preview_size(const NcaTrainer *trainer, int *width, int *height);
NCA_API void nca_trainer_preview(const NcaTrainer *trainer, uint8_t *rgba);

/* --------------------------------------------------------------------- job */

/* Training in a thread of its own, for hosts with a window.  All calls below may come
 * from the host's thread at any time and return at once, but for _wait and _free. */
typedef struct NcaJob NcaJob;

typedef struct NcaJobParams {
    NcaTrainParams train; /* `parallel` and `host` are ignored: a job has its own pool of
                               train.threads */
    const char *checkpoint; /* NULL, or written every 5 s and at the end; picked up first
                               where it fits the target and the parameters.  One that
                               can't be read, or that another training has in use, is the
                               verdict, and is left as it is */
    bool anew;              /* not picked up, but replaced in time */
} NcaJobParams;

/* Starts training; target and from are copied. */
NCA_API NcaStatus nca_job_start(NcaJob **job, const NcaTarget *target,
                                const NcaJobParams *params, const NcaModel *from,
                                NcaError *error);
/* As of the last finished iteration. */
NCA_API NcaTrainStatus nca_job_status(NcaJob *job);
/* As nca_trainer_device, as of the last finished iteration. */
NCA_API NcaStatus nca_job_device(NcaJob *job, NcaError *error);
/* Whether the thread has ended (done, stopped or failed). */
NCA_API bool nca_job_finished(NcaJob *job);
/* Asks it to end soon: well under 0.3 s at usual sizes, and what a checkpoint takes. */
NCA_API void nca_job_stop(NcaJob *job);
/* Waits for the end; its verdict (a checkpoint that could not be written, say). */
NCA_API NcaStatus nca_job_wait(NcaJob *job, NcaError *error);
/* The newest model, while it runs or after; a new object, the caller's. */
NCA_API NcaStatus nca_job_model(NcaJob *job, NcaModel **model, NcaError *error);
/* Stops, waits, frees. */
NCA_API void nca_job_free(NcaJob **job);

#ifdef __cplusplus
}
#endif
#endif
