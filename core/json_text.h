/* SPDX-License-Identifier: MIT */
#ifndef NCA_JSON_TEXT_H
#define NCA_JSON_TEXT_H

#include <jansson.h>

/* The value in as few characters as can be; free() is the caller's.  NULL where memory is
 * out, or where value is NULL. */
char *nca_json_text(const json_t *value);

#endif
