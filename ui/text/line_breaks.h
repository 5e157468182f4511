// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFont>
#include <QFontMetricsF>
#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headwater {

/// Advances of single characters of a font, looked up: breaking a million tokens into lines must not shape
/// them. For one thread.
class GlyphAdvances {
public:
    explicit GlyphAdvances(const QFont& font);
    double of(char32_t character);
    double ofEscape(std::uint32_t bytes) const; ///< "\x1b" (one byte) or "\u202e"
    double average() const { return m_average; } ///< of English prose

private:
    QFontMetricsF m_metrics;
    std::array<double, 128> m_ascii{};
    std::unordered_map<char32_t, double> m_others;
    double m_average = 0;
};

/// Characters a tab is shown as.
inline constexpr int kTabSpaces = 4;

/// Where the line that begins at `begin` ends (the next one begins): behind a newline, else behind the last
/// space or ideograph that fits, else where the width ends. Always moves on. Cost: O(line).
std::uint32_t endOfLine(std::string_view text, std::uint32_t begin, double width, GlyphAdvances& advances);

/// First bytes of all lines of a text at a width. An empty text has one line.
struct LineIndex {
    double width = 0;
    std::vector<std::uint32_t> begins;

    std::size_t lineOf(std::uint32_t byte) const;
};

/// The whole text, in the background: about 10 ns a byte. Nothing when it was stopped (looks every 64 KiB).
std::optional<LineIndex> indexLines(std::string_view text, double width, const QFont& font,
                                    const std::stop_token& stop);

} // namespace headwater
