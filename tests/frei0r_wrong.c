/* SPDX-License-Identifier: MIT
 *
 * The frei0r modules with values that are wrong, in odd sizes and from several
 * threads. */
#include <pthread.h>
#include <unistd.h>

#include "frei0r_host.h"

/* ---------------------------------------------------------------- failures */

/* Standard error of `frames` calls, into text. */
static void listen(f0r_instance_t instance, int frames, char *text, size_t size)
{
    uint32_t in[PIXELS], out[PIXELS];
    FILE *file = tmpfile();
    int old = dup(STDERR_FILENO);
    size_t length;
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    for (int i = 0; i < frames; i++) {
        video(in, i);
        nca.update(instance, 0, in, out);
    }
    fflush(stderr);
    dup2(old, STDERR_FILENO);
    close(old);
    CHECK_MSG(*text != '=' || !memcmp(in, out, sizeof(in)), "not passed through");
    CHECK_MSG(*text != '!' || memcmp(in, out, sizeof(in)), "passed through");
    rewind(file);
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
}

static void check_refused(const char *name, const char *value, const char *expected)
{
    char text[1024] = "=", line[512];
    f0r_instance_t instance = begin(&nca);
    set(&nca, instance, name, value);
    listen(instance, 4, text, sizeof(text));
    snprintf(line, sizeof(line), "frei0r nca: %s\n", expected);
    CHECK_MSG(!strcmp(text, line), "%s=%s: %s", name, value, text);
    set(&nca, instance, name, "");
    set(&nca, instance, "model", model_path);
    *text = '!';
    listen(instance, 20, text, sizeof(text));
    CHECK_MSG(!*text, "%s=%s, then good: %s", name, value, text);
    set(&nca, instance, name, value); /* refused: the creature goes on */
    *text = '!';
    listen(instance, 4, text, sizeof(text));
    CHECK_MSG(!strcmp(text, line), "%s=%s later: %s", name, value, text);
    nca.destruct(instance);
}

static void check_failures(void)
{
    static const char *const cases[][3] = {
        {"model", "/no/such.bin", "/no/such.bin: No such file or directory"},
        {"scale", "1e4x", "scale: \"1e4x\" where 0 to 10000 was expected"},
        {"scale", "-1", "scale: \"-1\" where 0 to 10000 was expected"},
        {"scale", "nan", "scale: \"nan\" where 0 to 10000 was expected"},
        {"grid", "0x9", "grid: \"0x9\" where WIDTHxHEIGHT, each 1 to 32768 was expected"},
        {"grid", "9x", "grid: \"9x\" where WIDTHxHEIGHT, each 1 to 32768 was expected"},
        {"grid", "9x32769",
         "grid: \"9x32769\" where WIDTHxHEIGHT, each 1 to 32768 was expected"},
        {"steps", "10001", "steps: \"10001\" where 0 to 10000 was expected"},
        {"warmup", "1.5",
         "warmup: \"1.5\" where a whole number, 0 to 100000 was expected"},
        {"seed", "-1", "seed: \"-1\" where a whole number, 0 to 4294967295 was expected"},
        {"scale", "9\x1b[31m\xc3\xa4",
         "scale: \"9?[31m??\" where 0 to 10000 was expected"},
        {"edge", "wra", "edge: \"wra\" where model|zero|wrap was expected"},
        {"wound", "motion|dark",
         "wound: \"motion|dark\" where none|motion|dark|bright|alpha was expected"},
        {"rate", "25/0",
         "rate: \"25/0\" where auto, a number or a fraction, 0 to 1000 was expected"},
        {"events", "0 cut 3",
         "events: event 1: \"cut\" where plant, erase, angle or fire was expected"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_refused(cases[i][0], cases[i][1], cases[i][2]);
    f0r_instance_t instance = begin(&nca);
    char text[1024] = "=";
    set(&nca, instance, "scale", "x");
    listen(instance, 2, text, sizeof(text));
    set(&nca, instance, "steps", "y"); /* the first one is still wrong */
    *text = '=';
    listen(instance, 2, text, sizeof(text));
    CHECK_MSG(!*text, "%s", text);
    set(&nca, instance, "scale", "4");
    *text = '=';
    listen(instance, 2, text, sizeof(text));
    CHECK_MSG(strstr(text, "steps: \"y\""), "%s", text);
    nca.destruct(instance);
    instance = ncasrc.construct(WIDTH, HEIGHT);
    uint32_t out[PIXELS], sum = 0;
    set(&ncasrc, instance, "steps", "x");
    memset(out, 0x5a, sizeof(out));
    ncasrc.update(instance, 0, NULL, out);
    for (int i = 0; i < PIXELS; i++)
        sum |= out[i];
    CHECK(sum == 0);
    ncasrc.destruct(instance);
}

/* -------------------------------------------------------- sizes and threads */

static void check_sizes(void)
{
    static const unsigned sizes[][2] = {{1, 1}, {1, 9}, {3, 2}, {64, 1}, {7, 64}};
    CHECK(!nca.construct(0, 8));
    CHECK(!nca.construct(8, 0));
    CHECK(!nca.construct(8, 1u << 31));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        size_t n = (size_t)sizes[i][0] * sizes[i][1];
        uint32_t *in = calloc(n, 4), *out = malloc(n * 4); /* guarded by sanitizers */
        f0r_instance_t instance = nca.construct(sizes[i][0], sizes[i][1]);
        set(&nca, instance, "model", model_path);
        set(&nca, instance, "mode", "replace");
        for (int frame = 0; frame < 3; frame++)
            nca.update(instance, 0, in, out);
        size_t opaque = 0;
        for (size_t k = 0; k < n; k++)
            opaque += ((uint8_t *)(out + k))[3] == 255;
        CHECK_MSG(opaque == n, "%ux%u", sizes[i][0], sizes[i][1]);
        nca.update(instance, 0, in, in); /* in place */
        nca.destruct(instance);
        free(in);
        free(out);
    }
}

typedef struct Run {
    f0r_instance_t instance;
    bool slices; /* all threads call for the same instance */
    uint32_t out[PIXELS];
} Run;

static void *run(void *arg)
{
    Run *r = arg;
    for (int i = 0; i < 60; i++)
        ncasrc.update(r->instance, i / 25.0, NULL, r->out);
    if (r->slices)
        ncasrc.update(r->instance, 3, NULL, r->out);
    return NULL;
}

static void check_threads(bool slices)
{
    static Run runs[3];
    pthread_t threads[2];
    for (int i = 0; i < 3; i++) {
        runs[i].slices = slices;
        runs[i].instance = i == 1 && slices ? runs[0].instance : begin(&ncasrc);
        set(&ncasrc, runs[i].instance, "rate", "25");
    }
    for (int i = 0; i < 2; i++)
        CHECK(!pthread_create(&threads[i], NULL, run, &runs[i]));
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    run(&runs[2]);
    CHECK(!memcmp(runs[0].out, runs[2].out, sizeof(runs[0].out)));
    CHECK(!memcmp(runs[1].out, runs[2].out, sizeof(runs[0].out)));
    for (int i = 0; i < 3; i++)
        if (i != 1 || !slices)
            ncasrc.destruct(runs[i].instance);
}

int main(int argc, char **argv)
{
    if (!host_begin(argc, argv))
        return 1;
    check_failures();
    check_sizes();
    check_threads(false);
    check_threads(true);
    return host_end();
}
