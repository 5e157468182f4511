// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/shell.h"
#include "ui/main/workspace.h"

#include <QObject>
#include <vector>

namespace headwater {

class Pages;
class TopBar;
class VerdictCard;
class Workspaces;

/// The commands of the window itself: which workspace and which panels are shown, full screen, the palette,
/// and what it says of itself and of the trace.
class WindowCommands : public QObject {
    Q_OBJECT
public:
    WindowCommands(const Shell& shell, const std::vector<WorkspaceType>& types, Pages& pages,
                   Workspaces& workspaces, TopBar& top, VerdictCard& card);

private:
    void bindWorkspaces(const std::vector<WorkspaceType>& types);
    void bindHelp();
    void showVerdict();
    void showAbout();

    Shell m_shell;
    Pages& m_pages;
    Workspaces& m_workspaces;
    TopBar& m_top;
    VerdictCard& m_card;
};

} // namespace headwater
