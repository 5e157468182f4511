// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// How many of a row's likeliest next tokens are kept.
inline constexpr std::size_t kLikeliest = 5;

/// A token that may come next. id -1 with a NaN: the vocabulary has no more.
struct LikelyToken {
    std::int32_t id = -1;
    float logprob = std::numeric_limits<float>::quiet_NaN(); ///< natural logarithm of its probability, <= 0
};

/// What one row gives to the token after it, over the whole vocabulary. Error of a logprob: at most
/// 4e-6 + 6e-8 · |logprob| nat (that of the float it is kept as) against the softmax of the row's float32
/// logits.
struct RowPrediction {
    /// Of the token that does follow the row; NaN where none does.
    float following = std::numeric_limits<float>::quiet_NaN();
    std::array<LikelyToken, kLikeliest> likeliest; ///< by falling probability, ties to the smaller id
};

/// Whose predictions a row's are.
enum class PredictedBy {
    Model, ///< dense attention: what the model itself says
    SparseForward, ///< every layer attended over its own mask
    Decoding, ///< a generated token's row as it was decoded, over the whole cache
};

/// What the rows of a run gave to the token after them.
struct Predictions {
    PredictedBy prompt = PredictedBy::Model; ///< of the prompt's rows: Model or SparseForward
    std::uint32_t promptTokens = 0; ///< the rows from here on are of the decoding
    std::vector<RowPrediction> rows; ///< [tokens]

    /// The first choice of the traced forward for each generated token: of the rows [promptTokens - 1,
    /// tokens - 1), which were forwarded once more for the map. Shape: [tokens - promptTokens].
    std::vector<LikelyToken> traced;

    /// The likeliest tokens in their bytes. Shape: wordIds [words], ascending; wordBytes [words + 1].
    std::vector<std::int32_t> wordIds;
    std::vector<std::uint32_t> wordBytes;
    std::string words;

    PredictedBy by(std::uint32_t row) const { return row < promptTokens ? prompt : PredictedBy::Decoding; }

    /// The log-probability that the row before it gave to a token; NaN for the first.
    float logprobOf(std::uint32_t token) const
    {
        return token == 0 || token >= rows.size() ? std::numeric_limits<float>::quiet_NaN()
                                                  : rows[token - 1].following;
    }

    /// What the traced forward would have chosen in the place of token `row + 1`; none for rows of the prompt
    /// before its last and for the last row.
    const LikelyToken* tracedOf(std::uint32_t row) const
    {
        return row + 1 < promptTokens || row + 1 - promptTokens >= traced.size()
            ? nullptr
            : &traced[row + 1 - promptTokens];
    }

    /// A likely token in its bytes, which need not be UTF-8; none where the words do not hold it.
    std::optional<std::string_view> wordOf(std::int32_t id) const
    {
        const auto found = std::lower_bound(wordIds.begin(), wordIds.end(), id);
        if (found == wordIds.end() || *found != id)
            return std::nullopt;
        const auto at = static_cast<std::size_t>(found - wordIds.begin());
        return std::string_view(words).substr(wordBytes[at], wordBytes[at + 1] - wordBytes[at]);
    }

    /// The mean of -logprob over the prompt's tokens but the first, in nat; NaN where there is none.
    double meanLoss() const
    {
        double sum = 0;
        for (std::uint32_t token = 1; token < promptTokens; ++token)
            sum -= static_cast<double>(logprobOf(token));
        return promptTokens > 1 ? sum / (promptTokens - 1) : std::numeric_limits<double>::quiet_NaN();
    }
};

} // namespace headwater
