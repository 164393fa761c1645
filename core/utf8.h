/* SPDX-License-Identifier: MIT */
#ifndef NCA_UTF8_H
#define NCA_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that text begins with; 0 where it is the end, or not UTF-8. */
size_t nca_utf8_length(const char *text);

bool nca_utf8_valid(const char *text);

/* Makes it fit for a line of a terminal: control characters and what is not UTF-8 become
 * '?'; a character that the end of the buffer of `size` bytes has cut is dropped. */
void nca_utf8_clean(char *text, size_t size);

#endif
