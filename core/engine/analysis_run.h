// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/base/memory.h"
#include "core/engine/loaded_model.h"
#include "core/engine/resolve_options.h"
#include "core/engine/run_report.h"
#include "core/forward/forward_state.h"
#include "core/generation/generation.h"
#include "core/parallel/progress.h"
#include "core/session/begun_trace.h"

#include <functional>
#include <stop_token>

namespace headwater {

/// Where a run tells how far it is, and gives away what it does not need any more.
struct RunListener {
    ProgressSink progress;
    std::function<void(const GeneratedToken& token)> token; ///< each generated token as it comes
    /// What the forward left of every layer, once the trace is sealed: for WarmSession::adopt. Only where it
    /// was asked for (RunOptions::keepSession) and the estimate let it.
    std::function<void(ForwardState state)> state;
};

/// What a run asks of its device: each of these is one after the other.
struct RunWork {
    DeviceWork prompt; ///< its forward, and its predictions
    DeviceWork generation; ///< with all its tokens, and the rows that are forwarded again for them
    DeviceWork check;
    double writing = 0; ///< seconds, of the trace's layers
    double rewriting = 0; ///< seconds, of their ends with what was generated
};

/// What a run will need, before anything is taken.
struct RunEstimate {
    std::uint32_t tokens = 0; ///< of the prompt
    SelectParams select; ///< resolved
    std::uint32_t generate = 0; ///< tokens that will be generated; 0 when the cache does not fit
    std::uint64_t memoryBytes = 0;
    std::uint64_t memoryAvailable = 0; ///< what weights of an earlier run hold is free for this one
    std::uint32_t chunkRows = 0; ///< rows a chunk: fewer where memory is short
    WeightForm weights = WeightForm::Float32; ///< as stored where they do not fit as float32
    bool predictions = false; ///< whether they will be made
    std::uint64_t sessionBytes = 0; ///< of memoryBytes, what stays for a session; 0: none is kept
    RunWork work; ///< for Planner::seconds
    std::uint64_t traceBytes = 0;
    std::string refusal; ///< not empty: why it would be refused, with a suggestion that works
    std::vector<std::string> notes;
};

/// Estimates a run before its weights are made ready, before there is a backend. Memory that the planner,
/// being one, holds already is not counted. `begun`: what the run goes on with. Errors: those of
/// resolveSelect; that it does not fit is no error
/// (`refusal`).
Result<RunEstimate> estimateRun(const Planner& planner, const LoadedModel& loaded, std::uint32_t promptTokens,
                                const RunOptions& options, const AvailableMemory& memory = availableMemory(),
                                const BegunTrace* begun = nullptr);

/// The whole way: prompt → tokens → forward with selection → trace, then generation, the tail and the
/// behaviour check. The CLI and the RPC call this same function. A failed or cancelled run leaves a trace of
/// the finished layers. With options.resume (optionsToGoOn) it goes on with such a trace, whose data then are
/// those of a run that was not interrupted, bit by bit: every step is done again, and what is there already
/// is compared with instead of written. Errors: OutOfMemory (refused by the estimate, unless options.force),
/// Cancelled, BadFormat (the trace holds other numbers: names layer, head and row), and those of every
/// step.
Result<RunReport> runAnalysis(Backend& backend, const LoadedModel& loaded, const RunOptions& options,
                              const RunListener& listener, std::stop_token stop);

} // namespace headwater
