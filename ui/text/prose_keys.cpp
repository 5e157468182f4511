// SPDX-License-Identifier: GPL-3.0-or-later
// The keyboard in the prose: a cursor that goes from token to token, selecting, copying, locking.
#include "ui/text/prose_view.h"

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QScrollBar>
#include <algorithm>

namespace headwater {

std::pair<std::uint32_t, std::uint32_t> ProseView::tokensInView() const
{
    if (!m_trace || m_trace->seqLen() == 0)
        return {0, 0};
    std::uint32_t end = m_topByte;
    forVisibleLines([&end](const ProseLine& line, const QPoint&) {
        end = line.end();
        return true;
    });
    return {tokenOfByte(m_topByte), tokenOfByte(end > m_topByte ? end - 1 : end) + 1};
}

std::uint32_t ProseView::cursorStart() const
{
    // Where the reader is: the locked row's word while it is in view, else the first word in view.
    const std::optional<std::uint32_t> locked = m_subject->locked().query;
    return locked && isInView(*locked) ? *locked : tokensInView().first;
}

std::optional<TokenRange> ProseView::selection() const
{
    if (!m_cursor || !m_anchor)
        return std::nullopt;
    return TokenRange{std::min(*m_cursor, *m_anchor), std::max(*m_cursor, *m_anchor) + 1};
}

QString ProseView::copyText() const
{
    if (!m_trace || !m_cursor)
        return {};
    const TokenRange tokens = selection().value_or(TokenRange{*m_cursor, *m_cursor + 1});
    const std::uint32_t begin = byteOfToken(tokens.begin);
    const std::string_view bytes = text().substr(begin, byteOfToken(tokens.end) - begin);
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

void ProseView::moveCursor(std::uint32_t token, bool isSelecting)
{
    if (isSelecting && !m_anchor)
        m_anchor = m_cursor;
    else if (!isSelecting)
        m_anchor.reset();
    m_cursor = std::min(token, m_trace->seqLen() - 1);
    reveal(*m_cursor);
    viewport()->update();
}

std::uint32_t ProseView::tokenLinesFrom(std::uint32_t token, int lines)
{
    reveal(token);
    const std::optional<QRect> place = placeOf(token);
    if (!place)
        return token;
    // The line's own bytes, then the place in the other line that lies under this one.
    std::uint32_t begin = m_topByte;
    double left = 0;
    forVisibleLines([&](const ProseLine& line, const QPoint& at) {
        begin = line.begin();
        left = place->center().x() - (at.x() - insetOf(line));
        return byteOfToken(token) >= line.end();
    });
    if (lines < 0) {
        begin = lineBefore(begin, -lines);
    } else {
        for (int i = 0; i < lines && lineEnd(begin) < text().size(); ++i)
            begin = lineEnd(begin);
    }
    const ProseLine* const line = lineAt(begin);
    return tokenOfByte(line->byteNear(left - insetOf(*line)));
}

void ProseView::keyPressEvent(QKeyEvent* event)
{
    if (!m_trace || m_trace->seqLen() == 0)
        return QAbstractScrollArea::keyPressEvent(event);
    if (event->matches(QKeySequence::Copy)) {
        if (const QString copied = copyText(); !copied.isEmpty())
            QApplication::clipboard()->setText(copied);
        return;
    }
    const bool isSelecting = event->modifiers().testFlag(Qt::ShiftModifier);
    const bool isFirst = !m_cursor; // the first arrow shows where the cursor is
    const std::uint32_t at = m_cursor.value_or(cursorStart());
    const std::uint32_t last = m_trace->seqLen() - 1;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
        // On in the direction of the paragraph, as in every editor.
        const bool isOn = (event->key() == Qt::Key_Right) != paragraphOf(byteOfToken(at)).isRightToLeft;
        moveCursor(isFirst ? at : isOn ? std::min(at + 1, last) : at - std::min(at, 1U), isSelecting);
        return;
    }
    case Qt::Key_Up:
    case Qt::Key_Down:
        moveCursor(isFirst ? at : tokenLinesFrom(at, event->key() == Qt::Key_Up ? -1 : 1), isSelecting);
        return;
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        moveCursor(tokenLinesFrom(at, event->key() == Qt::Key_PageUp ? -pageLines() : pageLines()),
                   isSelecting);
        return;
    case Qt::Key_Home:
        moveCursor(0, isSelecting);
        verticalScrollBar()->setValue(verticalScrollBar()->minimum());
        return;
    case Qt::Key_End:
        moveCursor(last, isSelecting);
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
        return;
    case Qt::Key_Space:
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderPageStepAdd);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        m_cursor = at;
        emit tokenClicked(at, event->modifiers());
        viewport()->update();
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void ProseView::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void ProseView::focusOutEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

} // namespace headwater
