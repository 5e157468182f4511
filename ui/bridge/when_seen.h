// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <functional>

class QWidget;

namespace headwater {

/// Work that matters only while a widget is seen, as reading what it shows. Asked for while the widget is
/// hidden (a closed dock, a tab behind another, the other page) it waits until the widget is shown, and is
/// done once however often it was asked for.
class WhenSeen : public QObject {
    Q_OBJECT
public:
    /// A child of the widget.
    WhenSeen(QWidget* widget, std::function<void()> work);

    void ask();
    /// For one who wants the answer though nobody sees the widget.
    void askNow();
    bool isWaiting() const { return m_isWaiting; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* m_widget;
    std::function<void()> m_work;
    bool m_isWaiting = false;
};

} // namespace headwater
