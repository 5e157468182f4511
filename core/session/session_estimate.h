// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/device_tensor.h"
#include "core/backend/plan.h"

#include <cstdint>

namespace headwater {

/// What a warm session of a sequence holds, before anything is taken.
struct SessionEstimate {
    ElementType keysAs = ElementType::F32; ///< F16 where float32 keys and values do not fit
    std::uint64_t stateBytes = 0; ///< residual stream, keys and values of all layers: for as long as it lives
    std::uint64_t openingBytes = 0; ///< at most, while it is opened, the state and the weights included
    std::uint32_t chunkRows = 0;
    bool fits = false; ///< openingBytes are free
};

/// State bytes of `tokens` rows: 4 · (hidden + 2 · kv width) a row and layer, 4 · hidden + 4 · kv width where
/// keys and values are binary16, and the residual after the last layer.
std::uint64_t sessionStateBytes(const ModelConfig& config, std::uint32_t tokens, ElementType keysAs);

/// The most exact session that fits into `freeBytes`: float32 keys and values, else binary16 ones. `besides`:
/// what the program holds beside it, counted into openingBytes.
SessionEstimate estimateSession(const Planner& planner, const Model& model, std::uint32_t tokens,
                                std::uint64_t freeBytes, std::uint64_t besides = 0);

} // namespace headwater
