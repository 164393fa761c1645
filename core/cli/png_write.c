/* SPDX-License-Identifier: MIT
 *
 * Writing a PNG beside its place, then renaming it there, so that who watches the file,
 * as with a preview, never sees half of one.  A new one is not synced: it can be made
 * again; what was there already is not to be lost to a power cut. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "png_file.h"
#include "program.h"

typedef struct Writer {
    FILE *file;
    png_structp png;
    png_infop info;
    const uint8_t *rgba;
    int width, height;
} Writer;

static void on_error(png_structp png, png_const_charp reason)
{
    (void)reason;
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp reason)
{
    (void)png;
    (void)reason;
}

static bool encode(Writer *w)
{
    if (setjmp(png_jmpbuf(w->png)))
        return false;
    png_init_io(w->png, w->file);
    png_set_user_limits(w->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(w->png, w->info, (png_uint_32)w->width, (png_uint_32)w->height, 8,
                 PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(w->png, w->info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info(w->png, w->info);
    for (int y = 0; y < w->height; y++)
        png_write_row(w->png, w->rgba + (size_t)y * (size_t)w->width * 4);
    png_write_end(w->png, w->info);
    return true;
}

/* errno tells why not. */
static bool write_to(Writer *w)
{
    bool good = false;
    errno = 0;
    w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    w->info = w->png ? png_create_info_struct(w->png) : NULL;
    if (w->info)
        good = encode(w) && fflush(w->file) == 0;
    int reason = errno ? errno : ENOMEM;
    png_destroy_write_struct(&w->png, &w->info);
    errno = reason;
    return good;
}

static bool is_at(int file, const char *path)
{
    struct stat opened, named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Named and locked as libnca's are, which removes what killed processes have left of both
 * when it writes there. */
static int open_beside(const char *target, char *beside, size_t size)
{
    const char *slash = strrchr(target, '/');
    int folder = slash ? (int)(slash - target) + 1 : 0, file = -1;
    for (int i = 0; file < 0 && i < 100; i++) {
        snprintf(beside, size, "%.*s.nca-%ld-%d", folder, target, (long)getpid(), i);
        file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST)
            return -1;
        bool taken =
            file >= 0 && flock(file, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
        if (file >= 0 && (taken || !is_at(file, beside))) {
            close(file); /* it was taken for a left one */
            file = -1;
        }
    }
    if (file < 0)
        errno = EBUSY;
    return file;
}

/* Closing another descriptor tells, as fsync does, what a server has to say of the
 * writes, and leaves the file locked. */
static bool settle(int file, bool replaces)
{
    return replaces ? fsync(file) == 0 : close(dup(file)) == 0;
}

/* Where path is a link, its target is replaced. */
static bool write_beside(Writer *w, const char *path)
{
    char target[PATH_MAX], beside[PATH_MAX + 32];
    struct stat old;
    if (!realpath(path, target))
        snprintf(target, sizeof(target), "%s", path);
    bool there = stat(target, &old) == 0;
    if (there && access(target, W_OK) != 0)
        return false; /* rename would not ask */
    int file = open_beside(target, beside, sizeof(beside));
    if (file < 0)
        return false;
    w->file = fdopen(file, "wb");
    bool good = w->file && (!there || fchmod(file, old.st_mode & 0777) == 0) &&
                write_to(w) && settle(file, there) && rename(beside, target) == 0;
    int reason = errno;
    if (!good)
        unlink(beside);
    if (w->file)
        fclose(w->file);
    else
        close(file);
    errno = reason;
    return good;
}

static bool write_through(Writer *w, const char *path)
{
    w->file = fopen(path, "wbe");
    if (!w->file)
        return false;
    bool good = write_to(w);
    int reason = errno;
    fclose(w->file);
    errno = reason;
    return good;
}

int png_file_write(const char *path, const uint8_t *rgba, int width, int height)
{
    Writer w = {.rgba = rgba, .width = width, .height = height};
    struct stat info;
    bool special = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    if (special ? write_through(&w, path) : write_beside(&w, path))
        return EXIT_GOOD;
    return complain(path, "%s", strerror(errno));
}
