/* SPDX-License-Identifier: MIT
 *
 * Reading with a bound, writing whole or not at all.
 *
 * Locks are flock's: they are of an open file, and end with the process however that
 * ends.  A file that is written is locked before it gets its name, so that whoever holds
 * the old one holds the new one too, and what is beside and not locked is of a writer
 * that was killed.  Where a file system has no locks all goes on without. */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "status.h"

static NcaStatus fail_errno(NcaError *error, const char *path)
{
    nca_fail(error, NCA_ERR_IO, "%s", strerror(errno));
    return nca_fail_at(error, NCA_ERR_IO, path);
}

/* mode: of a file that is made. */
static int create_file(const char *path, int flags, mode_t mode)
{
    int file;
    do
        file = open(path, flags | O_CLOEXEC, mode);
    while (file < 0 && errno == EINTR);
    return file;
}

static int open_file(const char *path, int flags)
{
    return create_file(path, flags, 0);
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
    int file = open_file(path, O_RDONLY | O_NONBLOCK);
    if (file < 0)
        return fail_errno(error, path);
    NcaStatus status = read_file(file, most, data, size, error);
    close(file);
    return status < 0 ? nca_fail_at(error, status, path) : NCA_OK;
}

/* ------------------------------------------------------------------- write */

typedef struct Output {
    const void *data;
    size_t size;
    int *held;     /* NULL, or what becomes of the new file */
    bool is_frame; /* as of nca_file_write_frame */
} Output;

/* Errors from here on are errno, worded once in nca_file_write. */

