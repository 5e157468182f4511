// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_config.h"

#include <cstddef>
#include <span>

namespace headwater {

/// y = x / sqrt(mean(x²) + epsilon) · weight. Shape: [width] each. Fixed summation order.
void rmsNorm(const float* x, std::span<const float> weight, float epsilon, float* y);

/// Norms every group of weight.size() columns of every row by itself, in place; an empty weight leaves all as
/// it is. Shape: x [rows, width], weight a divisor of the width.
void normGroups(float* x, std::size_t rows, std::size_t width, std::span<const float> weight, float epsilon);

/// y = x · Wᵀ + bias, or added to y. Shape: x [rows, in], weight [out, in], y [rows, out], bias [out] or
/// empty.
void project(std::size_t rows, std::size_t in, std::size_t out, const float* x, const float* weight,
             std::span<const float> bias, float* y, bool accumulate = false);

/// gate = activation(gate) · up. Shape: [count] each.
void activateGate(Activation activation, float* gate, const float* up, std::size_t count);

} // namespace headwater
