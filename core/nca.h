/* SPDX-License-Identifier: MIT
 *
 * libnca: neural cellular automata that grow a picture from one cell.
 * Source: Mordvintsev, Randazzo, Niklasson, Levin, "Growing Neural Cellular Automata",
 * Distill 2020, doi 10.23915/distill.00023.
 *
 * Conventions, for every function below unless it says otherwise:
 * - Failure is a negative NcaStatus; outputs are then left as they were.  Where a
 *   function takes an NcaError it is filled on failure only, and may be NULL.
 * - x runs right, y runs down, in cells; (0, 0) is the top left cell.
 * - Angles are degrees; a positive angle turns the grown picture counter-clockwise.
 * - _new and _load give an object that the caller frees with _free(&object), which sets
 *   it to NULL and accepts NULL.  Nothing else that is returned is the caller's to free.
 * - An object may be used from one thread at a time; a `const` argument may be shared by
 *   any number of threads.
 * - Text is UTF-8. */
#ifndef NCA_H
#define NCA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef NCA_API
#define NCA_API __attribute__((visibility("default")))
#endif

#define NCA_CHANNELS_MAX 64
#define NCA_HIDDEN_MAX 512
#define NCA_BANDS_MAX 4
#define NCA_SIDE_MAX 32768   /* cells, either side of a grid */
#define NCA_TRAINED_MAX 1536 /* cells, either side of one that a model was trained on */
#define NCA_THREADS_MAX 256

/* Weights times cells, of a step in a grid of a size that nobody asked for: seconds. */
#define NCA_WORK_MAX ((uint64_t)1 << 37)

/* ------------------------------------------------------------------ status */

typedef enum NcaStatus {
    NCA_OK = 0,
    NCA_ERR_MEMORY = -1,   /* an allocation failed */
    NCA_ERR_IO = -2,       /* a file could not be read or written */
    NCA_ERR_FORMAT = -3,   /* data from outside is not what it says it is */
    NCA_ERR_ARGUMENT = -4, /* a value from a user is out of range or not understood */
    NCA_ERR_DEVICE = -5,   /* an OpenCL device is missing or failed */
    NCA_ERR_BUSY = -6,     /* another process, or object, has it in use */
} NcaStatus;

/* What went wrong, for people. */
typedef struct NcaError {
    char text[256]; /* one line, no full stop */
} NcaError;

/* "0.1.0" */
NCA_API const char *nca_version(void);

/* ----------------------------------------------------------------- threads */

/* Runs job(arg, 0 … count-1), in any order and on any threads, and returns when all are
 * done.  A host lends its own threads through this.  NULL stands for the calling
 * thread. */
typedef void NcaParallel(void *host, void (*job)(void *arg, int index), void *arg,
                         int count);

/* A small pool of threads for hosts that have none of their own. */
typedef struct NcaPool NcaPool;

/* threads: 1 … NCA_THREADS_MAX, the calling thread counted; 0: one for each processor. */
NCA_API NcaStatus nca_pool_new(NcaPool **pool, int threads, NcaError *error);
NCA_API void nca_pool_free(NcaPool **pool);
NCA_API int nca_pool_threads(const NcaPool *pool);

/* An NcaParallel whose host is the NcaPool. */
NCA_API void nca_pool_run(void *pool, void (*job)(void *arg, int index), void *arg,
                          int count);

/* The instruction set in use: "c", "sse2", "avx2", "avx512" or "neon".  The environment
 * variable NCA_CPU, read at the first use, holds it to that level or below. */
NCA_API const char *nca_cpu_level(void);

/* ----------------------------------------------------------------- devices */

/* What computes: the processor; or the first OpenCL device that can, GPUs before others,
 * and the processor where there is none or it fails; or NCA_DEVICE_FIRST + N, just that
 * one. */
enum { NCA_DEVICE_CPU = 0, NCA_DEVICE_OPENCL = 1, NCA_DEVICE_FIRST = 2 };
#define NCA_DEVICES_MAX 64

/* "cpu", "opencl", "opencl:N" with N from 0.  NCA_ERR_ARGUMENT quotes what is none of
 * these. */
NCA_API NcaStatus nca_device_parse(int *device, const char *text, NcaError *error);

typedef struct NcaDeviceInfo {
    const char *name, *vendor, *driver, *version; /* until the call returns */
    const char *kind;                             /* "GPU", "CPU", "accelerator" */
    int units, mhz;           /* compute units, and their highest clock */
    uint64_t memory;          /* bytes, of all, … */
    uint64_t allocation_most; /* … of what can be had at once, … */
    uint64_t local;           /* … and of that of a group */
    bool half;                /* whether it computes with 16-bit floats */
    const char *why_not;      /* what is missing to run an automaton; NULL: nothing */
} NcaDeviceInfo;

