// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/memory.h"
#include "core/engine/loaded_model.h"
#include "core/forward/cached_pass.h"
#include "core/generation/generation.h"
#include "core/parallel/progress.h"

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

namespace headwater {

/// A prompt continued by the dense model, of which nothing is recorded: the JSON object of `headwater
/// generate --json` (docs/cli.md).
struct PromptAnswer {
    std::uint32_t promptTokens = 0;
    std::uint32_t reusedTokens = 0; ///< of the prompt, whose keys and values an earlier one left
    Generation generated;
    std::vector<std::string> notes;
    struct Seconds {
        double load = 0; ///< making the weights ready, here, and loading the model
        double prefill = 0;
        double generate = 0; ///< without the first token's logits, which are the prefill's
    } seconds;
};

nlohmann::json toJson(const PromptAnswer& answer);

/// Who hears of an answer while it is made.
struct AnswerListener {
    ProgressSink progress;
    std::function<void(const GeneratedToken& token)> token;
    std::function<void(const std::vector<std::string>& notes)> notes; ///< before anything is forwarded
};

/// Makes the weights ready, forwards the prompt and generates. The command line and the RPC call this same
/// function. `pass` is the backend's and the model's; what it holds of an earlier prompt is reused, to the
/// same numbers. `force`: although the estimate says that memory will not do. A stop is heard within one
/// operation of a layer on one tile of rows a thread. Errors: OutOfMemory (refused), InvalidArgument (prompt
/// and answer together are too long), Cancelled, those of CachedPass.
Result<PromptAnswer> answerPrompt(Backend& backend, const LoadedModel& loaded, CachedPass& pass,
                                  const EncodedPrompt& prompt, const GenerationOptions& options, bool force,
                                  const AnswerListener& listener, std::stop_token stop);

} // namespace headwater
