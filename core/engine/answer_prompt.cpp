// SPDX-License-Identifier: Apache-2.0
#include "core/engine/answer_prompt.h"

#include "core/base/processors.h"
#include "core/engine/answer_estimate.h"
#include "core/record/head_shape.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

using Clock = std::chrono::steady_clock;

double takeSeconds(Clock::time_point& since)
{
    const Clock::time_point now = Clock::now();
    return std::chrono::duration<double>(now - std::exchange(since, now)).count();
}

/// Tiles enough for all threads: progress is told chunk by chunk.
std::uint32_t chunkRowsOf(const AnswerEstimate& estimate)
{
    const auto threads = static_cast<std::uint32_t>(availableProcessors());
    return std::min(estimate.chunkRows, kTileRows * std::max(2u, threads));
}

} // namespace

nlohmann::json toJson(const PromptAnswer& answer)
{
    const Generation& made = answer.generated;
    nlohmann::json json = {{"prompt_tokens", answer.promptTokens},
                           {"reused_tokens", answer.reusedTokens},
                           {"ids", made.ids},
                           {"logprobs", made.logprobs},
                           {"text", made.text},
                           {"end", nameOf(made.end)},
                           {"notes", answer.notes},
                           {"seconds",
                            {{"load", answer.seconds.load},
                             {"prefill", answer.seconds.prefill},
                             {"generate", answer.seconds.generate}}}};
    if (made.end == GenerationEnd::StopString)
        json["stop"] = made.stoppedBy;
    return json;
}

Result<PromptAnswer> answerPrompt(Backend& backend, const LoadedModel& loaded, CachedPass& pass,
                                  const EncodedPrompt& prompt, const GenerationOptions& options, bool force,
                                  const AnswerListener& listener, std::stop_token stop)
{
    const std::vector<std::int32_t>& ids = prompt.tokens.ids;
    PromptAnswer answer;
    answer.promptTokens = static_cast<std::uint32_t>(ids.size());
    AvailableMemory memory = availableMemory();
    memory.bytes += pass.heldBytes(); // taken or freed first
    HEADWATER_TRY_ASSIGN(const AnswerEstimate estimate,
                         estimateAnswer(backend, loaded, answer.promptTokens, options.count, memory));
    if (!estimate.refusal.empty() && !force)
        return Error{ErrorCode::OutOfMemory, estimate.refusal, "memory estimate"};
    answer.notes = estimate.notes;
    if (listener.notes)
        listener.notes(answer.notes);
    Clock::time_point since = Clock::now();
    HEADWATER_TRY(backend.uploadWeights(loaded.model, estimate.weights, stop));
    answer.seconds.load = loaded.seconds + takeSeconds(since);
    HEADWATER_TRY_ASSIGN(answer.reusedTokens,
                         pass.prefill(ids, chunkRowsOf(estimate), options.count, listener.progress, stop));
    HEADWATER_TRY_ASSIGN(std::vector<float> logits, pass.logits());
    answer.seconds.prefill = takeSeconds(since);
    GenerationSteps steps;
    steps.decode = [&pass](std::int32_t id, std::stop_token asked) {
        return pass.decode(id, std::move(asked));
    };
    TimeLeft timeLeft;
    steps.token = [&](const GeneratedToken& token) {
        if (listener.token)
            listener.token(token);
        if (listener.progress && token.id >= 0)
            listener.progress({"generate", token.count, options.count, "tokens",
                               timeLeft.update(token.count, options.count), -1});
    };
    HEADWATER_TRY_ASSIGN(
        answer.generated,
        generate(ids, std::move(logits), *loaded.tokenizer, options, steps, std::move(stop)));
    answer.seconds.generate = takeSeconds(since);
    return answer;
}

} // namespace headwater
