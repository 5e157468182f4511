// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/themed_parts.h"

#include "ui/theme/style_sheet.h"

#include <QWidget>
#include <utility>

namespace headwater {

ThemedParts::ThemedParts(QWidget& window)
    : QObject(&window)
    , m_window(window)
{
}

void ThemedParts::add(QWidget* part)
{
    m_parts.emplace_back(part);
    m_next = m_parts.size();
}

void ThemedParts::styleNow(const Theme& theme)
{
    m_sheet = styleSheetOf(theme);
    for (const QPointer<QWidget>& part : m_parts) {
        if (part)
            part->setStyleSheet(m_sheet);
    }
    m_next = m_parts.size();
}

void ThemedParts::styleSoon(const Theme& theme)
{
    m_sheet = styleSheetOf(theme);
    m_next = 0;
    m_window.setUpdatesEnabled(false); // never half in one theme
    if (!std::exchange(m_isQueued, true))
        QMetaObject::invokeMethod(this, &ThemedParts::styleNext, Qt::QueuedConnection);
}

void ThemedParts::styleNext()
{
    m_isQueued = false;
    if (isPending()) {
        if (QWidget* const part = m_parts[m_next])
            part->setStyleSheet(m_sheet);
        ++m_next;
    }
    if (isPending()) {
        m_isQueued = true;
        QMetaObject::invokeMethod(this, &ThemedParts::styleNext, Qt::QueuedConnection);
        return;
    }
    m_window.setUpdatesEnabled(true);
    emit styled();
}

} // namespace headwater
