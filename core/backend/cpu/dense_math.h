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

/// The same of heads without weights: x / sqrt(mean(x²) + epsilon), every headDim columns.
void normHeads(float* x, std::size_t rows, std::size_t width, std::size_t headDim, float epsilon);

/// gate = activation(gate) · up. Shape: [count] each.
void activateGate(Activation activation, float* gate, const float* up, std::size_t count);

} // namespace headwater
