/* SPDX-License-Identifier: MIT
 *
 * PNG files, in and out.  Errors as in program.h: told here, an exit status returned. */
#ifndef NCA_PNG_FILE_H
#define NCA_PNG_FILE_H

#include <stddef.h>
#include <stdint.h>

/* Straight RGBA, 8 or 16 bits a value in the machine's byte order, no padding. */
typedef struct Picture {
    int width, height, depth;
    void *pixels; /* the owner's to free() */
} Picture;

/* Reads any PNG: grey, palette, transparency, interlace, 1 to 16 bits.  More than 16 bits
 * of precision, gamma and colour profiles are left alone.  A file that is damaged
 * anywhere, or larger than 65535 a side or 10^8 pixels, is refused. */
int png_file_read(Picture *picture, const char *path);

/* Writes 8-bit RGBA.  The file appears whole or not at all; a device or
 * a pipe is written to. */
int png_file_write(const char *path, const uint8_t *rgba, int width, int height);

#endif
