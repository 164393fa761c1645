/* SPDX-License-Identifier: MIT
 *
 * To be preloaded: the time of day leaps by hours, back and forth, with every look at it;
 * and the clock that is never set goes on by NCA_PAUSE seconds at the NCA_PAUSE_AT-th
 * look, as where the process was stopped, and with NCA_PAUSES by as much again at each
 * look after that, as where all has become slow. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long leap(void)
{
    static atomic_long looks;
    static const long hours[] = {0, 5, -9, 1, -100, 30000, -2};
    return hours[atomic_fetch_add(&looks, 1) % 7] * 3600;
}

static long pause_so_far(void)
{
    static atomic_long looks;
    const char *seconds = getenv("NCA_PAUSE"), *at = getenv("NCA_PAUSE_AT");
    if (!seconds || !at)
        return 0;
    long pauses = atomic_fetch_add(&looks, 1) - atol(at) + 1;
    if (pauses > 1 && !getenv("NCA_PAUSES"))
        pauses = 1;
    return pauses > 0 ? pauses * atol(seconds) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (clock == CLOCK_REALTIME)
        time->tv_sec += leap();
    else if (clock == CLOCK_MONOTONIC)
        time->tv_sec += pause_so_far();
    return result;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}
