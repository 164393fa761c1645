/* SPDX-License-Identifier: MIT
 *
 * The program's PNG reader: every kind of PNG against what its samples mean, all prefixes
 * and single flipped bits of a file, sizes beyond the limits; and what the writer writes.
 */
#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../core/cli/png_file.h"
#include "test.h"

enum { WIDTH = 13, HEIGHT = 9, COLORS = 16, KEY = 3 };

typedef struct Kind {
    const char *name;
    int type, depth;
    bool interlaced, trns;
} Kind;

static const Kind kinds[] = {
    {"gray1", PNG_COLOR_TYPE_GRAY, 1},
    {"gray2", PNG_COLOR_TYPE_GRAY, 2, true},
    {"gray4", PNG_COLOR_TYPE_GRAY, 4},
    {"gray8", PNG_COLOR_TYPE_GRAY, 8},
    {"gray16", PNG_COLOR_TYPE_GRAY, 16},
    {"gray1 tRNS", PNG_COLOR_TYPE_GRAY, 1, false, true},
    {"gray8 tRNS", PNG_COLOR_TYPE_GRAY, 8, false, true},
    {"gray16 tRNS", PNG_COLOR_TYPE_GRAY, 16, true, true},
    {"rgb8", PNG_COLOR_TYPE_RGB, 8},
    {"rgb16", PNG_COLOR_TYPE_RGB, 16},
    {"rgb8 tRNS", PNG_COLOR_TYPE_RGB, 8, true, true},
    {"rgb16 tRNS", PNG_COLOR_TYPE_RGB, 16, false, true},
    {"palette1", PNG_COLOR_TYPE_PALETTE, 1},
    {"palette4 tRNS", PNG_COLOR_TYPE_PALETTE, 4, false, true},
    {"palette8", PNG_COLOR_TYPE_PALETTE, 8, true},
    {"palette8 tRNS", PNG_COLOR_TYPE_PALETTE, 8, true, true},
    {"gray+alpha8", PNG_COLOR_TYPE_GRAY_ALPHA, 8},
    {"gray+alpha16", PNG_COLOR_TYPE_GRAY_ALPHA, 16, true},
    {"rgba8", PNG_COLOR_TYPE_RGB_ALPHA, 8, true},
    {"rgba16", PNG_COLOR_TYPE_RGB_ALPHA, 16},
};

static char path[64];

/* ------------------------------------------------------------------- pictures */

static unsigned noise(unsigned x)
{
    x = (x ^ x >> 16) * 0x7feb352d;
    x = (x ^ x >> 15) * 0x846ca68b;
    return x ^ x >> 16;
}

static int channels_of(const Kind *k)
{
    return k->type == PNG_COLOR_TYPE_RGB          ? 3
           : k->type == PNG_COLOR_TYPE_RGB_ALPHA  ? 4
           : k->type == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                  : 1;
}

/* What the file holds there.  A pixel in four is the key, which tRNS makes transparent.
 */
static unsigned sample(const Kind *k, int x, int y, int c)
{
    unsigned pixel = noise((unsigned)(y * WIDTH + x)), bits = 1u << k->depth;
    unsigned value = noise(pixel + (unsigned)c) % (bits < 65536 ? bits : 65536);
    if (k->type == PNG_COLOR_TYPE_PALETTE)
        return value % COLORS;
    return pixel % 4 == 0 ? KEY % bits : value;
}

static png_color color(unsigned index)
{
    unsigned n = noise(index + 1000);
    return (png_color){(png_byte)n, (png_byte)(n >> 8), (png_byte)(n >> 16)};
}

static unsigned color_alpha(const Kind *k, unsigned index)
{
    return k->trns && index < COLORS / 2 ? noise(index + 2000) % 256 : 255;
}

static void expect(const Kind *k, int x, int y, unsigned *rgba)
{
    unsigned most = k->depth == 16 ? 65535 : 255, s[4];
    unsigned scale = k->depth < 8 ? 255u / ((1u << k->depth) - 1) : 1;
    int channels = channels_of(k);
    bool is_key = k->trns;
    for (int c = 0; c < channels; c++) {
        s[c] = sample(k, x, y, c);
        is_key = is_key && s[c] == KEY % (1u << k->depth);
    }
    if (k->type == PNG_COLOR_TYPE_PALETTE) {
        png_color p = color(s[0]);
        memcpy(rgba, (unsigned[]){p.red, p.green, p.blue, color_alpha(k, s[0])},
               4 * sizeof(*rgba));
        return;
    }
    for (int c = 0; c < 3; c++)
        rgba[c] = s[channels < 3 ? 0 : c] * scale;
    rgba[3] = channels == 2 || channels == 4 ? s[channels - 1] : is_key ? 0 : most;
}

