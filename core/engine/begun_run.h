// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/engine/loaded_model.h"
#include "core/engine/run_report.h"
#include "core/options/run_options.h"
#include "core/session/begun_trace.h"

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

namespace headwater {

/// What a run was asked that changes its trace's bytes, as it came to: the selection resolved, `generate` and
/// `predictions` as after the estimate. The parameters of the protocol; a trace keeps them (meta key
/// `options`), so that the run can be gone on with.
nlohmann::json begunOptions(const RunOptions& options, const EncodedPrompt& prompt, const RunReport& report,
                            std::uint32_t generate, bool predictions);

/// What a run does that goes on with the unfinished trace at given.output: everything that changes its bytes
/// as the trace says; of `given` the model, where it names one (modelOf), the prompt, which is compared,
/// threads, `force` and the session. `names`: of the options that were given, as the
/// protocol spells them ("keep_keys"): none may be another than the trace's run was given. Errors: those of
/// Trace::open; InvalidArgument (the trace is sealed; an option, named "--keep-keys", with found and
/// expected), Unsupported (it does not say what its run was asked), BadFormat.
Result<RunOptions> optionsToGoOn(const RunOptions& given, std::span<const std::string> names);

/// The name of the run's model: what the options say, else the one that made the trace that they go on with.
/// Errors: those of Trace::open and findModelOf. Cost: that of findModelOf.
Result<std::string> modelOf(const RunOptions& options);

/// The prompt as its run encoded it.
EncodedPrompt promptOf(const BegunTrace& begun);

/// Errors: InvalidArgument naming the first token that a prompt and the trace's do not share.
Result<void> checkSamePrompt(const EncodedPrompt& given, const EncodedPrompt& begun);

} // namespace headwater
