/* SPDX-License-Identifier: MIT
 *
 * Every call of OpenCL fails, once or from then on, as a device that is lost or out of
 * memory would: a grid has the CPU's bits all the same, a training goes on, and a device
 * that was asked for by name says so.  Linked with --wrap for each function below.
 * Skipped without a device. */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include "batch_remote.h"
#include "devices.h"
#include "trainers.h"

static int calls_left = -1; /* negative: none fails */
static bool for_ever;       /* all later ones, too */
static int failed;

/* Counting begins with the next kernel of that name. */
static const char *first_kernel;
static int calls_from_it;

static bool fails(void)
{
    if (calls_left < 0 || calls_left-- > 0)
        return false;
    calls_left = for_ever ? 0 : -1;
    failed++;
    return true;
}

/* A function that returns a status. */
#define STATUS(name, parameters, arguments)                                              \
    cl_int __real_##name parameters;                                                     \
    cl_int __wrap_##name parameters;                                                     \
    cl_int __wrap_##name parameters                                                      \
    {                                                                                    \
        return fails() ? CL_OUT_OF_RESOURCES : __real_##name arguments;                  \
    }

/* One that returns an object, and its status through `code`. */
#define OBJECT(type, name, parameters, arguments)                                        \
    type __real_##name parameters;                                                       \
    type __wrap_##name parameters;                                                       \
    type __wrap_##name parameters                                                        \
    {                                                                                    \
        if (!fails())                                                                    \
            return __real_##name arguments;                                              \
        *code = CL_OUT_OF_HOST_MEMORY;                                                   \
        return NULL;                                                                     \
    }

typedef cl_context_properties Properties;
typedef void(CL_CALLBACK *Notify)(const char *, const void *, size_t, void *);
typedef void(CL_CALLBACK *Built)(cl_program, void *);

STATUS(clGetPlatformIDs, (cl_uint n, cl_platform_id *p, cl_uint *count), (n, p, count))
STATUS(clGetDeviceIDs,
       (cl_platform_id p, cl_device_type t, cl_uint n, cl_device_id *d, cl_uint *count),
       (p, t, n, d, count))
STATUS(clSetKernelArg, (cl_kernel k, cl_uint i, size_t size, const void *v),
       (k, i, size, v))
STATUS(clEnqueueReadBuffer,
       (cl_command_queue q, cl_mem m, cl_bool b, size_t o, size_t s, void *p, cl_uint w,
        const cl_event *e, cl_event *out),
       (q, m, b, o, s, p, w, e, out))
STATUS(clEnqueueWriteBuffer,
       (cl_command_queue q, cl_mem m, cl_bool b, size_t o, size_t s, const void *p,
        cl_uint w, const cl_event *e, cl_event *out),
       (q, m, b, o, s, p, w, e, out))
STATUS(clEnqueueFillBuffer,
       (cl_command_queue q, cl_mem m, const void *p, size_t ps, size_t o, size_t s,
        cl_uint w, const cl_event *e, cl_event *out),
       (q, m, p, ps, o, s, w, e, out))
STATUS(clEnqueueCopyBuffer,
       (cl_command_queue q, cl_mem a, cl_mem b, size_t ao, size_t bo, size_t s, cl_uint w,
        const cl_event *e, cl_event *out),
       (q, a, b, ao, bo, s, w, e, out))
STATUS(clFinish, (cl_command_queue q), (q))
STATUS(clFlush, (cl_command_queue q), (q))
STATUS(clBuildProgram,
       (cl_program p, cl_uint n, const cl_device_id *d, const char *o, Built f, void *u),
       (p, n, d, o, f, u))
OBJECT(cl_context, clCreateContext,
       (const Properties *p, cl_uint n, const cl_device_id *d, Notify f, void *u,
        cl_int *code),
       (p, n, d, f, u, code))
OBJECT(cl_command_queue, clCreateCommandQueue,
       (cl_context c, cl_device_id d, cl_command_queue_properties p, cl_int *code),
       (c, d, p, code))
OBJECT(cl_mem, clCreateBuffer,
       (cl_context c, cl_mem_flags f, size_t s, void *p, cl_int *code),
       (c, f, s, p, code))
OBJECT(cl_kernel, clCreateKernel, (cl_program p, const char *n, cl_int *code),
       (p, n, code))
OBJECT(cl_program, clCreateProgramWithSource,
       (cl_context c, cl_uint n, const char **s, const size_t *l, cl_int *code),
       (c, n, s, l, code))

