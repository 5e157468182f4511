// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/plan.h"
#include "core/base/memory.h"
#include "core/base/result.h"
#include "core/engine/loaded_model.h"

#include <cstdint>
#include <string>
#include <vector>

namespace headwater {

/// What an answer of which nothing is recorded will need, before anything is taken: as if nothing of its
/// prompt were in a cache.
struct AnswerEstimate {
    std::uint32_t tokens = 0; ///< of the prompt
    std::uint32_t generate = 0; ///< at most: the model may end before
    std::uint64_t memoryBytes = 0;
    std::uint64_t memoryAvailable = 0;
    std::uint32_t chunkRows = 0;
    WeightForm weights = WeightForm::Float32;
    DeviceWork prompt; ///< for Planner::seconds
    DeviceWork generation; ///< of all its tokens
    std::string refusal; ///< not empty: why it would be refused, with a suggestion that works
    std::vector<std::string> notes;
};

/// Errors: InvalidArgument (prompt and answer together are too long); that it does not fit is none
/// (`refusal`).
Result<AnswerEstimate> estimateAnswer(const Planner& planner, const LoadedModel& loaded,
                                      std::uint32_t promptTokens, std::uint32_t generate,
                                      const AvailableMemory& memory = availableMemory());

} // namespace headwater
