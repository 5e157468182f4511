// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/forward/layer_pass.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// Keys and values of every layer as decoding reads them. Shape: [capacity, numKvHeads · headDim] F16 each.
struct KeyCache {
    std::vector<KeysValues> layers; ///< of a layer that borrows: its lender's
    std::uint32_t tokens = 0; ///< rows that are filled

    bool isEmpty() const { return layers.empty(); }
    std::uint32_t capacity() const
    {
        return isEmpty() ? 0 : static_cast<std::uint32_t>(layers.front().keys.rows());
    }
    KeysValues& of(int layer) { return layers[static_cast<std::size_t>(layer)]; }
    const KeysValues& of(int layer) const { return layers[static_cast<std::size_t>(layer)]; }
    std::uint64_t bytes(const ModelConfig& config) const;
};

/// Room for `capacity` tokens, all layers at once: between the short-lived keys and values of one layer after
/// the other they would leave holes as large as themselves (80 MiB of 745 at 3 800 tokens of SmolLM2).
Result<KeyCache> allocateKeyCache(LayerPass& layers, std::size_t capacity);

/// A token that went through all layers.
struct DecodedToken {
    DeviceTensor residual; ///< [1, hidden] F32, behind the last layer
    std::uint32_t row = 0; ///< its position
    std::vector<float> logits; ///< [vocab], of the token after it
};

/// One token through all layers: its keys and values are appended to the cache, whose rows it attends to, its
/// own included, where and as they lie there. The cache has one token more when this succeeds, else it is as
/// before. Errors: Internal (no room is left), Cancelled, those of the backend and of LayerPass::logits.
Result<DecodedToken> decodeToken(LayerPass& layers, KeyCache& cache, std::int32_t id, std::stop_token stop);

} // namespace headwater
