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
#include <unistd.h>

#include "program.h"

static struct {
    sigset_t signals;
    pthread_t thread;
    bool watching;
    atomic_bool wished;
    void (*wake)(void *);
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
    pthread_sigmask(SIG_BLOCK, &stop.signals, NULL);
}

/* timeout(1) signals its child and then its group: what comes at once is one wish. */
static void drain(void)
{
    static const struct timespec half_a_second = {.tv_nsec = 500000000}, at_once = {0};
    nanosleep(&half_a_second, NULL);
    while (sigtimedwait(&stop.signals, NULL, &at_once) > 0)
        ;
}

/* Keeps nothing on the stack: the thread is cancelled, and the address sanitizer would
 * take what is left there for an error. */
static void *watch(void *nothing)
{
    while (sigwaitinfo(&stop.signals, NULL) < 0)
        ;
    atomic_store(&stop.wished, true);
    stop.wake(stop.arg);
    drain();
    pthread_sigmask(SIG_UNBLOCK, &stop.signals, NULL);
    for (;;)
        pause();
    return nothing;
}

int stop_watch(void (*wake)(void *arg), void *arg)
{
    stop.wake = wake;
    stop.arg = arg;
    int reason = pthread_create(&stop.thread, NULL, watch, NULL);
    if (reason)
        return complain(NULL, "no thread: %s", strerror(reason));
    stop.watching = true;
    return EXIT_GOOD;
}

void stop_unwatch(void)
{
    if (!stop.watching)
        return;
    pthread_cancel(stop.thread);
    pthread_join(stop.thread, NULL);
    stop.watching = false;
}

bool stop_wished(void)
{
    return atomic_load(&stop.wished);
}
