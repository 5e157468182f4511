// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/tokenizer_data.h"
#include "core/tokenizer/byte_alphabet.h"

#include <algorithm>
#include <string>
#include <vector>

namespace headwater {

/// "left right" as GGUF spells merges.
inline std::vector<MergePair> mergePairs(const std::vector<std::string>& merges)
{
    std::vector<MergePair> pairs;
    for (const std::string& merge : merges) {
        const std::size_t space = merge.find(' ', 1);
        pairs.push_back({merge.substr(0, space), space < merge.size() ? merge.substr(space + 1) : ""});
    }
    return pairs;
}

/// A vocabulary of all bytes, the results of `merges` in their order, then `added` as control tokens.
inline TokenizerData smallBpe(const std::vector<std::string>& merges,
                              const std::vector<std::string>& added = {})
{
    TokenizerData data;
    ByteBpe bpe;
    bpe.splitName = "smollm";
    for (int byte = 0; byte < 256; ++byte)
        data.tokens.emplace_back(characterOfByte(static_cast<std::uint8_t>(byte)));
    for (const std::string& merge : merges) {
        std::string result = merge;
        result.erase(result.find(' ', 1), 1);
        if (std::ranges::find(data.tokens, result) == data.tokens.end())
            data.tokens.push_back(result);
    }
    data.types.assign(data.tokens.size(), TokenType::Normal);
    for (const std::string& token : added) {
        data.tokens.push_back(token);
        data.types.push_back(TokenType::Control);
    }
    bpe.merges = mergePairs(merges);
    data.kind = std::move(bpe);
    return data;
}

inline std::int32_t idOf(const TokenizerData& data, const std::string& token)
{
    const auto found = std::ranges::find(data.tokens, token);
    return found == data.tokens.end() ? -1 : static_cast<std::int32_t>(found - data.tokens.begin());
}

} // namespace headwater
