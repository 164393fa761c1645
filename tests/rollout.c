/* SPDX-License-Identifier: MIT
 *
 * Gradients of whole runs against difference quotients, and the properties of a run: the
 * same from any segmentation, the same whatever the rollout did before. */
#include "rollout.h"
#include "random.h"
#include "test.h"

enum { W = 11, H = 9, STEPS = 7 };

static double noise(uint64_t what, uint64_t i)
{
    return nca_uniform(nca_hash3(42, what, i)) * 2 - 1;
}

static NcaModel *random_model(const NcaShape *shape)
{
    static const double scale[NCA_TENSORS] = {0.3, 0.3, 0.12, 0.02};
    NcaModel *model = NULL;
    CHECK(nca_model_new(&model, shape, NULL) == NCA_OK);
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            nca_model_tensor_mut(model, t)[i] = (float)(scale[t] * noise(t, i));
    return model;
}

/* A blob in the middle, with alphas on both sides of the threshold. */
static void random_state(float *state, int channels, double size)
{
    memset(state, 0, sizeof(float) * W * H * channels);
    for (int y = H / 2 - 2; y <= H / 2 + 2; y++)
        for (int x = W / 2 - 3; x <= W / 2 + 3; x++)
            for (int c = 0; c < channels; c++)
                state[(y * W + x) * channels + c] =
                    (float)(size * noise(10, (uint64_t)(y * W + x) * 64 + c));
}

typedef struct Case {
    NcaShape shape;
    NcaModel *model;
    NcaRollout *rollout;
    NcaRolloutParams params;
    float *start, *gradient;
    float target[W * H * 4];
    bool to_nothing;
} Case;

static NcaRolloutResult run(Case *c, float *gradient, float *state)
{
    NcaRolloutResult result = {0};
    NcaNetwork network;
    memcpy(state, c->start, sizeof(float) * W * H * c->shape.channels);
    CHECK(nca_network_init(&network, &c->shape, false, NULL) == NCA_OK);
    nca_network_pack(&network, c->model, 0, 1);
    c->params.target = c->to_nothing ? NULL : c->target;
    CHECK(nca_rollout_run(c->rollout, &network, &c->params, NULL, state, gradient,
                          &result));
    nca_network_uninit(&network);
    return result;
}

static Case new_case(NcaShape shape, size_t tape_bytes, double size)
{
    Case c = {.shape = shape, .model = random_model(&shape)};
    c.start = malloc(sizeof(float) * W * H * shape.channels);
    c.gradient = malloc(sizeof(float) * nca_gradient_size(&shape));
    c.params = (NcaRolloutParams){.seed = 5,
                                  .fire_rate = 0.5f,
                                  .steps = STEPS,
                                  .losses = 3,
                                  .loss_step = {3, 5, STEPS},
                                  .loss_weight = {0.2f, 0.3f, 0.5f},
                                  .overflow_weight = 0.7f,
                                  .stray_weight = 0.9f,
                                  .place_weight = 0.6f};
    random_state(c.start, shape.channels, size);
    for (int i = 0; i < W * H * 4; i++)
        c.target[i] = i / 4 % 3 ? (float)fabs(noise(11, i)) : 0;
    NcaError error;
    CHECK_MSG(nca_rollout_new(&c.rollout, &shape, W, H, STEPS, tape_bytes, &error) ==
                  NCA_OK,
              "%s", error.text);
    return c;
}

static void free_case(Case *c)
{
    nca_model_free(&c->model);
    nca_rollout_free(&c->rollout);
    free(c->start);
    free(c->gradient);
}

static double penalty(const float *state, int channels)
{
    double sum = 0;
    for (int i = 0; i < W * H * channels; i++) {
        double over = fabs(state[i]) - 3;
        sum += over > 0 ? over * over : 0;
    }
    return sum / (W * H * channels);
}

static double target_at(const Case *c, int x, int y, int channel)
{
    bool inside = x >= 0 && y >= 0 && x < W && y < H;
    return inside ? c->target[(y * W + x) * 4 + channel] : 0;
}

/* Of the state moved by so many cells: what leaves the canvas counts no more, and nothing
 * stands where nothing came from. */
static double moved_loss(const Case *c, const float *state, int dx, int dy)
{
    double sum = 0;
    for (int i = 0; i < W * H; i++)
        for (int k = 0; k < 4; k++) {
            double e = state[i * c->shape.channels + k];
            e -= target_at(c, i % W + dx, i / W + dy, k);
            sum += e * e;
        }
    return sum / (4.0 * W * H);
}

/* Of living alphas where the target has none. */
static double stray(const Case *c, const float *state, int dx, int dy)
{
    double sum = 0;
    for (int i = 0; i < W * H; i++) {
        double over = state[i * c->shape.channels + 3] - c->shape.alive_threshold;
        sum += over > 0 && target_at(c, i % W + dx, i / W + dy, 3) == 0 ? over : 0;
    }
    return sum / (W * H);
}