static void look_for_first(cl_kernel kernel)
{
    char name[64] = "";
    clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof(name) - 1, name, NULL);
    if (!first_kernel || strcmp(name, first_kernel) != 0)
        return;
    first_kernel = NULL;
    calls_left = calls_from_it;
}

#define ENQUEUE(function)                                                                \
    cl_int function(cl_command_queue q, cl_kernel k, cl_uint n, const size_t *o,         \
                    const size_t *g, const size_t *l, cl_uint w, const cl_event *e,      \
                    cl_event *out)
ENQUEUE(__real_clEnqueueNDRangeKernel);
ENQUEUE(__wrap_clEnqueueNDRangeKernel);
ENQUEUE(__wrap_clEnqueueNDRangeKernel)
{
    look_for_first(k);
    return fails() ? CL_OUT_OF_RESOURCES
                   : __real_clEnqueueNDRangeKernel(q, k, n, o, g, l, w, e, out);
}

/* -------------------------------------------------------------------- grids */

enum { SIDE = 24 };

static NcaGrid *grown(const NcaModel *model, int device, NcaStatus *status,
                      NcaError *error)
{
    NcaGridParams p = nca_grid_params_default();
    NcaGrid *grid = NULL;
    uint8_t rgba[SIDE * SIDE * 4];
    p.width = p.height = SIDE;
    p.seed = seed;
    p.device = device;
    *status = nca_grid_new(&grid, model, &p, error);
    if (*status < 0)
        return NULL;
    nca_grid_plant(grid, 12, 12);
    nca_grid_step(grid, 6);
    nca_grid_read_rgba8(grid, rgba, SIDE * 4);
    nca_grid_erase_rect(grid, 0, 0, SIDE, 10);
    nca_grid_step(grid, 2);
    nca_grid_set_fire_rate(grid, 0.9f);
    nca_grid_step(grid, 5);
    nca_grid_set_step_size(grid, 0.5f);
    nca_grid_step(grid, 295);
    CHECK(nca_grid_alive(grid) > 0);
    *status = nca_grid_device(grid, error);
    return grid;
}

static void test_grids(void)
{
    NcaModel *model = rising();
    NcaStatus status;
    NcaError error;
    NcaGrid *good = grown(model, NCA_DEVICE_CPU, &status, &error);
    int n = 0, last = 0;
    for (int mode = 0; mode < 2; mode++) {
        int step = 1;
        for (n = 0;; n += step) {
            for_ever = mode;
            failed = 0;
            calls_left = n;
            NcaGrid *grid = grown(model, NCA_DEVICE_OPENCL, &status, &error);
            calls_left = -1;
            CHECK(grid && same(grid, good) && nca_grid_time(grid) == 308);
            CHECK_MSG((status < 0) == (failed > 0) || !for_ever, "call %d: %d, %d failed",
                      n, status, failed);
            CHECK(status == NCA_OK ||
                  (status == NCA_ERR_DEVICE && strstr(error.text, "OpenCL")));
            nca_grid_free(&grid);
            if (!failed)
                break;
            step = n < 200 ? 1 : 97; /* steps are alike */
        }
        last = n;
    }
    CHECK_MSG(last > 1000, "only %d calls", last);
    nca_grid_free(&good);
    nca_model_free(&model);
}

/* By name: nothing to begin with, or a word about it. */
static void test_named(void)
{
    NcaModel *model = rising();
    int refused = 0, told = 0;
    for (int n = 0; n < 120; n++) {
        NcaStatus status = NCA_OK;
        NcaError error = {""};
        for_ever = true;
        failed = 0;
        calls_left = n;
        NcaGrid *grid = grown(model, NCA_DEVICE_FIRST, &status, &error);
        calls_left = -1;
        CHECK(failed > 0 && status == NCA_ERR_DEVICE && *error.text);
        refused += !grid;
        told += grid != NULL;
        nca_grid_free(&grid);
    }
    CHECK_MSG(refused > 10 && told > 10, "%d, %d", refused, told);
    nca_model_free(&model);
}

