// SPDX-License-Identifier: Apache-2.0
#include "core/engine/behaviour_check.h"

#include "core/forward/forward_pass.h"
#include "core/generation/generation.h"

#include <algorithm>

namespace headwater {
namespace {

constexpr std::uint32_t kProbeRows = 64;
constexpr std::uint32_t kProxyTokens = 2; // the paper's proxy: two consecutive correct tokens

struct Behaviour {
    std::vector<float> probeLogits; ///< [rows, vocab]
    std::string said;
};

Result<Behaviour> behaviourOf(ForwardPass& forward, const LoadedModel& loaded, const EncodedPrompt& prompt,
                              const ForwardOptions& options, std::span<const std::uint32_t> rows,
                              std::uint32_t answerTokens, const ProgressSink& progress, std::stop_token stop)
{
    HEADWATER_TRY(forward.prefill(prompt.tokens.ids, options, nullptr, progress, stop));
    Behaviour behaviour;
    HEADWATER_TRY_ASSIGN(behaviour.probeLogits, forward.logits(rows));
    const std::uint32_t last = static_cast<std::uint32_t>(prompt.tokens.ids.size()) - 1;
    HEADWATER_TRY_ASSIGN(std::vector<float> logits, forward.logits({&last, 1}));
    GenerationOptions greedy;
    greedy.count = answerTokens;
    greedy.spellControl = true;
    GenerationSteps steps;
    steps.decode = [&forward](std::int32_t id, std::stop_token asked) {
        return forward.decode(id, std::move(asked));
    };
    HEADWATER_TRY_ASSIGN(
        const Generation said,
        generate(prompt.tokens.ids, std::move(logits), *loaded.tokenizer, greedy, steps, std::move(stop)));
    behaviour.said = said.text;
    return behaviour;
}

} // namespace

Result<BehaviourCheck> checkBehaviour(Backend& backend, const LoadedModel& loaded,
                                      const EncodedPrompt& prompt, const RunOptions& options,
                                      const SelectParams& resolved, std::uint32_t chunkRows,
                                      const ProgressSink& progress, std::stop_token stop)
{
    const auto tokens = static_cast<std::uint32_t>(prompt.tokens.ids.size());
    BehaviourCheck check;
    std::uint32_t answerTokens = kProxyTokens;
    if (options.expect) {
        check.expected = trimmed(*options.expect);
        if (check.expected.empty())
            return Error{ErrorCode::InvalidArgument,
                         "an empty answer, which every text begins with; expected at least one character",
                         "--expect"};
        const PlainRange whole{0, check.expected.size()};
        const std::span<const PlainRange> plain(&whole, prompt.textTokens == TextTokens::Plain ? 1 : 0);
        HEADWATER_TRY_ASSIGN(const TokenSequence expected, loaded.tokenizer->encode(check.expected, plain));
        // One more than the expected tokens: a model may begin with a space of its own.
        answerTokens = static_cast<std::uint32_t>(expected.ids.size()) + 1;
    }
    std::vector<std::uint32_t> rows;
    const std::uint32_t count = std::min(kProbeRows, tokens);
    for (std::uint32_t i = 0; i < count; ++i)
        rows.push_back(static_cast<std::uint32_t>((std::uint64_t{i} + 1) * tokens / count) - 1);

    ForwardOptions forwardOptions;
    forwardOptions.select = resolved;
    forwardOptions.grid = gridOf(resolved, tokens);
    forwardOptions.chunkRows = chunkRows;
    forwardOptions.newTokens = answerTokens;
    forwardOptions.tokenRows = 0;
    const auto phase = [&](const char* name) -> ProgressSink {
        if (!progress)
            return {};
        return [&progress, name](const Progress& report) {
            Progress renamed = report;
            renamed.phase = name;
            renamed.finishedLayer = -1;
            progress(renamed);
        };
    };
    ForwardPass forward(backend, loaded.model);
    forwardOptions.mode = AttentionRequest::Mode::Dense;
    HEADWATER_TRY_ASSIGN(
        const Behaviour dense,
        behaviourOf(forward, loaded, prompt, forwardOptions, rows, answerTokens, phase("check dense"), stop));
    forwardOptions.mode = AttentionRequest::Mode::Propagated;
    HEADWATER_TRY_ASSIGN(const Behaviour masked,
                         behaviourOf(forward, loaded, prompt, forwardOptions, rows, answerTokens,
                                     phase("check masked"), stop));

    check.dense = dense.said;
    check.masked = masked.said;
    check.rows = count;
    const auto vocab = static_cast<std::size_t>(loaded.model->config.vocabSize);
    std::uint32_t agreeing = 0;
    for (std::uint32_t row = 0; row < count; ++row) {
        const std::span<const float> denseRow = std::span(dense.probeLogits).subspan(row * vocab, vocab);
        const std::span<const float> maskedRow = std::span(masked.probeLogits).subspan(row * vocab, vocab);
        agreeing += greedyToken(denseRow) == greedyToken(maskedRow) ? 1 : 0;
        const double kl = klDivergence(denseRow, maskedRow);
        check.klMean += kl / count;
        check.klMax = std::max(check.klMax, kl);
    }
    check.top1Agreement = static_cast<double>(agreeing) / count;
    const auto says = [&](const std::string& said) { return trimmed(said).starts_with(check.expected); };
    check.denseGivesExpected = options.expect && says(dense.said);
    check.kept = options.expect ? says(masked.said) : masked.said == dense.said;
    return check;
}

} // namespace headwater
