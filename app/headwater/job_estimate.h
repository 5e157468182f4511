// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/memory.h"
#include "core/engine/loaded_model.h"
#include "core/options/run_options.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>

namespace headwater {

/// What `run` and `generate` would take: the JSON objects of `--estimate --json`, and of the RPC's `estimate`
/// and `generate.estimate` (docs/engine_protocol.md). The options are checked and their prompt is read; a run
/// that would be refused is an answer (`refused`), no error. Cost: tokenizing, and some hundredths of a
/// second to measure the machine. Errors: those of encodePrompt, BegunTrace::open, estimateRun and
/// estimateAnswer.
Result<nlohmann::json> runEstimate(const RunOptions& options, const LoadedModel& loaded,
                                   const AvailableMemory& memory, std::stop_token stop);
Result<nlohmann::json> answerEstimate(const RunOptions& options, const LoadedModel& loaded,
                                      const AvailableMemory& memory);

/// --estimate: a verb that says what it would take, and does nothing else.
void addEstimateFlag(CLI::App& verb, bool& into);
/// Prints what it said, in lines (its notes on standard error) or as JSON.
Result<int> printEstimate(const Result<nlohmann::json>& estimate, bool json);

} // namespace headwater
