/* SPDX-License-Identifier: MIT */
#define LEVEL sse2
#include "kernels_simd.h"
