// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/predictions.h"

#include <algorithm>
#include <random>
#include <set>
#include <span>
#include <string>

namespace headwater::made {

inline constexpr std::int32_t kVocabulary = 50000;

/// Seeded predictions of a sequence of these ids: the token that follows is among the likeliest in about
/// half the rows.
inline Predictions predictions(std::span<const std::int32_t> ids, std::uint32_t promptTokens,
                               PredictedBy by = PredictedBy::Model)
{
    std::mt19937_64 random(promptTokens + 11);
    std::uniform_real_distribution<float> unit(0.01F, 1);
    Predictions made;
    made.prompt = by;
    made.promptTokens = promptTokens;
    std::set<std::int32_t> named;
    for (std::size_t row = 0; row < ids.size(); ++row) {
        const std::int32_t next = row + 1 < ids.size() ? ids[row + 1] : -1;
        RowPrediction& prediction = made.rows.emplace_back();
        float logprob = 0;
        for (std::size_t rank = 0; rank < kLikeliest; ++rank) {
            logprob -= unit(random);
            std::int32_t id = next;
            while (id == next)
                id = static_cast<std::int32_t>(random() % (kVocabulary / kLikeliest) * kLikeliest + rank);
            prediction.likeliest[rank] = {id, logprob};
        }
        if (next >= 0) {
            LikelyToken& one = prediction.likeliest[random() % kLikeliest];
            prediction.following = row % 2 == 0 ? one.logprob : logprob - unit(random);
            if (row % 2 == 0)
                one.id = next;
        }
        for (const LikelyToken& token : prediction.likeliest)
            named.insert(token.id);
    }
    for (std::size_t i = promptTokens; i < ids.size(); ++i) {
        const std::int32_t id = i % 3 == 0 ? 7 : ids[i];
        made.traced.push_back({id, -unit(random)});
        named.insert(id);
    }
    made.wordBytes.push_back(0);
    for (const std::int32_t id : named) {
        made.wordIds.push_back(id);
        made.words += "\xC3" + std::to_string(id); // no UTF-8: a token may be half a letter
        made.wordBytes.push_back(static_cast<std::uint32_t>(made.words.size()));
    }
    return made;
}

} // namespace headwater::made
