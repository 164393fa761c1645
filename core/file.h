/* SPDX-License-Identifier: MIT
 *
 * Whole files, in and out. */
#ifndef NCA_FILE_H
#define NCA_FILE_H

#include "nca.h"

/* Reads a regular file of at most `most` bytes; free(*data) is the caller's.
 * NCA_ERR_IO, NCA_ERR_MEMORY, or NCA_ERR_FORMAT where it is larger.  Errors
 * name the file. */
NcaStatus nca_file_read(const char *path, size_t most, void **data, size_t *size,
                        NcaError *error);

/* Writes a file that appears whole or not at all: beside it, synced, then renamed.  Where
 * path is a link, its target is replaced; a device or a pipe is written to. */
NcaStatus nca_file_write(const char *path, const void *data, size_t size,
                         NcaError *error);

#endif