static bool write_all(int file, const Output *out)
{
    const char *data = out->data;
    for (size_t size = out->size; size > 0;) {
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

static bool sync_file(int file)
{
    int result;
    do
        result = fsync(file);
    while (result < 0 && errno == EINTR);
    return result == 0;
}

static void close_quietly(int file)
{
    int reason = errno;
    close(file);
    errno = reason;
}

/* Closing another descriptor tells, as fsync does, what a server has to say of the
 * writes, and leaves the file locked. */
static bool settle(int file, bool to_disk)
{
    return to_disk ? sync_file(file) : close(dup(file)) == 0 || errno == EINTR;
}

static bool write_device(const char *path, const Output *out)
{
    int file = open_file(path, O_WRONLY);
    bool good = file >= 0 && write_all(file, out);
    if (file >= 0)
        close_quietly(file);
    return good;
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

/* ------------------------------------------------------------------- locks */

/* False: another has it. */
static bool lock(int file)
{
    return flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

static bool is_at(int file, const char *path)
{
    struct stat opened, named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

void nca_file_release(int *held)
{
    if (*held >= 0)
        close_quietly(*held);
    *held = -1;
}

/* Opens and locks what is there until it is what is there still: it may be replaced
 * meanwhile. */
static NcaStatus hold(int *held, const char *path, NcaError *error)
{
    int file = open_file(path, O_RDWR | O_NONBLOCK);
    for (int i = 0; file >= 0; i++) {
        if (!lock(file)) {
            close(file);
            nca_fail(error, NCA_ERR_BUSY, "in use by another training");
            return nca_fail_at(error, NCA_ERR_BUSY, path);
        }
        if (is_at(file, path) || i == 100) /* there are disks where nothing is itself */
            break;
        close(file);
        file = open_file(path, O_RDWR | O_NONBLOCK);
    }
    if (file < 0 && errno != ENOENT)
        return fail_errno(error, path);
    nca_file_release(held);
    *held = file;
    return NCA_OK;
}

bool nca_file_is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

NcaStatus nca_file_hold(int *held, const char *path, NcaError *error)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    if (there && S_ISCHR(info.st_mode))
        return NCA_OK;
    if (there && !S_ISREG(info.st_mode)) {
        nca_fail(error, NCA_ERR_IO, "not a regular file");
        return nca_fail_at(error, NCA_ERR_IO, path);
    }
    return *held >= 0 && is_at(*held, path) ? NCA_OK : hold(held, path, error);
}

/* ----------------------------------------------------------------- replace */

#define BESIDE ".nca-"

/* A new file in the folder of target, for nobody else where it is to have another's
 * permissions.  Its name is short, for target's may be as long as names can be; O_EXCL
 * makes sure that it is ours, and the lock that it stays. */
static int open_beside(const char *target, bool is_private, char beside[PATH_MAX])
{
    int folder = (int)folder_length(target), file = -1;
    for (int i = 0; file < 0 && i < 100; i++) {
        int n = snprintf(beside, PATH_MAX, "%.*s" BESIDE "%ld-%d", folder, target,
                         (long)getpid(), i);
        if (n >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        file = create_file(beside, O_WRONLY | O_CREAT | O_EXCL, is_private ? 0600 : 0666);
        if (file < 0 && errno != EEXIST)
            return -1;
        if (file >= 0 && (!lock(file) || !is_at(file, beside)))
            nca_file_release(&file);
    }
    if (file < 0)
        errno = EBUSY;
    return file;
}

static void folder_of(const char *target, char name[PATH_MAX])
{
    int length = (int)folder_length(target);
    snprintf(name, PATH_MAX, "%.*s", length ? length : 1, length ? target : ".");
}

static bool is_beside(const char *name)
{
    long pid;
    int i;
    char end;
    return sscanf(name, BESIDE "%ld-%d%c", &pid, &i, &end) == 2;
}

static void remove_left(const char *path)
{
    int file = open_file(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return;
    if (flock(file, LOCK_EX | LOCK_NB) == 0 && is_at(file, path))
        unlink(path);
    close(file);
}

/* What killed writers left there. */
static void sweep(const char *target)
{
    char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
    folder_of(target, folder);
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!is_beside(entry->d_name))
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        remove_left(path);
    }
    if (dir)
        closedir(dir);
}

/* So that the new name survives a power cut; not every file system can. */
static void sync_folder(const char *target)
{
    char name[PATH_MAX];
    folder_of(target, name);
    int folder = open_file(name, O_RDONLY | O_DIRECTORY);
    if (folder < 0)
        return;
    sync_file(folder);
    close(folder);
}

/* fresh: where another has made one meanwhile, that one stays, and errno is EEXIST; not
 * every file system can tell. */
static bool give_name(const char *beside, const char *target, bool fresh)
{
#ifdef RENAME_NOREPLACE
    if (fresh && renameat2(AT_FDCWD, beside, AT_FDCWD, target, RENAME_NOREPLACE) == 0)
        return true;
    if (fresh && errno == EEXIST)
        return false;
#endif
    return rename(beside, target) == 0;
}

/* old: what is there already, or NULL; its permissions stay. */
static bool replace(const char *target, const struct stat *old, const Output *out)
{
    char beside[PATH_MAX];
    if (old && access(target, W_OK) != 0)
        return false; /* rename would not ask */
    if (!out->is_frame)
        sweep(target);
    int file = open_beside(target, old, beside);
    if (file < 0)
        return false;
    bool good = (!old || fchmod(file, old->st_mode & 0777) == 0) &&
                write_all(file, out) && settle(file, old || !out->is_frame) &&
                give_name(beside, target, out->held && *out->held < 0);
    if (!good) {
        int reason = errno;
        unlink(beside);
        errno = reason;
    } else if (!out->is_frame) {
        sync_folder(target);
    }
    if (good && out->held) {
        nca_file_release(out->held);
        *out->held = file;
    } else {
        close_quietly(file);
    }
    return good;
}

static bool write_file(const char *path, const Output *out)
{
    char target[PATH_MAX];
    struct stat old;
    bool there = stat(path, &old) == 0;
    if (!there && errno != ENOENT)
        return false; /* a link in /tmp, say, that the system does not follow */
    if (there && S_ISDIR(old.st_mode)) {
        errno = EISDIR;
        return false;
    }
    if (there && !S_ISREG(old.st_mode))
        return write_device(path, out);
    if (!follow(path, target))
        return false;
    /* Where locks are each machine's own, another may take ours for a left one. */
    bool good = replace(target, there ? &old : NULL, out);
    for (int i = 0; !good && errno == ENOENT && i < 3; i++)
        good = replace(target, there ? &old : NULL, out);
    return good;
}

NcaStatus nca_file_write(const char *path, const void *data, size_t size, NcaError *error)
{
    Output out = {.data = data, .size = size};
    return write_file(path, &out) ? NCA_OK : fail_errno(error, path);
}

NcaStatus nca_file_write_frame(const char *path, const void *data, size_t size,
                               NcaError *error)
{
    Output out = {.data = data, .size = size, .is_frame = true};
    return write_file(path, &out) ? NCA_OK : fail_errno(error, path);
}

NcaStatus nca_file_keep(int *held, const char *path, const void *data, size_t size,
                        NcaError *error)
{
    Output out = {.data = data, .size = size, .held = held};
    bool good;
    do {
        NcaStatus status = nca_file_hold(held, path, error);
        if (status < 0)
            return status;
        good = write_file(path, &out);
    } while (!good && errno == EEXIST);
    return good ? NCA_OK : fail_errno(error, path);
}
