/* SPDX-License-Identifier: MIT
 *
 * nca bench: how fast this machine is.  libnca measures; here it is printed. */
#include "bench.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "program.h"
#include "progress.h"

typedef struct BenchOptions {
    int threads, device, precision;
    bool json;
} BenchOptions;

#define AT(field) offsetof(BenchOptions, field)

static const Option options[] = {
    {"json", 0, NULL, OPTION_FLAG, AT(json), .help = "print JSON"},
    {"threads", 'j', "N", OPTION_INT, AT(threads), 0, 256, "one for each processor",
     "measure with 1 and with N threads"},
    {"precision", 0, "f32|bf16", OPTION_CHOICE, AT(precision),
     .help = "of the steps; bf16 where the processor has it"},
    {"device", 0, "cpu", OPTION_CHOICE, AT(device), .help = "what computes"},
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
        "step-256-full    a step of 256×256 cells, all alive\n"
        "step-4096-one    a step of 4096×4096 cells with one such disc on them\n"
        "train-72-b8-s80  an iteration: batch 8, 80 steps, forward and backward",
    .options = options,
    .most = 64,
};

/* ----------------------------------------------------------------- printing */

/* The processor's name, "" where the system does not tell. */
static void cpu_name(char *name, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "re");
    *name = 0;
    while (file && !*name && fgets(line, sizeof(line), file)) {
        char *colon = strchr(line, ':');
        if (colon && !strncmp(line, "model name", 10) && colon[1])
            snprintf(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
    }
    if (file)
        fclose(file);
}

static json_t *head_of(int threads, double peak, json_t *results)
{
    char cpu[256];
    cpu_name(cpu, sizeof(cpu));
    return json_pack("{s:s, s:s, s:i, s:f, s:o}", "cpu", cpu, "level", nca_cpu_level(),
                     "threads", threads, "fma_peak_gflops", peak, "results", results);
}

static void print_head(double peak)
{
    char cpu[256];
    cpu_name(cpu, sizeof(cpu));
    printf("%s%slevel %s, FMA peak of one core %.1f GFLOP/s\n", cpu, *cpu ? "; " : "",
           nca_cpu_level(), peak);
    printf("%-16s %7s %11s %9s\n", "work", "threads", "ms", "GFLOP/s");
}

static void print_result(const NcaBenchResult *r)
{
    printf("%-16s %7d %11.4f %9.2f\n", r->name, r->threads, r->ms, r->gflops);
    fflush(stdout);
}

/* ---------------------------------------------------------------- measuring */

static int measure(const char *name, int threads, const BenchOptions *o, json_t *results)
{
    NcaBenchResult result;
    NcaError error;
    if (nca_bench_run(&result, name, threads, (NcaPrecision)o->precision, &error) < 0)
        return complain_error(name, &error);
    if (!o->json)
        print_result(&result);
    json_array_append_new(results, json_pack("{s:s, s:i, s:o, s:o}", "name", result.name,
                                             "threads", result.threads, "ms",
                                             json_number(result.ms), "gflops",
                                             json_number(result.gflops)));
    return EXIT_GOOD;
}

static bool is_wanted(const char *name, const Arguments *a)
{
    for (int i = 0; i < a->operands; i++)
        if (!strcmp(a->operand[i], name))
            return true;
    return a->operands == 0;
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

static int measure_all(const BenchOptions *o, const Arguments *a, int threads)
{
    int status = EXIT_GOOD;
    double peak = nca_bench_peak();
    json_t *results = json_array();
    const char *name;
    if (!o->json)
        print_head(peak);
    for (int i = 0; status == EXIT_GOOD && (name = nca_bench_name(i)); i++) {
        bool one_thread = !strcmp(name, "dense-panel");
        if (!is_wanted(name, a))
            continue;
        status = measure(name, 1, o, results);
        if (status == EXIT_GOOD && threads > 1 && !one_thread)
            status = measure(name, threads, o, results);
    }
    if (status == EXIT_GOOD && o->json)
        return print_json(head_of(threads, peak, results));
    json_decref(results);
    return status;
}

int bench_main(int argc, char **argv)
{
    BenchOptions o = {0};
    Arguments arguments;
    NcaPool *pool;
    int status = options_parse(&command, argc, argv, &o, &arguments);
    if (status != OPTIONS_GO_ON)
        return status;
    if ((status = check_names(&arguments)) != EXIT_GOOD ||
        (status = new_pool(&pool, o.threads)) != EXIT_GOOD)
        return status;
    int threads = nca_pool_threads(pool); /* what 0 stands for */
    nca_pool_free(&pool);
    return measure_all(&o, &arguments, threads);
}
