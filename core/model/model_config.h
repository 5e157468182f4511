// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_kinds.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headwater {

enum class NormKind { None, Rms };
enum class Activation { Silu };

/// One decoder layer. Sizes may differ from layer to layer.
struct LayerConfig {
    HeadKind kind = HeadKind::Global;
    std::uint32_t window = 0; ///< sliding layers: keys a row sees, itself included
    int numHeads = 0;
    int numKvHeads = 0; ///< query head h uses K/V head h / (numHeads / numKvHeads)
    int headDim = 0;
    int ffnSize = 0; ///< 0: no feed-forward block
    float attentionScale = 0; ///< scores are attentionScale · (q · k)
    /// Rotary frequencies in radians a position: dimension pair (2i, 2i + 1) turns by position ·
    /// ropeFrequencies[i]. Shape: [headDim / 2]; 0 leaves a pair alone. Angles are computed in double.
    std::vector<double> ropeFrequencies;
    /// q of row t (from 0) is multiplied by log(t + 2): keeps a head sharp at any length.
    bool queryLogScale = false;

    /// Columns of all its queries, and of all its keys.
    std::size_t queryWidth() const
    {
        return static_cast<std::size_t>(numHeads) * static_cast<std::size_t>(headDim);
    }
    std::size_t keyWidth() const
    {
        return static_cast<std::size_t>(numKvHeads) * static_cast<std::size_t>(headDim);
    }
};

/// What a decoder-only transformer is, as data: the forward pass has no other knowledge of an architecture.
struct ModelConfig {
    std::string architecture; ///< "llama", "needle"
    std::string name;
    int hiddenSize = 0;
    int vocabSize = 0;
    std::uint32_t contextLength = 0; ///< trained context
    NormKind norm = NormKind::Rms;
    float normEpsilon = 1e-5f;
    Activation activation = Activation::Silu;
    std::vector<LayerConfig> layers;

    int numLayers() const { return static_cast<int>(layers.size()); }
};

} // namespace headwater
