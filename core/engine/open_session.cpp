// SPDX-License-Identifier: Apache-2.0
#include "core/engine/open_session.h"

#include "core/engine/forward_estimate.h"
#include "core/engine/memory_need.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {

SessionNeed needOfSession(const Planner& planner, const Model& model, const Trace& trace, std::size_t threads,
                          std::uint64_t heldBytes, const AvailableMemory& memory)
{
    SessionNeed need;
    need.memory = estimateSession(planner, model, trace.seqLen(), memory.bytes);
    need.memory.openingBytes += kProgramBytes;
    need.memoryAvailable = memory.bytes;
    need.seconds = denseForwardSeconds(model.config, trace.seqLen(), threads);
    if (!need.memory.fits)
        need.refusal = refusalText(
            need.memory.openingBytes, memory,
            heldBytes > 0 ? fmt::format("close an idle session ({} MiB are held by them)", heldBytes >> 20)
                          : std::string("close other programs, or ask a shorter trace"));
    return need;
}

Result<std::unique_ptr<WarmSession>> openSession(Backend& backend, const LoadedModel& loaded,
                                                 std::shared_ptr<const Trace> trace, const SessionNeed& need,
                                                 bool force, const ProgressSink& progress,
                                                 std::stop_token stop)
{
    if (!need.refusal.empty() && !force)
        return Error{ErrorCode::OutOfMemory, need.refusal, "memory estimate"};
    HEADWATER_TRY(backend.uploadWeights(loaded.model));
    return WarmSession::open(backend, loaded.model, std::move(trace),
                             {need.memory.keysAs, need.memory.chunkRows}, progress, std::move(stop));
}

} // namespace headwater
