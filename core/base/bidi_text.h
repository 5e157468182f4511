// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace headwater {

/// Text of others inside sentences of ours. A quotation that is written from right to left turns its
/// neighbours round (Unicode Standard Annex 9) unless it stands between the two isolates. All text is UTF-8;
/// invalid bytes are neighbours of no direction. What nobody reads from right to left never gets a mark.
inline constexpr std::string_view kFirstStrongIsolate = "\u2068";
inline constexpr std::string_view kPopIsolate = "\u2069";

/// Whether a character of the text is written from right to left, or says that its neighbours are.
bool hasRightToLeft(std::string_view text);

/// A quotation as a whole: it takes the direction of its first letter and leaves that of its neighbours
/// alone.
std::string isolated(std::string_view quotation);

/// A sentence of ours that may quote anything anywhere, names of files for instance: each stretch of words
/// written from right to left is isolated. Stretches that are isolated already stay as they are.
std::string leftToRight(std::string_view sentence);

/// The same text without the two marks: for copies, files and documents' data.
std::string withoutIsolates(std::string_view text);

/// A control that turns its neighbours round, or opens what it may never close (U+202A to U+202E, U+2066 to
/// U+2069), or breaks a line (U+2028, U+2029): shown escaped or replaced, never obeyed.
constexpr bool isBidiControl(char32_t c)
{
    return (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

} // namespace headwater
