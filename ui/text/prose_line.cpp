// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/prose_line.h"

#include "core/base/bidi_text.h"
#include "ui/text/line_breaks.h"
#include "ui/text/prose_bytes.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headwater {

namespace {

constexpr std::uint32_t kContextBytes = 1024; ///< of the neighbouring lines, where the direction may turn
constexpr double kTouching = 0.01; ///< pixels

/// The characters of some bytes as they are shown.
struct ShownText {
    QString text;
    QList<QTextLayout::FormatRange> formats;
    std::vector<std::uint32_t> byteOf; ///< of each unit

    /// `isTurning`: letters of both directions are about. An escape is then a foreign word that turns
    /// nothing, and a tab parts its neighbours.
    void add(std::string_view bytes, std::uint32_t begin, std::uint32_t end, const Paragraph& paragraph,
             const QColor& escapes, bool isTurning)
    {
        for (std::uint32_t at = begin; at < end;) {
            const ProseStep step = stepAt(bytes, at);
            if (!step.isEscaped && step.character == U'\n')
                break;
            QString piece;
            if (step.isEscaped) {
                piece = escapeOf(step);
                QTextLayout::FormatRange range;
                range.start = static_cast<int>(text.size()) + (isTurning ? 1 : 0);
                range.length = static_cast<int>(piece.size());
                range.format.setForeground(escapes);
                formats.append(range);
                if (isTurning)
                    piece = QChar(0x2066) + piece + QChar(0x2069);
            } else if (step.character == U'\t') {
                piece = QString(kTabSpaces, QLatin1Char(' '));
                const QChar mark(paragraph.isRightToLeft ? 0x200F : 0x200E);
                if (isTurning)
                    piece = mark + piece + mark;
            } else {
                piece = QString::fromUcs4(&step.character, 1);
            }
            text += piece;
            byteOf.insert(byteOf.end(), static_cast<std::size_t>(piece.size()), at);
            at += step.bytes;
        }
    }
};

/// The first byte of the character that `byte` is inside of.
std::uint32_t characterBegin(std::string_view text, std::uint32_t byte)
{
    while (byte > 0 && byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xC0) == 0x80)
        --byte;
    return byte;
}

} // namespace

ProseLine::ProseLine(std::string_view text, const Paragraph& paragraph, std::uint32_t begin,
                     std::uint32_t end, const QFont& font, const QColor& escapes)
    : m_begin(begin)
    , m_end(end)
    , m_isRightToLeft(paragraph.isRightToLeft)
{
    const std::uint32_t from =
        characterBegin(text, std::max(paragraph.begin, begin - std::min(begin, kContextBytes)));
    const std::uint32_t to =
        characterBegin(text, std::min(std::max(paragraph.end, end), end + kContextBytes));
    const bool isTurning = m_isRightToLeft || hasRightToLeft(text.substr(from, to - from));
    ShownText shown;
    // Lines of one layout are parts of one paragraph: what turns them is found in all of them.
    const QChar lineEnd(QChar::LineSeparator);
    if (isTurning && from < begin) {
        shown.add(text, from, begin, paragraph, escapes, isTurning);
        shown.text += lineEnd;
        m_first = static_cast<int>(shown.text.size());
        shown.byteOf.clear();
    }
    shown.add(text, begin, end, paragraph, escapes, isTurning);
    const bool endsParagraph = end > paragraph.end;
    m_byteOf = std::exchange(shown.byteOf, {});
    m_byteOf.push_back(endsParagraph ? paragraph.end : end);
    if (isTurning && end < paragraph.end) {
        shown.text += lineEnd;
        shown.add(text, end, to, paragraph, escapes, isTurning);
    }
    m_layout.setText(shown.text);
    m_layout.setFont(font);
    m_layout.setFormats(shown.formats);
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    option.setTextDirection(m_isRightToLeft ? Qt::RightToLeft : Qt::LeftToRight);
    option.setAlignment(Qt::AlignLeft | Qt::AlignAbsolute);
    option.setFlags(QTextOption::IncludeTrailingSpaces); // their tokens are marked, too
    m_layout.setTextOption(option);
    m_layout.beginLayout();
    for (QTextLine made = m_layout.createLine(); made.isValid(); made = m_layout.createLine()) {
        made.setLineWidth(1e6);
        made.setPosition({0, 0});
        if (made.textStart() >= m_first)
            break;
    }
    m_layout.endLayout();
    if (m_layout.lineCount() > 0 && numUnits() > 0)
        m_cells = glyphCells(m_layout, line(), m_first, numUnits());
}

