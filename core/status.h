/* SPDX-License-Identifier: MIT
 *
 * Filling an NcaError: once, where the cause is known. */
#ifndef NCA_STATUS_H
#define NCA_STATUS_H

#include "nca.h"

/* Writes the text (cut at a character where it is too long) and returns `status`. */
NcaStatus nca_fail(NcaError *error, NcaStatus status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* nca_fail for an allocation: "out of memory for WHAT". */
NcaStatus nca_fail_memory(NcaError *error, const char *what);

/* Puts "PATH: " before the text that a callee left; returns `status`. */
NcaStatus nca_fail_at(NcaError *error, NcaStatus status, const char *path);

#endif
