// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/plan.h"
#include "core/base/memory.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headwater {

/// A dense forward pass of which nothing is recorded: that of `generate` and of `logits`.
struct ForwardDemand {
    std::uint32_t tokens = 0; ///< of the prompt
    std::uint32_t newTokens = 0; ///< generated after it; > 0 keeps the KV cache
    std::uint32_t rows = 1; ///< whose logits are asked for
    std::uint64_t bytesARow = 0; ///< what each of them leaves with the caller
    std::uint32_t rowsAtOnce = 1; ///< rows of logits, over the whole vocabulary, that are held together
};

struct ForwardEstimate {
    std::uint64_t memoryBytes = 0;
    std::uint64_t memoryFree = 0;
    std::uint32_t chunkRows = 0; ///< of the prefill
    WeightForm weights = WeightForm::Float32; ///< as stored where they do not fit as float32
    std::vector<std::string> notes; ///< limits that are not known, and weights that stay as stored
};

/// What the pass will hold at most, before anything is taken. Errors: OutOfMemory when that is more than
/// `memory` and what the planner, being a backend, holds already, naming fewer rows, fewer new tokens or a
/// shorter prompt, whichever is enough; with `force` none.
Result<ForwardEstimate> estimateForward(const Planner& planner, const Model& model,
                                        const ForwardDemand& demand, bool force,
                                        const AvailableMemory& memory = availableMemory());

/// That so many tokens are more than the model was trained for; nothing where they are not, or where the
/// model does not say.
std::optional<std::string> trainedContextNote(const ModelConfig& config, std::uint32_t tokens);

} // namespace headwater
