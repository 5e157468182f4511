// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <vector>

namespace headwater {

/// One action of the window. Menus, shortcuts, the command palette, `--do` and `--list-commands` are all made
/// from the list of these; an id is never renamed once published.
struct CommandSpec {
    QString id; ///< "view.zoom.in"
    QString text; ///< as in the menu
    QString help; ///< one line
    QString shortcut; ///< portable text of a QKeySequence; several are separated by "; "
    QString menu; ///< "View/Panels"; empty: in the palette only
    QStringList parameters; ///< names that `--do` may give
    bool checkable = false;
};

/// Every command of the explorer but the toggles of its panels, in menu order. A spec whose id is "-" is a
/// separator.
const std::vector<CommandSpec>& explorerCommands();

} // namespace headwater