/* What changes nothing does not stop the device for its cells. */
static void test_no_change(void)
{
    NcaModel *model = rising();
    NcaGridParams p = nca_grid_params_default();
    NcaGrid *grid = NULL;
    p.device = NCA_DEVICE_OPENCL;
    CHECK(nca_grid_new(&grid, model, &p, NULL) == NCA_OK);
    nca_grid_plant(grid, 12, 12);
    nca_grid_step(grid, 2);
    calls_left = 1000;
    nca_grid_set_angle(grid, 0);
    nca_grid_set_step_size(grid, 1);
    nca_grid_set_fire_rate(grid, nca_model_shape(model)->fire_rate);
    CHECK_MSG(calls_left == 1000, "%d calls", 1000 - calls_left);
    nca_grid_set_angle(grid, 1);
    CHECK(calls_left < 1000);
    calls_left = -1;
    nca_grid_free(&grid);
    nca_model_free(&model);
}

/* ----------------------------------------------------------------- training */

static NcaTrainParams params_of(int64_t iterations)
{
    NcaTrainParams p = small_params(NCA_REGIME_REGENERATING, NCA_RECIPE_OWN, seed);
    p.iterations = iterations;
    p.batch = 2;
    p.pool = 4;
    p.device = NCA_DEVICE_OPENCL;
    return p;
}

static void test_training(void)
{
    NcaTarget *target = new_target(12, 3, false);
    NcaTrainParams p = params_of(4);
    int step = 1;
    for (int n = 0;; n += step) {
        NcaTrainer *t = NULL;
        NcaModel *model = NULL;
        NcaError error = {""};
        for_ever = n % 2;
        failed = 0;
        calls_left = n;
        CHECK_MSG(nca_trainer_new(&t, target, &p, NULL, &error) == NCA_OK, "%s",
                  error.text);
        run_to(t, 4);
        calls_left = -1;
        NcaStatus status = nca_trainer_device(t, &error);
        CHECK_MSG((status < 0) == (failed > 0) || !for_ever, "call %d", n);
        CHECK(nca_trainer_status(t).done && isfinite(nca_trainer_status(t).loss));
        CHECK(nca_trainer_model(t, &model, NULL) == NCA_OK);
        for (size_t i = 0; i < nca_model_tensor_size(model, NCA_W1); i++)
            CHECK(isfinite(nca_model_tensor(model, NCA_W1)[i]));
        nca_model_free(&model);
        nca_trainer_free(&t);
        if (!failed && n > 100)
            break;
        step = n < 150 ? 1 : 199;
    }
    nca_target_free(&target);
}

/* An update that fails is made again: none is lost, none is made twice. */
static void test_learning(void)
{
    NcaTarget *target = new_target(12, 3, false);
    NcaTrainParams p = params_of(3);
    bool within = true; /* that iteration, not the next one */
    for (int n = 0; within; n++) {
        NcaTrainer *t = new_trainer(target, &p, NULL);
        NcaModel *before = NULL;
        for_ever = false;
        failed = 0;
        run_to(t, 1);
        CHECK(nca_model_copy(&before, t->model, NULL) == NCA_OK);
        first_kernel = "normalise";
        calls_from_it = n;
        nca_trainer_step(t);
        CHECK(t->adam.time == t->iteration);
        CHECK(weights_equal(before, t->model) == (t->iteration == 1));
        within = failed > 0;
        run_to(t, 3);
        CHECK_MSG(!first_kernel && failed == 1 && t->adam.time == 3, "call %d: %d failed",
                  n, failed);
        calls_left = -1;
        nca_model_free(&before);
        nca_trainer_free(&t);
    }
    nca_target_free(&target);
}

static bool any(const float *values, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (values[i] != 0)
            return true;
    return false;
}

/* One of the means without the other would be a step of any size. */
static void test_fetching(void)
{
    NcaTarget *target = new_target(12, 3, false);
    NcaTrainParams p = params_of(3);
    for (int n = 0;; n++) {
        NcaTrainer *t = new_trainer(target, &p, NULL);
        run_to(t, 2);
        failed = 0;
        calls_left = n;
        nca_batch_remote_fetch(t);
        calls_left = -1;
        CHECK(any(t->adam.m, t->adam.size) == any(t->adam.v, t->adam.size));
        CHECK(failed || any(t->adam.m, t->adam.size));
        nca_trainer_free(&t);
        if (!failed)
            break;
    }
    nca_target_free(&target);
}

int main(int count, char **arguments)
{
    if (!have_device())
        return TEST_SKIP;
    take_seed(count, arguments);
    test_grids();
    test_named();
    test_no_change();
    test_training();
    test_learning();
    test_fetching();
    return test_end();
}
