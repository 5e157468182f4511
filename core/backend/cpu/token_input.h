// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/arena.h"
#include "core/model/model.h"

#include <cstdint>
#include <functional>
#include <span>

namespace headwater {

/// The rows of tokens as the first layer reads them. Shape: out [ids.size(), hidden].
void embedTokens(const Model& model, std::span<const std::int32_t> ids, float* out);

/// What a layer is given of its rows' tokens, before its gate: the token's own row of the layer and the
/// normed context, each times sqrt(1 / 2). Shape: out [ids.size(), layerInputSize]; projectContext(embedded
/// rows) writes the layer's map of them, inputContext, there.
void layerInput(const Model& model, int layer, std::span<const std::int32_t> ids, float* out,
                Scratch& scratch, const std::function<void(const float*)>& projectContext);

} // namespace headwater
