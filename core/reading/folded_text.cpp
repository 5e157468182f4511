// SPDX-License-Identifier: Apache-2.0
#include "core/reading/folded_text.h"

#include <algorithm>
#include <array>
#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

namespace headwater {

namespace {

constexpr int kMostFolded = 8; ///< UTF-16 units that one character folds to: three at most, by Unicode

/// The character at `at`, which moves on; negative where the bytes are none.
UChar32 nextCharacter(std::string_view text, std::size_t& at)
{
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    UChar32 character = 0;
    U8_NEXT(bytes, at, text.size(), character);
    return character;
}

void appendFolded(std::string& bytes, UChar32 character)
{
    std::array<UChar, 2> source{};
    std::int32_t length = 0;
    U16_APPEND_UNSAFE(source.data(), length, character);
    std::array<UChar, kMostFolded> folded{};
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t foldedLength =
        u_strFoldCase(folded.data(), kMostFolded, source.data(), length, U_FOLD_CASE_DEFAULT, &status);
    for (std::int32_t i = 0; i < foldedLength;) {
        UChar32 part = 0;
        U16_NEXT(folded.data(), i, foldedLength, part);
        std::array<std::uint8_t, U8_MAX_LENGTH> encoded{};
        std::int32_t size = 0;
        U8_APPEND_UNSAFE(encoded.data(), size, part);
        bytes.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
    }
}

} // namespace

FoldedText::FoldedText(std::string_view text, std::size_t begin, std::size_t end, std::size_t more)
    : m_begin(begin)
    , m_next(begin)
{
    end = std::min(end, text.size());
    m_bytes.reserve(end - begin + more);
    m_origins.reserve(end - begin + more + 1);
    std::size_t at = begin;
    while (at < text.size() && (at < end || m_bytes.size() < m_ownSize + more)) {
        const std::size_t from = at;
        const auto ascii = static_cast<unsigned char>(text[at]);
        if (ascii < 0x80) {
            m_bytes += static_cast<char>(ascii >= 'A' && ascii <= 'Z' ? ascii + 0x20 : ascii);
            ++at;
        } else if (const UChar32 character = nextCharacter(text, at); character >= 0) {
            appendFolded(m_bytes, character);
        } else {
            at = from + 1; // each such byte by itself
            m_bytes += text[from];
        }
        m_origins.resize(m_bytes.size(), static_cast<std::uint32_t>(from - begin));
        if (from < end) {
            m_next = at;
            m_ownSize = m_bytes.size();
        }
    }
    m_origins.push_back(static_cast<std::uint32_t>(at - begin));
}

bool holdsCapital(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const UChar32 character = nextCharacter(text, at);
        if (character >= 0 && (u_isUUppercase(character) || u_istitle(character)))
            return true;
    }
    return false;
}

} // namespace headwater
