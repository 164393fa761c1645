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
 * path is a link, its target is replaced; a device or a pipe is written to.  What a
 * killed process has left half-written in that folder is removed. */
NcaStatus nca_file_write(const char *path, const void *data, size_t size,
                         NcaError *error);

/* The same for what can be made again, as one frame of many: faster, as nothing that was
 * left is looked for, and what is new is not synced. */
NcaStatus nca_file_write_frame(const char *path, const void *data, size_t size,
                               NcaError *error);

/* Whether there is something that is no file: a device, a pipe, a folder. */
bool nca_file_is_special(const char *path);

/* A file that is kept for oneself: *held is -1, or the file that was held or written
 * last, which no other process and no other `held` can then hold or keep up; NCA_ERR_BUSY
 * tells these.  Who does not ask, as nca_file_write, is not held off.  It ends with the
 * process, or by nca_file_release.
 *
 * _hold takes the file at path, if there is one; a device is never held, and what else is
 * no file is refused, as a pipe without a reader is waited for. */
NcaStatus nca_file_hold(int *held, const char *path, NcaError *error);
/* Writes it, as nca_file_write does, and holds what was written. */
NcaStatus nca_file_keep(int *held, const char *path, const void *data, size_t size,
                        NcaError *error);
void nca_file_release(int *held);

#endif
