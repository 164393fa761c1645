/* SPDX-License-Identifier: MIT
 *
 * Whatever bytes are taken for the PNG of a target, by the way that the program's own
 * take: a file, libpng, a target.  Checksums of chunks are made good, or nothing behind
 * one would ever be tried. */
#include <arpa/inet.h>
#include <png.h>
#include <string.h>
#include <zlib.h>

#include "../../core/cli/target_file.h"
#include "fuzz.h"

enum { SIGNATURE = 8, FRAME = 12 }; /* of a chunk: length, name, checksum */

static void mend_checksums(uint8_t *png, size_t size)
{
    for (size_t at = SIGNATURE; at + FRAME <= size;) {
        uint32_t length = png_get_uint_32(png + at), sum;
        if (length > size - at - FRAME)
            return;
        sum = htonl((uint32_t)crc32(0, png + at + 4, length + 4));
        memcpy(png + at + 8 + length, &sum, 4);
        at += FRAME + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NcaTarget *target = NULL;
    NcaTargetParams params = {8, 2};
    uint8_t *png = malloc(size + 1);
    MUST(png);
    memcpy(png, data, size);
    mend_checksums(png, size);
    fuzz_write(png, size);
    free(png);
    if (target_file_read(&target, fuzz_path(), &params) != 0) {
        MUST(!target);
        return 0;
    }
    for (int i = 0; i < nca_target_width(target) * nca_target_height(target) * 4; i++)
        MUST(nca_target_pixels(target)[i] >= 0 && nca_target_pixels(target)[i] <= 1);
    nca_target_free(&target);
    fuzz_accepted++;
    return 0;
}
