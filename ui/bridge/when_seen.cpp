// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/when_seen.h"

#include <QEvent>
#include <QWidget>
#include <utility>

namespace headwater {

WhenSeen::WhenSeen(QWidget* widget, std::function<void()> work)
    : QObject(widget)
    , m_widget(widget)
    , m_work(std::move(work))
{
    widget->installEventFilter(this);
}

void WhenSeen::ask()
{
    m_isWaiting = true;
    if (m_widget->isVisible())
        askNow();
}

void WhenSeen::askNow()
{
    m_isWaiting = false;
    m_work();
}

bool WhenSeen::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_widget && event->type() == QEvent::Show && m_isWaiting)
        askNow();
    return QObject::eventFilter(watched, event);
}

} // namespace headwater
