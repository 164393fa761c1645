/* SPDX-License-Identifier: MIT
 *
 * nca bench: how fast this machine is.  libnca measures; here it is printed. */
#include "bench.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "options.h"
#include "program.h"
#include "progress.h"

typedef struct BenchOptions {
    int threads, device, precision;
    bool json;
} BenchOptions;

/* The OpenCL device that is measured. */
typedef struct Chosen {
    int device;     /* as it was asked for */
    char name[256]; /* "": the processor is measured */
    bool is_processor;
    double peak; /* of it, GFLOP/s; NAN: not known */
} Chosen;

#define AT(field) offsetof(BenchOptions, field)

static const Option options[] = {
    {"json", 0, NULL, OPTION_FLAG, AT(json), .help = "print JSON"},
    {"threads", 'j', "N", OPTION_INT, AT(threads), 0, 256, "one for each processor",
     "measure with 1 and with N threads"},
    {"precision", 0, "f32|bf16", OPTION_CHOICE, AT(precision),
     .help = "of the steps; bf16 where the processor has it"},
    DEVICE_OPTION(AT(device)),
    {NULL},
};

static const Command command = {
    .verb = "bench",
    .operands = "[NAME]...",
    .summary = "Measures all works, or those named: medians, in milliseconds a step or "
               "iteration.",
    .notes =
        "dense-panel      the network alone, on cells that all fire (1 thread)\n"
        "step-72-third    a step of 72×72 cells, a disc of a third alive, fire rate 0.5\n"
        "step-72-b256     a step of 256 of these at once (on OpenCL devices only)\n"
        "step-256-full    a step of 256×256 cells, all alive\n"
        "step-4096-one    a step of 4096×4096 cells with one such disc on them\n"
        "step-1024-full   a step of 1024×1024 cells, all alive (by name, or on a GPU)\n"
        "step-4096-full   a step of 4096×4096 cells, all alive (by name, or on a GPU)\n"
        "train-72-b8-s80  an iteration: batch 8, 80 steps, forward and backward",
    .options = options,
    .most = 64,
};

/* ----------------------------------------------------------------- printing */

static json_t *head_of(const Chosen *chosen, int threads, double peak, json_t *results)
{
    char cpu[256];
    cpu_name(cpu, sizeof(cpu));
    return json_pack("{s:s, s:s, s:s?, s:o, s:i, s:f, s:o}", "cpu", cpu, "level",
                     nca_cpu_level(), "device", *chosen->name ? chosen->name : NULL,
                     "device_peak_gflops", json_number(chosen->peak), "threads", threads,
                     "fma_peak_gflops", peak, "results", results);
}

static void print_head(const Chosen *chosen, double peak)
{
    char cpu[256];
    cpu_name(cpu, sizeof(cpu));
    printf("%s%slevel %s, FMA peak of one core %.1f GFLOP/s\n", cpu, *cpu ? "; " : "",
           nca_cpu_level(), peak);
    if (*chosen->name)
        printf("OpenCL device %s, FMA peak %.0f GFLOP/s\n", chosen->name, chosen->peak);
    printf("%-16s %7s %11s %9s\n", "work", "threads", "ms", "GFLOP/s");
}

static void print_result(const NcaBenchResult *r)
{
    printf("%-16s %7d %11.4f %9.2f\n", r->name, r->threads, r->ms, r->gflops);
    fflush(stdout);
}

/* ---------------------------------------------------------------- measuring */

static bool note_device(void *arg, int n, const NcaDeviceInfo *info)
{
    Chosen *c = arg;
    bool any = c->device == NCA_DEVICE_OPENCL;
    if (info->why_not || (!any && n != c->device - NCA_DEVICE_FIRST))
        return true;
    snprintf(c->name, sizeof(c->name), "%s", info->name);
    c->is_processor = !strcmp(info->kind, "CPU");
    return false;
}

