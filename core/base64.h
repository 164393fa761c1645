/* SPDX-License-Identifier: MIT
 *
 * Base64 of RFC 4648, strict: no white space, padding required, no bits left over. */
#ifndef NCA_BASE64_H
#define NCA_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes exactly `size` bytes; false where the text is not that. */
bool nca_base64_decode(uint8_t *data, size_t size, const char *text);

/* text has room for 4·((size + 2) / 3) + 1. */
void nca_base64_encode(char *text, const uint8_t *data, size_t size);

#endif
