/* SPDX-License-Identifier: MIT
 *
 * Reading with a bound, writing whole or not at all. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "status.h"

static NcaStatus fail_errno(NcaError *error, const char *path)
{
    nca_fail(error, NCA_ERR_IO, "%s", strerror(errno));
    return nca_fail_at(error, NCA_ERR_IO, path);
}

/* -------------------------------------------------------------------- read */

/* Bytes read, fewer than size at the end of the file; -1 with errno set. */
static ssize_t read_all(int file, char *data, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(file, data + got, size - got);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return -1;
        got += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)got;
}

static NcaStatus check_kind(int file, size_t most, size_t *size, NcaError *error)
{
    struct stat info;
    if (fstat(file, &info) < 0)
        return nca_fail(error, NCA_ERR_IO, "%s", strerror(errno));
    if (S_ISDIR(info.st_mode))
        return nca_fail(error, NCA_ERR_IO, "%s", strerror(EISDIR));
    if (!S_ISREG(info.st_mode))
        return nca_fail(error, NCA_ERR_IO, "not a regular file");
    if (info.st_size == 0)
        return nca_fail(error, NCA_ERR_IO, "the file is empty");
    if ((uint64_t)info.st_size > most)
        return nca_fail(error, NCA_ERR_FORMAT, "%lld bytes, at most %zu are possible",
                        (long long)info.st_size, most);
    *size = (size_t)info.st_size;
    return NCA_OK;
}

static NcaStatus read_file(int file, size_t most, void **data, size_t *size,
                           NcaError *error)
{
    size_t expected = 0;
    NcaStatus status = check_kind(file, most, &expected, error);
    if (status < 0)
        return status;
    char *bytes = malloc(expected);
    if (!bytes)
        return nca_fail_memory(error, "the file");
    ssize_t got = read_all(file, bytes, expected);
    if (got < 0) {
        nca_fail(error, NCA_ERR_IO, "%s", strerror(errno));
        free(bytes);
        return NCA_ERR_IO;
    }
    *data = bytes;
    *size = (size_t)got;
    return NCA_OK;
}

NcaStatus nca_file_read(const char *path, size_t most, void **data, size_t *size,
                        NcaError *error)
{
    /* Without O_NONBLOCK a pipe that nobody writes to would hold us here. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fail_errno(error, path);
    NcaStatus status = read_file(file, most, data, size, error);
    close(file);
    return status < 0 ? nca_fail_at(error, status, path) : NCA_OK;
}

/* ------------------------------------------------------------------- write */

/* Errors from here on are errno, worded once in nca_file_write. */

static bool write_all(int file, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(file, data, size);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return true;
}

/* close, which keeps the errno of an earlier failure. */
static bool close_good(int file, bool good)
{
    int reason = errno;
    bool closed = close(file) == 0;
    if (!good)
        errno = reason;
    return good && closed;
}

static bool write_device(const char *path, const void *data, size_t size)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    return file >= 0 && close_good(file, write_all(file, data, size));
}

/* The length of path's folder with its last '/', 0 without one. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Where path leads through links, of which the last may lead to nothing yet. */
static bool follow(const char *path, char target[PATH_MAX])
{
    char link[PATH_MAX];
    bool fits = snprintf(target, PATH_MAX, "%s", path) < PATH_MAX;
    for (int links = 0; fits && links < 40; links++) {
        ssize_t n = readlink(target, link, sizeof(link) - 1);
        if (n < 0)
            return errno == EINVAL || errno == ENOENT;
        link[n] = 0;
        size_t folder = link[0] == '/' ? 0 : folder_length(target);
        fits = (size_t)snprintf(target + folder, PATH_MAX - folder, "%s", link) <
               PATH_MAX - folder;
    }
    errno = fits ? ELOOP : ENAMETOOLONG;
    return false;
}

/* A new file in the folder of target.  Its name is short, for target's may be as long as
 * names can be; O_EXCL makes sure that it is ours. */
static int open_beside(const char *target, char beside[PATH_MAX])
{
    int folder = (int)folder_length(target), file = -1;
    for (int i = 0; file < 0 && i < 100; i++) {
        int n = snprintf(beside, PATH_MAX, "%.*s.nca-%ld-%d", folder, target,
                         (long)getpid(), i);
        if (n >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST)
            return -1;
    }
    return file;
}

/* So that the new name survives a power cut; not every file system can. */
static void sync_folder(const char *target)
{
    char name[PATH_MAX] = ".";
    size_t length = folder_length(target);
    if (length > 0)
        snprintf(name, sizeof(name), "%.*s", (int)length, target);
    int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    fsync(folder);
    close(folder);
}

/* old: what is there already, or NULL; its permissions stay. */
static bool replace(const char *target, const struct stat *old, const void *data,
                    size_t size)
{
    char beside[PATH_MAX];
    if (old && access(target, W_OK) != 0)
        return false; /* rename would not ask */
    int file = open_beside(target, beside);
    if (file < 0)
        return false;
    bool good = (!old || fchmod(file, old->st_mode & 0777) == 0) &&
                write_all(file, data, size) && fsync(file) == 0;
    good = close_good(file, good) && rename(beside, target) == 0;
    if (good) {
        sync_folder(target);
    } else {
        int reason = errno;
        unlink(beside);
        errno = reason;
    }
    return good;
}

static bool write_file(const char *path, const void *data, size_t size)
{
    char target[PATH_MAX];
    struct stat old;
    bool there = stat(path, &old) == 0;
    if (there && S_ISDIR(old.st_mode)) {
        errno = EISDIR;
        return false;
    }
    if (there && !S_ISREG(old.st_mode))
        return write_device(path, data, size);
    return follow(path, target) && replace(target, there ? &old : NULL, data, size);
}

NcaStatus nca_file_write(const char *path, const void *data, size_t size, NcaError *error)
{
    return write_file(path, data, size) ? NCA_OK : fail_errno(error, path);
}
