/* SPDX-License-Identifier: MIT
 *
 * The published targets, for tests: ten sprites of 40×40 in one picture, which is not
 * part of the project; NCA_SHARED in the environment tells where it may be. */
#ifndef NCA_TEST_ATLAS_H
#define NCA_TEST_ATLAS_H

#include <stdbool.h>
#include <stdint.h>

#include "test.h"

enum { ATLAS_SIDE = 40, ATLAS_SPRITES = 10 };
enum { ATLAS_LIZARD = 0, ATLAS_SMILEY = 1, ATLAS_WEB = 7, ATLAS_TREE = 9 };

static inline void shared_path(char *path, size_t size, const char *name)
{
    const char *shared = getenv("NCA_SHARED");
    snprintf(path, size, "%s/data/%s", shared ? shared : "../shared", name);
}

#if TEST_PNG
#include <png.h>

/* rgba [40][40][4]; false where the atlas is not there. */
static inline bool atlas_read(uint8_t *rgba, int sprite)
{
    static uint8_t atlas[ATLAS_SIDE * ATLAS_SIDE * ATLAS_SPRITES * 4];
    size_t row = ATLAS_SIDE * 4, stride = row * ATLAS_SPRITES;
    png_image image = {.version = PNG_IMAGE_VERSION};
    char path[4096];
    shared_path(path, sizeof(path), "targets/emoji_atlas_40.png");
    if (!png_image_begin_read_from_file(&image, path))
        return false;
    image.format = PNG_FORMAT_RGBA;
    bool good = image.width == ATLAS_SIDE * ATLAS_SPRITES && image.height == ATLAS_SIDE &&
                png_image_finish_read(&image, NULL, atlas, (png_int_32)stride, NULL);
    png_image_free(&image);
    for (size_t y = 0; good && y < ATLAS_SIDE; y++)
        memcpy(rgba + y * row, atlas + y * stride + (size_t)sprite * row, row);
    return good;
}
#else
static inline bool atlas_read(uint8_t *rgba, int sprite)
{
    (void)rgba;
    (void)sprite;
    return false;
}
#endif

#endif
