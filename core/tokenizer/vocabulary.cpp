// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary.h"

#include "core/base/text.h"
#include "core/model/limits.h"

#include <fmt/format.h>

namespace headwater {

Error badTokenizer(const std::string& field, const std::string& found, const std::string& expected)
{
    return {ErrorCode::BadFormat, fmt::format("{}, expected {}", found, expected), "tokenizer " + field};
}

Result<Vocabulary> Vocabulary::make(const TokenizerData& data)
{
    const std::vector<std::string>& tokens = data.tokens;
    if (tokens.empty() || tokens.size() > limits::kVocabSize)
        return badTokenizer("tokens", fmt::format("{} tokens", tokens.size()),
                            fmt::format("1 to {}", limits::kVocabSize));
    if (!data.types.empty() && data.types.size() != tokens.size())
        return badTokenizer("types", fmt::format("{} types", data.types.size()),
                            fmt::format("{}, one a token", tokens.size()));
    const auto numTokens = static_cast<std::int32_t>(tokens.size());
    for (const std::int32_t id : {data.bos, data.eos, data.endOfTurn, data.unknown, data.padding}) {
        if (id < -1 || id >= numTokens)
            return badTokenizer("special token", std::to_string(id),
                                fmt::format("an id below {}", numTokens));
    }
    if ((data.addBos && data.bos < 0) || (data.addEos && data.eos < 0))
        return badTokenizer("special token", "BOS or EOS is to be added and has no id",
                            "the id of the token to add");
    Vocabulary vocabulary;
    vocabulary.m_ids.reserve(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!vocabulary.m_ids.emplace(tokens[i], static_cast<std::int32_t>(i)).second)
            return badTokenizer(fmt::format("tokens[{}]", i),
                                fmt::format("\"{}\" again", printable(tokens[i].substr(0, 60))),
                                "every token once");
    }
    return vocabulary;
}

std::int32_t Vocabulary::find(std::string_view spelling) const
{
    const auto found = m_ids.find(spelling);
    return found == m_ids.end() ? -1 : found->second;
}

} // namespace headwater
