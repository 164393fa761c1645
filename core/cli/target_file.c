/* SPDX-License-Identifier: MIT
 *
 * From a PNG file to a target, with all the bits that it has. */
#include "target_file.h"

#include <stdlib.h>

#include "png_file.h"
#include "program.h"

int target_file_read(NcaTarget **target, const char *path, const NcaTargetParams *params)
{
    Picture p;
    NcaError error;
    NcaStatus status;
    if (png_file_read(&p, path) != EXIT_GOOD)
        return EXIT_FAILED;
    size_t stride = (size_t)p.width * 4 * (size_t)(p.depth / 8);
    if (p.depth == 16)
        status =
            nca_target_new16(target, p.pixels, p.width, p.height, stride, params, &error);
    else
        status =
            nca_target_new(target, p.pixels, p.width, p.height, stride, params, &error);
    free(p.pixels);
    return status < 0 ? complain_error(path, &error) : EXIT_GOOD;
}
