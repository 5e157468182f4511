// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"
#include "ui/main/shell.h"
#include "ui/state/location.h"

#include <QObject>

namespace headwater {

class Pages;
class Workspaces;

/// The commands of what is looked at, whichever workspace shows it: `select.…`, `go.…`, `edit.undo`,
/// `edit.redo`.
class PlaceCommands : public QObject {
    Q_OBJECT
public:
    PlaceCommands(const Shell& shell, Pages& pages, Workspaces& workspaces, QObject* parent);

    /// A place typed by hand: in front, in the current workspace.
    void goTo(const Location& place);

private:
    void bindHistory();
    void bindSelection();
    Result<void> goToAnswer();
    Result<void> stepHead(int layers, int heads);

    Shell m_shell;
    Pages& m_pages;
    Workspaces& m_workspaces;
};

} // namespace headwater
