/* SPDX-License-Identifier: MIT
 *
 * Built programs, kept between runs: a file of the SHA-256 of its bytes, and the bytes.
 * What is damaged is built anew. */
#include <errno.h>
#include <limits.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cl.h"
#include "file.h"

enum { SIZE_MOST = 64 << 20 };

/* Only what belongs to the user: NULL values of the environment, or paths that depend on
 * where the program was started, are none. */
static bool folder_of(char *folder, size_t size)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (cache && *cache == '/')
        length = snprintf(folder, size, "%s/nca", cache);
    else if (home && *home == '/')
        length = snprintf(folder, size, "%s/.cache/nca", home);
    return length > 0 && (size_t)length < size;
}

static bool path_of(const char *key, char *path, size_t size)
{
    char folder[PATH_MAX];
    if (!folder_of(folder, sizeof(folder)))
        return false;
    int length = snprintf(path, size, "%s/%s.cl", folder, key);
    return length > 0 && (size_t)length < size;
}

static void digest_of(const void *data, size_t size, uint8_t *digest)
{
    SHA2_CTX sha;
    SHA256Init(&sha);
    SHA256Update(&sha, data, size);
    SHA256Final(digest, &sha);
}

void *nca_cl_cache_read(const char *key, size_t *size)
{
    char path[PATH_MAX];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    void *data = NULL;
    if (!path_of(key, path, sizeof(path)) ||
        nca_file_read(path, SIZE_MOST, &data, size, NULL) < 0)
        return NULL;
    uint8_t *bytes = data;
    bool good = *size > sizeof(digest);
    if (good) {
        *size -= sizeof(digest);
        digest_of(bytes + sizeof(digest), *size, digest);
        good = !memcmp(bytes, digest, sizeof(digest));
    }
    if (!good) {
        free(data);
        return NULL;
    }
    memmove(bytes, bytes + sizeof(digest), *size);
    return data;
}

/* The folder, and the one that it is in. */
static bool make_folder(void)
{
    char folder[PATH_MAX];
    if (!folder_of(folder, sizeof(folder)))
        return false;
    char *last = strrchr(folder, '/');
    *last = 0;
    if (*folder && mkdir(folder, 0700) < 0 && errno != EEXIST)
        return false;
    *last = '/';
    return mkdir(folder, 0700) == 0 || errno == EEXIST;
}

void nca_cl_cache_write(const char *key, const void *data, size_t size)
{
    char path[PATH_MAX];
    if (size > SIZE_MOST - SHA256_DIGEST_LENGTH || !path_of(key, path, sizeof(path)) ||
        !make_folder())
        return;
    uint8_t *bytes = malloc(size + SHA256_DIGEST_LENGTH);
    if (!bytes)
        return;
    digest_of(data, size, bytes);
    memcpy(bytes + SHA256_DIGEST_LENGTH, data, size);
    nca_file_write(path, bytes, size + SHA256_DIGEST_LENGTH, NULL);
    free(bytes);
}
