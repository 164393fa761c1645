/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C and its like (SIGINT, SIGTERM, SIGHUP) as a wish to end soon; the second one
 * kills at once.  A signal that was ignored when the program began stays ignored. */
#ifndef NCA_STOP_H
#define NCA_STOP_H

#include <stdbool.h>

/* Holds the signals back from this thread and all it makes: to be called before any. */
void stop_block(void);

/* Watches for them until stop_unwatch.  wake(arg) is called once from another thread;
 * where it says that there is nothing to stop yet, the signal does what it does by
 * default.  Returns an exit status. */
int stop_watch(bool (*wake)(void *arg), void *arg);
void stop_unwatch(void);

bool stop_wished(void);

/* Ends the process by the signal that wished it, as it would have without all this; for
 * others than the watch after stop_unwatch. */
void stop_obey(void);

#endif
