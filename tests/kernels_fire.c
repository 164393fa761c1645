/* SPDX-License-Identifier: MIT
 *
 * Which cells fire: every level beside the plain one, bit for bit.
 * The argument is the random seed. */
#include <time.h>

#include "kernels.h"
#include "random.h"
#include "test.h"

static uint64_t seed;

static uint64_t wanted_word(int pattern, int i)
{
    switch (pattern) {
    case 0:
        return 0;
    case 1:
        return ~(uint64_t)0;
    case 2:
        return nca_hash3(seed, 30, i);
    case 3:
        return (uint64_t)1 << nca_hash3(seed, 31, i) % 64;
    default:
        return i % 2 ? 0 : nca_hash3(seed, 32, i);
    }
}

static void try_fire(const NcaKernels *k, int words, int pattern, uint32_t key,
                     uint32_t limit)
{
    uint64_t wanted[10], plain[10], got[10], aliased[10];
    for (int i = 0; i < 10; i++) {
        wanted[i] = wanted_word(pattern, i);
        plain[i] = got[i] = 0xa5a5a5a5a5a5a5a5;
    }
    memcpy(aliased, wanted, sizeof(wanted));
    nca_kernels_at(0)->fire(plain, wanted, words, key, limit);
    k->fire(got, wanted, words, key, limit);
    k->fire(aliased, aliased, words, key, limit);
    CHECK_MSG(!memcmp(plain, got, sizeof(plain)), "%s, %d words, pattern %d, limit %u",
              k->name, words, pattern, limit);
    CHECK_MSG(!memcmp(plain, aliased, 8 * (size_t)words) &&
                  !memcmp(wanted + words, aliased + words, 8 * (size_t)(10 - words)),
              "%s in place, %d words, pattern %d, limit %u", k->name, words, pattern,
              limit);
    for (int i = 0; i < words; i++)
        CHECK(limit ? limit < 1 << 24 || plain[i] == wanted[i] : !plain[i]);
}

/* The last two limits part a cell from those below and above it. */
static void test_fire(const NcaKernels *k)
{
    for (uint32_t r = 0; r < 40; r++) {
        uint32_t key = (uint32_t)nca_hash3(seed, 33, r),
                 edge = nca_fire_hash(key, r % 64);
        uint32_t limits[] = {0, 1, 1 << 23, 1 << 24, edge, edge + 1};
        for (int l = 0; l < 6; l++)
            for (int pattern = 0; pattern < 5; pattern++)
                try_fire(k, (int)(r % 9) + 1, pattern, key, limits[l]);
    }
}

int main(int argc, char **argv)
{
    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL);
    printf("seed %llu\n", (unsigned long long)seed);
    for (int i = 1; nca_kernels_at(i); i++) {
        printf("level %s\n", nca_kernels_at(i)->name);
        CHECK(nca_kernels_at(i)->fire != nca_kernels_at(0)->fire);
        test_fire(nca_kernels_at(i));
    }
    return test_end();
}
