// SPDX-License-Identifier: Apache-2.0
#include "core/session/session_estimate.h"

#include <algorithm>

namespace headwater {

std::uint64_t sessionStateBytes(const ModelConfig& config, std::uint32_t tokens, ElementType keysAs)
{
    const auto hidden = static_cast<std::uint64_t>(config.hiddenSize);
    const std::uint64_t element = keysAs == ElementType::F32 ? sizeof(float) : sizeof(std::uint16_t);
    std::uint64_t bytes = sizeof(float) * hidden;
    for (const LayerConfig& layer : config.layers)
        bytes += sizeof(float) * hidden
            + 2 * element * static_cast<std::uint64_t>(layer.numKvHeads)
                * static_cast<std::uint64_t>(layer.headDim);
    return bytes * tokens;
}

SessionEstimate estimateSession(const Planner& planner, const Model& model, std::uint32_t tokens,
                                std::uint64_t freeBytes, std::uint64_t besides)
{
    PlanRequest request;
    request.promptTokens = tokens;
    request.records = false;
    SessionEstimate estimate;
    for (const ElementType keysAs : {ElementType::F32, ElementType::F16}) {
        estimate.keysAs = keysAs;
        estimate.stateBytes = sessionStateBytes(model.config, tokens, keysAs);
        const std::uint64_t held = estimate.stateBytes + besides;
        request.memoryBudget = freeBytes > held ? freeBytes - held : 1;
        const Plan plan = planner.plan(model, request);
        estimate.chunkRows = plan.chunkRows;
        const std::uint64_t needed = plan.peakBytes() + held;
        estimate.openingBytes = needed - std::min(needed, plan.residentBytes);
        estimate.fits = estimate.openingBytes <= freeBytes;
        if (estimate.fits)
            break;
    }
    return estimate;
}

} // namespace headwater
