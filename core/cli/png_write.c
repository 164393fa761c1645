/* SPDX-License-Identifier: MIT
 *
 * Writing a PNG: in memory first, then as libnca writes files, so that who watches it, as
 * with a preview, never sees half of one. */
#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
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

static bool encode_all(Writer *w)
{
    bool good = false;
    w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    w->info = w->png ? png_create_info_struct(w->png) : NULL;
    if (w->info)
        good = encode(w);
    png_destroy_write_struct(&w->png, &w->info);
    return good;
}

int png_file_write(const char *path, const uint8_t *rgba, int width, int height)
{
    char *bytes = NULL;
    size_t size = 0;
    NcaError error;
    Writer w = {.rgba = rgba, .width = width, .height = height};
    w.file = open_memstream(&bytes, &size);
    bool good = w.file && encode_all(&w);
    if (w.file && fclose(w.file) != 0)
        good = false;
    int status = EXIT_GOOD;
    if (!good || !bytes) /* glibc's stream may close well and have nothing */
        status = complain(path, "%s", strerror(ENOMEM));
    else if (nca_file_write_frame(path, bytes, size, &error) < 0)
        status = complain_error(NULL, &error);
    free(bytes);
    return status;
}
