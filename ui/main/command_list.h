// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <vector>

namespace headwater {

/// One action of the window. Menus, shortcuts, the command palette, `--do` and `--list-commands` are all made
/// from the list of these; an id is never renamed once published.
struct CommandSpec {
    /// What the palette makes of it.
    enum class Palette {
        Offered,
        AsksArguments, ///< does nothing without arguments: choosing it begins to type them
        ScriptsOnly, ///< means something between other commands of a script alone
    };

    QString id; ///< "view.zoom.in"
    QString text; ///< as in the menu
    QString help; ///< one line
    QString shortcut; ///< portable text of a QKeySequence; several are separated by "; "
    QString menu; ///< "View/Panels"; empty: in the palette only
    QStringList parameters; ///< names that `--do` may give
    bool checkable = false;
    Palette palette = Palette::Offered;
    /// Acts on what the map shows: its key and its menu's line do nothing while that is away.
    bool isOfMap = false;
};

/// How many recent files have a command of their own, "file.recent.1" and so on, the latest first.
inline constexpr int kRecentCommands = 9;
QString recentCommand(int number);

/// Every command of the explorer but the toggles of its panels, in menu order. A spec whose id is "-" is a
/// separator.
const std::vector<CommandSpec>& explorerCommands();

} // namespace headwater
