/* SPDX-License-Identifier: MIT
 *
 * Writing a PNG beside its place, then renaming it there, so that who watches the file,
 * as with a preview, never sees half of one.  Not synced: a picture can be made again. */
#include <errno.h>
#include <limits.h>
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Where path is a link, its target is replaced. */
static bool write_beside(Writer *w, const char *path)
{
    char target[PATH_MAX], beside[PATH_MAX + 8];
    if (!realpath(path, target))
        snprintf(target, sizeof(target), "%s", path);
    snprintf(beside, sizeof(beside), "%s.XXXXXX", target);
    int file = mkstemp(beside);
    w->file = file < 0 ? NULL : fdopen(file, "wb");
    if (!w->file)
        return false;
    bool good = write_to(w) && fchmod(file, mode_for(target)) == 0;
    int reason = errno;
    if (fclose(w->file) != 0 && good) {
        good = false;
        reason = errno;
    }
    if (good && rename(beside, target) == 0)
        return true;
    reason = good ? errno : reason;
    unlink(beside);
    errno = reason;
    return false;
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
