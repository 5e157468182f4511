// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/message_place.h"

#include "ui/main/message_bar.h"
#include "ui/main/pages.h"
#include "ui/main/workspaces.h"

#include <QEvent>
#include <QVBoxLayout>
#include <optional>

namespace headwater {

MessagePlace::MessagePlace(MessageBar& messages, Pages& pages, Workspaces& workspaces, QVBoxLayout& above)
    : QObject(&messages)
    , m_messages(messages)
    , m_pages(pages)
    , m_workspaces(workspaces)
    , m_above(above)
{
    pages.installEventFilter(this);
    connect(&messages, &MessageBar::linesChanged, this, &MessagePlace::place);
    connect(&pages, &Pages::pageChanged, this, &MessagePlace::place);
    connect(&workspaces, &Workspaces::messagePlaceChanged, this, [this] { // with every frame of a pan
        if (!m_messages.isHidden())
            place();
    });
}

bool MessagePlace::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize || event->type() == QEvent::Move)
        place();
    return QObject::eventFilter(watched, event);
}

void MessagePlace::place()
{
    const QRect pages = m_pages.geometry();
    const QSize size = m_messages.sizeWithin(pages.width());
    const std::optional<QPoint> corner = m_pages.page() == Pages::Page::Workspace
        ? m_workspaces.current().messagePlace(size.width())
        : std::nullopt;
    if (!corner) {
        if (m_above.indexOf(&m_messages) < 0)
            m_above.insertWidget(0, &m_messages);
        return;
    }
    m_above.removeWidget(&m_messages);
    m_messages.setGeometry(QRect(pages.topLeft() + *corner, size));
    m_messages.raise();
}

} // namespace headwater