static void set_colors(const Kind *k, png_structp png, png_infop info)
{
    png_color colors[COLORS];
    png_byte alphas[COLORS];
    png_color_16 key = {0, KEY, KEY, KEY, (png_uint_16)(KEY % (1u << k->depth))};
    int count = k->depth < 4 ? 1 << k->depth : COLORS;
    for (unsigned i = 0; i < COLORS; i++) {
        colors[i] = color(i);
        alphas[i] = (png_byte)color_alpha(k, i);
    }
    if (k->type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, colors, count);
    if (k->trns && k->type == PNG_COLOR_TYPE_PALETTE)
        png_set_tRNS(png, info, alphas, COLORS / 2, NULL);
    else if (k->trns)
        png_set_tRNS(png, info, NULL, 0, &key);
}

/* Returns where the next one goes. */
static png_byte *write_sample(png_byte *at, const Kind *k, unsigned value)
{
    if (k->depth == 16)
        *at++ = (png_byte)(value >> 8);
    *at++ = (png_byte)value;
    return at;
}

static void write_rows(const Kind *k, png_structp png)
{
    int passes = png_set_interlace_handling(png), channels = channels_of(k);
    png_set_packing(png);
    for (int i = 0; i < passes * HEIGHT; i++) {
        png_byte row[WIDTH * 8], *at = row;
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < channels; c++)
                at = write_sample(at, k, sample(k, x, i % HEIGHT, c));
        png_write_row(png, row);
    }
}

