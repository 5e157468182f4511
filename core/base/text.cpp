// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"

#include "core/base/bidi_text.h"

#include <fmt/format.h>

namespace headwater {

CodePoint codePointAt(std::string_view bytes)
{
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char lead = at(0);
    const CodePoint invalid{lead, 1, false};
    CodePoint point{lead, 1, true};
    char32_t smallest = 0;
    if (lead >= 0xC2 && lead <= 0xDF)
        point.bytes = 2, point.character = lead & 0x1Fu, smallest = 0x80;
    else if (lead >= 0xE0 && lead <= 0xEF)
        point.bytes = 3, point.character = lead & 0x0Fu, smallest = 0x800;
    else if (lead >= 0xF0 && lead <= 0xF4)
        point.bytes = 4, point.character = lead & 0x07u, smallest = 0x10000;
    else if (lead >= 0x80)
        return invalid;
    if (bytes.size() < point.bytes)
        return invalid;
    for (std::size_t i = 1; i < point.bytes; ++i) {
        if ((at(i) & 0xC0) != 0x80)
            return invalid;
        point.character = point.character << 6 | (at(i) & 0x3Fu);
    }
    const bool isSurrogate = point.character >= 0xD800 && point.character <= 0xDFFF;
    return point.character < smallest || point.character > 0x10FFFF || isSurrogate ? invalid : point;
}

bool isUtf8(std::string_view bytes)
{
    while (!bytes.empty()) {
        const CodePoint point = codePointAt(bytes);
        if (!point.isValid)
            return false;
        bytes.remove_prefix(point.bytes);
    }
    return true;
}

std::string printable(std::string_view bytes)
{
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const CodePoint point = codePointAt(bytes);
        const char32_t c = point.character;
        // C1 controls (U+0080 to U+009F) steer terminals too, and bidirectional ones the rest of the line.
        const bool isControl = c < 0x20 || (c >= 0x7F && c < 0xA0) || isBidiControl(c);
        if (c == U'\n') {
            out += "\\n";
        } else if (c == U'\t') {
            out += "\\t";
        } else if (!point.isValid || isControl) {
            for (std::size_t i = 0; i < point.bytes; ++i)
                out += fmt::format("\\x{:02X}", static_cast<unsigned char>(bytes[i]));
        } else {
            out += bytes.substr(0, point.bytes);
        }
        bytes.remove_prefix(point.bytes);
    }
    return out;
}

std::string withThousands(std::uint64_t value)
{
    const std::string digits = std::to_string(value);
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0)
            out += "\u2009";
        out += digits[i];
    }
    return out;
}

std::string humanBytes(std::uint64_t bytes)
{
    const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < std::size(units)) {
        value /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes)
                     : fmt::format("{:.{}f} {}", value, value < 10 ? 1 : 0, units[unit]);
}

std::string humanSeconds(double seconds)
{
    const auto whole = static_cast<std::uint64_t>(seconds < 0 ? 0 : seconds + 0.5);
    if (whole < 60)
        return fmt::format("{} s", whole);
    if (whole < 3600)
        return fmt::format("{}:{:02} min", whole / 60, whole % 60);
    return fmt::format("{}:{:02}:{:02} h", whole / 3600, whole / 60 % 60, whole % 60);
}

} // namespace headwater
