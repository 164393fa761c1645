/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool nca_base64_decode(uint8_t *data, size_t size, const char *text)
{
    if (strlen(text) != (size + 2) / 3 * 4)
        return false;
    for (size_t i = 0; i < size; i += 3, text += 4) {
        size_t here = size - i < 3 ? size - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++) {
            const char *digit = text[k] ? strchr(digits, text[k]) : NULL;
            if (k > here ? text[k] != '=' : !digit)
                return false;
            bits = bits << 6 | (k > here ? 0 : (uint32_t)(digit - digits));
        }
        if (bits & 0xffffffu >> 8 * here)
            return false;
        for (size_t k = 0; k < here; k++)
            data[i + k] = (uint8_t)(bits >> (16 - 8 * k));
    }
    return true;
}

void nca_base64_encode(char *text, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t here = size - i < 3 ? size - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < here ? data[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *text++ = k > here ? '=' : digits[bits >> (18 - 6 * k) & 63];
    }
    *text = 0;
}