typedef bool NcaDeviceFound(void *arg, int n, const NcaDeviceInfo *info);

/* Calls `found` for OpenCL device 0, 1 …; returning false ends it.  NCA_ERR_DEVICE where
 * there are none, or no OpenCL. */
NCA_API NcaStatus nca_devices_each(NcaDeviceFound *found, void *arg, NcaError *error);

/* ------------------------------------------------------------------- model */

typedef enum NcaBand {
    NCA_BAND_IDENTITY,
    NCA_BAND_SOBEL_X,   /* outer([1,2,1], [-1,0,1]), cross-correlated */
    NCA_BAND_SOBEL_Y,   /* its transpose */
    NCA_BAND_LAPLACIAN, /* [[1,2,1],[2,-12,2],[1,2,1]] */
    NCA_BAND_COUNT
} NcaBand;

/* Which cells go on living after a step; a cell is mature where alpha >
 * alive_threshold. */
typedef enum NcaAlive {
    NCA_ALIVE_PRE_POST, /* a mature cell in its 3×3 before and after the update */
    NCA_ALIVE_PRE,      /* before the update */
    NCA_ALIVE_NONE,     /* every cell */
} NcaAlive;

typedef enum NcaEdge {
    NCA_EDGE_ZERO, /* outside the grid is dead */
    NCA_EDGE_WRAP, /* a torus */
} NcaEdge;

/* How channels 0…3 become a colour. */
typedef enum NcaColor {
    NCA_COLOR_PREMULTIPLIED, /* R, G, B premultiplied by alpha, alpha */
    NCA_COLOR_HALF,          /* x + 0.5, opaque */
    NCA_COLOR_HALF_HALF,     /* x / 2 + 0.5, opaque */
} NcaColor;

typedef struct NcaShape {
    int channels;                    /* 4 … NCA_CHANNELS_MAX (3 where color is not
                                        premultiplied and alive is none) */
    int hidden;                      /* 1 … NCA_HIDDEN_MAX */
    int bands;                       /* 1 … NCA_BANDS_MAX */
    NcaBand band[NCA_BANDS_MAX];     /* the first `bands` count; each at most once */
    float band_scale[NCA_BANDS_MAX]; /* 1/8 for the published Sobel pair */
    NcaAlive alive;
    float alive_threshold; /* 0.1 */
    NcaEdge edge;
    float fire_rate; /* 0 … 1; 0.5 */
    NcaColor color;
    float clamp;      /* cells are held to ±clamp after a step; 0: not */
    bool output_bias; /* whether b2 exists */
} NcaShape;

/* The published shape: 16 channels, 128 hidden, identity and the Sobel pair. */
NCA_API NcaShape nca_shape_default(void);

typedef struct NcaModel NcaModel;

typedef enum NcaTensor {
    NCA_W1, /* [hidden][bands·channels], input = band·channels + channel */
    NCA_B1, /* [hidden] */
    NCA_W2, /* [channels][hidden] */
    NCA_B2, /* [channels], absent without output_bias */
    NCA_TENSORS
} NcaTensor;

typedef enum NcaFormat {
    NCA_FORMAT_SAFETENSORS, /* *.bin: everything, float32 */
    NCA_FORMAT_DEMO_JSON,   /* the browser demo's: 8 bits, weights of the default shape's
                               bands and biases only */
} NcaFormat;

/* All weights zero, no metadata.  NCA_ERR_ARGUMENT for a shape out of range. */
NCA_API NcaStatus nca_model_new(NcaModel **model, const NcaShape *shape, NcaError *error);

/* Reads a file whatever it holds: safetensors, the demo's JSON, a TF.js graph or a
 * TensorFlow checkpoint shard, told by its content.  Errors name the file. */
NCA_API NcaStatus nca_model_load(NcaModel **model, const char *path, NcaError *error);

/* The same from memory; the bytes are copied.  Errors name no file. */
NCA_API NcaStatus nca_model_parse(NcaModel **model, const void *data, size_t size,
                                  NcaError *error);

/* As nca_model_load, where `name` is a path, or the name of a model with or without
 * ".bin", looked for as given, then in $NCA_MODEL_PATH (folders between colons; nothing
 * between two is the user's folder), then in the user's folder, then in the data
 * directory. */
NCA_API NcaStatus nca_model_find(NcaModel **model, const char *name, NcaError *error);

/* Calls `found` for every model that nca_model_find would find by name: its name without
 * ".bin", and its file; in the order of the search, each name once, sorted within a
 * folder.  Returning false ends it, and so does a lack of memory.
 * Only regular files, or links to them, that end in ".bin"; no hidden ones, and none
 * whose name is not UTF-8. */
NCA_API void nca_model_each(bool (*found)(void *arg, const char *name, const char *path),
                            void *arg);

