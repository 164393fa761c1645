/* SPDX-License-Identifier: MIT
 *
 * The pool: every index once, whatever the counts and threads; many tiny runs in a row;
 * no run ends before its jobs; runs inside runs. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "nca.h"
#include "test.h"

enum { COUNT_MOST = 1000, TINY_RUNS = 200000 };

typedef struct Tally {
    atomic_int times[COUNT_MOST];
    int plain[COUNT_MOST]; /* not atomic: a job must have happened before the run ends */
} Tally;

static void tally(void *arg, int index)
{
    Tally *t = arg;
    atomic_fetch_add(&t->times[index], 1);
    t->plain[index]++;
}

static bool each_is(const Tally *t, int count, int times)
{
    for (int i = 0; i < COUNT_MOST; i++) {
        int expected = i < count ? times : 0;
        if (atomic_load(&t->times[i]) != expected || t->plain[i] != expected)
            return false;
    }
    return true;
}

static NcaPool *pool_of(int threads)
{
    NcaPool *pool = NULL;
    NcaError error = {""};
    CHECK_MSG(nca_pool_new(&pool, threads, &error) == NCA_OK, "%s", error.text);
    return pool;
}

static void test_counts(void)
{
    for (int threads = 1; threads <= 9; threads += threads < 4 ? 1 : 5) {
        NcaPool *pool = pool_of(threads);
        CHECK(nca_pool_threads(pool) == threads);
        for (int count = 0; count <= COUNT_MOST; count += count < 20 ? 1 : 245) {
            Tally t = {.plain = {0}};
            nca_pool_run(pool, tally, &t, count);
            CHECK_MSG(each_is(&t, count, 1), "%d threads, %d jobs", threads, count);
            nca_pool_run(pool, tally, &t, count);
            CHECK_MSG(each_is(&t, count, 2), "%d threads, %d jobs", threads, count);
        }
        nca_pool_free(&pool);
        CHECK(pool == NULL);
    }
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A lost wake-up ends in the time limit of the test.  Pauses of all lengths between the
 * runs, so that threads are met while they spin, as they fall asleep, and asleep. */
static void test_tiny_runs(int threads, int runs)
{
    NcaPool *pool = pool_of(threads);
    Tally t = {.plain = {0}};
    double begin = seconds();
    for (int i = 0; i < runs; i++) {
        nca_pool_run(pool, tally, &t, 4);
        if (i % 16 == 0)
            for (double end = seconds() + i % 97 * 1e-6; seconds() < end;)
                ;
    }
    CHECK(each_is(&t, 4, runs));
    printf("%d threads: %d runs of 4 jobs, %.2f us each\n", threads, runs,
           (seconds() - begin) / runs * 1e6);
    nca_pool_free(&pool);
}

/* A job that is slower than the others is waited for. */
static void slow(void *arg, int index)
{
    struct timespec t = {0, 2000000};
    if (index == 0)
        nanosleep(&t, NULL);
    tally(arg, index);
}

static void test_slow_job(void)
{
    for (int threads = 2; threads <= 5; threads++) {
        NcaPool *pool = pool_of(threads);
        Tally t = {.plain = {0}};
        for (int i = 1; i <= 20; i++) {
            nca_pool_run(pool, slow, &t, 10);
            CHECK(each_is(&t, 10, i));
        }
        nca_pool_free(&pool);
    }
}

/* The first job waits for all others, those of its own thread's part too: the caller must
 * take part, and a thread without work must take from one that is held up. */
static void last_of_all(void *arg, int index)
{
    atomic_int *others = arg;
    if (index > 0) {
        atomic_fetch_add(others, 1);
        return;
    }
    for (double end = seconds() + 5; atomic_load(others) < 9 && seconds() < end;)
        usleep(100);
    if (atomic_load(others) < 9)
        atomic_store(others, -100);
}

static void test_held_up(void)
{
    NcaPool *pool = pool_of(2);
    atomic_int others = 0;
    nca_pool_run(pool, last_of_all, &others, 10);
    CHECK(atomic_load(&others) == 9);
    nca_pool_free(&pool);
}

typedef struct Nest {
    NcaPool *pool;
    Tally *tally;
    atomic_bool foreign; /* an inner job ran on another thread than its run */
} Nest;

typedef struct Inner {
    Nest *nest;
    pthread_t thread;
} Inner;

static void inner(void *arg, int index)
{
    Inner *n = arg;
    if (!pthread_equal(n->thread, pthread_self()))
        atomic_store(&n->nest->foreign, true);
    atomic_fetch_add(&n->nest->tally->times[index], 1);
}

static void outer(void *arg, int index)
{
    Inner n = {arg, pthread_self()};
    (void)index;
    nca_pool_run(n.nest->pool, inner, &n, 7);
}

static void test_nested(void)
{
    Tally t = {.plain = {0}};
    Nest n = {.pool = pool_of(3), .tally = &t};
    for (int i = 0; i < 100; i++)
        nca_pool_run(n.pool, outer, &n, 20);
    for (int i = 0; i < 7; i++)
        CHECK(atomic_load(&t.times[i]) == 2000);
    CHECK(!atomic_load(&n.foreign));
    nca_pool_free(&n.pool);
}

/* Idle threads sleep: in 200 ms the process uses far less than that. */
static void test_idle(void)
{
    struct timespec before, after, pause = {0, 200000000};
    Tally t = {.plain = {0}};
    NcaPool *pool = pool_of(0);
    nca_pool_run(pool, tally, &t, 8);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    nanosleep(&pause, NULL);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double used = (double)(after.tv_sec - before.tv_sec) +
                  1e-9 * (double)(after.tv_nsec - before.tv_nsec);
    CHECK_MSG(used < 0.01 * nca_pool_threads(pool), "%g s", used);
    nca_pool_free(&pool);
}

static void test_arguments(void)
{
    NcaPool *pool = NULL;
    NcaError error;
    CHECK(nca_pool_new(&pool, -1, &error) == NCA_ERR_ARGUMENT &&
          strstr(error.text, "-1"));
    CHECK(nca_pool_new(&pool, 257, NULL) == NCA_ERR_ARGUMENT && pool == NULL);
    nca_pool_free(&pool);
    pool = pool_of(256);
    Tally t = {.plain = {0}};
    nca_pool_run(pool, tally, &t, COUNT_MOST);
    CHECK(each_is(&t, COUNT_MOST, 1));
    nca_pool_free(&pool);
    for (int i = 0; i < 200; i++) {
        pool = pool_of(4);
        nca_pool_free(&pool);
    }
}

int main(void)
{
    test_counts();
    test_tiny_runs(2, TINY_RUNS);
    test_tiny_runs(5, TINY_RUNS / 10);
    test_slow_job();
    test_held_up();
    test_nested();
    test_idle();
    test_arguments();
    return test_end();
}
