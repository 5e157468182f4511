// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/forward/forward_pass.h"
#include "core/record/predictions.h"
#include "core/tokenizer/tokenizer.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <stop_token>

namespace headwater {

/// What a run's rows give to the tokens after them, collected as its steps go: the prompt, then each decoded
/// token, then the traced tail.
class RunPredictions {
public:
    /// `prompt`: what the prompt's rows are forwarded by. The tokenizer outlives the predictions.
    RunPredictions(const Tokenizer& tokenizer, PredictedBy prompt)
        : m_tokenizer(tokenizer)
    {
        m_made.prompt = prompt;
    }

    /// Of all rows of the prompt that `forward` has prefilled. The last row's are taken from the logits that
    /// generation begins with, so that what is said and what is done agree to the bit. Shape: lastLogits
    /// [vocab]. Errors: those of ForwardPass::predict.
    Result<void> addPrompt(ForwardPass& forward, std::span<const std::int32_t> ids,
                           std::span<const float> lastLogits, const ProgressSink& progress,
                           std::stop_token stop);

    /// The last row so far gave `logprob` to the token after it, which was decoded and gave these logits. A
    /// token among the row's likeliest has its number there, any other none above theirs.
    void addDecoded(std::int32_t id, float logprob, std::span<const float> logits);

    /// The same row of the tail, forwarded once more. In the order of the generated tokens.
    void addTraced(std::span<const float> logits);

    /// All of them, with the likeliest tokens in their bytes. Cost: O(tokens + vocabulary).
    const Predictions& finished();

private:
    const Tokenizer& m_tokenizer;
    Predictions m_made;
};

/// How well the prompt was predicted, and by what.
struct PromptLoss {
    PredictedBy by = PredictedBy::Model;
    std::uint32_t tokens = 0; ///< that have a log-probability
    double mean = 0; ///< of -logprob, in nat
};

/// None where no token of the prompt has a log-probability.
std::optional<PromptLoss> promptLossOf(const Predictions& predictions);

/// `{of, tokens, mean_loss, perplexity}`.
nlohmann::json toJson(const PromptLoss& loss);

} // namespace headwater
