// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/engine/loaded_model.h"
#include "core/engine/run_report.h"
#include "core/parallel/progress.h"

#include <stop_token>

namespace headwater {

/// A dense forward and a masked one over the same prompt, whatever the run was: greedy answers (two tokens,
/// or as many as `expect` has), KL and arg-max agreement at 64 rows spread over the prompt. Cost: two
/// prefills.
Result<BehaviourCheck> checkBehaviour(Backend& backend, const LoadedModel& loaded,
                                      const EncodedPrompt& prompt, const RunOptions& options,
                                      const SelectParams& resolved, std::uint32_t chunkRows,
                                      const ProgressSink& progress, std::stop_token stop);

} // namespace headwater
