/* SPDX-License-Identifier: MIT
 *
 * One thread waits for the signals, so that nothing has to be safe inside a handler.
 * After the first it lets them through to itself, where they do what they do by default.
 */
#include "stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "program.h"
#include "progress.h"

/* Ignored where it is not blocked, and it does no harm that it is sent. */
enum { END = SIGURG };

static struct {
    sigset_t signals, end, all;
    pthread_t thread;
    bool watching;
    atomic_int wished; /* the signal; 0: none came */
    atomic_bool ended;
    bool (*wake)(void *);
    void *arg;
} stop;

void stop_block(void)
{
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP};
    sigemptyset(&stop.signals);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct sigaction action;
        /* A signal that is both ignored and blocked would still be seen by sigwaitinfo.
         */
        if (sigaction(wanted[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&stop.signals, wanted[i]);
    }
    sigemptyset(&stop.end);
    sigaddset(&stop.end, END);
    sigorset(&stop.all, &stop.signals, &stop.end);
    pthread_sigmask(SIG_BLOCK, &stop.all, NULL);
}

/* Anybody may send that signal; it counts when it is ours. */
static bool is_end(int signal)
{
    return signal == END && atomic_load(&stop.ended);
}

/* The signal; 0: the end came. */
static int await(const sigset_t *signals)
{
    int signal;
    do
        signal = sigwaitinfo(signals, NULL);
    while (signal < 0 || (signal == END && !is_end(signal)));
    return signal != END ? signal : 0;
}

/* timeout(1) signals its child and then its group: what comes within half a second is one
 * wish.  False: the end came. */
static bool drain(void)
{
    double end = seconds_now() + 0.5;
    for (double left = 0.5; left > 0; left = end - seconds_now()) {
        struct timespec wait = {.tv_nsec = (long)(left * 1e9)};
        if (is_end(sigtimedwait(&stop.all, NULL, &wait)))
            return false;
    }
    return true;
}

static void *watch(void *nothing)
{
    int signal = await(&stop.all);
    if (!signal)
        return nothing;
    atomic_store(&stop.wished, signal);
    if (!stop.wake(stop.arg))
        stop_obey();
    if (!drain())
        return nothing;
    pthread_sigmask(SIG_UNBLOCK, &stop.signals, NULL);
    await(&stop.end);
    return nothing;
}

int stop_watch(bool (*wake)(void *arg), void *arg)
{
    stop.wake = wake;
    stop.arg = arg;
    int reason = pthread_create(&stop.thread, NULL, watch, NULL);
    if (reason)
        return complain(NULL, "no thread: %s", strerror(reason));
    stop.watching = true;
    return EXIT_GOOD;
}

/* Not by pthread_cancel: glibc loads a library for that, and aborts without memory for
 * it. */
void stop_unwatch(void)
{
    if (!stop.watching)
        return;
    atomic_store(&stop.ended, true);
    pthread_kill(stop.thread, END);
    pthread_join(stop.thread, NULL);
    stop.watching = false;
}

bool stop_wished(void)
{
    return atomic_load(&stop.wished) != 0;
}

void stop_obey(void)
{
    int signal = atomic_load(&stop.wished);
    pthread_sigmask(SIG_UNBLOCK, &stop.signals, NULL);
    if (signal)
        raise(signal);
}
