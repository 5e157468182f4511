// SPDX-License-Identifier: Apache-2.0
#include "core/engine/open_session.h"

#include "core/base/text.h"
#include "core/engine/job_work.h"
#include "core/engine/memory_need.h"
#include "core/session/trace_masks.h"
#include "core/trace/trace_quantity.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

/// The trace's prompt, forwarded as WarmSession::open will.
DeviceWork replayWork(const Model& model, const Trace& trace, WeightForm form)
{
    const std::uint32_t tokens = trace.seqLen();
    if (!isPropagated(trace))
        return denseWork(model, {0, tokens}, form, false);
    SelectParams masks;
    masks.selection = Selection::Exact;
    masks.propagation = Propagation::Propagated;
    const std::span<const HeadInfo> heads = trace.heads();
    const auto global = std::ranges::find(heads, HeadKind::Global, &HeadInfo::kind);
    masks.keepKeys = global != heads.end() ? global->keepKeys : 0;
    DeviceWork work = forwardWork(model, masks, {0, tokens}, form, false);
    // The scores of whole rows, which only their sums need.
    if (global != heads.end() && global->normaliser != Normaliser::Exact)
        for (const LayerConfig& layer : model.config.layers)
            if (layer.kind == HeadKind::Global)
                work.attention -= static_cast<double>(tokens) * tokens / 2 * layer.headDim * layer.numHeads;
    return work;
}

/// Of the masks that the forward goes over; what it cannot go over is said when it is opened.
BlockGrid gridOf(const Trace& trace)
{
    const Result<BlockGrid> ofMasks = TraceMasks::gridOf(trace);
    return isPropagated(trace) && ofMasks ? *ofMasks : defaultGrid(trace.seqLen());
}

/// What a disk takes while a forward writes to it, which goes on beside it: assumed, as of a slow one.
constexpr double kScratchBytesPerSecond = 150e6;

/// What would help where no session fits.
std::string remedyFor(const SessionEstimate& estimate, const ScratchPlace& scratch)
{
    const std::string folder = scratch.folder.string();
    if (scratch.bytes == 0)
        return fmt::format(
            "no scratch file may lie in {} (it is in memory, or its disk is full); close other "
            "programs, name a folder on a disk in XDG_CACHE_HOME, or ask a shorter trace",
            folder);
    if (estimate.stateBytes > scratch.bytes)
        return fmt::format(
            "with {} on the disk of {} it needs {}, but {} may be taken there (half of what is "
            "free); close other programs, free that disk, or ask a shorter trace",
            humanBytes(estimate.stateBytes), folder, humanBytes(estimate.besideScratchBytes),
            humanBytes(scratch.bytes));
    return fmt::format("with {} on the disk of {} it still needs {}; close other programs, or ask a shorter "
                       "trace",
                       humanBytes(estimate.stateBytes), folder, humanBytes(estimate.besideScratchBytes));
}

} // namespace

SessionNeed needOfSession(const Planner& planner, const Model& model, const Trace& trace,
                          const AvailableMemory& memory, const ScratchPlace& scratch)
{
    SessionNeed need;
    need.memory =
        estimateSession(planner, model, gridOf(trace), {memory.bytes, scratch.bytes}, kProgramBytes);
    need.memoryAvailable = memory.bytes;
    need.scratchFolder = scratch.folder;
    need.seconds = planner.seconds(model, replayWork(model, trace, need.memory.weights));
    if (need.memory.inScratch)
        need.seconds += static_cast<double>(need.memory.stateBytes) / kScratchBytesPerSecond;
    if (!need.memory.fits)
        need.refusal = refusalText(need.memory.openingBytes, memory, remedyFor(need.memory, scratch));
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
    HEADWATER_TRY(backend.uploadWeights(loaded.model, need.memory.weights, stop));
    return WarmSession::open(backend, loaded.model, std::move(trace),
                             {need.memory.keysAs, need.memory.chunkRows,
                              need.memory.inScratch ? need.scratchFolder : std::filesystem::path()},
                             progress, std::move(stop));
}

} // namespace headwater
