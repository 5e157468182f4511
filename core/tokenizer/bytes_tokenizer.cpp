// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/bytes_tokenizer.h"

#include "core/base/text.h"
#include "core/model/limits.h"
#include "core/tokenizer/tokenizer_identity.h"

#include <fmt/format.h>

namespace headwater {

BytesTokenizer::BytesTokenizer(const TokenizerData& data)
    : m_addBos(data.addBos)
    , m_addEos(data.addEos)
    , m_identity(tokenizerIdentity(data))
{
}

Result<TokenSequence> BytesTokenizer::encode(std::string_view text,
                                             std::span<const PlainRange> /*plain*/) const
{
    const std::uint64_t count = text.size() + (m_addBos ? 1 : 0) + (m_addEos ? 1 : 0);
    if (count > limits::kPromptTokens)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} tokens, expected at most {}", count, limits::kPromptTokens), "text"};
    TokenSequence out;
    out.ids.reserve(count);
    out.offsets.reserve(count + 1);
    if (m_addBos) {
        out.ids.push_back(kBos);
        out.offsets.push_back(0);
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        out.ids.push_back(static_cast<unsigned char>(text[i]));
        out.offsets.push_back(static_cast<std::uint32_t>(i));
    }
    const auto end = static_cast<std::uint32_t>(text.size());
    if (m_addEos) {
        out.ids.push_back(kEos);
        out.offsets.push_back(end);
    }
    out.offsets.push_back(end);
    return out;
}

std::string BytesTokenizer::decode(std::int32_t id, bool withControl) const
{
    if (id >= 0 && id < kBos)
        return std::string(1, static_cast<char>(id));
    if (withControl && id == kBos)
        return "<bos>";
    if (withControl && id == kEos)
        return "<eos>";
    return {};
}

} // namespace headwater
