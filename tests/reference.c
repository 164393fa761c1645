/* SPDX-License-Identifier: MIT
 *
 * What reference_check.py judges: states and gradients as raw float32.
 *   step      MODEL WIDTH HEIGHT EDGE ANGLE RATE SEED BEFORE COUNT IN OUT
 *             makes BEFORE steps; writes the state, the states after each of COUNT steps
 *             more, and the last one's picture, RGBA
 *   gradient  MODEL WIDTH HEIGHT EDGE ANGLE RATE SEED STEPS 0 IN OUT TARGET
 *             writes the gradient, the last state and the loss
 * IN is a state, or "-" for the default plant; EDGE 0 or 1.  Prints the level in use. */
#include "rollout.h"
#include "test.h"

typedef struct Task {
    NcaModel *model;
    NcaGridParams params;
    int before, count;
    const char *in, *target;
    FILE *out;
} Task;

static void read_floats(const char *path, float *values, size_t count)
{
    FILE *file = fopen(path, "rb");
    CHECK_MSG(file && fread(values, sizeof(float), count, file) == count, "%s", path);
    if (file)
        fclose(file);
}

static void write_floats(const Task *t, const float *values, size_t count)
{
    CHECK(fwrite(values, sizeof(float), count, t->out) == count);
}

static size_t state_size(const Task *t)
{
    return (size_t)t->params.width * t->params.height *
           nca_model_shape(t->model)->channels;
}

static void begin(const Task *t, NcaGrid *grid, float *state)
{
    NcaEvents *events = NULL;
    if (strcmp(t->in, "-")) {
        read_floats(t->in, state, state_size(t));
        nca_grid_set_state(grid, state);
        return;
    }
    CHECK(nca_events_parse(&events, NCA_EVENTS_DEFAULT, NULL) == NCA_OK);
    nca_events_apply(events, grid);
    nca_events_free(&events);
}

static void step(const Task *t)
{
    NcaGrid *grid = NULL;
    size_t pixels = (size_t)t->params.width * t->params.height * 4;
    float *state = calloc(state_size(t), sizeof(float));
    float *picture = calloc(pixels, sizeof(float));
    CHECK(nca_grid_new(&grid, t->model, &t->params, NULL) == NCA_OK);
    begin(t, grid, state);
    nca_grid_step(grid, t->before);
    for (int i = 0; i <= t->count; i++) {
        nca_grid_step(grid, i > 0);
        nca_grid_read_state(grid, state);
        write_floats(t, state, state_size(t));
    }
    nca_grid_read_rgba(grid, picture, sizeof(float) * 4 * t->params.width);
    write_floats(t, picture, pixels);
    nca_grid_free(&grid);
    free(picture);
    free(state);
}

static void gradient(const Task *t)
{
    NcaShape shape = *nca_model_shape(t->model);
    NcaRolloutParams params = {.seed = t->params.seed,
                               .fire_rate = t->params.fire_rate,
                               .steps = t->before,
                               .losses = 1,
                               .loss_step = {t->before},
                               .loss_weight = {1}};
    NcaRollout *rollout = NULL;
    NcaRolloutResult result = {0};
    NcaNetwork network;
    size_t pixels = (size_t)t->params.width * t->params.height * 4;
    float *state = calloc(state_size(t), sizeof(float));
    float *target = calloc(pixels, sizeof(float));
    float *dw = calloc(nca_gradient_size(&shape), sizeof(float));
    shape.edge = (NcaEdge)t->params.edge;
    read_floats(t->in, state, state_size(t));
    read_floats(t->target, target, pixels);
    CHECK(nca_network_init(&network, &shape, false, NULL) == NCA_OK);
    nca_network_pack(&network, t->model, 0, 1);
    CHECK(nca_rollout_new(&rollout, &shape, t->params.width, t->params.height, t->before,
                          1 << 28, NULL) == NCA_OK);
    params.target = target;
    CHECK(nca_rollout_run(rollout, &network, &params, NULL, state, dw, &result));
    float loss = (float)result.loss;
    write_floats(t, dw, nca_gradient_size(&shape));
    write_floats(t, state, state_size(t));
    write_floats(t, &loss, 1);
    nca_rollout_free(&rollout);
    nca_network_uninit(&network);
    free(dw);
    free(target);
    free(state);
}

int main(int argc, char **argv)
{
    Task t = {.params = nca_grid_params_default()};
    NcaError error;
    if (argc < 13)
        return TEST_SKIP;
    if (nca_model_load(&t.model, argv[2], &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    t.params.width = atoi(argv[3]);
    t.params.height = atoi(argv[4]);
    t.params.edge = atoi(argv[5]);
    t.params.angle = strtof(argv[6], NULL);
    t.params.fire_rate = strtof(argv[7], NULL);
    t.params.seed = strtoull(argv[8], NULL, 0);
    t.before = atoi(argv[9]);
    t.count = atoi(argv[10]);
    t.in = argv[11];
    t.target = argv[argc - 1];
    t.out = fopen(argv[12], "wb");
    printf("%s\n", nca_cpu_level());
    if (!strcmp(argv[1], "step"))
        step(&t);
    else
        gradient(&t);
    CHECK(fclose(t.out) == 0);
    nca_model_free(&t.model);
    return test_end();
}
