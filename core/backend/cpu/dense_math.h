// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>

namespace headwater {

/// y = x / sqrt(mean(x²) + epsilon) · weight. Shape: [width] each. Fixed summation order.
void rmsNorm(const float* x, std::span<const float> weight, float epsilon, float* y);

/// gate = silu(gate) · up, silu(z) = z / (1 + exp(-z)). Shape: [count] each.
void siluGate(float* gate, const float* up, std::size_t count);

} // namespace headwater
