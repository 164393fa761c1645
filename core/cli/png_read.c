/* SPDX-License-Identifier: MIT
 *
 * Reading through libpng, which leaves by longjmp: all that must live on is in Reader,
 * and decode, where setjmp stands, has no variables. */
#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "png_file.h"
#include "program.h"

enum { SIDE_MOST = 65535, PIXELS_MOST = 100000000 };

typedef struct Reader {
    FILE *file;
    png_structp png;
    png_infop info;
    png_bytep *row;
    Picture picture;
    char reason[128];
} Reader;

static void on_error(png_structp png, png_const_charp reason)
{
    Reader *r = png_get_error_ptr(png);
    if (!*r->reason)
        snprintf(r->reason, sizeof(r->reason), "damaged PNG: %s", reason);
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp reason)
{
    (void)png;
    (void)reason;
}

static void on_read(png_structp png, png_bytep data, size_t size)
{
    Reader *r = png_get_io_ptr(png);
    if (fread(data, 1, size, r->file) == size)
        return;
    if (ferror(r->file))
        snprintf(r->reason, sizeof(r->reason), "%s", strerror(errno));
    png_error(png, "the file is cut short");
}

/* Whatever is no pixel's is skipped, unread: a file of a hundred bytes may say that it
 * has a text of a GiB, for which libpng would take memory, whatever its limits. */
static void skip_the_rest(png_structp png)
{
    static const png_byte names[] =
        "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0"
        "pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names,
                                (int)(sizeof(names) / 5));
}

/* Asks libpng to turn whatever is there into RGBA. */
static void ask_rgba(Reader *r)
{
    png_set_expand(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_filler(r->png, 0xffff, PNG_FILLER_AFTER);
    png_set_interlace_handling(r->png);
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        png_set_swap(r->png);
    png_read_update_info(r->png, r->info);
}

static void allocate(Reader *r)
{
    Picture *p = &r->picture;
    size_t stride;
    p->width = (int)png_get_image_width(r->png, r->info);
    p->height = (int)png_get_image_height(r->png, r->info);
    if ((int64_t)p->width * p->height > PIXELS_MOST)
        png_error(r->png, "more than 100 million pixels");
    ask_rgba(r);
    p->depth = png_get_bit_depth(r->png, r->info);
    stride = (size_t)p->width * 4 * (size_t)(p->depth / 8);
    if (png_get_rowbytes(r->png, r->info) != stride)
        png_error(r->png, "an unknown kind of pixels");
    p->pixels = malloc(stride * (size_t)p->height);
    r->row = malloc((size_t)p->height * sizeof(*r->row));
    if (!p->pixels || !r->row)
        png_error(r->png, "out of memory");
    for (int y = 0; y < p->height; y++)
        r->row[y] = (png_bytep)p->pixels + (size_t)y * stride;
}

static int decode(Reader *r)
{
    if (setjmp(png_jmpbuf(r->png)))
        return EXIT_FAILED;
    png_set_read_fn(r->png, r, on_read);
    png_set_user_limits(r->png, SIDE_MOST, SIDE_MOST);
    skip_the_rest(r->png);
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(r->png, r->info);
    allocate(r);
    png_read_image(r->png, r->row);
    png_read_end(r->png, NULL);
    return EXIT_GOOD;
}

static int open_png(Reader *r, const char *path)
{
    unsigned char signature[8];
    r->file = fopen(path, "rbe");
    if (!r->file)
        return complain(path, "%s", strerror(errno));
    size_t got = fread(signature, 1, sizeof(signature), r->file);
    if (ferror(r->file))
        return complain(path, "%s", strerror(errno));
    if (got < sizeof(signature) || png_sig_cmp(signature, 0, sizeof(signature)))
        return complain(path, "not a PNG file");
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    if (!r->info)
        return complain(path, "out of memory");
    png_set_sig_bytes(r->png, sizeof(signature));
    return EXIT_GOOD;
}

int png_file_read(Picture *picture, const char *path)
{
    Reader r = {NULL};
    int status = open_png(&r, path);
    if (status == EXIT_GOOD) {
        status = decode(&r);
        if (status != EXIT_GOOD)
            complain(path, "%s", r.reason);
    }
    if (status == EXIT_GOOD)
        *picture = r.picture;
    else
        free(r.picture.pixels);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.row);
    if (r.file)
        fclose(r.file);
    return status;
}
