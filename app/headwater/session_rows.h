// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/headwater/verb.h"
#include "core/engine/open_session.h"
#include "core/reading/known_row.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace headwater {

/// The options that ask a warm session instead of the trace alone.
struct SessionArguments {
    std::string model; ///< empty: the one that the trace names
    bool exact = false;
    RunOptions options; ///< threads and force alone

    void addTo(CLI::App& verb);
    bool isAsked() const { return exact || !model.empty(); }
};

/// Hears one row. Shape: whole [row.token + 1], the probability of every key that comes before its end; empty
/// where only the listed ones are known.
using RowSink = std::function<Result<void>(const KnownRow& row, std::span<const float> whole)>;

/// Finds and loads the trace's model, which a signal ends at once: nothing may have been written yet. Errors:
/// those of findModelOf and loadModel.
Result<LoadedModel> loadForSession(const SessionArguments& arguments, const Trace& trace,
                                   const VerbContext& context);

/// A session for one verb, and what it stands on.
struct VerbSession {
    std::unique_ptr<Backend> backend;
    std::unique_ptr<WarmSession> warm;
};

/// Estimates, and opens the session; says on standard error when its keys are rounded. Errors: OutOfMemory
/// (refused by the estimate), those of WarmSession::open. Cost: one forward.
Result<VerbSession> openSessionFor(const SessionArguments& arguments, const LoadedModel& loaded,
                                   const std::shared_ptr<const Trace>& trace, const ProgressSink& progress,
                                   const VerbContext& context);

/// Whole rows by token, then by head, with their `most` heaviest keys listed. Heads are
/// ascending. Errors: those of WarmSession::row and of the sink, Cancelled. Memory: one row of a layer's
/// heads.
Result<void> sessionRows(WarmSession& session, std::span<const HeadId> heads,
                         std::span<const std::uint32_t> tokens, std::size_t most, const RowSink& sink,
                         const ProgressSink& progress, const std::stop_token& stop);

} // namespace headwater
