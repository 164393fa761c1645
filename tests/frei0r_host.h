/* SPDX-License-Identifier: MIT
 *
 * A small host of frei0r: both modules, their parameters by name, and a video. */
#ifndef NCA_TEST_FREI0R_HOST_H
#define NCA_TEST_FREI0R_HOST_H

#include <dlfcn.h>
#include <frei0r.h>
#include <locale.h>
#include <stdbool.h>

#include "test.h"

typedef struct Module {
    void *handle;
    int (*init)(void);
    void (*deinit)(void);
    void (*info)(f0r_plugin_info_t *);
    void (*param)(f0r_param_info_t *, int);
    f0r_instance_t (*construct)(unsigned, unsigned);
    void (*destruct)(f0r_instance_t);
    void (*set)(f0r_instance_t, f0r_param_t, int);
    void (*get)(f0r_instance_t, f0r_param_t, int);
    void (*update)(f0r_instance_t, double, const uint32_t *, uint32_t *);
} Module;

static Module nca, ncasrc;
static const char *model_path;

static inline bool module_open(Module *m, const char *path)
{
    static const char *const names[] = {
        "f0r_init",      "f0r_deinit",   "f0r_get_plugin_info", "f0r_get_param_info",
        "f0r_construct", "f0r_destruct", "f0r_set_param_value", "f0r_get_param_value",
        "f0r_update"};
    void **calls = (void **)&m->init;
    m->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK_MSG(m->handle, "%s: %s", path, dlerror());
    for (size_t i = 0; m->handle && i < sizeof(names) / sizeof(*names); i++) {
        calls[i] = dlsym(m->handle, names[i]);
        CHECK_MSG(calls[i], "%s", names[i]);
    }
    CHECK(!m->handle || !dlsym(m->handle, "nca_grid_new"));
    return m->handle && m->init() > 0;
}

/* -------------------------------------------------------------- parameters */

static inline int count(const Module *m)
{
    f0r_plugin_info_t info;
    m->info(&info);
    return info.num_params;
}

static inline int index_of(const Module *m, const char *name)
{
    f0r_param_info_t info;
    for (int i = 0; i < count(m); i++) {
        m->param(&info, i);
        if (!strcmp(info.name, name))
            return i;
    }
    CHECK_MSG(false, "no parameter %s", name);
    return -1;
}

static inline void set(const Module *m, f0r_instance_t instance, const char *name,
                       const char *text)
{
    char copy[256];
    char *value = copy;
    snprintf(copy, sizeof(copy), "%s", text);
    m->set(instance, &value, index_of(m, name));
    memset(copy, 'x', sizeof(copy) - 1); /* the host's memory may be used again */
}

static inline void set_number(const Module *m, f0r_instance_t instance, const char *name,
                              double value)
{
    m->set(instance, &value, index_of(m, name));
}

/* ---------------------------------------------------------------- pictures */

enum { WIDTH = 84, HEIGHT = 60, PIXELS = WIDTH * HEIGHT, SCALE = 4 };

/* A video that moves, of all alphas. */
static inline void video(uint32_t *picture, int frame)
{
    uint32_t bits = (uint32_t)frame / 4 * 77 + 1;
    for (int i = 0; i < PIXELS; i++) {
        if (i % 12 == 0)
            bits = bits * 1664525 + 1013904223;
        picture[i] = bits;
    }
}

static inline f0r_instance_t begin(const Module *m)
{
    f0r_instance_t instance = m->construct(WIDTH, HEIGHT);
    set(m, instance, "model", model_path);
    set(m, instance, "scale", "4");
    return instance;
}

/* The arguments: NCA_SO NCASRC_SO MODEL. */
static inline bool host_begin(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s NCA_SO NCASRC_SO MODEL\n", argv[0]);
        return false;
    }
    model_path = argv[3];
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        puts("left out: no locale here that writes 0,5");
    return module_open(&nca, argv[1]) && module_open(&ncasrc, argv[2]);
}

static inline int host_end(void)
{
    nca.deinit();
    ncasrc.deinit();
    dlclose(nca.handle);
    dlclose(ncasrc.handle);
    return test_end();
}

#endif
