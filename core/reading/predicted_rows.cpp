// SPDX-License-Identifier: Apache-2.0
#include "core/reading/predicted_rows.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace headwater {

bool isPredicted(const Predictions& predictions, std::uint32_t row)
{
    return row < predictions.rows.size()
        && (!std::isnan(predictions.rows[row].following) || predictions.rows[row].likeliest.front().id >= 0);
}

Predictions noPredictions(std::uint32_t tokens, PredictedBy by)
{
    Predictions none;
    none.prompt = by;
    none.promptTokens = tokens;
    none.rows.resize(tokens);
    none.wordBytes = {0};
    return none;
}

Predictions joined(const Predictions& known, const PredictedRows& more)
{
    Predictions all = known;
    for (std::size_t i = 0; i < more.rows.size() && more.first + i < all.rows.size(); ++i)
        all.rows[more.first + i] = more.rows[i];
    std::map<std::int32_t, std::string_view> words(more.words.begin(), more.words.end());
    for (const std::int32_t id : known.wordIds)
        words.emplace(id, *known.wordOf(id));
    all.wordIds.clear();
    all.wordBytes = {0};
    all.words.clear();
    for (const auto& [id, bytes] : words) {
        all.wordIds.push_back(id);
        all.words += bytes;
        all.wordBytes.push_back(static_cast<std::uint32_t>(all.words.size()));
    }
    return all;
}

} // namespace headwater
