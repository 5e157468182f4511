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
enum class WeightType {
    F32,
    F16,
    BF16,
    Q8_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    IQ4_NL,
    IQ4_XS,
    MXFP4
};

inline constexpr std::size_t kNumWeightTypes = static_cast<std::size_t>(WeightType::MXFP4) + 1;

/// A weight matrix as stored: [rows, cols] row-major, row r is the r-th output. Borrowed from
/// Weights::storage.
struct WeightMatrix {
    WeightType type = WeightType::F32;
    std::uint32_t rows = 0;
    std::uint32_t cols = 0;
    std::span<const std::byte> data;

    std::uint64_t elements() const { return std::uint64_t{rows} * cols; }
};

/// What a projection multiplies with, and adds. Shape: matrix [out, in], bias [out] or empty.
struct Linear {
    WeightMatrix matrix;
    std::span<const float> bias;
};

/// One decoder layer's weights. A missing part is an empty matrix or span: where a layer has norms follows
/// from which of them are there.
struct LayerWeights {
    std::span<const float> attentionNorm; ///< [hidden], of what attention reads
    Linear query; ///< [numHeads · headDim, hidden]
    Linear key; ///< [numKvHeads · headDim, hidden]
    Linear value; ///< [numKvHeads · headDim, hidden]
    std::span<const float> queryNorm; ///< [headDim]: head by head; [numHeads · headDim]: all of a row at once
    std::span<const float> keyNorm; ///< [headDim] or [numKvHeads · headDim], likewise
    Linear output; ///< [hidden, numHeads · headDim]
    std::span<const float> attentionOutputNorm; ///< [hidden], of what attention adds
    std::span<const float> ffnNorm; ///< [hidden], of what the feed-forward reads
    Linear gate; ///< [ffnSize, hidden]
    Linear up; ///< [ffnSize, hidden]
    Linear down; ///< [hidden, ffnSize]
    std::span<const float> ffnOutputNorm; ///< [hidden], of what the feed-forward adds
    WeightMatrix
        inputContext; ///< [layerInputSize, hidden], of the embedding: what the row's token means here
    WeightMatrix inputGate; ///< [layerInputSize, hidden]
    WeightMatrix inputProjection; ///< [hidden, layerInputSize]
    std::span<const float> inputNorm; ///< [hidden], of what the row's token adds
    std::span<const float> outputScale; ///< [1], of all that leaves the layer

    std::array<const WeightMatrix*, 10> matrices() const
    {
        return {&query.matrix, &key.matrix,  &value.matrix, &output.matrix, &gate.matrix,
                &up.matrix,    &down.matrix, &inputContext, &inputGate,     &inputProjection};
    }
};

struct Weights {
    WeightMatrix embedding; ///< [vocab, hidden]
    WeightMatrix layerEmbedding; ///< [vocab · layers, layerInputSize], a token's layers one after the other
    std::span<const float> layerInputNorm; ///< [layerInputSize], of every layer's context
    std::vector<LayerWeights> layers;
    std::span<const float> outputNorm; ///< [hidden], or empty: none
    WeightMatrix unembedding; ///< [vocab, hidden]; the embedding itself when tied
    std::shared_ptr<const void> storage; ///< owns what the spans point to (mappings, or vectors)
    std::vector<std::shared_ptr<const MappedFile>> mappings; ///< the files among it once more
};

} // namespace headwater
