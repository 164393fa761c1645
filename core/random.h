/* SPDX-License-Identifier: MIT
 *
 * Every random decision is a hash of what it is for (design: no streams), so that it does
 * not depend on threads, on the order of work, or on what was decided before.
 * 64 bits: the finaliser of splitmix64 (Steele, Lea, Flood 2014).  32 bits, one a cell:
 * a multiply-xorshift finaliser (Wellons, "hash prospector", 2018). */
#ifndef NCA_RANDOM_H
#define NCA_RANDOM_H

#include <stdint.h>

static inline uint64_t nca_hash(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* A hash of three things. */
static inline uint64_t nca_hash3(uint64_t a, uint64_t b, uint64_t c)
{
    return nca_hash(nca_hash(nca_hash(a) ^ b) ^ c);
}

/* What all cells of one row share in one step. */
static inline uint32_t nca_fire_row_key(uint64_t seed, int64_t step, int y)
{
    return (uint32_t)nca_hash3(seed, (uint64_t)step, (uint64_t)y);
}

#define NCA_FIRE_STRIDE 0x9e3779b9u

/* The key under which cell 0 is what cell x was. */
static inline uint32_t nca_fire_skip(uint32_t row_key, uint32_t x)
{
    return row_key + x * NCA_FIRE_STRIDE;
}

/* 24 uniform bits of the cell x in that row. */
static inline uint32_t nca_fire_hash(uint32_t row_key, uint32_t x)
{
    uint32_t h = nca_fire_skip(row_key, x);
    h = (h ^ (h >> 16)) * 0x7feb352du;
    h = (h ^ (h >> 15)) * 0x846ca68bu;
    return h >> 8;
}

/* A cell fires where its hash is below this: 0 never, 2^24 always. */
static inline uint32_t nca_fire_limit(float rate)
{
    return (uint32_t)((double)rate * 16777216.0 + 0.5);
}

/* Uniform in [0, 1) of a 64-bit hash. */
static inline double nca_uniform(uint64_t hash)
{
    return (double)(hash >> 11) * 0x1p-53;
}

#endif
