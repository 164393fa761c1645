/* SPDX-License-Identifier: MIT
 *
 * Cells are read as straight RGBA, laid on the background, enlarged and written. */
#include "frames.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "png_file.h"
#include "program.h"

enum { DIGITS_MOST = 9, SIDE_MOST = 65535 };
static const int64_t PIXELS_MOST = (int64_t)1 << 30;

/* -------------------------------------------------------------------- names */

bool background_read(const char *text, void *background)
{
    Background *b = background;
    unsigned red, green, blue;
    if (!strcmp(text, "none")) {
        *b = (Background){.opaque = false};
        return true;
    }
    text += *text == '#';
    if (strlen(text) != 6 || strspn(text, "0123456789abcdefABCDEF") != 6)
        return false;
    sscanf(text, "%2x%2x%2x", &red, &green, &blue);
    *b = (Background){true, (uint8_t)red, (uint8_t)green, (uint8_t)blue};
    return true;
}

/* A conversion "d" or "0Nd" behind its %: how many characters it has (0: it is none), and
 * N. */
static int conversion(const char *text, int *digits)
{
    int length = 0;
    *digits = 0;
    if (*text == '0' && isdigit((unsigned char)text[1])) {
        *digits = text[1] - '0';
        length = 2;
    }
    return text[length] == 'd' && *digits <= DIGITS_MOST ? length + 1 : 0;
}

bool frames_kind(const char *path, FramesKind *kind)
{
    int found = 0, digits;
    for (const char *at = path; (at = strchr(at, '%')); at++) {
        if (at[1] == '%')
            at++;
        else if (conversion(at + 1, &digits))
            found++;
        else
            return false;
    }
    *kind = !strcmp(path, "-") ? FRAMES_PIPE : found ? FRAMES_NUMBERED : FRAMES_ONE;
    return found <= 1;
}

/* The path with the number in the place of its conversion; false where it is too long. */
static bool name_of(const char *path, int64_t number, char *name, size_t size)
{
    size_t used = 0;
    while (*path && used + 24 < size) {
        int digits, length = *path == '%' ? conversion(path + 1, &digits) : 0;
        if (length)
            used += (size_t)snprintf(name + used, size - used, "%0*lld", digits,
                                     (long long)number);
        else
            name[used++] = *path;
        path += length ? length + 1 : path[0] == '%' && path[1] == '%' ? 2 : 1;
    }
    name[used] = 0;
    return !*path;
}

/* ----------------------------------------------------------------- pictures */

static uint8_t blend(uint8_t color, uint8_t below, uint8_t alpha)
{
    return (uint8_t)((color * alpha + below * (255 - alpha) + 127) / 255);
}

static void lay_on(const Background *b, uint8_t *rgba, size_t pixels)
{
    if (!b->opaque)
        return;
    for (; pixels > 0; pixels--, rgba += 4) {
        rgba[0] = blend(rgba[0], b->red, rgba[3]);
        rgba[1] = blend(rgba[1], b->green, rgba[3]);
        rgba[2] = blend(rgba[2], b->blue, rgba[3]);
        rgba[3] = 255;
    }
}

static void enlarge(const Frames *f)
{
    size_t stride = (size_t)f->width * 4;
    for (int y = 0; y < f->height; y++) {
        uint8_t *out = f->pixels + (size_t)y * stride;
        const uint8_t *row =
            f->cells + (size_t)(y / f->zoom) * (stride / (size_t)f->zoom);
        if (y % f->zoom) {
            memcpy(out, out - stride, stride);
            continue;
        }
        for (int x = 0; x < f->width; x++)
            memcpy(out + x * 4, row + x / f->zoom * 4, 4);
    }
}

static int write_pipe(const Frames *f)
{
    size_t size = (size_t)f->width * (size_t)f->height * 4;
    if (fwrite(f->pixels, 1, size, stdout) == size && fflush(stdout) == 0)
        return EXIT_GOOD;
    return errno == EPIPE ? EXIT_FAILED
                          : complain("standard output", "%s", strerror(errno));
}

/* -------------------------------------------------------------------- public */

int frames_size(Frames *f, int columns, int rows)
{
    int64_t width = (int64_t)columns * f->zoom, height = (int64_t)rows * f->zoom;
    if (width > SIDE_MOST || height > SIDE_MOST || width * height > PIXELS_MOST)
        return complain(NULL, "a picture of %lld×%lld pixels is too large",
                        (long long)width, (long long)height);
    f->width = (int)width;
    f->height = (int)height;
    return EXIT_GOOD;
}

uint64_t frames_memory(const Frames *f)
{
    uint64_t pixels = (uint64_t)f->width * (uint64_t)f->height;
    uint64_t cells = pixels / (uint64_t)(f->zoom * f->zoom);
    return 4 * (f->zoom == 1 ? cells : cells + pixels);
}

int frames_open(Frames *f)
{
    size_t width = (size_t)f->width, height = (size_t)f->height, zoom = (size_t)f->zoom;
    f->cells = malloc((width / zoom) * (height / zoom) * 4);
    f->pixels = zoom == 1 ? f->cells : malloc(width * height * 4);
    if (!f->cells || !f->pixels)
        return complain(NULL, "out of memory for a picture");
    return EXIT_GOOD;
}

void frames_read(Frames *f, const NcaGrid *grid)
{
    int width = nca_grid_width(grid), height = nca_grid_height(grid);
    nca_grid_read_rgba8(grid, f->cells, (size_t)width * 4);
    lay_on(&f->background, f->cells, (size_t)width * (size_t)height);
    if (f->zoom > 1)
        enlarge(f);
}

int frames_write(Frames *f)
{
    char name[PATH_MAX];
    if (f->kind == FRAMES_PIPE)
        return write_pipe(f);
    if (!name_of(f->path, f->written++, name, sizeof(name)))
        return complain(f->path, "%s", strerror(ENAMETOOLONG));
    return png_file_write(name, f->pixels, f->width, f->height);
}

void frames_close(Frames *f)
{
    if (f->pixels != f->cells)
        free(f->pixels);
    free(f->cells);
    f->cells = f->pixels = NULL;
}
