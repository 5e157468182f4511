// SPDX-License-Identifier: Apache-2.0
#include "core/engine/run_predictions.h"

#include "core/trace/prediction_store.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

/// The bytes of every token that is named somewhere, by rising id.
void addWords(const Tokenizer& tokenizer, Predictions& predictions)
{
    std::vector<bool> isNamed(static_cast<std::size_t>(tokenizer.vocabSize()));
    const auto name = [&](const LikelyToken& token) {
        if (token.id >= 0 && static_cast<std::size_t>(token.id) < isNamed.size())
            isNamed[static_cast<std::size_t>(token.id)] = true;
    };
    for (const RowPrediction& row : predictions.rows)
        for (const LikelyToken& token : row.likeliest)
            name(token);
    for (const LikelyToken& token : predictions.traced)
        name(token);
    predictions.wordIds.clear();
    predictions.words.clear();
    predictions.wordBytes.assign(1, 0);
    for (std::size_t id = 0; id < isNamed.size(); ++id) {
        if (!isNamed[id])
            continue;
        predictions.wordIds.push_back(static_cast<std::int32_t>(id));
        predictions.words += tokenizer.decode(static_cast<std::int32_t>(id), true);
        predictions.wordBytes.push_back(static_cast<std::uint32_t>(predictions.words.size()));
    }
}

} // namespace

Result<void> RunPredictions::addPrompt(ForwardPass& forward, std::span<const std::int32_t> ids,
                                       std::span<const float> lastLogits, const ProgressSink& progress,
                                       std::stop_token stop)
{
    const std::vector<std::int32_t> following(ids.begin() + 1, ids.end());
    HEADWATER_TRY_ASSIGN(m_made.rows, forward.predict(0, following, progress, std::move(stop)));
    m_made.rows.push_back(predictionOf(lastLogits, -1));
    m_made.promptTokens = static_cast<std::uint32_t>(ids.size());
    return {};
}

void RunPredictions::addDecoded(std::int32_t id, float logprob, std::span<const float> logits)
{
    RowPrediction& before = m_made.rows.back();
    before.following = std::min(logprob, before.likeliest.back().logprob);
    for (const LikelyToken& token : before.likeliest)
        if (token.id == id)
            before.following = token.logprob;
    m_made.rows.push_back(predictionOf(logits, -1));
}

void RunPredictions::addTraced(std::span<const float> logits)
{
    m_made.traced.push_back(predictionOf(logits, -1).likeliest.front());
}

const Predictions& RunPredictions::finished()
{
    addWords(m_tokenizer, m_made);
    return m_made;
}

std::optional<PromptLoss> promptLossOf(const Predictions& predictions)
{
    if (predictions.promptTokens < 2)
        return std::nullopt;
    return PromptLoss{predictions.prompt, predictions.promptTokens - 1, predictions.meanLoss()};
}

nlohmann::json toJson(const PromptLoss& loss)
{
    return {{"of", storedNameOf(loss.by)},
            {"tokens", loss.tokens},
            {"mean_loss", loss.mean},
            {"perplexity", std::exp(loss.mean)}};
}

} // namespace headwater
