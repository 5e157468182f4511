// SPDX-License-Identifier: Apache-2.0
#include "core/engine/answer_reads.h"

#include <algorithm>
#include <optional>

namespace headwater {
namespace {

constexpr std::size_t kAnswerReads = 5; // lines of the report
constexpr double kLeastRead = 0.05; // a row gives less to any key by chance: nothing was found there

/// The heaviest read of a recorded row that may be where an answer came from, which is content: neither a
/// sink nor the last few words themselves. None where nothing far is given a share that counts.
std::optional<AnswerRead> farRead(const TokenRow& recorded, const RunTokens& tokens,
                                  std::span<const std::uint32_t> sinks, std::int32_t predicted)
{
    constexpr std::uint32_t kRecent = 64;
    for (std::size_t i = 0; i < recorded.keys.size(); ++i) { // by falling probability
        const std::uint32_t key = recorded.keys[i];
        const auto probability = static_cast<double>(recorded.probability[i]);
        if (probability < kLeastRead)
            return std::nullopt;
        if (key + kRecent > recorded.row || std::binary_search(sinks.begin(), sinks.end(), key))
            continue;
        AnswerRead read;
        read.row = recorded.row;
        read.copies = tokens.ids[key] == predicted;
        read.layer = recorded.layer;
        read.head = recorded.head;
        read.key = key;
        read.probability = probability;
        read.text = tokens.text.substr(tokens.offsets[key], tokens.offsets[key + 1] - tokens.offsets[key]);
        return read;
    }
    return std::nullopt;
}

} // namespace

std::vector<AnswerRead> answerReads(const LayerRecorder& recorder, const RunTokens& tokens,
                                    std::span<const std::uint32_t> sinks, std::uint32_t firstRow,
                                    std::span<const std::int32_t> predicted)
{
    std::vector<AnswerRead> reads;
    for (std::uint32_t step = 0; step < predicted.size(); ++step)
        for (const TokenRow& recorded : recorder.tokenRows(firstRow + step))
            if (std::optional<AnswerRead> read = farRead(recorded, tokens, sinks, predicted[step]))
                reads.push_back(std::move(*read));
    std::stable_sort(reads.begin(), reads.end(), [](const AnswerRead& a, const AnswerRead& b) {
        return a.copies != b.copies ? a.copies : a.probability > b.probability;
    });
    if (reads.size() > kAnswerReads)
        reads.resize(kAnswerReads);
    return reads;
}

} // namespace headwater
