// SPDX-License-Identifier: GPL-3.0-or-later
// The mouse in the prose: hovering, clicking, and a drag that selects.
#include "ui/text/prose_view.h"

#include <QApplication>
#include <QClipboard>
#include <QMouseEvent>
#include <QScrollBar>
#include <algorithm>

namespace headwater {

std::optional<std::uint32_t> ProseView::tokenNear(const QPoint& point) const
{
    std::optional<std::uint32_t> token;
    int bestDown = 0;
    int bestAcross = 0;
    forVisibleLines([&](const ProseLine& line, const QPoint& at) {
        const int width = static_cast<int>(lineWidth());
        const int column = at.x() - insetOf(line);
        const int down = std::max({0, at.y() - point.y(), point.y() - (at.y() + kLineHeight - 1)});
        const int across = std::max({0, column - point.x(), point.x() - (column + width - 1)});
        // The column under the hand first, then the line nearest to it.
        if (token && std::pair(across, down) >= std::pair(bestAcross, bestDown))
            return true;
        bestDown = down;
        bestAcross = across;
        token = tokenOfByte(line.byteNear(point.x() - at.x()));
        return true;
    });
    return token;
}

void ProseView::pressMouse(const QMouseEvent& event)
{
    const QPoint at = event.position().toPoint();
    if (event.button() != Qt::LeftButton || !m_trace || m_trace->seqLen() == 0)
        return;
    m_pressed = at;
    m_dragFrom = tokenNear(at);
    if (m_anchor) { // a press anywhere lets the selection go
        m_anchor.reset();
        viewport()->update();
    }
}

void ProseView::moveMouse(const QMouseEvent& event)
{
    const QPoint at = event.position().toPoint();
    if (!m_dragFrom || !event.buttons().testFlag(Qt::LeftButton)) {
        emit tokenHovered(tokenAt(at));
        return;
    }
    if (m_pressed && (at - *m_pressed).manhattanLength() < QApplication::startDragDistance())
        return;
    if (m_pressed) {
        m_pressed.reset(); // no click any more
        emit tokenHovered(std::nullopt);
    }
    if (at.y() < 0)
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderSingleStepSub);
    else if (at.y() >= viewport()->height())
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderSingleStepAdd);
    m_anchor = m_dragFrom;
    m_cursor = tokenNear(at);
    viewport()->update();
}

void ProseView::releaseMouse(const QMouseEvent& event)
{
    if (event.button() != Qt::LeftButton)
        return;
    const bool isClick = m_pressed.has_value();
    const std::optional<std::uint32_t> token = isClick ? tokenAt(*m_pressed) : std::nullopt;
    m_pressed.reset();
    m_dragFrom.reset();
    if (token) {
        m_cursor = token;
        m_anchor.reset();
        emit tokenClicked(*token, event.modifiers());
    } else if (!isClick && selection() && QApplication::clipboard()->supportsSelection()) {
        QApplication::clipboard()->setText(copyText(), QClipboard::Selection);
    }
}

} // namespace headwater