/* The whole objective, by running once to each loss step; moved as the last state is. */
static double objective(Case *c, int dx, int dy)
{
    double sum = 0;
    float *state = malloc(sizeof(float) * W * H * c->shape.channels);
    float *gradient = malloc(sizeof(float) * nca_gradient_size(&c->shape));
    NcaRolloutParams whole = c->params;
    c->params.shift_most = 0;
    for (int i = 0; i < whole.losses; i++) {
        c->params.steps = c->params.loss_step[0] = whole.loss_step[i];
        c->params.loss_weight[0] = 1;
        c->params.losses = 1;
        run(c, gradient, state);
        sum += whole.loss_weight[i] *
               (moved_loss(c, state, dx, dy) +
                whole.overflow_weight * penalty(state, c->shape.channels) +
                whole.stray_weight * stray(c, state, dx, dy) +
                (dx || dy ? whole.place_weight * moved_loss(c, state, 0, 0) : 0));
    }
    c->params = whole;
    free(state);
    free(gradient);
    return sum;
}

/* Quotients of float32 runs are good to about 1e-3; a kink between the two ends shows as
 * disagreement of the two half quotients and is left out, but must be rare. */
static void test_quotients(NcaShape shape, double size, int shift_most)
{
    Case c = new_case(shape, 1 << 24, size);
    float *state = malloc(sizeof(float) * W * H * shape.channels);
    c.params.shift_most = shift_most;
    NcaRolloutResult r = run(&c, c.gradient, state);
    int dx = r.shift_x, dy = r.shift_y;
    CHECK(abs(dx) <= shift_most && abs(dy) <= shift_most && !(dx || dy) == !shift_most);
    CHECK(fabs(r.loss / moved_loss(&c, state, dx, dy) - 1) < 1e-6);
    const float *g = c.gradient;
    int tried = 0, kinks = 0;
    double worst = 0;
    for (int t = 0; t < NCA_TENSORS; t++) {
        size_t count = nca_model_tensor_size(c.model, t);
        float *w = nca_model_tensor_mut(c.model, t);
        double norm = 0;
        for (size_t i = 0; i < count; i++)
            norm += (double)g[i] * g[i] / (double)count;
        norm = sqrt(norm) + 1e-12;
        for (int k = 0; k < 12 && count; k++) {
            size_t i = nca_hash3(7, t, k) % count;
            const float step = 4e-3f, was = w[i];
            double middle = objective(&c, dx, dy);
            w[i] = was + step;
            double up = objective(&c, dx, dy), up_step = (double)w[i] - was;
            w[i] = was - step;
            double down = objective(&c, dx, dy), down_step = (double)was - w[i];
            w[i] = was;
            double slope_up = (up - middle) / up_step,
                   slope_down = (middle - down) / down_step;
            double slope = (slope_up + slope_down) / 2;
            tried++;
            if (fabs(slope_up - slope_down) > 0.1 * (fabs(slope) + norm)) {
                kinks++;
                continue;
            }
            double off = fabs(slope - g[i]) / (fabs(slope) + norm);
            worst = off > worst ? off : worst;
            CHECK_MSG(off < 0.02, "tensor %d [%zu]: %g by quotient, %g", t, i, slope,
                      g[i]);
        }
        g += count;
    }
    CHECK_MSG(kinks * 3 < tried, "%d kinks in %d", kinks, tried);
    printf("worst relative difference %.1e, %d of %d at a kink\n", worst, kinks, tried);
    free(state);
    free_case(&c);
}

/* A tape that holds two steps, and one that holds all: the same bits. */
static void test_segments(void)
{
    NcaShape shape = nca_shape_default();
    size_t step = (size_t)W * H * 16 * sizeof(float);
    Case all = new_case(shape, 1 << 24, 1), few = new_case(shape, step * 8, 1);
    size_t count = nca_gradient_size(&shape);
    float *a = malloc(sizeof(float) * W * H * 16),
          *b = malloc(sizeof(float) * W * H * 16);
    NcaRolloutResult ra = run(&all, all.gradient, a), rb = run(&few, few.gradient, b);
    CHECK(ra.loss == rb.loss && ra.loss_mean == rb.loss_mean && ra.fired == rb.fired);
    CHECK(!memcmp(a, b, sizeof(float) * W * H * 16));
    CHECK(!memcmp(all.gradient, few.gradient, count * sizeof(float)));
    float *again = malloc(count * sizeof(float));
    run(&few, again, b);
    CHECK(!memcmp(all.gradient, again, count * sizeof(float)));
    free(again);
    free(a);
    free(b);
    free_case(&all);
    free_case(&few);
}

