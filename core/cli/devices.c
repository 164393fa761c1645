/* SPDX-License-Identifier: MIT
 *
 * nca devices: what can compute here, by the names that --device takes. */
#include <jansson.h>
#include <stdio.h>

#include "options.h"
#include "program.h"

typedef struct DevicesOptions {
    bool json;
} DevicesOptions;

static const Option options[] = {
    {"json", 0, NULL, OPTION_FLAG, offsetof(DevicesOptions, json), .help = "print JSON"},
    {NULL},
};

static const Command command = {
    .verb = "devices",
    .operands = "",
    .summary = "Lists what can compute here, by the names that --device takes.",
    .options = options,
};

enum { NAME_SIZE = 16 };

/* -------------------------------------------------------------------- plain */

static void print_device(const char *name, const NcaDeviceInfo *d)
{
    printf("%-10s %s; %s, %d unit%s, %d MHz, %.1f GiB, %s16-bit floats; %s, driver %s\n",
           name, d->name, d->kind, d->units, d->units == 1 ? "" : "s", d->mhz,
           (double)d->memory / (1 << 30), d->half ? "" : "no ", d->version, d->driver);
    if (d->why_not)
        printf("%-10s can't be used: %s\n", "", d->why_not);
}

/* --------------------------------------------------------------------- JSON */

static json_t *json_of(const char *name, const NcaDeviceInfo *d)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:b, s:s, s:s, s:s?}", "device",
        name, "name", d->name, "vendor", d->vendor, "kind", d->kind, "units", d->units,
        "mhz", d->mhz, "memory", (json_int_t)d->memory, "allocation_most",
        (json_int_t)d->allocation_most, "local", (json_int_t)d->local, "half", d->half,
        "version", d->version, "driver", d->driver, "why_not", d->why_not);
}

/* --------------------------------------------------------------------- list */

typedef struct Listing {
    json_t *all; /* NULL: plain lines */
    int status;
} Listing;

static bool show(void *arg, int n, const NcaDeviceInfo *info)
{
    Listing *l = arg;
    char name[NAME_SIZE];
    snprintf(name, sizeof(name), "opencl:%d", n);
    if (!l->all)
        print_device(name, info);
    else if (append_json(l->all, json_of(name, info), name) != EXIT_GOOD)
        l->status = EXIT_FAILED;
    return true;
}

static void show_cpu(Listing *l, int threads)
{
    char name[256];
    cpu_name(name, sizeof(name));
    if (!l->all)
        printf("%-10s %s%slevel %s, %d thread%s\n", "cpu", name, *name ? "; " : "",
               nca_cpu_level(), threads, threads == 1 ? "" : "s");
    else
        l->status =
            append_json(l->all,
                        json_pack("{s:s, s:s, s:s, s:i}", "device", "cpu", "name", name,
                                  "level", nca_cpu_level(), "threads", threads),
                        "cpu");
}

static void show_none(Listing *l, const NcaError *error)
{
    if (!l->all)
        printf("%-10s none: %s\n", "opencl", error->text);
    else if (append_json(
                 l->all,
                 json_pack("{s:s, s:s}", "device", "opencl", "why_not", error->text),
                 "opencl") != EXIT_GOOD)
        l->status = EXIT_FAILED;
}

int devices_main(int argc, char **argv)
{
    DevicesOptions o = {false};
    Arguments arguments;
    NcaError error;
    NcaPool *pool;
    int status = options_parse(&command, argc, argv, &o, &arguments);
    if (status != OPTIONS_GO_ON)
        return status;
    if ((status = new_pool(&pool, 0)) != EXIT_GOOD)
        return status;
    Listing listing = {.all = o.json ? json_array() : NULL, .status = EXIT_GOOD};
    show_cpu(&listing, nca_pool_threads(pool));
    nca_pool_free(&pool);
    if (nca_devices_each(show, &listing, &error) < 0)
        show_none(&listing, &error);
    if (o.json && print_json(listing.all) != EXIT_GOOD)
        return EXIT_FAILED;
    return listing.status;
}
