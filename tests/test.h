/* SPDX-License-Identifier: MIT
 *
 * What all test programs share: CHECK goes on after a failure and says where; the program
 * ends with `return test_end();`.  Exit status 77 is "skipped". */
#ifndef NCA_TEST_H
#define NCA_TEST_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_failures;

#define TEST_SKIP 77

#define CHECK(condition) CHECK_MSG(condition, "%s", "")
#define CHECK_MSG(condition, ...)                                                        \
    do {                                                                                 \
        if (!(condition))                                                                \
            test_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                      \
    } while (0)

__attribute__((format(printf, 4, 5), unused)) static void
test_fail(const char *file, int line, const char *what, const char *format, ...)
{
    va_list arguments;
    test_failures++;
    fprintf(stderr, "%s:%d: %s ", file, line, what);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static inline int test_end(void)
{
    if (test_failures)
        fprintf(stderr, "%d checks failed\n", test_failures);
    return test_failures ? 1 : 0;
}

#endif
