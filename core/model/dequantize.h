// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/weights.h"

#include <span>

namespace headwater {

/// Bytes of `elements` stored elements; elements must be a multiple of the type's block length.
struct WeightTypeTraits {
    WeightType type;
    const char* name;
    std::uint32_t ggmlId; ///< id in a GGUF tensor table
    std::uint32_t blockElements;
    std::uint32_t blockBytes;
};
const WeightTypeTraits& traitsOf(WeightType type);
/// All types this version reads.
std::span<const WeightTypeTraits> weightTypes();

/// Row `row` of the matrix as float32. Shape: out [cols]. Source: ggml's block layouts (ggml-common.h, ggml-quants.c).
void dequantizeRow(const WeightMatrix& matrix, std::uint32_t row, std::span<float> out);

} // namespace headwater
