/* SPDX-License-Identifier: MIT
 *
 * Devices of all platforms in one list: GPUs, then other accelerators, then CPUs, each
 * kind in the order of the loader. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cl.h"
#include "status.h"
#include "utf8.h"

enum { PLATFORMS_MAX = 16, DEVICES_MAX = 64 };

typedef struct List {
    cl_device_id device[DEVICES_MAX];
    cl_platform_id platform[DEVICES_MAX];
    int count;
} List;

/* ------------------------------------------------------------------ status */

static const char *name_of(cl_int code)
{
    switch (code) {
    case CL_DEVICE_NOT_FOUND:
        return "no device";
    case CL_DEVICE_NOT_AVAILABLE:
        return "the device is not available";
    case CL_COMPILER_NOT_AVAILABLE:
        return "it has no compiler";
    case CL_MEM_OBJECT_ALLOCATION_FAILURE:
        return "out of its memory";
    case CL_OUT_OF_RESOURCES:
        return "out of resources";
    case CL_OUT_OF_HOST_MEMORY:
        return "out of memory";
    case CL_BUILD_PROGRAM_FAILURE:
        return "it does not build";
    case CL_INVALID_BUFFER_SIZE:
        return "larger than it allows";
    case CL_INVALID_WORK_GROUP_SIZE:
        return "a group of that size is not possible";
    default:
        return "it failed";
    }
}

NcaStatus nca_cl_status(const NcaClDevice *device, cl_int code, const char *what,
                        NcaError *error)
{
    if (code == CL_SUCCESS)
        return NCA_OK;
    return nca_fail(error, NCA_ERR_DEVICE, "OpenCL device %.100s: could not %s: %s (%d)",
                    device->name, what, name_of(code), (int)code);
}

/* -------------------------------------------------------------------- list */

static void add_kind(List *list, cl_platform_id platform, cl_device_type kind)
{
    cl_device_id device[DEVICES_MAX];
    cl_uint count = 0;
    if (clGetDeviceIDs(platform, kind, DEVICES_MAX, device, &count) != CL_SUCCESS)
        return;
    for (cl_uint i = 0; i < count && i < DEVICES_MAX && list->count < DEVICES_MAX; i++) {
        list->platform[list->count] = platform;
        list->device[list->count++] = device[i];
    }
}

static NcaStatus list_devices(List *list, NcaError *error)
{
    static const cl_device_type kinds[] = {
        CL_DEVICE_TYPE_GPU, CL_DEVICE_TYPE_ACCELERATOR | CL_DEVICE_TYPE_CUSTOM,
        CL_DEVICE_TYPE_CPU};
    cl_platform_id platform[PLATFORMS_MAX];
    cl_uint count = 0;
    list->count = 0;
    cl_int code = clGetPlatformIDs(PLATFORMS_MAX, platform, &count);
    if (code != CL_SUCCESS || count == 0)
        return nca_fail(error, NCA_ERR_DEVICE,
                        "OpenCL has no platform here: a driver is missing (%d)",
                        (int)code);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        for (cl_uint i = 0; i < count && i < PLATFORMS_MAX; i++)
            add_kind(list, platform[i], kinds[k]);
    if (list->count == 0)
        return nca_fail(error, NCA_ERR_DEVICE, "OpenCL finds no device");
    return NCA_OK;
}

/* ------------------------------------------------------------------- facts */

/* Text that comes from a driver: made fit for one line. */
static void get_text(cl_device_id device, cl_device_info what, char *text, size_t size)
{
    size_t needed = 0;
    clGetDeviceInfo(device, what, 0, NULL, &needed);
    char *all = calloc(needed + 1, 1);
    if (!all || clGetDeviceInfo(device, what, needed, all, NULL) != CL_SUCCESS)
        snprintf(text, size, "?");
    else
        snprintf(text, size, "%s", all);
    nca_utf8_clean(text, size);
    free(all);
}

static uint64_t get_number(cl_device_id device, cl_device_info what, size_t size)
{
    uint64_t value = 0; /* the smaller ones fill its lower bytes: all hosts are so */
    if (clGetDeviceInfo(device, what, size, &value, NULL) != CL_SUCCESS)
        return 0;
    return value;
}

static const char *kind_of(cl_device_type type)
{
    return type & CL_DEVICE_TYPE_GPU   ? "GPU"
           : type & CL_DEVICE_TYPE_CPU ? "CPU"
                                       : "accelerator";
}

/* What the kernels cannot do without; NULL: all is there. */
static const char *why_not(cl_device_id device)
{
    char version[64];
    int major = 0, minor = 0;
    get_text(device, CL_DEVICE_VERSION, version, sizeof(version));
    if (sscanf(version, "OpenCL %d.%d", &major, &minor) != 2 || major < 1 ||
        (major == 1 && minor < 2))
        return "its OpenCL is older than 1.2";
    if (!get_number(device, CL_DEVICE_AVAILABLE, sizeof(cl_bool)))
        return "it is not available";
    if (!get_number(device, CL_DEVICE_COMPILER_AVAILABLE, sizeof(cl_bool)))
        return "it has no compiler";
    if (!get_number(device, CL_DEVICE_ENDIAN_LITTLE, sizeof(cl_bool)))
        return "its bytes are in another order";
    if (get_number(device, CL_DEVICE_LOCAL_MEM_SIZE, sizeof(cl_ulong)) < 16384)
        return "it has too little local memory";
    if (get_number(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof(size_t)) < 1)
        return "it has no groups";
    return NULL;
}

