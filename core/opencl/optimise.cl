/* SPDX-License-Identifier: MIT
 *
 * The optimiser, as adam.c has it, on the mean of the batch's gradients.  Weights and all
 * that goes with them lie as in the network, but without the scale of the bands.  Tensors
 * are counted in that order: w1, w2, b1, b2. */

#define PARAMETERS (B2 + QUADS) /* float4 of them */
#define LANES 64                /* sums of a tensor, whatever the group */

/* NcaAdamStep. */
typedef struct Adam {
    float norm_epsilon, usual_share, usual_part, loud, m_part, v_part, alpha, epsilon;
} Adam;

/* What is told of an update. */
typedef struct Told {
    float usual[4];  /* norms of the tensors' gradients */
    float factor[4]; /* what makes them count alike */
    int made;        /* 0: the gradient was not finite */
} Told;

static inline int begin_of(int tensor)
{
    const int begin[5] = {W1, W2, B1, B2, PARAMETERS};
    return begin[tensor];
}

static inline int tensor_of(int parameter)
{
    return (parameter >= W2) + (parameter >= B1) + (parameter >= B2);
}

/* Of a band, where it is one of w1's. */
static inline float scale_of(int parameter, float4 bands)
{
    int band = parameter % INPUTS / CHANNELS;
    if (parameter >= W2)
        return 1;
    return band == 0 ? bands.x : band == 1 ? bands.y : band == 2 ? bands.z : bands.w;
}

/* Of w2, or of b2 where the hidden unit is the one that is 1; from the rows that
 * weights_back has, each of a channel. */
static inline float4 gradient_of_output(global const float4 *sums, int unit, int quad)
{
    const int row = COLUMNS2 * 4;
    global const float *w2 = (global const float *)(sums + PART_FIRST);
    w2 += quad * 4 * row + unit;
    return (float4)(w2[0], w2[row], w2[2 * row], w2[3 * row]);
}

static inline float4 gradient_of(global const float4 *sums, int p)
{
    switch (tensor_of(p)) {
    case 0:
        return sums[p % INPUTS * COLUMNS1 + p / INPUTS];
    case 1:
        return gradient_of_output(sums, (p - W2) / QUADS, (p - W2) % QUADS);
    case 2:
        return sums[INPUTS * COLUMNS1 + p - B1];
    default:
        return gradient_of_output(sums, HIDDEN4 * 4, p - B2);
    }
}

/* id: a parameter. */
kernel void mean_gradient(global const float4 *sums, int worlds, float4 bands,
                          int output_bias, global float4 *gradient)
{
    int p = (int)get_global_id(0);
    float4 sum = 0;
    for (int world = 0; world < worlds; world++)
        sum += gradient_of(sums + (size_t)world * PART_SIZE, p);
    if (p >= B2 && !output_bias)
        sum = 0;
    gradient[p] = scale_of(p, bands) * sum / (float)worlds;
}

static inline float lane_largest(global const float4 *gradient, int tensor, int lane)
{
    float largest = 0;
    for (int p = begin_of(tensor) + lane; p < begin_of(tensor + 1); p += LANES) {
        float4 g = fabs(gradient[p]);
        largest = fmax(largest, fmax(fmax(g.x, g.y), fmax(g.z, g.w)));
    }
    return largest;
}

/* Of the values over `unit`. */
static inline float lane_squares(global const float4 *gradient, int tensor, int lane,
                                 float unit)
{
    float sum = 0;
    for (int p = begin_of(tensor) + lane; p < begin_of(tensor + 1); p += LANES) {
        float4 g = gradient[p] / unit;
        sum += (g.x * g.x + g.y * g.y) + (g.z * g.z + g.w * g.w);
    }
    return sum;
}

static inline float largest_of(local const float *lanes)
{
    float largest = 0;
    for (int lane = 0; lane < LANES; lane++)
        largest = fmax(largest, lanes[lane]);
    return largest;
}

static inline float sum_of(local const float *lanes)
{
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* Norms of the tensors, as those of their values over the largest, whose squares do not
 * overflow, and what follows of them; one group.  What is not a number makes its norm
 * none. */
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
normalise(Adam adam, global const float4 *gradient, global Told *told)
{
    local float largest[4 * LANES], squares[4 * LANES];
    int item = (int)get_local_id(0);
    for (int k = item; k < 4 * LANES; k += GROUP)
        largest[k] = lane_largest(gradient, k / LANES, k % LANES);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = item; k < 4 * LANES; k += GROUP) {
        float unit = largest_of(largest + k / LANES * LANES);
        squares[k] = lane_squares(gradient, k / LANES, k % LANES, unit > 0 ? unit : 1);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item > 0)
        return;
    float norm[4];
    bool finite = true;
    for (int t = 0; t < 4; t++) {
        norm[t] = largest_of(largest + t * LANES) * sqrt(sum_of(squares + t * LANES));
        finite = finite && isfinite(norm[t]);
    }
    told->made = finite;
    for (int t = 0; t < 4 && finite; t++) {
        float usual = told->usual[t];
        usual = usual > 0
                    ? usual + (fmin(norm[t], adam.loud * usual) - usual) * adam.usual_part
                    : norm[t];
        told->usual[t] = usual;
        told->factor[t] = 1 / (norm[t] + adam.usual_share * usual + adam.norm_epsilon);
    }
}

/* learnt [3][PARAMETERS]: weights, m and v; id: a parameter. */
kernel void adam_step(Adam adam, global const float4 *gradient, global const Told *told,
                      global float4 *learnt)
{
    int p = (int)get_global_id(0);
    if (!told->made)
        return;
    float4 g = gradient[p] * told->factor[tensor_of(p)];
    float4 m = learnt[PARAMETERS + p], v = learnt[2 * PARAMETERS + p];
    m += (g - m) * adam.m_part;
    v += (g * g - v) * adam.v_part;
    learnt[p] -= adam.alpha * m / (sqrt(v) + adam.epsilon);
    learnt[PARAMETERS + p] = m;
    learnt[2 * PARAMETERS + p] = v;
}

/* The network of these weights; id: a parameter. */
kernel void put_network(global const float4 *learnt, float4 bands, global float4 *network)
{
    int p = (int)get_global_id(0);
    network[p] = scale_of(p, bands) * learnt[p];
}
