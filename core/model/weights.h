// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace headwater {

class MappedFile;

/// How the elements of a weight matrix are stored. One entry each in dequantize.cpp's table.
enum class WeightType { F32, F16, BF16, Q8_0, Q4_0, Q4_1 };

/// A weight matrix as stored: [rows, cols] row-major, row r is the r-th output. Borrowed from
/// Weights::storage.
struct WeightMatrix {
    WeightType type = WeightType::F32;
    std::uint32_t rows = 0;
    std::uint32_t cols = 0;
    std::span<const std::byte> data;

    std::uint64_t elements() const { return std::uint64_t{rows} * cols; }
};

/// One decoder layer's weights. A missing part is an empty matrix or span (norm None, ffnSize 0).
struct LayerWeights {
    std::span<const float> attentionNorm; ///< [hidden]
    WeightMatrix query; ///< [numHeads · headDim, hidden]
    WeightMatrix key; ///< [numKvHeads · headDim, hidden]
    WeightMatrix value; ///< [numKvHeads · headDim, hidden]
    WeightMatrix output; ///< [hidden, numHeads · headDim]
    std::span<const float> ffnNorm; ///< [hidden]
    WeightMatrix gate; ///< [ffnSize, hidden]
    WeightMatrix up; ///< [ffnSize, hidden]
    WeightMatrix down; ///< [hidden, ffnSize]

    std::array<const WeightMatrix*, 7> matrices() const
    {
        return {&query, &key, &value, &output, &gate, &up, &down};
    }
};

struct Weights {
    WeightMatrix embedding; ///< [vocab, hidden]
    std::vector<LayerWeights> layers;
    std::span<const float> outputNorm; ///< [hidden]
    WeightMatrix unembedding; ///< [vocab, hidden]; the embedding itself when tied
    std::shared_ptr<const void> storage; ///< owns what the spans point to (a mapping, or vectors)
    std::shared_ptr<const MappedFile> mapping; ///< storage once more, where it is a mapped file
};

} // namespace headwater
