// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/chat_text.h"

#include "core/base/text.h"

#include <algorithm>

namespace headwater {
namespace {

/// What Python's strip takes away: White_Space of Unicode, and the four separators of ASCII.
bool isStripped(char32_t c)
{
    constexpr std::u32string_view kSpaces =
        U" \t\n\v\f\r\x1C\x1D\x1E\x1F\x85\u00A0\u1680\u2028\u2029\u202F\u205F\u3000";
    return kSpaces.find(c) != std::u32string_view::npos || (c >= 0x2000 && c <= 0x200A);
}

/// Where the first kept character begins and the last one ends; both at the end where there is none.
std::pair<std::size_t, std::size_t> keptPart(std::string_view text)
{
    std::size_t begin = text.size();
    std::size_t end = 0;
    for (std::size_t i = 0; i < text.size();) {
        const CodePoint point = codePointAt(text.substr(i));
        if (!point.isValid || !isStripped(point.character)) {
            begin = std::min(begin, i);
            end = i + point.bytes;
        }
        i += point.bytes;
    }
    return {begin, end};
}

} // namespace

std::string_view stripped(std::string_view text)
{
    const auto [begin, end] = keptPart(text);
    return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

std::string_view strippedAtEnd(std::string_view text)
{
    return text.substr(0, keptPart(text).second);
}

std::string_view withoutFirstLines(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
    return text;
}

std::string_view behindThoughts(std::string_view text)
{
    constexpr std::string_view kEnd = "</think>";
    const std::size_t at = text.rfind(kEnd);
    return at == std::string_view::npos ? text : text.substr(at + kEnd.size());
}

std::string without(std::string text, std::string_view part)
{
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at))
        text.erase(at, part.size());
    return text;
}

} // namespace headwater