/* Without a loss a state moves on just as with one. */
static void test_step(NcaShape shape)
{
    Case c = new_case(shape, 1 << 24, 1);
    size_t size = sizeof(float) * W * H * shape.channels;
    float *with = malloc(size), *without = malloc(size);
    NcaNetwork network;
    run(&c, c.gradient, with);
    memcpy(without, c.start, size);
    CHECK(nca_network_init(&network, &shape, false, NULL) == NCA_OK);
    nca_network_pack(&network, c.model, 0, 1);
    CHECK(nca_rollout_step(c.rollout, &network, &c.params, NULL, without));
    CHECK(!memcmp(with, without, size) && memcmp(with, c.start, size));
    atomic_bool stop = true;
    CHECK(!nca_rollout_step(c.rollout, &network, &c.params, &stop, without));
    nca_network_uninit(&network);
    free(with);
    free(without);
    free_case(&c);
}

/* A model that does nothing, with the target moved: the loss is none, the shift leads
 * back, and the mean is over the loss steps. */
static void test_shift(int dx, int dy, int most)
{
    Case c = new_case(nca_shape_default(), 1 << 24, 1);
    float *state = malloc(sizeof(float) * W * H * 16);
    bool within = abs(dx) <= most && abs(dy) <= most;
    for (int t = 0; t < NCA_TENSORS; t++)
        memset(nca_model_tensor_mut(c.model, t), 0,
               nca_model_tensor_size(c.model, t) * sizeof(float));
    run(&c, c.gradient, state); /* what lives, stays */
    memcpy(c.start, state, sizeof(float) * W * H * 16);
    memset(c.target, 0, sizeof(c.target));
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            if (x + dx >= 0 && y + dy >= 0 && x + dx < W && y + dy < H)
                memcpy(c.target + ((y + dy) * W + x + dx) * 4, state + (y * W + x) * 16,
                       4 * sizeof(float));
    c.params.shift_most = most;
    NcaRolloutResult r = run(&c, c.gradient, state);
    if (within)
        CHECK(r.shift_x == dx && r.shift_y == dy && r.loss == 0 && r.loss_mean == 0);
    else
        CHECK(r.loss > 0 && fabs(r.loss_mean / r.loss - 1) < 1e-6);
    free(state);
    free_case(&c);
}

/* Nothing as the target, and an empty one: the same bits, and no shift. */
static void test_nothing(void)
{
    Case c = new_case(nca_shape_default(), 1 << 24, 1);
    size_t count = nca_gradient_size(&c.shape);
    float *empty = malloc(count * sizeof(float)),
          *state = malloc(sizeof(float) * W * H * 16);
    memset(c.target, 0, sizeof(c.target));
    NcaRolloutResult a = run(&c, empty, state);
    c.to_nothing = true;
    c.params.shift_most = 2;
    NcaRolloutResult b = run(&c, c.gradient, state);
    CHECK(a.loss > 0 && a.loss == b.loss && a.loss_mean == b.loss_mean);
    CHECK(b.shift_x == 0 && b.shift_y == 0);
    CHECK(!memcmp(empty, c.gradient, count * sizeof(float)));
    free(empty);
    free(state);
    free_case(&c);
}

static void test_refusals(void)
{
    NcaShape shape = nca_shape_default();
    NcaRollout *rollout = NULL;
    NcaError error;
    CHECK(nca_rollout_new(&rollout, &shape, 72, 72, 96, 1 << 16, &error) ==
          NCA_ERR_MEMORY);
    shape.clamp = 1;
    CHECK(nca_rollout_new(&rollout, &shape, 72, 72, 96, 1 << 28, &error) ==
          NCA_ERR_ARGUMENT);
    CHECK(rollout == NULL);
}

int main(void)
{
    NcaShape shape = nca_shape_default(), torus = shape, isotropic = shape,
             narrow = shape;
    torus.edge = NCA_EDGE_WRAP;
    isotropic.bands = 2;
    isotropic.band[1] = NCA_BAND_LAPLACIAN;
    isotropic.alive = NCA_ALIVE_PRE;
    narrow.alive_threshold = torus.alive_threshold = 0.15f;
    isotropic.output_bias = false;
    narrow.channels = 10;
    narrow.hidden = 20;
    narrow.alive = NCA_ALIVE_NONE;
    test_quotients(shape, 1, 0);
    test_quotients(shape, 4, 0);
    test_quotients(torus, 1, 0);
    test_quotients(isotropic, 1, 0);
    test_quotients(narrow, 1, 0);
    test_quotients(shape, 1, 3);
    test_quotients(torus, 2, 2);
    test_step(shape);
    test_step(torus);
    test_shift(1, -2, 2);
    test_shift(-2, 0, 3);
    test_shift(0, 0, 1);
    test_shift(-1, 1, 1);
    test_shift(2, 1, 1);
    test_shift(0, 1, 0);
    test_segments();
    test_nothing();
    test_refusals();
    return test_end();
}
