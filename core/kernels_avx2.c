/* SPDX-License-Identifier: MIT */
#define LEVEL avx2
#include "kernels_simd.h"
