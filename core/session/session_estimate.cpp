// SPDX-License-Identifier: Apache-2.0
#include "core/session/session_estimate.h"

#include "core/forward/forward_state.h"

#include <algorithm>

namespace headwater {

SessionEstimate estimateSession(const Planner& planner, const Model& model, const BlockGrid& grid,
                                const SessionSpace& space, std::uint64_t besides)
{
    const std::uint32_t tokens = grid.seqLen;
    PlanRequest request;
    request.promptTokens = tokens;
    request.records = false;
    request.grid = grid;
    // Weights that are there already are used again, or freed.
    const std::uint64_t free = space.memoryBytes + planner.plan(model, {}).residentBytes;
    SessionEstimate leastOfMemory;
    for (const ElementType keysAs : {ElementType::F32, ElementType::F16}) {
        for (const bool inScratch : {false, true}) {
            const std::uint64_t state = forwardStateBytes(model.config, tokens, keysAs);
            const std::uint64_t held = besides + (inScratch ? 0 : state);
            request.memoryBudget = free > held ? free - held : 1;
            const Plan plan = planner.plan(model, request);
            const std::uint64_t needed = plan.peakBytes() + held;
            SessionEstimate estimate{.keysAs = keysAs,
                                     .inScratch = inScratch,
                                     .stateBytes = state,
                                     .openingBytes = needed - std::min(needed, plan.residentBytes),
                                     .chunkRows = plan.chunkRows,
                                     .weights = plan.weights};
            estimate.fits =
                estimate.openingBytes <= space.memoryBytes && (!inScratch || state <= space.scratchBytes);
            if (estimate.fits)
                return estimate;
            if (inScratch)
                leastOfMemory.besideScratchBytes = estimate.openingBytes;
            else
                leastOfMemory = estimate;
        }
    }
    return leastOfMemory;
}

} // namespace headwater
