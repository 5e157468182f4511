// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model.h"
#include "core/tokenizer/byte_alphabet.h"

#include <algorithm>
#include <string>
#include <vector>

namespace headwater {

/// A vocabulary of all bytes, the results of `merges` in their order, then `added` as control tokens.
inline TokenizerData smallBpe(const std::vector<std::string>& merges,
                              const std::vector<std::string>& added = {})
{
    TokenizerData data;
    data.model = "gpt2";
    data.preTokenizer = "smollm";
    for (int byte = 0; byte < 256; ++byte)
        data.tokens.emplace_back(characterOfByte(static_cast<std::uint8_t>(byte)));
    for (const std::string& merge : merges) {
        std::string result = merge;
        result.erase(result.find(' ', 1), 1);
        if (std::ranges::find(data.tokens, result) == data.tokens.end())
            data.tokens.push_back(result);
    }
    data.tokenTypes.assign(data.tokens.size(), 1);
    for (const std::string& token : added) {
        data.tokens.push_back(token);
        data.tokenTypes.push_back(3);
    }
    data.merges = merges;
    return data;
}

inline std::int32_t idOf(const TokenizerData& data, const std::string& token)
{
    const auto found = std::ranges::find(data.tokens, token);
    return found == data.tokens.end() ? -1 : static_cast<std::int32_t>(found - data.tokens.begin());
}

} // namespace headwater
