/* SPDX-License-Identifier: MIT
 *
 * Packed weights against the published rule done directly (double, the model's own
 * layout), and the gradient's way out of the packed layout as the adjoint of the way in.
 * The argument is the random seed. */
#include "network.h"

#include <time.h>

#include "models.h"
#include "random.h"

static uint64_t seed;

static double noise(uint64_t what, uint64_t i)
{
    return nca_uniform(nca_hash3(seed, what, i)) * 2 - 1;
}

/* --------------------------------------------------------------- the rule */

/* What the model sees of a cell whose raw sums are `raw`, by kind of band. */
static double seen(const NcaShape *shape, int band, const double *raw, double angle)
{
    double c = cos(angle * acos(-1) / 180), s = sin(angle * acos(-1) / 180);
    bool x = false, y = false;
    for (int b = 0; b < shape->bands; b++) {
        x |= shape->band[b] == NCA_BAND_SOBEL_X;
        y |= shape->band[b] == NCA_BAND_SOBEL_Y;
    }
    NcaBand kind = shape->band[band];
    double value = raw[kind];
    if (x && y && kind == NCA_BAND_SOBEL_X)
        value = c * raw[NCA_BAND_SOBEL_X] - s * raw[NCA_BAND_SOBEL_Y];
    if (x && y && kind == NCA_BAND_SOBEL_Y)
        value = s * raw[NCA_BAND_SOBEL_X] + c * raw[NCA_BAND_SOBEL_Y];
    return value * shape->band_scale[band];
}

typedef struct Sum {
    double value, size; /* size: the sum of what was added, without signs */
} Sum;

static void add(Sum *sum, double value)
{
    sum->value += value;
    sum->size += fabs(value);
}

/* Before the ReLU; raw [channels][kinds of bands]. */
static Sum direct_hidden(const NcaModel *model, const double (*raw)[NCA_BAND_COUNT],
                         int j, double angle)
{
    const NcaShape *s = nca_model_shape(model);
    const float *w1 =
        nca_model_tensor(model, NCA_W1) + (size_t)j * s->bands * s->channels;
    Sum sum = {0, 0};
    add(&sum, nca_model_tensor(model, NCA_B1)[j]);
    for (int b = 0; b < s->bands; b++)
        for (int c = 0; c < s->channels; c++) {
            add(&sum, w1[b * s->channels + c] * seen(s, b, raw[c], angle));
            sum.size += fabs(raw[c][NCA_BAND_SOBEL_X]) + fabs(raw[c][NCA_BAND_SOBEL_Y]);
        }
    return sum;
}

static double packed_hidden(const NcaNetwork *n, const double (*raw)[NCA_BAND_COUNT],
                            int j)
{
    double sum = n->b1[j];
    for (int b = 0; b < n->bands; b++)
        for (int c = 0; c < n->channels; c++)
            sum += (double)n->w1[(b * n->channels + c) * n->hidden_stride + j] *
                   raw[c][n->band[b]];
    return sum;
}

/* Weights are rounded a few times each: a part of 1e-6 of all that is added. */
static void check_rule(const NcaNetwork *n, const NcaModel *model, float angle,
                       float step)
{
    double raw[NCA_CHANNELS_MAX][NCA_BAND_COUNT], h[NCA_HIDDEN_MAX];
    const float *w2 = nca_model_tensor(model, NCA_W2),
                *b2 = nca_model_tensor(model, NCA_B2);
    for (int c = 0; c < n->channels; c++)
        for (int b = 0; b < NCA_BAND_COUNT; b++)
            raw[c][b] = noise(40, (uint64_t)(c * NCA_BAND_COUNT + b));
    for (int j = 0; j < n->hidden; j++) {
        Sum z = direct_hidden(model, raw, j, angle);
        double packed = packed_hidden(n, raw, j);
        CHECK_MSG(fabs(packed - z.value) <= 1e-6 * z.size,
                  "angle %g, hidden %d: %g, rule %g", angle, j, packed, z.value);
        h[j] = z.value > 0 ? z.value : 0;
    }
    for (int o = 0; o < n->channels; o++) {
        double d = n->b2[o];
        Sum rule = {0, 0};
        add(&rule, b2 ? (double)step * b2[o] : 0);
        for (int j = 0; j < n->hidden; j++) {
            d += (double)n->w2[j * n->stride + o] * h[j];
            add(&rule, (double)step * w2[o * n->hidden + j] * h[j]);
        }
        CHECK_MSG(fabs(d - rule.value) <= 1e-6 * rule.size,
                  "step %g, channel %d: %g, rule %g", step, o, d, rule.value);
    }
}

static bool row_is_zero(const float *row, int from, int to)
{
    for (int i = from; i < to; i++)
        if (row[i] != 0)
            return false;
    return true;
}

