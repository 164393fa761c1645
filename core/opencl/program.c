/* SPDX-License-Identifier: MIT
 *
 * Kernels are built for a shape, whose sizes stand in them as numbers.  That takes a
 * device seconds, so what it built is kept under the SHA-256 of all that it depends
 * on. */
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cl.h"
#include "status.h"

#define SOURCE(name)                                                                     \
    extern const unsigned char nca_cl_source_##name[];                                   \
    extern const size_t nca_cl_source_##name##_size
#define TEXT(name) (const char *)nca_cl_source_##name, nca_cl_source_##name##_size

SOURCE(cells);
SOURCE(step);
SOURCE(back);
SOURCE(optimise);
SOURCE(states);
SOURCE(peak);

enum { FILES = 5 };

typedef struct Sources {
    const char *text[FILES];
    size_t size[FILES];
    cl_uint count;
} Sources;

static void add_source(Sources *s, const char *text, size_t size)
{
    s->text[s->count] = text;
    s->size[s->count++] = size;
}

static Sources sources_of(NcaClSources which)
{
    Sources s = {.count = 0};
    if (which == NCA_CL_PEAK) {
        add_source(&s, TEXT(peak));
        return s;
    }
    add_source(&s, TEXT(cells));
    add_source(&s, TEXT(step));
    if (which == NCA_CL_TRAIN) {
        add_source(&s, TEXT(back));
        add_source(&s, TEXT(optimise));
        add_source(&s, TEXT(states));
    }
    return s;
}

static void add_text(SHA2_CTX *sha, const char *text)
{
    SHA256Update(sha, (const uint8_t *)text, strlen(text) + 1);
}

static void key_of(const NcaClDevice *d, const Sources *s, const char *options, char *key)
{
    char platform[256] = "";
    SHA2_CTX sha;
    clGetPlatformInfo(d->platform, CL_PLATFORM_VERSION, sizeof(platform) - 1, platform,
                      NULL);
    SHA256Init(&sha);
    add_text(&sha, NCA_VERSION);
    add_text(&sha, platform);
    add_text(&sha, d->name);
    add_text(&sha, d->driver);
    add_text(&sha, d->version);
    add_text(&sha, options);
    for (cl_uint i = 0; i < s->count; i++)
        SHA256Update(&sha, (const uint8_t *)s->text[i], s->size[i]);
    SHA256End(&sha, key);
}

/* ------------------------------------------------------------------- build */

/* All of it, the caller's; NULL: there is none. */
static char *build_log(const NcaClDevice *d, cl_program program)
{
    size_t size = 0;
    clGetProgramBuildInfo(program, d->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
    char *log = calloc(size + 1, 1);
    if (log && clGetProgramBuildInfo(program, d->id, CL_PROGRAM_BUILD_LOG, size, log,
                                     NULL) != CL_SUCCESS)
        *log = 0;
    return log;
}

/* The log's first line that tells of an error. */
static NcaStatus fail_build(const NcaClDevice *d, cl_program program, NcaError *error)
{
    char *log = build_log(d, program);
    const char *wrong = log ? strstr(log, "error: ") : NULL;
    wrong = wrong ? wrong : log && *log ? log : "it does not say why";
    NcaStatus status = nca_fail(error, NCA_ERR_DEVICE,
                                "OpenCL device %.60s: its kernels do not build: %.*s",
                                d->name, (int)strcspn(wrong, "\n"), wrong);
    free(log);
    return status;
}

static NcaStatus build(cl_program program, const NcaClDevice *d, const char *options,
                       NcaError *error)
{
    cl_int code = clBuildProgram(program, 1, &d->id, options, NULL, NULL);
    if (code == CL_BUILD_PROGRAM_FAILURE)
        return fail_build(d, program, error);
    return nca_cl_status(d, code, "build its kernels", error);
}

static cl_program from_cache(const NcaClDevice *d, const char *key, const char *options)
{
    size_t size;
    cl_int code, status;
    unsigned char *binary = nca_cl_cache_read(key, &size);
    const unsigned char *bytes = binary;
    if (!binary)
        return NULL;
    cl_program program =
        clCreateProgramWithBinary(d->context, 1, &d->id, &size, &bytes, &status, &code);
    free(binary);
    if (program && build(program, d, options, NULL) < 0) {
        clReleaseProgram(program);
        return NULL;
    }
    return program;
}

static void to_cache(const char *key, cl_program program)
{
    size_t size = 0;
    if (clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof(size), &size, NULL) !=
            CL_SUCCESS ||
        size == 0)
        return;
    unsigned char *binary = malloc(size);
    if (binary && clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof(binary), &binary,
                                   NULL) == CL_SUCCESS)
        nca_cl_cache_write(key, binary, size);
    free(binary);
}

NcaStatus nca_cl_program_new(cl_program *program, const NcaClDevice *d,
                             const char *options, NcaClSources sources, NcaError *error)
{
    char key[SHA256_DIGEST_STRING_LENGTH];
    cl_int code;
    Sources s = sources_of(sources);
    key_of(d, &s, options, key);
    *program = from_cache(d, key, options);
    if (*program)
        return NCA_OK;
    cl_program fresh =
        clCreateProgramWithSource(d->context, s.count, s.text, s.size, &code);
    if (!fresh)
        return nca_cl_status(d, code, "read its kernels", error);
    NcaStatus status = build(fresh, d, options, error);
    if (status < 0) {
        clReleaseProgram(fresh);
        return status;
    }
    to_cache(key, fresh);
    *program = fresh;
    return NCA_OK;
}

NcaStatus nca_cl_kernel_new(cl_kernel *kernel, const NcaClDevice *d, cl_program program,
                            const char *name, NcaError *error)
{
    cl_int code;
    *kernel = clCreateKernel(program, name, &code);
    return *kernel ? NCA_OK : nca_cl_status(d, code, "take up a kernel", error);
}
