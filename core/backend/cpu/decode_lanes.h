// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The sixteen lanes of the decoding kernels, in the instruction set that the including source is compiled
/// for: decode_kernels_avx512vnni.cpp, _avx512.cpp, _avx2.cpp and _baseline.cpp are the same kernels under
/// different compiler flags, each in a namespace of its own, so that no linker mixes them.
#if defined(__AVX512VNNI__)
#define HEADWATER_INSTRUCTIONS avx512vnni
#include "core/backend/cpu/lanes_avx512.h"
#elif defined(__AVX512F__)
#define HEADWATER_INSTRUCTIONS avx512
#include "core/backend/cpu/lanes_avx512.h"
#elif defined(__AVX2__)
#define HEADWATER_INSTRUCTIONS avx2
#include "core/backend/cpu/lanes_avx2.h"
#else
#define HEADWATER_INSTRUCTIONS baseline
#include "core/backend/cpu/lanes_baseline.h"
#endif
