/* SPDX-License-Identifier: MIT */
#define LEVEL avx512
#include "kernels_simd.h"
