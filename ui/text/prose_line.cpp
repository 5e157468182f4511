// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/prose_line.h"

#include "ui/text/line_breaks.h"
#include "ui/text/prose_bytes.h"

#include <algorithm>

namespace headwater {

ProseLine::ProseLine(std::string_view text, std::uint32_t begin, std::uint32_t end, const QFont& font,
                     const QColor& escapes)
    : m_begin(begin)
    , m_end(end)
{
    QString shown;
    QList<QTextLayout::FormatRange> formats;
    std::uint32_t at = begin;
    while (at < end) {
        const ProseStep step = stepAt(text, at);
        if (!step.isEscaped && step.character == U'\n')
            break;
        QString piece;
        if (step.isEscaped)
            piece = escapeOf(step);
        else if (step.character == U'\t')
            piece = QString(kTabSpaces, QLatin1Char(' '));
        else
            piece = QString::fromUcs4(&step.character, 1);
        if (step.isEscaped) {
            QTextLayout::FormatRange range;
            range.start = static_cast<int>(shown.size());
            range.length = static_cast<int>(piece.size());
            range.format.setForeground(escapes);
            formats.append(range);
        }
        shown += piece;
        m_byteOf.insert(m_byteOf.end(), static_cast<std::size_t>(piece.size()), at);
        at += step.bytes;
    }
    m_byteOf.push_back(at);
    m_layout.setText(shown);
    m_layout.setFont(font);
    m_layout.setFormats(formats);
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    m_layout.setTextOption(option);
    m_layout.beginLayout();
    QTextLine line = m_layout.createLine();
    if (line.isValid())
        line.setLineWidth(1e6);
    m_layout.endLayout();
}

double ProseLine::width() const
{
    return m_layout.lineCount() > 0 ? m_layout.lineAt(0).naturalTextWidth() : 0;
}

qsizetype ProseLine::unitOf(std::uint32_t byte, bool isEnd) const
{
    auto found = std::lower_bound(m_byteOf.begin(), m_byteOf.end(), byte);
    // A byte inside a character belongs to it.
    if (!isEnd && found != m_byteOf.begin() && (found == m_byteOf.end() || *found > byte))
        found = std::lower_bound(m_byteOf.begin(), m_byteOf.end(), *(found - 1));
    return std::min<qsizetype>(found - m_byteOf.begin(), text().size());
}

ProseLine::Span ProseLine::spanOf(std::uint32_t from, std::uint32_t to, bool isTrimmed) const
{
    if (m_layout.lineCount() == 0 || from >= to || to <= m_begin || from >= m_end)
        return {};
    qsizetype first = unitOf(std::max(from, m_begin), false);
    qsizetype last = unitOf(std::min(to, m_end), true);
    while (isTrimmed && first < last && text().at(first).isSpace())
        ++first;
    while (isTrimmed && first < last && text().at(last - 1).isSpace())
        --last;
    const QTextLine line = m_layout.lineAt(0);
    const double a = line.cursorToX(static_cast<int>(first));
    const double b = line.cursorToX(static_cast<int>(last));
    return {std::min(a, b), std::max(a, b) - std::min(a, b)};
}

std::uint32_t ProseLine::byteAt(double x) const
{
    if (m_layout.lineCount() == 0 || text().isEmpty())
        return m_begin;
    const int unit = m_layout.lineAt(0).xToCursor(x, QTextLine::CursorOnCharacter);
    return m_byteOf[static_cast<std::size_t>(std::clamp<qsizetype>(unit, 0, text().size() - 1))];
}

void ProseLine::draw(QPainter& painter, const QPointF& topLeft, double height) const
{
    if (m_layout.lineCount() == 0)
        return;
    const double room = height - m_layout.lineAt(0).height();
    m_layout.draw(&painter, topLeft + QPointF(0, room / 2));
}

} // namespace headwater
