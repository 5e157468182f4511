// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace headwater {

class CommandTable;

/// What the window shows while no trace is open: an invitation, two ways to see something at once, recent
/// traces.
class WelcomePage : public QWidget {
    Q_OBJECT
public:
    explicit WelcomePage(CommandTable& commands, QWidget* parent = nullptr);

    void setRecent(const QStringList& paths);
    /// While something is dragged over the window.
    void setDropWelcome(bool over);

signals:
    void openRequested(const QString& path);

private:
    QLabel* m_invitation = nullptr;
    QLabel* m_recentTitle = nullptr;
    QVBoxLayout* m_recent = nullptr;
};

} // namespace headwater