/* The folder of the user's own models, $XDG_DATA_HOME/nca/models or
 * $HOME/.local/share/nca/models: where nca_model_find looks, whether it exists or not.
 * NCA_ERR_IO where there is no home, or where it does not fit `size` bytes. */
NCA_API NcaStatus nca_model_user_folder(char *path, size_t size, NcaError *error);

/* The file appears whole or not at all: written beside, synced, then renamed. */
NCA_API NcaStatus nca_model_save(const NcaModel *model, const char *path,
                                 NcaFormat format, NcaError *error);

/* The bytes that nca_model_save would write; free(*data) is the caller's. */
NCA_API NcaStatus nca_model_format(const NcaModel *model, NcaFormat format, void **data,
                                   size_t *size, NcaError *error);

/* A copy of weights and metadata. */
NCA_API NcaStatus nca_model_copy(NcaModel **copy, const NcaModel *model, NcaError *error);
NCA_API void nca_model_free(NcaModel **model);

NCA_API const NcaShape *nca_model_shape(const NcaModel *model);

/* The tensor's values, to read or to write; NULL for an absent b2. */
NCA_API const float *nca_model_tensor(const NcaModel *model, NcaTensor tensor);
NCA_API float *nca_model_tensor_mut(NcaModel *model, NcaTensor tensor);

/* How many values it has; 0 for an absent b2. */
NCA_API size_t nca_model_tensor_size(const NcaModel *model, NcaTensor tensor);

/* Metadata beyond the shape: name, license, width, height, regime, iterations, seed,
 * target_sha256, loss96, loss200, loss1000, regrown, and whatever else the file had.
 * NULL where there is none.  The text lives until that key is set again. */
NCA_API const char *nca_model_meta(const NcaModel *model, const char *key);

/* The grid that it was trained on, cells, 1 … NCA_TRAINED_MAX a side; 72×72 where its
 * metadata do not tell both such sides, or more than NCA_WORK_MAX: strangers' models do
 * not choose how much memory and time are taken. */
NCA_API void nca_model_trained_size(const NcaModel *model, int *width, int *height);

/* value NULL removes it.  Keys of the shape are refused with NCA_ERR_ARGUMENT. */
NCA_API NcaStatus nca_model_set_meta(NcaModel *model, const char *key, const char *value);

/* The i-th pair in the order of the file; false past the last. */
NCA_API bool nca_model_meta_at(const NcaModel *model, size_t i, const char **key,
                               const char **value);

/* -------------------------------------------------------------------- grid */

/* Cells on a canvas, a model that drives them, and the time. */
typedef struct NcaGrid NcaGrid;

typedef enum NcaPrecision {
    NCA_PRECISION_F32,  /* the same bits everywhere (README, "Reproducible") */
    NCA_PRECISION_BF16, /* products of bfloat16, sums of float32, where the CPU has them:
                           about 3 digits a product; else NCA_ERR_ARGUMENT.  With AMX on
                           Linux the process is then given tile registers: signals to
                           threads that step need 8 KiB more of their stack */
} NcaPrecision;

typedef struct NcaGridParams {
    int width, height; /* cells, 1 … NCA_SIDE_MAX */
    uint64_t seed;     /* of the fire mask */
    float angle;       /* degrees */
    float fire_rate;   /* 0 … 1; negative: the model's */
    float step_size;   /* scales every update; 1 */
    int edge;          /* NcaEdge; negative: the model's */
    NcaPrecision precision;
    int device;            /* NCA_DEVICE_CPU, …; others compute in float32 */
    NcaParallel *parallel; /* NULL: the calling thread */
    void *host;
    int threads;   /* how many `parallel` is worth, up to NCA_THREADS_MAX; 0 or 1: do
                      not split */
    bool sleeping; /* those threads sleep between calls, unlike an NcaPool's: what is done
                      before they wake stays on the calling one */
} NcaGridParams;

/* 72×72, seed 0, angle 0, the model's fire rate and edge, one thread. */
NCA_API NcaGridParams nca_grid_params_default(void);

/* An empty grid.  The model is copied and may be freed.
 * NCA_ERR_ARGUMENT, NCA_ERR_MEMORY, or NCA_ERR_DEVICE where just one device was asked
 * for. */
NCA_API NcaStatus nca_grid_new(NcaGrid **grid, const NcaModel *model,
                               const NcaGridParams *params, NcaError *error);
NCA_API void nca_grid_free(NcaGrid **grid);

/* Bytes that a grid of so many cells takes once all of them have lived; sides 1 …
 * NCA_SIDE_MAX.  Where nothing has lived yet little is touched. */
NCA_API uint64_t nca_grid_memory(const NcaModel *model, int width, int height);

NCA_API int nca_grid_width(const NcaGrid *grid);
NCA_API int nca_grid_height(const NcaGrid *grid);
NCA_API int nca_grid_channels(const NcaGrid *grid);