static int choose_device(Chosen *c, BenchOptions *o)
{
    NcaError error = {"OpenCL has no such device that can compute, see nca devices"};
    bool told = false;
    *c = (Chosen){.device = o->device, .is_processor = true, .peak = NAN};
    if (o->device == NCA_DEVICE_CPU)
        return EXIT_GOOD;
    NcaStatus status = nca_devices_each(note_device, c, &error);
    if (*c->name)
        status = nca_bench_device_peak(&c->peak, o->device, &error);
    if (*c->name && status == NCA_OK)
        return EXIT_GOOD;
    *c->name = 0;
    c->is_processor = true;
    if (status == NCA_OK)
        status = NCA_ERR_DEVICE;
    o->device = NCA_DEVICE_CPU;
    return check_device(c->device, status, &error, &told);
}

/* What a device can't do is left out. */
static int measure(const char *name, int threads, const BenchOptions *o, json_t *results)
{
    NcaBenchResult result;
    NcaBenchParams params = {threads, (NcaPrecision)o->precision, o->device};
    NcaError error;
    NcaStatus status = nca_bench_run(&result, name, &params, &error);
    if (o->device != NCA_DEVICE_CPU &&
        (status == NCA_ERR_DEVICE || status == NCA_ERR_MEMORY)) {
        complain(name, "left out: %s", error.text);
        return EXIT_GOOD;
    }
    if (status < 0)
        return complain_error(name, &error);
    if (!o->json)
        print_result(&result);
    json_array_append_new(results, json_pack("{s:s, s:i, s:o, s:o}", "name", result.name,
                                             "threads", result.threads, "ms",
                                             json_number(result.ms), "gflops",
                                             json_number(result.gflops)));
    return EXIT_GOOD;
}

static bool is_wanted(const char *name, const Arguments *a, const Chosen *chosen)
{
    for (int i = 0; i < a->operands; i++)
        if (!strcmp(a->operand[i], name))
            return true;
    return a->operands == 0 && !(chosen->is_processor && nca_bench_is_large(name));
}

static int check_names(const Arguments *a)
{
    for (int i = 0; i < a->operands; i++) {
        bool found = false;
        const char *name;
        for (int k = 0; (name = nca_bench_name(k)); k++)
            found = found || !strcmp(name, a->operand[i]);
        if (!found)
            return usage_error(&command, "\"%s\" is not a work", a->operand[i]);
    }
    return EXIT_GOOD;
}

static int measure_all(const BenchOptions *o, const Arguments *a, const Chosen *chosen,
                       int threads)
{
    int status = EXIT_GOOD;
    double peak = nca_bench_peak();
    json_t *results = json_array();
    const char *name;
    if (!o->json)
        print_head(chosen, peak);
    for (int i = 0; status == EXIT_GOOD && (name = nca_bench_name(i)); i++) {
        bool once = o->device != NCA_DEVICE_CPU || !strcmp(name, "dense-panel");
        if (!is_wanted(name, a, chosen))
            continue;
        status = measure(name, 1, o, results);
        if (status == EXIT_GOOD && threads > 1 && !once)
            status = measure(name, threads, o, results);
    }
    if (status == EXIT_GOOD && o->json)
        return print_json(head_of(chosen, threads, peak, results));
    json_decref(results);
    return status;
}

int bench_main(int argc, char **argv)
{
    BenchOptions o = {0};
    Arguments arguments;
    Chosen chosen;
    NcaPool *pool;
    int status = options_parse(&command, argc, argv, &o, &arguments);
    if (status != OPTIONS_GO_ON)
        return status;
    if ((status = check_names(&arguments)) != EXIT_GOOD ||
        (status = choose_device(&chosen, &o)) != EXIT_GOOD ||
        (status = new_pool(&pool, o.threads)) != EXIT_GOOD)
        return status;
    int threads = nca_pool_threads(pool); /* what 0 stands for */
    nca_pool_free(&pool);
    return measure_all(&o, &arguments, &chosen, threads);
}
