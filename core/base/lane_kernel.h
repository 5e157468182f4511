// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Compiles a function for AVX-512, AVX2 and the baseline; the loader picks one. ThreadSanitizer cannot run
/// the resolver (it runs before the sanitizer starts), so its build has the baseline only.
#if defined(__SANITIZE_THREAD__)
#define HEADWATER_LANE_KERNEL
#else
#define HEADWATER_LANE_KERNEL __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#define HEADWATER_LANE_INLINE static inline __attribute__((always_inline))
