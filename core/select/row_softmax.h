// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

namespace headwater {

/// Row kernels over plain arrays. Sums run over 16 lanes in a fixed order, so the bits depend on the values
/// and n alone, not on the instruction set. Relative error of one exponential: below 2e-7; below e^-83 it is
/// exactly 0, and so is the exponential of a NaN. Cost: about 8 cycles a 16 elements with AVX-512.

/// The largest element, -infinity for n = 0. NaN elements are ignored.
float rowMax(const float* x, std::size_t n);

/// out[i] = exp(x[i] - shift); returns their sum. `out` may be `x`.
float rowExp(const float* x, std::size_t n, float shift, float* out);

/// Replaces the row by its softmax; returns its log-sum-exp. A row without a finite element becomes all
/// zeros.
float rowSoftmax(float* x, std::size_t n);

} // namespace headwater
