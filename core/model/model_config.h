// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_kinds.h"

#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headwater {

/// What gates the feed-forward: silu(z) = z / (1 + e^-z), or GELU by its tanh form.
enum class Activation { Silu, GeluTanh };

/// Which two of the n turned dimensions of a head make a pair: (2i, 2i + 1), or (i, i + n / 2).
enum class RotaryPairs { Neighbours, Halves };

/// Rotary positions of one layer's queries and keys.
struct Rotary {
    RotaryPairs pairs = RotaryPairs::Neighbours;
    /// Pair i turns by position · frequencies[i], in radians; 0 leaves it alone. Angles are computed in
    /// double. Shape: [turned dimensions / 2]; the rest of a head, or all of it, has no position.
    std::vector<double> frequencies;
    double magnitude = 1; ///< what turns is multiplied by it (YaRN)

    auto operator<=>(const Rotary&) const = default;
};

/// What grows with the position: base + slope · ln(offset + floor(position / step)).
struct PositionScale {
    double base = 1;
    double slope = 0;
    double offset = 1;
    std::uint32_t step = 1;

    bool isOne() const { return base == 1 && slope == 0; }
    double at(std::uint32_t position) const
    {
        return base + slope * std::log(offset + static_cast<double>(position / step));
    }
};

/// One decoder layer. Sizes may differ from layer to layer.
struct LayerConfig {
    HeadKind kind = HeadKind::Global;
    std::uint32_t window = 0; ///< sliding layers: keys a row sees, itself included
    int numHeads = 0;
    int numKvHeads = 0; ///< query head h uses K/V head h / (numHeads / numKvHeads)
    int headDim = 0;
    int ffnSize = 0; ///< 0: no feed-forward block
    float attentionScale = 0; ///< scores are attentionScale · (q · k)
    float scoreCap = 0; ///< c > 0: a score s becomes c · tanh(s / c), before mask and softmax
    Rotary rotary;
    PositionScale queryScale; ///< of the queries, after rotary
    /// The earlier layer whose keys and values it reads, as that layer made them; -1: it has its own.
    int keysOf = -1;
    bool valuesAreKeys = false; ///< values are the keys' projection, before norm and rotary
    bool normsValues = false; ///< every head's values are normed, without weights

    bool borrowsKeys() const { return keysOf >= 0; }

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
    std::string architecture; ///< "llama", "qwen2", "needle"
    std::string name;
    int hiddenSize = 0;
    int vocabSize = 0;
    std::uint32_t contextLength = 0; ///< trained context
    float normEpsilon = 1e-5f; ///< of the RMS norms that the weights have
    Activation activation = Activation::Silu;
    float embeddingScale = 1; ///< the embedding is multiplied by it
    float logitCap = 0; ///< c > 0: a logit z becomes c · tanh(z / c)
    int layerInputSize = 0; ///< of what every layer adds for its row's token; 0: nothing
    std::vector<LayerConfig> layers;

    int numLayers() const { return static_cast<int>(layers.size()); }
};

} // namespace headwater