QTextLine ProseLine::line() const
{
    return m_layout.lineAt(m_layout.lineCount() - 1);
}

double ProseLine::width() const
{
    return m_cells.empty() ? 0 : line().naturalTextWidth();
}

int ProseLine::unitOf(std::uint32_t byte, bool isEnd) const
{
    auto found = std::lower_bound(m_byteOf.begin(), m_byteOf.end(), byte);
    // A byte inside a character belongs to it.
    if (!isEnd && found != m_byteOf.begin() && (found == m_byteOf.end() || *found > byte))
        found = std::lower_bound(m_byteOf.begin(), m_byteOf.end(), *(found - 1));
    return std::min(static_cast<int>(found - m_byteOf.begin()), numUnits());
}

std::vector<ProseLine::Span> ProseLine::spansOf(std::uint32_t from, std::uint32_t to, bool isTrimmed) const
{
    if (from >= to || to <= m_begin || from >= m_end)
        return {};
    int first = unitOf(std::max(from, m_begin), false);
    int last = unitOf(std::min(to, m_end), true);
    const int place = first;
    const QString shown = text();
    while (isTrimmed && first < last && shown.at(first).isSpace())
        ++first;
    while (isTrimmed && first < last && shown.at(last - 1).isSpace())
        --last;
    std::vector<GlyphCell> cells(m_cells.begin() + first, m_cells.begin() + last);
    std::erase_if(cells, [](const GlyphCell& cell) { return !(cell.right > cell.left); });
    if (cells.empty()) {
        if (place >= numUnits())
            return {{m_isRightToLeft ? 0 : width(), 0}};
        const GlyphCell& cell = m_cells[static_cast<std::size_t>(place)];
        return {{cell.isRightToLeft ? cell.right : cell.left, 0}};
    }
    const double beginsAt = cells.front().left;
    std::sort(cells.begin(), cells.end(),
              [](const GlyphCell& a, const GlyphCell& b) { return a.left < b.left; });
    std::vector<Span> spans;
    for (const GlyphCell& cell : cells) {
        if (!spans.empty() && cell.left <= spans.back().x + spans.back().width + kTouching)
            spans.back().width = std::max(spans.back().width, cell.right - spans.back().x);
        else
            spans.push_back({cell.left, cell.right - cell.left});
    }
    const auto beginning = std::find_if(
        spans.begin(), spans.end(), [beginsAt](const Span& span) { return beginsAt <= span.x + span.width; });
    std::rotate(spans.begin(), beginning, spans.end());
    return spans;
}

std::uint32_t ProseLine::byteAt(double x) const
{
    std::uint32_t byte = m_begin;
    double nearest = HUGE_VAL;
    for (std::size_t unit = 0; unit < m_cells.size(); ++unit) {
        const GlyphCell& cell = m_cells[unit];
        const double away = std::max({0.0, cell.left - x, x - cell.right});
        // An edge belongs to the cell on its right; what has no width is never under the hand.
        const bool isUnder = x >= cell.left && x < cell.right;
        if (isUnder)
            return m_byteOf[unit];
        if (cell.right > cell.left && away < nearest) {
            nearest = away;
            byte = m_byteOf[unit];
        }
    }
    return byte;
}

std::uint32_t ProseLine::byteNear(double x) const
{
    const bool isBeyondRight = x >= width();
    if (!isBeyondRight && x >= 0)
        return byteAt(x);
    if (isBeyondRight == m_isRightToLeft)
        return m_begin;
    // The blank that ends a line begins the token of the next.
    const QString shown = text();
    int unit = numUnits() - 1;
    while (unit > 0 && shown.at(unit).isSpace())
        --unit;
    return unit < 0 ? m_begin : m_byteOf[static_cast<std::size_t>(unit)];
}

void ProseLine::draw(QPainter& painter, const QPointF& topLeft, double height) const
{
    if (m_cells.empty())
        return;
    const QTextLine shown = line();
    shown.draw(&painter, topLeft + QPointF(0, (height - shown.height()) / 2));
}

} // namespace headwater
