// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/data_paths.h"
#include "core/base/memory.h"
#include "core/base/scratch_file.h"
#include "core/engine/loaded_model.h"
#include "core/session/session_estimate.h"
#include "core/session/warm_session.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

namespace headwater {

/// What a session of a trace would take, in the words and numbers that a caller shows before it asks for it.
struct SessionNeed {
    SessionEstimate memory;
    std::uint64_t memoryAvailable = 0;
    std::filesystem::path scratchFolder; ///< where a session that memory does not hold would lie
    double seconds = 0; ///< of opening it, from the operations it takes and the speed of this machine's GEMM
    std::string refusal; ///< not empty: why it would be refused, with what to do
};

/// Where sessions lie that memory does not hold, and how much they may take there.
struct ScratchPlace {
    std::filesystem::path folder = userCacheDirectory();
    std::uint64_t bytes = scratchSpace(userCacheDirectory());
};

SessionNeed needOfSession(const Planner& planner, const Model& model, const Trace& trace,
                          const AvailableMemory& memory = availableMemory(),
                          const ScratchPlace& scratch = {});

/// Makes the weights ready and opens the most exact session that fits. Errors: OutOfMemory (refused by the
/// estimate, unless `force`), those of WarmSession::open. A disk that has filled since the estimate is an
/// error, no reason for a rougher session.
Result<std::unique_ptr<WarmSession>> openSession(Backend& backend, const LoadedModel& loaded,
                                                 std::shared_ptr<const Trace> trace, const SessionNeed& need,
                                                 bool force, const ProgressSink& progress = {},
                                                 std::stop_token stop = {});

} // namespace headwater
