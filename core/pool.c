/* SPDX-License-Identifier: MIT
 *
 * A small pool of threads.  Each thread begins with its own part of the indices, the same
 * from run to run, so that what it touched last is still in its cache; then it takes from
 * the others.  A run ends with its last job: a thread that wakes too late is not waited
 * for, it finds nothing open.
 *
 * A step of the automaton makes several short runs in a row: a thread without work looks
 * for more for some microseconds before it sleeps.  No wake-up is lost, as who goes to
 * sleep says so before the last look, and who has news looks for sleepers after it is
 * out; both in sequentially consistent order. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "nca.h"
#include "status.h"

enum { LOOKS = 32, SPIN_NANOSECONDS = 50000 };

/* A thread and its part.  open: how many indices of the part are not taken yet, and above
 * them 32 bits that differ from run to run.  Who has changed open from a value read
 * before job, arg and count knows that these were of the same run. */
typedef struct Thread {
    _Alignas(64) _Atomic uint64_t open;
    NcaPool *pool;
    pthread_t id;
} Thread;

struct NcaPool {
    int threads; /* the caller's counted */
    bool spins;
    _Atomic(void (*)(void *, int)) job;
    _Atomic(void *) arg;
    atomic_int count;
    _Alignas(64) atomic_uint round; /* rises with every run */
    atomic_int sleepers;
    atomic_bool quit;
    _Alignas(64) atomic_int left; /* jobs of this run that are not done */
    atomic_bool waiting;          /* the caller sleeps, or is about to */
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
    Thread thread[];
};

static _Thread_local bool inside; /* a job runs on this thread, or may */

/* ----------------------------------------------------------------- waiting */

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool has_round(NcaPool *p, unsigned seen)
{
    return atomic_load(&p->round) != seen;
}

static bool is_done(NcaPool *p, unsigned unused)
{
    (void)unused;
    return atomic_load(&p->left) == 0;
}

/* Looks for a while; whether it came true. */
static bool spin(NcaPool *p, bool (*come)(NcaPool *p, unsigned seen), unsigned seen)
{
    if (come(p, seen))
        return true;
    if (!p->spins)
        return false;
    for (int64_t end = nanoseconds() + SPIN_NANOSECONDS; nanoseconds() < end;)
        for (int i = 0; i < LOOKS; i++) {
            if (come(p, seen))
                return true;
            relax();
        }
    return false;
}

/* Returns the first round that is not `seen`. */
static unsigned await_round(NcaPool *p, unsigned seen)
{
    if (!spin(p, has_round, seen)) {
        pthread_mutex_lock(&p->mutex);
        atomic_fetch_add(&p->sleepers, 1);
        while (!has_round(p, seen))
            pthread_cond_wait(&p->wake, &p->mutex);
        atomic_fetch_sub(&p->sleepers, 1);
        pthread_mutex_unlock(&p->mutex);
    }
    return atomic_load(&p->round);
}

static void begin_round(NcaPool *p)
{
    atomic_fetch_add(&p->round, 1);
    if (atomic_load(&p->sleepers) == 0)
        return;
    pthread_mutex_lock(&p->mutex);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->mutex);
}

static void await_done(NcaPool *p)
{
    if (spin(p, is_done, 0))
        return;
    pthread_mutex_lock(&p->mutex);
    atomic_exchange(&p->waiting, true); /* qemu lets loads overtake an atomic_store */
    while (!is_done(p, 0))
        pthread_cond_wait(&p->done, &p->mutex);
    atomic_store(&p->waiting, false);
    pthread_mutex_unlock(&p->mutex);
}

static void finish(NcaPool *p, int jobs)
{
    if (jobs == 0 || atomic_fetch_sub(&p->left, jobs) != jobs ||
        !atomic_load(&p->waiting))
        return;
    pthread_mutex_lock(&p->mutex);
    pthread_cond_signal(&p->done);
    pthread_mutex_unlock(&p->mutex);
}

/* ----------------------------------------------------------------- working */

/* The index behind the last of a part. */
static int part_end(int count, int part, int parts)
{
    return (int)((int64_t)count * (part + 1) / parts);
}

