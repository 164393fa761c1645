/* SPDX-License-Identifier: MIT
 *
 * Numbers in text whatever the host's locale: a decimal point is a point. */
#ifndef NCA_NUMBER_H
#define NCA_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* The finite decimal number at the beginning of text, without leading space, "inf", "nan"
 * or hexadecimal; *end is behind it.  False where there is none. */
bool nca_number_parse(const char *text, const char **end, double *value);

/* In 6 to 9 digits, as few as a float needs to read back exactly: 0.1, not
 * 0.100000001. */
void nca_number_print(char *text, size_t size, double value);

#endif
