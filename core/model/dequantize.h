// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/weights.h"

#include <span>

namespace headwater {

struct WeightTypeTraits {
    WeightType type;
    const char* name;
    std::uint32_t ggmlId; ///< id in a GGUF tensor table
    std::uint32_t blockElements;
    std::uint32_t blockBytes;
    /// `count` stored elements (whole blocks) as float32.
    void (*dequantize)(const std::byte* in, std::size_t count, float* out);
};
const WeightTypeTraits& traitsOf(WeightType type);
/// All types this version reads.
std::span<const WeightTypeTraits> weightTypes();

/// Bytes of `elements` stored elements; elements must be a multiple of the type's block length.
std::uint64_t storedBytes(WeightType type, std::uint64_t elements);

/// Row `row` of the matrix as float32, each element rounded as gguf-py rounds it, bit for bit. Shape: out
/// [cols]. Cost: O(cols). Threads: any. Source: ggml's block layouts (ggml-common.h), gguf-py's quants.py.
void dequantizeRow(const WeightMatrix& matrix, std::uint32_t row, std::span<float> out);

/// The same of the rows [first, first + count). Shape: out [count, cols].
void dequantizeRows(const WeightMatrix& matrix, std::uint32_t first, std::uint32_t count, float* out);

/// The matrix of the rows [first, first + count), borrowed from the whole one.
WeightMatrix rowsOf(const WeightMatrix& matrix, std::uint32_t first, std::uint32_t count);

} // namespace headwater
