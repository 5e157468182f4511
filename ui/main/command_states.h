// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/shell.h"

#include <QObject>

namespace headwater {

class FigureCommands;
class Pages;
class Workspaces;

/// Which commands can be carried out now, and which of them are checked: their actions follow the window.
/// What a workspace's command acts on must be seen: a key that was meant for another page does nothing to it.
class CommandStates : public QObject {
    Q_OBJECT
public:
    CommandStates(const Shell& shell, Pages& pages, Workspaces& workspaces, FigureCommands& figures);

    void update();

private:
    void followWorkspaces();
    bool isAllowed(const QString& id, const QString& workspace) const;

    Shell m_shell;
    Pages& m_pages;
    Workspaces& m_workspaces;
    FigureCommands& m_figures;
};

} // namespace headwater