/* Does what is open in one part; returns how many jobs that were. */
static int take_part(NcaPool *p, int part)
{
    int jobs = 0;
    _Atomic uint64_t *open = &p->thread[part].open;
    for (uint64_t now = atomic_load(open); (uint32_t)now != 0;) {
        void (*job)(void *, int) = atomic_load(&p->job);
        void *arg = atomic_load(&p->arg);
        int end = part_end(atomic_load(&p->count), part, p->threads);
        if (!atomic_compare_exchange_weak(open, &now, now - 1))
            continue;
        job(arg, end - (int)(uint32_t)now);
        jobs++;
        now = atomic_load(open);
    }
    return jobs;
}

static void take(NcaPool *p, int me)
{
    int jobs = 0;
    for (int k = 0; k < p->threads; k++)
        jobs += take_part(p, (me + k) % p->threads);
    finish(p, jobs);
}

static void *work(void *arg)
{
    Thread *me = arg;
    NcaPool *p = me->pool;
    inside = true;
    for (unsigned seen = 0;;) {
        seen = await_round(p, seen);
        if (atomic_load(&p->quit))
            return NULL;
        take(p, (int)(me - p->thread));
    }
}

/* A run from inside a job is done by the thread that asks for it. */
void nca_pool_run(void *pool, void (*job)(void *arg, int index), void *arg, int count)
{
    NcaPool *p = pool;
    if (p->threads == 1 || count <= 1 || inside) {
        for (int i = 0; i < count; i++)
            job(arg, i);
        return;
    }
    uint64_t mark = (uint64_t)(atomic_load(&p->round) + 1) << 32;
    atomic_store(&p->job, job);
    atomic_store(&p->arg, arg);
    atomic_store(&p->count, count);
    atomic_store(&p->left, count);
    for (int t = 0, first = 0, end; t < p->threads; t++, first = end) {
        end = part_end(count, t, p->threads);
        atomic_store(&p->thread[t].open, mark | (uint32_t)(end - first));
    }
    inside = true;
    begin_round(p);
    take(p, 0);
    await_done(p);
    inside = false;
}

/* -------------------------------------------------------------- life cycle */

int nca_pool_threads(const NcaPool *pool)
{
    return pool->threads;
}

static int processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

/* The host's signals are for the host's threads. */
static bool start_threads(NcaPool *p, int threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int started = 1;
    for (; started < threads; started++) {
        Thread *t = &p->thread[started];
        if (pthread_create(&t->id, NULL, work, t) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    p->threads = started;
    return started == threads;
}

NcaStatus nca_pool_new(NcaPool **out, int threads, NcaError *error)
{
    int cores = processors();
    if (threads < 0 || threads > NCA_THREADS_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "%d threads, 1 … %d are possible",
                        threads, NCA_THREADS_MAX);
    threads = threads ? threads : cores < NCA_THREADS_MAX ? cores : NCA_THREADS_MAX;
    size_t size = sizeof(NcaPool) + (size_t)threads * sizeof(Thread);
    NcaPool *p = aligned_alloc(64, size);
    if (!p)
        return nca_fail_memory(error, "a pool of threads");
    *p = (NcaPool){.spins = threads <= cores};
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->done, NULL);
    for (int t = 0; t < threads; t++)
        p->thread[t] = (Thread){.pool = p};
    if (!start_threads(p, threads)) {
        nca_pool_free(&p);
        return nca_fail(error, NCA_ERR_MEMORY, "the system allows no %d threads",
                        threads);
    }
    *out = p;
    return NCA_OK;
}

void nca_pool_free(NcaPool **pool)
{
    NcaPool *p = *pool;
    if (!p)
        return;
    atomic_store(&p->quit, true);
    begin_round(p);
    for (int t = 1; t < p->threads; t++)
        pthread_join(p->thread[t].id, NULL);
    pthread_mutex_destroy(&p->mutex);
    pthread_cond_destroy(&p->wake);
    pthread_cond_destroy(&p->done);
    free(p);
    *pool = NULL;
}
