/* SPDX-License-Identifier: MIT */
#define LEVEL neon
#include "kernels_simd.h"