NcaStatus nca_cl_devices_each(NcaDeviceFound *found, void *arg, NcaError *error)
{
    List list;
    NcaStatus status = list_devices(&list, error);
    if (status < 0)
        return status;
    for (int i = 0; i < list.count; i++) {
        cl_device_id d = list.device[i];
        char name[256], vendor[256], driver[256], version[256], extensions[4096];
        get_text(d, CL_DEVICE_NAME, name, sizeof(name));
        get_text(d, CL_DEVICE_VENDOR, vendor, sizeof(vendor));
        get_text(d, CL_DRIVER_VERSION, driver, sizeof(driver));
        get_text(d, CL_DEVICE_VERSION, version, sizeof(version));
        get_text(d, CL_DEVICE_EXTENSIONS, extensions, sizeof(extensions));
        NcaDeviceInfo info = {
            .name = name,
            .vendor = vendor,
            .driver = driver,
            .version = version,
            .kind = kind_of(get_number(d, CL_DEVICE_TYPE, sizeof(cl_device_type))),
            .units = (int)get_number(d, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof(cl_uint)),
            .mhz = (int)get_number(d, CL_DEVICE_MAX_CLOCK_FREQUENCY, sizeof(cl_uint)),
            .memory = get_number(d, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof(cl_ulong)),
            .allocation_most =
                get_number(d, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof(cl_ulong)),
            .local = get_number(d, CL_DEVICE_LOCAL_MEM_SIZE, sizeof(cl_ulong)),
            .half = strstr(extensions, "cl_khr_fp16") != NULL,
            .why_not = why_not(d),
        };
        if (!found(arg, i, &info))
            break;
    }
    return NCA_OK;
}

/* -------------------------------------------------------------------- open */

static void describe(NcaClDevice *d)
{
    get_text(d->id, CL_DEVICE_NAME, d->name, sizeof(d->name));
    get_text(d->id, CL_DRIVER_VERSION, d->driver, sizeof(d->driver));
    get_text(d->id, CL_DEVICE_VERSION, d->version, sizeof(d->version));
    d->is_cpu =
        get_number(d->id, CL_DEVICE_TYPE, sizeof(cl_device_type)) & CL_DEVICE_TYPE_CPU;
    d->units = (cl_uint)get_number(d->id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof(cl_uint));
    d->group_most =
        (size_t)get_number(d->id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof(size_t));
    d->local_bytes =
        (size_t)get_number(d->id, CL_DEVICE_LOCAL_MEM_SIZE, sizeof(cl_ulong));
    d->memory = get_number(d->id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof(cl_ulong));
    d->allocation_most =
        get_number(d->id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof(cl_ulong));
}

static NcaStatus begin(NcaClDevice *d, NcaError *error)
{
    cl_int code;
    const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
                                                (cl_context_properties)d->platform, 0};
    d->context = clCreateContext(properties, 1, &d->id, NULL, NULL, &code);
    if (!d->context)
        return nca_cl_status(d, code, "begin", error);
    d->queue = clCreateCommandQueue(d->context, d->id, 0, &code);
    if (!d->queue)
        return nca_cl_status(d, code, "begin a queue", error);
    return NCA_OK;
}

/* The first that can do it, or just that one. */
static NcaStatus choose(const List *list, int which, int *index, NcaError *error)
{
    int first = which == NCA_DEVICE_OPENCL ? 0 : which - NCA_DEVICE_FIRST;
    if (first >= list->count)
        return nca_fail(error, NCA_ERR_DEVICE, "OpenCL device %d is not there: %d %s",
                        first, list->count, list->count == 1 ? "is" : "are");
    for (int i = first; i < list->count; i++) {
        const char *reason = why_not(list->device[i]);
        if (!reason) {
            *index = i;
            return NCA_OK;
        }
        if (which != NCA_DEVICE_OPENCL)
            return nca_fail(error, NCA_ERR_DEVICE, "OpenCL device %d: %s", i, reason);
    }
    return nca_fail(error, NCA_ERR_DEVICE, "OpenCL has no device that can compute");
}

NcaStatus nca_cl_device_open(NcaClDevice *device, int which, NcaError *error)
{
    List list = {0};
    int index = 0;
    NcaStatus status = list_devices(&list, error);
    if (status == NCA_OK)
        status = choose(&list, which, &index, error);
    if (status < 0)
        return status;
    NcaClDevice d = {.platform = list.platform[index], .id = list.device[index]};
    describe(&d);
    status = begin(&d, error);
    if (status < 0)
        nca_cl_device_close(&d);
    else
        *device = d;
    return status;
}

void nca_cl_device_close(NcaClDevice *device)
{
    if (device->queue)
        clReleaseCommandQueue(device->queue);
    if (device->context)
        clReleaseContext(device->context);
    *device = (NcaClDevice){0};
}
