// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/line_breaks.h"

#include "ui/text/prose_bytes.h"

#include <algorithm>

namespace headwater {

namespace {

constexpr std::uint32_t kStopBytes = 1u << 16;
constexpr std::uint32_t kMostLineBytes = 1u << 12;

/// Scripts that are written without spaces break between any two characters.
bool breaksBehind(char32_t c)
{
    return c == U' ' || c == U'\t' || (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xAC00 && c < 0xD7B0)
        || (c >= 0xF900 && c < 0xFB00) || (c >= 0x20000 && c < 0x30000);
}

bool hangs(char32_t c)
{
    return c == U' ' || c == U'\t' || (c >= 0x300 && QChar::isMark(c));
}

} // namespace

GlyphAdvances::GlyphAdvances(const QFont& font)
    : m_metrics(font)
{
    for (char16_t c = 0; c < 128; ++c)
        m_ascii[c] = c < 32 ? 0 : m_metrics.horizontalAdvance(QChar(c));
    m_ascii[u'\t'] = kTabSpaces * m_ascii[u' '];
    const QString sample = QStringLiteral("the quick brown fox jumps over a lazy dog and it does so again");
    m_average = m_metrics.horizontalAdvance(sample) / static_cast<double>(sample.size());
}

double GlyphAdvances::of(char32_t character)
{
    if (character < 128)
        return m_ascii[character];
    const auto found = m_others.find(character);
    if (found != m_others.end())
        return found->second;
    const double advance = m_metrics.horizontalAdvance(QString::fromUcs4(&character, 1));
    return m_others[character] = advance;
}

double GlyphAdvances::ofEscape(std::uint32_t bytes) const
{
    return m_ascii[u'\\'] + (bytes == 1 ? 3 : 5) * m_ascii[u'x'] * 1.3;
}

std::uint32_t endOfLine(std::string_view text, std::uint32_t begin, double width, GlyphAdvances& advances)
{
    double x = 0;
    std::uint32_t lastBreak = begin;
    const auto size = static_cast<std::uint32_t>(text.size());
    for (std::uint32_t at = begin; at < size;) {
        const ProseStep step = stepAt(text, at);
        const std::uint32_t next = at + step.bytes;
        if (!step.isEscaped && step.character == U'\n')
            return next;
        x += step.isEscaped ? advances.ofEscape(step.bytes) : advances.of(step.character);
        // Blanks at the end hang over the edge, and marks stay with their letter.
        if (x > width && at > begin && (step.isEscaped || !hangs(step.character)))
            return lastBreak > begin ? lastBreak : at;
        if (!step.isEscaped && breaksBehind(step.character))
            lastBreak = next;
        // A run without an end of what hangs, or has no width, must not be one line.
        if ((x > 2 * width && next > begin + 1) || next - begin > kMostLineBytes)
            return next;
        at = next;
    }
    return size;
}

std::size_t LineIndex::lineOf(std::uint32_t byte) const
{
    const auto after = std::upper_bound(begins.begin(), begins.end(), byte);
    return after == begins.begin() ? 0 : static_cast<std::size_t>(after - begins.begin() - 1);
}

std::optional<LineIndex> indexLines(std::string_view text, double width, const QFont& font,
                                    const std::stop_token& stop)
{
    GlyphAdvances advances(font);
    LineIndex index{width, {0}};
    std::uint32_t nextCheck = kStopBytes;
    for (std::uint32_t at = 0; at < text.size();) {
        at = endOfLine(text, at, width, advances);
        // A newline at the very end opens a last, empty line.
        if (at < text.size() || text.back() == '\n')
            index.begins.push_back(at);
        if (at >= nextCheck) {
            if (stop.stop_requested())
                return std::nullopt;
            nextCheck = at + kStopBytes;
        }
    }
    return index;
}

} // namespace headwater