/* As they are by now: degrees, 0 … 1, and what is outside. */
NCA_API float nca_grid_angle(const NcaGrid *grid);
NCA_API float nca_grid_fire_rate(const NcaGrid *grid);
NCA_API NcaEdge nca_grid_edge(const NcaGrid *grid);

/* Whether it is computed by the device that was asked for.  NCA_ERR_DEVICE tells why not:
 * there is none, or it failed since.  The processor has taken over then, and nothing was
 * lost. */
NCA_API NcaStatus nca_grid_device(const NcaGrid *grid, NcaError *error);

/* Steps made since the grid was new or reset. */
NCA_API int64_t nca_grid_time(const NcaGrid *grid);

/* Cells that live: those that the last step left alive, or that were planted or set. */
NCA_API int64_t nca_grid_alive(const NcaGrid *grid);

/* Makes `steps` updates.  Cannot fail: all memory is held already. */
NCA_API void nca_grid_step(NcaGrid *grid, int steps);

/* Empties the grid and begins again at time 0 with this seed. */
NCA_API void nca_grid_reset(NcaGrid *grid, uint64_t seed);

/* One seed cell: channels 3 and up are 1, colour 0.  Outside the grid: nothing. */
NCA_API void nca_grid_plant(NcaGrid *grid, int x, int y);

/* Kills cells: all channels 0.  Parts outside the grid are ignored.
 * circle: centres at a distance < r of (x, y), all up to 1e150; what is no number, or
 * whose squares are none, kills nothing. */
NCA_API void nca_grid_erase_circle(NcaGrid *grid, double x, double y, double r);
NCA_API void nca_grid_erase_rect(NcaGrid *grid, int x, int y, int width, int height);

/* Kills the cells where mask [height][width] is not 0. */
NCA_API void nca_grid_erase_mask(NcaGrid *grid, const uint8_t *mask);

/* What is not a number is ignored.  A negative fire rate is the model's; it is held to
 * 1. */
NCA_API void nca_grid_set_angle(NcaGrid *grid, float degrees);
NCA_API void nca_grid_set_fire_rate(NcaGrid *grid, float rate);
NCA_API void nca_grid_set_step_size(NcaGrid *grid, float step_size);

/* Other threads than those of nca_grid_new, but not more than it was told of. */
NCA_API void nca_grid_set_parallel(NcaGrid *grid, NcaParallel *parallel, void *host,
                                   int threads);

/* The picture: RGBA, straight alpha, sRGB-encoded as trained; alpha is clamped to 0…1,
 * then RGB to 0…alpha, then divided by it.  Row y begins at out + y·stride. */
NCA_API void nca_grid_read_rgba8(const NcaGrid *grid, uint8_t *out, size_t stride);
NCA_API void nca_grid_read_rgba(const NcaGrid *grid, float *out, size_t stride_bytes);

/* The full state, [height][width][channels]; set keeps the time.  Values that are not
 * finite do no harm: they are kept, may spread with the steps, and are drawn as any other
 * number out of range, NAN as 0. */
NCA_API void nca_grid_read_state(const NcaGrid *grid, float *state);
NCA_API void nca_grid_set_state(NcaGrid *grid, const float *state);

/* Replaces a rectangle, [height][width][channels], that must lie inside the grid. */
NCA_API void nca_grid_set_part(NcaGrid *grid, const float *state, int x, int y, int width,
                               int height);

/* ------------------------------------------------------------------ events */

/* Plants and wounds on a time line: "STEP VERB ARGS | …", numbers in cells, or in percent
 * of the grid with %:
 *   plant X Y | erase circle X Y R | erase rect X Y W H | erase half
 *   lower|upper|left|right | erase all | angle DEG | fire RATE
 * Words may be parted by spaces or '/'.  R in percent is of the shorter side. */
typedef struct NcaEvents NcaEvents;

#define NCA_EVENTS_DEFAULT "0 plant 50% 50%"

/* NCA_ERR_ARGUMENT quotes the wrong word and says what was expected. */
NCA_API NcaStatus nca_events_parse(NcaEvents **events, const char *text, NcaError *error);
NCA_API void nca_events_free(NcaEvents **events);

/* Does all events of the grid's present time, in the order of the text.  To be called
 * before each single step. */
NCA_API void nca_events_apply(const NcaEvents *events, NcaGrid *grid);

/* The time of the last event, 0 where there are none. */
NCA_API int64_t nca_events_last(const NcaEvents *events);

/* Makes `steps` updates with the events that fall due before each of them. */
NCA_API void nca_grid_run(NcaGrid *grid, const NcaEvents *events, int64_t steps);

/* One event without its STEP, now: a host's command. */
NCA_API NcaStatus nca_grid_command(NcaGrid *grid, const char *text, NcaError *error);

#ifdef __cplusplus
}
#endif
#endif
