/* SPDX-License-Identifier: MIT
 *
 * Fused multiply-adds on registers, and nothing else: 256 a round. */
kernel void peak(global float *sink, float factor, int rounds)
{
    float a[16];
    float sum = 0;
    for (int k = 0; k < 16; k++)
        a[k] = (float)get_global_id(0) + k;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < 16; i++)
            for (int k = 0; k < 16; k++)
                a[k] = fma(a[k], factor, 1.0f);
    for (int k = 0; k < 16; k++)
        sum += a[k];
    if (sum == -1)
        sink[0] = sum;
}
