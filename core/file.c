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
    return nca_fail(error, NCA_ERR_IO, "%s: %s", path, strerror(errno));
}

static bool read_all(int file, char *data, size_t size, size_t *got)
{
    for (*got = 0; *got < size;) {
        ssize_t n = read(file, data + *got, size - *got);
        if (n == 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
        *got += n > 0 ? (size_t)n : 0;
    }
    return true;
}

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

static NcaStatus read_file(int file, const char *path, size_t most, void **data, size_t *size,
                           NcaError *error)
{
    struct stat info;
    if (fstat(file, &info) < 0)
        return fail_errno(error, path);
    if (!S_ISREG(info.st_mode))
        return nca_fail(error, NCA_ERR_IO, "%s: not a regular file", path);
    if ((uint64_t)info.st_size > most)
        return nca_fail(error, NCA_ERR_FORMAT, "%s: %lld bytes, at most %zu are possible", path,
                        (long long)info.st_size, most);
    char *bytes = malloc((size_t)info.st_size + 1);
    if (!bytes)
        return nca_fail_memory(error, path);
    if (!read_all(file, bytes, (size_t)info.st_size, size)) {
        free(bytes);
        return fail_errno(error, path);
    }
    *data = bytes;
    return NCA_OK;
}

NcaStatus nca_file_read(const char *path, size_t most, void **data, size_t *size,
                        NcaError *error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fail_errno(error, path);
    NcaStatus status = read_file(file, path, most, data, size, error);
    close(file);
    return status;
}

static NcaStatus write_device(const char *path, const void *data, size_t size, NcaError *error)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return fail_errno(error, path);
    bool good = write_all(file, data, size);
    good = (close(file) == 0) && good;
    return good ? NCA_OK : fail_errno(error, path);
}

/* New files get what the umask leaves; one that is replaced keeps its mode. */
static mode_t mode_for(const char *path)
{
    struct stat info;
    if (stat(path, &info) == 0)
        return info.st_mode & 07777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static NcaStatus replace(const char *path, const char *beside, int file, const void *data,
                         size_t size, NcaError *error)
{
    bool good = fchmod(file, mode_for(path)) == 0 && write_all(file, data, size) &&
                fsync(file) == 0;
    int reason = errno;
    good = close(file) == 0 && good;
    if (good && rename(beside, path) == 0)
        return NCA_OK;
    reason = good ? errno : reason;
    unlink(beside);
    errno = reason;
    return fail_errno(error, path);
}

NcaStatus nca_file_write(const char *path, const void *data, size_t size, NcaError *error)
{
    char target[PATH_MAX], beside[PATH_MAX + 8];
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return fail_errno(error, path);
    }
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return write_device(path, data, size, error);
    if (!realpath(path, target) &&
        snprintf(target, sizeof(target), "%s", path) >= (int)sizeof(target))
        return nca_fail(error, NCA_ERR_IO, "%.200s: the path is too long", path);
    snprintf(beside, sizeof(beside), "%s.XXXXXX", target);
    int file = mkostemp(beside, O_CLOEXEC);
    if (file < 0)
        return fail_errno(error, path);
    return replace(target, beside, file, data, size, error);
}