static void write_kind(const Kind *k)
{
    FILE *file = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    if (!file || setjmp(png_jmpbuf(png)))
        abort();
    png_init_io(png, file);
    png_set_IHDR(png, info, WIDTH, HEIGHT, k->depth, k->type,
                 k->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    /* Neither may change a value. */
    png_set_gAMA_fixed(png, info, 100000);
    set_colors(k, png, info);
    png_write_info(png, info);
    write_rows(k, png);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

/* ---------------------------------------------------------------------- tests */

static unsigned value_of(const Picture *p, int x, int y, int c)
{
    size_t at = ((size_t)y * (size_t)p->width + (size_t)x) * 4 + (size_t)c;
    return p->depth == 16 ? ((uint16_t *)p->pixels)[at] : ((uint8_t *)p->pixels)[at];
}

static void test_kind(const Kind *k)
{
    Picture p = {0};
    int wrong = 0;
    write_kind(k);
    CHECK_MSG(png_file_read(&p, path) == 0, "%s", k->name);
    CHECK_MSG(p.width == WIDTH && p.height == HEIGHT, "%s", k->name);
    CHECK_MSG(p.depth == (k->depth == 16 ? 16 : 8), "%s", k->name);
    for (int y = 0; y < p.height; y++)
        for (int x = 0; x < p.width; x++) {
            unsigned rgba[4];
            expect(k, x, y, rgba);
            for (int c = 0; c < 4; c++)
                wrong += value_of(&p, x, y, c) != rgba[c];
        }
    CHECK_MSG(wrong == 0, "%s: %d values differ", k->name, wrong);
    free(p.pixels);
}

static size_t read_file(uint8_t *bytes, size_t most)
{
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, most, file) : 0;
    if (file)
        fclose(file);
    return size;
}

static void write_file(const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static void check_refused(const char *what, size_t at)
{
    Picture p = {0};
    CHECK_MSG(png_file_read(&p, path) == 1, "%s at byte %zu", what, at);
    CHECK_MSG(!p.pixels, "%s at byte %zu", what, at);
    free(p.pixels);
}

/* Each complains in one line: standard error is put aside meanwhile. */
static void test_damage(const Kind *k)
{
    uint8_t bytes[8192];
    write_kind(k);
    size_t size = read_file(bytes, sizeof(bytes));
    CHECK(size > 100 && size < sizeof(bytes));
    for (size_t cut = 0; cut < size; cut++) {
        write_file(bytes, cut);
        check_refused("cut", cut);
    }
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= (uint8_t)(1 << at % 8);
        write_file(bytes, size);
        check_refused("flipped", at);
        bytes[at] ^= (uint8_t)(1 << at % 8);
    }
}

/* What the reader says of the file at path. */
static void read_complaint(char *text, size_t size)
{
    FILE *said = tmpfile();
    int saved = dup(STDERR_FILENO);
    if (!said || saved < 0)
        abort();
    dup2(fileno(said), STDERR_FILENO);
    check_refused("size", 0);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(said);
    text[fread(text, 1, size - 1, said)] = 0;
    fclose(said);
}

/* A header with a right CRC that claims a size, and the beginning of the pixels. */
static void test_size(uint32_t width, uint32_t height, const char *expected)
{
    char complaint[256];
    uint8_t bytes[8 + 25 + 9] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for (int i = 0; i < 4; i++) {
        bytes[16 + i] = (uint8_t)(width >> (24 - 8 * i));
        bytes[20 + i] = (uint8_t)(height >> (24 - 8 * i));
    }
    bytes[24] = 8;
    bytes[25] = PNG_COLOR_TYPE_RGB_ALPHA;
    uint32_t crc = 0xffffffff;
    for (int i = 12; i < 29; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    for (int i = 0; i < 4; i++)
        bytes[29 + i] = (uint8_t)(~crc >> (24 - 8 * i));
    memcpy(bytes + 33, "\0\0\0\x10IDAT", 8);
    write_file(bytes, sizeof(bytes));
    read_complaint(complaint, sizeof(complaint));
    CHECK_MSG(strstr(complaint, expected), "%s", complaint);
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* A chunk that is said to be of a GiB, in a file of a hundred bytes: no memory is taken
 * for it. */
static void test_claim(const char *name)
{
    enum { HEADER = 33, CLAIM = 8 };
    uint8_t bytes[8192];
    long before = peak_kib();
    write_kind(&kinds[0]);
    size_t size = read_file(bytes, sizeof(bytes) - CLAIM);
    memmove(bytes + HEADER + CLAIM, bytes + HEADER, size - HEADER);
    memcpy(bytes + HEADER, "\x40\0\0\0", 4);
    memcpy(bytes + HEADER + 4, name, 4);
    write_file(bytes, size + CLAIM);
    check_refused(name, HEADER);
    CHECK_MSG(peak_kib() < before + (64 << 10), "%s: %ld MiB", name, peak_kib() >> 10);
}

static void test_write(void)
{
    uint8_t rgba[WIDTH * HEIGHT * 4];
    Picture p = {0};
    for (unsigned i = 0; i < sizeof(rgba); i++)
        rgba[i] = (uint8_t)noise(i);
    CHECK(png_file_write(path, rgba, WIDTH, HEIGHT) == 0);
    CHECK(png_file_read(&p, path) == 0);
    CHECK(p.width == WIDTH && p.height == HEIGHT && p.depth == 8);
    CHECK(p.pixels && !memcmp(p.pixels, rgba, sizeof(rgba)));
    free(p.pixels);
}

int main(void)
{
    int count = (int)(sizeof(kinds) / sizeof(kinds[0]));
    snprintf(path, sizeof(path), "/tmp/nca-test-png-%ld.png", (long)getpid());
    for (int i = 0; i < count; i++)
        test_kind(&kinds[i]);
    test_write();
    fprintf(stderr, "what follows are complaints of the reader, as they should be:\n");
    for (int i = 0; i < count; i += 5)
        test_damage(&kinds[i]);
    const char *const claimed[] = {"PLTE", "bKGD", "cHRM", "eXIf", "gAMA", "hIST", "iCCP",
                                   "iTXt", "pCAL", "pHYs", "sBIT", "sCAL", "sPLT", "sRGB",
                                   "tEXt", "tIME", "tRNS", "unKn", "zTXt"};
    for (size_t i = 0; i < sizeof(claimed) / sizeof(claimed[0]); i++)
        test_claim(claimed[i]);
    test_size(65536, 1, "Invalid IHDR");
    test_size(1, 65536, "Invalid IHDR");
    test_size(20000, 20000, "million pixels");
    test_size(10001, 10000, "million pixels");
    test_size(0, 5, "Invalid IHDR");
    test_size(0xffffffff, 0xffffffff, "out of range");
    unlink(path);
    return test_end();
}
