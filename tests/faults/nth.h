/* SPDX-License-Identifier: MIT
 *
 * The Nth allocation of the whole program fails, whoever asks: libnca, jansson, the C
 * library.  With NTH_WRAP, for programs linked with -Wl,--wrap=… (a sanitizer has an
 * allocator of its own), only what asks from the program's own objects.  With NTH_FROM
 * those count of which nth_is_from says so.  Blocks held are counted. */
#ifndef NCA_TEST_NTH_H
#define NCA_TEST_NTH_H

#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* `then_all`: all after it fail, too. */
static struct {
    atomic_bool counting, then_all;
    atomic_long asked, fails_at, failed, held;
} nth;

#ifdef NTH_FROM
#define NTH_FAILS() nth_fails(__builtin_return_address(0))
#else
#define NTH_FAILS() nth_fails(NULL)
#endif

static inline bool nth_fails(const void *caller)
{
    if (!atomic_load(&nth.counting))
        return false;
#ifdef NTH_FROM
    if (!nth_is_from(caller))
        return false;
#else
    (void)caller;
#endif
    long number = atomic_fetch_add(&nth.asked, 1), at = atomic_load(&nth.fails_at);
    if (number != at && !(atomic_load(&nth.then_all) && number > at))
        return false;
    atomic_fetch_add(&nth.failed, 1);
    errno = ENOMEM;
    return true;
}

static inline void *nth_given(void *block)
{
    if (block && atomic_load(&nth.counting))
        atomic_fetch_add(&nth.held, 1);
    return block;
}

#ifdef NTH_WRAP
#define OURS(function) __wrap_##function
#define THEIRS(function) __real_##function
#define THEIR_ALIGNED __real_aligned_alloc
#else
#define OURS(function) function
#define THEIRS(function) __libc_##function
#define THEIR_ALIGNED __libc_memalign
#endif

void *THEIRS(malloc)(size_t size);
void *THEIRS(calloc)(size_t count, size_t size);
void *THEIRS(realloc)(void *block, size_t size);
void *THEIR_ALIGNED(size_t alignment, size_t size);
void THEIRS(free)(void *block);
void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t count, size_t size);
void *OURS(realloc)(void *block, size_t size);
void *OURS(aligned_alloc)(size_t alignment, size_t size);
void OURS(free)(void *block);

void *OURS(malloc)(size_t size)
{
    return NTH_FAILS() ? NULL : nth_given(THEIRS(malloc)(size));
}

void *OURS(calloc)(size_t count, size_t size)
{
    return NTH_FAILS() ? NULL : nth_given(THEIRS(calloc)(count, size));
}

void *OURS(realloc)(void *block, size_t size)
{
    if (NTH_FAILS())
        return NULL;
    void *moved = THEIRS(realloc)(block, size);
    return block ? moved : nth_given(moved);
}

void *OURS(aligned_alloc)(size_t alignment, size_t size)
{
    return NTH_FAILS() ? NULL : nth_given(THEIR_ALIGNED(alignment, size));
}

void OURS(free)(void *block)
{
    if (block && atomic_load(&nth.counting))
        atomic_fetch_sub(&nth.held, 1);
    THEIRS(free)(block);
}

#ifndef NTH_WRAP
/* The whole set, as the C library wants it of who brings an allocator. */
int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *got = NTH_FAILS() ? NULL : nth_given(THEIR_ALIGNED(alignment, size));
    if (!got)
        return ENOMEM;
    *block = got;
    return 0;
}

void *memalign(size_t alignment, size_t size)
{
    return NTH_FAILS() ? NULL : nth_given(THEIR_ALIGNED(alignment, size));
}
#endif

static inline void nth_begin(long fails_at, bool then_all)
{
#ifdef NTH_WRAP
    json_set_alloc_funcs(OURS(malloc), OURS(free));
#endif
    atomic_store(&nth.asked, 0);
    atomic_store(&nth.failed, 0);
    atomic_store(&nth.held, 0);
    atomic_store(&nth.fails_at, fails_at);
    atomic_store(&nth.then_all, then_all);
    atomic_store(&nth.counting, true);
}

/* Returns how many blocks are held since nth_begin. */
static inline long nth_end(void)
{
    atomic_store(&nth.counting, false);
    return atomic_load(&nth.held);
}

#endif
