// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/generation/sampling.h"
#include "core/options/run_options.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// What is asked of a generation.
struct GenerationOptions {
    std::uint32_t count = 64; ///< tokens at most
    SamplingOptions sampling;
    std::uint64_t seed = 0; ///< of what is drawn
    std::vector<std::string> stops; ///< strings that end the answer; no empty one
    bool spellControl = false; ///< control tokens stand in the text as they are spelt
};

/// What `run` or `generate` was asked for.
GenerationOptions generationOptionsOf(const RunOptions& options);

/// Why a generation ended.
enum class GenerationEnd {
    Count, ///< as many tokens as were asked for
    EndToken, ///< the model ended it; that token is none of the answer's
    StopString,
};
const char* nameOf(GenerationEnd end); ///< "count", "end_token", "stop_string"

/// One token as it comes.
struct GeneratedToken {
    std::int32_t id = 0; ///< -1: none, what was held back when the last had come
    std::string_view bytes; ///< its own
    std::string_view text; ///< that may be shown now (AnswerText)
    std::uint32_t count = 0; ///< tokens so far
};

/// The model's side of the loop, and who hears of it.
struct GenerationSteps {
    /// Appends a token and gives the logits after it. Shape: [vocab]. Errors end the generation.
    std::function<Result<std::vector<float>>(std::int32_t id, std::stop_token stop)> decode;
    std::function<void(const GeneratedToken& token)> token; ///< may be empty
    /// May be empty. Where it is not, every token is decoded, the last one too, and hears of what it gave:
    /// `logprob` is what the row before gave to the token, `logits` follow it.
    std::function<void(std::int32_t id, float logprob, std::span<const float> logits)> decoded;
};

/// What was generated.
struct Generation {
    std::vector<std::int32_t> ids; ///< those of a stop string too
    std::vector<float> logprobs; ///< what the model gave to each, before penalty, temperature and filters
    std::vector<std::int32_t> likeliest; ///< the model's first choice at each
    std::string text; ///< ends before a stop string
    GenerationEnd end = GenerationEnd::Count;
    std::string stoppedBy; ///< the stop string, where one ended it
};

/// The one loop: logits → sampler → token → decode. `logits` follow the prompt. Shape: [vocab]. Errors: those
/// of `decode`; Cancelled.
Result<Generation> generate(std::span<const std::int32_t> prompt, std::vector<float> logits,
                            const Tokenizer& tokenizer, const GenerationOptions& options,
                            const GenerationSteps& steps, std::stop_token stop);

} // namespace headwater
