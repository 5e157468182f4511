// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/token_input.h"

#include "core/backend/cpu/dense_math.h"
#include "core/model/dequantize.h"

#include <cmath>
#include <numbers>

namespace headwater {

void embedTokens(const Model& model, std::span<const std::int32_t> ids, float* out)
{
    const auto hidden = static_cast<std::size_t>(model.config.hiddenSize);
    const float scale = model.config.embeddingScale;
    for (const std::int32_t id : ids) {
        dequantizeRow(model.weights.embedding, static_cast<std::uint32_t>(id), {out, hidden});
        for (std::size_t column = 0; column < hidden && scale != 1; ++column)
            out[column] *= scale;
        out += hidden;
    }
}

void layerInput(const Model& model, int layer, std::span<const std::int32_t> ids, float* out,
                Scratch& scratch, const std::function<void(const float*)>& projectContext)
{
    const auto hidden = static_cast<std::size_t>(model.config.hiddenSize);
    const auto size = static_cast<std::size_t>(model.config.layerInputSize);
    float* const embedded = scratch.floats(ids.size() * hidden);
    float* const own = scratch.floats(size);
    embedTokens(model, ids, embedded);
    projectContext(embedded);
    const float contextScale = 1.0f / std::sqrt(static_cast<float>(hidden));
    for (std::size_t i = 0; i < ids.size() * size; ++i)
        out[i] *= contextScale;
    normGroups(out, ids.size(), size, model.weights.layerInputNorm, model.config.normEpsilon);
    const auto layers = static_cast<std::uint32_t>(model.config.numLayers());
    const float ownScale = std::sqrt(static_cast<float>(size));
    constexpr float kHalfRoot = std::numbers::sqrt2_v<float> / 2;
    for (std::size_t row = 0; row < ids.size(); ++row, out += size) {
        dequantizeRow(model.weights.layerEmbedding,
                      static_cast<std::uint32_t>(ids[row]) * layers + static_cast<std::uint32_t>(layer),
                      {own, size});
        for (std::size_t i = 0; i < size; ++i)
            out[i] = (out[i] + own[i] * ownScale) * kHalfRoot;
    }
}

} // namespace headwater
