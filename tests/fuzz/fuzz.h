/* SPDX-License-Identifier: MIT
 *
 * What fuzzing programs share.  Each is one function that takes any bytes and aborts
 * where a promise is broken; libFuzzer calls it, or replay.c, which gives it the files of
 * a corpus. */
#ifndef NCA_TEST_FUZZ_H
#define NCA_TEST_FUZZ_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever came in. */
#define MUST(condition)                                                                  \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: not %s\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                     \
        }                                                                                \
    } while (0)

/* How many inputs were accepted so far: in a corpus where none is, the door is tried and
 * nothing behind it. */
extern long fuzz_accepted;

/* A file of this process's own, for what is read or written by its path.  It goes away
 * when the program ends. */
const char *fuzz_path(void);
void fuzz_write(const uint8_t *data, size_t size); /* to that file */

#endif
