// SPDX-License-Identifier: Apache-2.0
#include "core/engine/open_session.h"

#include "core/base/text.h"
#include "core/engine/forward_estimate.h"
#include "core/engine/memory_need.h"
#include "core/trace/trace_quantity.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

/// As WarmSession::open will forward it.
ReplayWork workOf(const Trace& trace)
{
    ReplayWork work;
    work.overMasks = isPropagated(trace);
    for (const HeadInfo& head : trace.heads())
        if (head.kind == HeadKind::Global) {
            work.keepKeys = head.keepKeys;
            work.wholeSums = head.normaliser == Normaliser::Exact;
            break;
        }
    return work;
}

} // namespace

SessionNeed needOfSession(const Planner& planner, const Model& model, const Trace& trace, std::size_t threads,
                          const AvailableMemory& memory, const ScratchPlace& scratch)
{
    SessionNeed need;
    need.memory =
        estimateSession(planner, model, trace.seqLen(), {memory.bytes, scratch.bytes}, kProgramBytes);
    need.memoryAvailable = memory.bytes;
    need.scratchFolder = scratch.folder;
    need.seconds = replaySeconds(model.config, trace.seqLen(), workOf(trace), threads);
    if (!need.memory.fits)
        need.refusal = refusalText(
            need.memory.openingBytes, memory,
            fmt::format(
                "with {} on the disk of {} ({} may be taken there, half of what is free) it needs {}; "
                "close other programs, free that disk, or ask a shorter trace",
                humanBytes(need.memory.stateBytes), scratch.folder.string(), humanBytes(scratch.bytes),
                humanBytes(need.memory.besideScratchBytes)));
    return need;
}

Result<std::unique_ptr<WarmSession>> openSession(Backend& backend, const LoadedModel& loaded,
                                                 std::shared_ptr<const Trace> trace, const SessionNeed& need,
                                                 bool force, const ProgressSink& progress,
                                                 std::stop_token stop)
{
    // Another model is told as such, not by the memory that it would take.
    HEADWATER_TRY(WarmSession::checkModel(*trace, *loaded.model));
    if (!need.refusal.empty() && !force)
        return Error{ErrorCode::OutOfMemory, need.refusal, "memory estimate"};
    HEADWATER_TRY(backend.uploadWeights(loaded.model));
    return WarmSession::open(backend, loaded.model, std::move(trace),
                             {need.memory.keysAs, need.memory.chunkRows,
                              need.memory.inScratch ? need.scratchFolder : std::filesystem::path()},
                             progress, std::move(stop));
}

} // namespace headwater
