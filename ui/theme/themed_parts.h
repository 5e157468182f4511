// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/theme/theme.h"

#include <QObject>
#include <QPointer>
#include <QString>
#include <vector>

class QWidget;

namespace headwater {

/// The parts of a window that get the theme's style sheet, each for itself: polishing all widgets of a large
/// window at once would hold its thread for longer than a hand notices. Parts must not lie inside each other.
class ThemedParts : public QObject {
    Q_OBJECT
public:
    explicit ThemedParts(QWidget& window);

    void add(QWidget* part);
    /// At once, for a window that is not shown yet.
    void styleNow(const Theme& theme);
    /// One part an event; the window is painted again when all have it. A later call takes over.
    void styleSoon(const Theme& theme);
    bool isPending() const { return m_next < m_parts.size(); }

signals:
    void styled(); ///< all parts have the theme of styleSoon()

private:
    void styleNext();

    QWidget& m_window;
    std::vector<QPointer<QWidget>> m_parts;
    std::size_t m_next = 0; ///< of the parts: those before it have the sheet
    bool m_isQueued = false;
    QString m_sheet;
};

} // namespace headwater
