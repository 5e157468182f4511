// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/prose_bytes.h"

namespace headwater {

namespace {

struct Lead {
    std::uint32_t bytes = 0; ///< 0: no byte that begins a character
    char32_t bits = 0;
    char32_t least = 0; ///< smaller values are over-long
};

Lead leadOf(unsigned char byte)
{
    if (byte < 0x80)
        return {1, byte, 0};
    if (byte >= 0xC2 && byte < 0xE0)
        return {2, byte & 0x1Fu, 0x80};
    if (byte >= 0xE0 && byte < 0xF0)
        return {3, byte & 0x0Fu, 0x800};
    if (byte >= 0xF0 && byte < 0xF5)
        return {4, byte & 0x07u, 0x10000};
    return {};
}

/// Control characters would draw nothing, and bidirectional controls would move their neighbours.
bool mustEscape(char32_t c)
{
    if (c == U'\n' || c == U'\t')
        return false;
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069);
}

} // namespace

ProseStep stepAt(std::string_view bytes, std::size_t at)
{
    const auto byteAt = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const ProseStep invalid{byteAt(at), 1, true};
    const Lead lead = leadOf(byteAt(at));
    if (lead.bytes == 0 || at + lead.bytes > bytes.size())
        return invalid;
    char32_t character = lead.bits;
    for (std::uint32_t i = 1; i < lead.bytes; ++i) {
        if ((byteAt(at + i) & 0xC0) != 0x80)
            return invalid;
        character = character << 6 | (byteAt(at + i) & 0x3Fu);
    }
    if (character < lead.least || character > 0x10FFFF || (character >= 0xD800 && character < 0xE000))
        return invalid;
    return {character, lead.bytes, mustEscape(character)};
}

QString escapeOf(const ProseStep& step)
{
    const bool isByte = step.bytes == 1;
    return QStringLiteral("\\%1%2")
        .arg(isByte ? QLatin1Char('x') : QLatin1Char('u'))
        .arg(static_cast<uint>(step.character), isByte ? 2 : 4, 16, QLatin1Char('0'));
}

} // namespace headwater
