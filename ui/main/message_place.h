// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

class QVBoxLayout;

namespace headwater {

class MessageBar;
class Pages;
class Workspaces;

/// Where the messages of a window stand: over a workspace that would fit itself anew under the hand they
/// float, elsewhere they stand above the page.
class MessagePlace : public QObject {
    Q_OBJECT
public:
    /// `above`: the column whose first place is above the pages.
    MessagePlace(MessageBar& messages, Pages& pages, Workspaces& workspaces, QVBoxLayout& above);

    void place();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    MessageBar& m_messages;
    Pages& m_pages;
    Workspaces& m_workspaces;
    QVBoxLayout& m_above;
};

} // namespace headwater
