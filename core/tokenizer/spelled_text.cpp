// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/spelled_text.h"

#include "core/base/text.h"

#include <algorithm>

namespace headwater {

void SpelledText::begin(std::string_view fragment, bool hasPrefix)
{
    m_hasPrefix = hasPrefix;
    m_text.clear();
    m_symbolAt.clear();
    m_sourceAt.clear();
    if (hasPrefix)
        add(kSpaceMark, 0);
    for (std::size_t i = 0; i < fragment.size();) {
        const std::size_t bytes = codePointAt(fragment.substr(i)).bytes;
        add(fragment[i] == ' ' ? kSpaceMark : fragment.substr(i, bytes), i);
        i += bytes;
    }
    m_symbolAt.push_back(static_cast<std::uint32_t>(m_text.size()));
}

void SpelledText::add(std::string_view symbol, std::size_t source)
{
    m_symbolAt.push_back(static_cast<std::uint32_t>(m_text.size()));
    m_sourceAt.push_back(static_cast<std::uint32_t>(source));
    m_text += symbol;
}

bool getsSpace(const TextFragment& fragment, SpacePrefix prefix, bool prefixesSpaces)
{
    const bool isHere =
        prefix == SpacePrefix::EveryFragment || (prefix == SpacePrefix::First && fragment.beginsText);
    const bool isThere = fragment.text.starts_with(' ') || fragment.text.starts_with(kSpaceMark);
    return isHere && (prefixesSpaces || !isThere);
}

std::string bytesOfPiece(const std::string& spelling, TokenType type)
{
    if (type == TokenType::Byte) {
        const int byte = byteOfSpelling(spelling);
        return byte < 0 ? std::string{} : std::string(1, static_cast<char>(byte));
    }
    std::string bytes;
    for (std::size_t i = 0; i < spelling.size();) {
        const bool isSpace = std::string_view(spelling).substr(i).starts_with(kSpaceMark);
        bytes += isSpace ? ' ' : spelling[i];
        i += isSpace ? kSpaceMark.size() : 1;
    }
    return bytes;
}

ByteTokens::ByteTokens(const TokenizerData& data)
    : m_unknown(data.unknown)
{
    m_ids.fill(-1);
    for (std::size_t i = 0; i < data.tokens.size(); ++i) {
        const int byte = data.typeOf(i) == TokenType::Byte ? byteOfSpelling(data.tokens[i]) : -1;
        if (byte >= 0)
            m_ids[static_cast<std::size_t>(byte)] = static_cast<std::int32_t>(i);
    }
}

bool ByteTokens::areAllThere() const
{
    return std::ranges::find(m_ids, -1) == m_ids.end();
}

void ByteTokens::give(std::string_view symbol, std::uint32_t start, TokenSequence& out) const
{
    const bool isOneByte = symbol == kSpaceMark; // of the text, or none
    for (std::size_t i = 0; i < symbol.size(); ++i) {
        const std::int32_t byte = m_ids[static_cast<unsigned char>(symbol[i])];
        const std::int32_t id = byte < 0 ? m_unknown : byte;
        const bool isAgain = byte < 0 && i > 0; // one unknown token a code point
        if (id < 0 || isAgain)
            continue;
        out.ids.push_back(id);
        out.offsets.push_back(start + static_cast<std::uint32_t>(isOneByte ? 0 : i));
    }
}

} // namespace headwater