static void check_transposed(const NcaNetwork *n)
{
    bool same = true, padded = true;
    for (int k = 0; k < n->inputs; k++)
        for (int j = 0; j < n->hidden; j++)
            same &= n->w1[k * n->hidden_stride + j] == n->w1t[j * n->input_stride + k];
    for (int j = 0; j < n->hidden; j++)
        for (int o = 0; o < n->channels; o++)
            same &= n->w2[j * n->stride + o] == n->w2t[o * n->hidden_stride + j];
    for (int k = 0; k < n->inputs; k++)
        padded &= row_is_zero(n->w1 + k * n->hidden_stride, n->hidden, n->hidden_stride);
    for (int j = 0; j < n->hidden; j++) {
        padded &= row_is_zero(n->w2 + j * n->stride, n->channels, n->stride);
        padded &= row_is_zero(n->w1t + j * n->input_stride, n->inputs, n->input_stride);
    }
    for (int o = 0; o < n->channels; o++)
        padded &= row_is_zero(n->w2t + o * n->hidden_stride, n->hidden, n->hidden_stride);
    padded &= row_is_zero(n->b1, n->hidden, n->hidden_stride);
    padded &= row_is_zero(n->b2, n->channels, n->stride);
    CHECK(same && padded);
}

/* ------------------------------------------------------------- the adjoint */

/* Row by row, padding left out. */
static void add_inner(Sum *sum, const float *a, const float *b, int rows, int width,
                      int pitch)
{
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < width; i++)
            add(sum, (double)a[r * pitch + i] * b[r * pitch + i]);
}

/* <pack(w), g> = <w, unpack(g)>, where packing is linear.  g is noise in its padding,
 * too. */
static void check_adjoint(const NcaNetwork *n, const NcaModel *model, float angle,
                          float step)
{
    const NcaShape *s = nca_model_shape(model);
    NcaGradient g = {0};
    Sum packed = {0, 0}, own = {0, 0};
    size_t size = 0, at = 0;
    for (int t = 0; t < NCA_TENSORS; t++)
        size += nca_model_tensor_size(model, t);
    float *gradient = malloc((size + 1) * sizeof(float));
    for (size_t i = 0; i <= size; i++)
        gradient[i] = NAN;
    CHECK(nca_gradient_init(&g, n, NULL) == NCA_OK);
    for (size_t i = 0; i < g.size; i++)
        g.dw1[i] = (float)noise(30, i);
    nca_network_unpack_gradient(n, s, angle, step, &g, gradient);
    add_inner(&packed, n->w1, g.dw1, n->inputs, n->hidden, n->hidden_stride);
    add_inner(&packed, n->b1, g.db1, 1, n->hidden, 0);
    add_inner(&packed, n->w2, g.dw2, n->hidden, n->channels, n->stride);
    if (s->output_bias)
        add_inner(&packed, n->b2, g.db2, 1, n->channels, 0);
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++, at++)
            add(&own, (double)nca_model_tensor(model, t)[i] * gradient[at]);
    CHECK(isnan(gradient[size]));
    CHECK_MSG(fabs(packed.value - own.value) <= 1e-6 * (packed.size + own.size),
              "%d channels, %d hidden, %d bands, angle %g: %g packed, %g unpacked",
              n->channels, n->hidden, n->bands, angle, packed.value, own.value);
    nca_gradient_uninit(&g);
    free(gradient);
}

static void clear_model(NcaModel *model)
{
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(model, t); i++)
            nca_model_tensor_mut(model, t)[i] = 0;
}

/* The inner product is one number; a single weight finds what is in the wrong place. */
static void check_single(NcaModel *model, NcaNetwork *n, float angle, float step)
{
    for (int t = 0; t < NCA_TENSORS; t++) {
        size_t size = nca_model_tensor_size(model, t);
        for (int k = 0; k < 6 && size; k++) {
            clear_model(model);
            nca_model_tensor_mut(model, t)[nca_hash3(seed, t, k) % size] = 1;
            nca_network_pack(n, model, angle, step);
            check_adjoint(n, model, angle, step);
        }
    }
}

static void try_shape(const NcaShape *shape)
{
    static const float angles[] = {0, 17, 90, -135, 371.5f},
                       steps[] = {1, 0.5f, -2, 0, 1};
    NcaModel *model = random_model(shape, 1, seed);
    NcaNetwork network;
    CHECK(nca_network_init(&network, shape, false, NULL) == NCA_OK);
    for (int i = 0; i < 5; i++) {
        nca_network_pack(&network, model, angles[i], steps[i]);
        check_rule(&network, model, angles[i], steps[i]);
        check_transposed(&network);
        check_adjoint(&network, model, angles[i], steps[i]);
    }
    check_single(model, &network, 17, 0.5f);
    nca_network_uninit(&network);
    nca_model_free(&model);
}

int main(int argc, char **argv)
{
    NcaShape shapes[] = {nca_shape_default(), texture_shape(), isotropic_shape(),
                         tiny_shape(),        largest_shape(), texture_shape(),
                         tiny_shape()};
    NcaShape *swapped = &shapes[5], *lone = &shapes[6];
    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)seed);
    swapped->band[0] = NCA_BAND_SOBEL_Y;
    swapped->band[2] = NCA_BAND_IDENTITY;
    swapped->band_scale[0] = 0.125f;
    swapped->band_scale[2] = 0.5f;
    lone->bands = 2;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        try_shape(&shapes[i]);
    return test_end();
}
