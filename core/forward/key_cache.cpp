// SPDX-License-Identifier: Apache-2.0
#include "core/forward/key_cache.h"

#include "core/select/head_tile.h"

namespace headwater {

std::uint64_t KeyCache::bytes(const ModelConfig& config) const
{
    std::uint64_t bytes = 0;
    for (const LayerConfig& layer : config.layers)
        bytes += layer.borrowsKeys() ? 0 : 2 * elementBytes(ElementType::F16) * layer.keyWidth();
    return bytes * capacity();
}

Result<KeyCache> allocateKeyCache(LayerPass& layers, std::size_t capacity)
{
    KeyCache cache;
    for (int layer = 0; layer < layers.model().config.numLayers(); ++layer) {
        const LayerConfig& config = layers.config(layer);
        if (config.borrowsKeys()) {
            cache.layers.push_back(cache.of(config.keysOf));
            continue;
        }
        HEADWATER_TRY_ASSIGN(KeysValues empty, layers.allocate(layer, capacity, ElementType::F16));
        cache.layers.push_back(std::move(empty));
    }
    return cache;
}

Result<DecodedToken> decodeToken(LayerPass& layers, KeyCache& cache, std::int32_t id, std::stop_token stop)
{
    HEADWATER_TRY(layers.checkIds({&id, 1}));
    if (cache.tokens >= cache.capacity())
        return Error{ErrorCode::Internal, "no room is left in the KV cache", "decode"};
    HEADWATER_TRY_ASSIGN(Advance one, layers.embedded({&id, 1}, cache.tokens, RowMode::Decode));
    for (int layer = 0; layer < layers.model().config.numLayers(); ++layer) {
        if (!layers.config(layer).borrowsKeys())
            HEADWATER_TRY(layers.projectKeysValues(layer, one, cache.of(layer), stop));
        HEADWATER_TRY(layers.advance(layer, one, kTileRows, cache.of(layer), nullptr, {}, {}, stop));
    }
    const std::uint32_t row = cache.tokens;
    HEADWATER_TRY_ASSIGN(std::vector<float> logits,
                         layers.logits(one.residual, row, RowMode::Decode, {&row, 1}));
    ++cache.tokens;
    return DecodedToken{std::move(one.residual), row, std::move(logits)};
}

} // namespace headwater
