// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <span>
#include <vector>

namespace headwater {

/// Of CommandSpec: acts on whichever workspace is shown.
inline constexpr const char* kAnyWorkspace = "*";

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
    /// The workspace whose it is, or kAnyWorkspace: what it acts on is seen, and its key is asked, only while
    /// such a workspace is shown and has the keyboard. Empty: the window's own.
    QString workspace{};
};

/// How many recent files have a command of their own, "file.recent.1" and so on, the latest first.
inline constexpr int kRecentCommands = 9;
QString recentCommand(int number);

/// A line of a table of commands.
struct CommandRow {
    const char* id;
    const char* text;
    const char* help;
    const char* shortcut;
    const char* menu;
    const char* parameters; ///< separated by spaces
    bool checkable = false;
    CommandSpec::Palette palette = CommandSpec::Palette::Offered;
};
std::vector<CommandSpec> specsOf(std::span<const CommandRow> rows, const QString& workspace);

/// Every command of a window whatever its workspaces are, in menu order. A spec whose id is "-" is a
/// separator; one whose id is "*" stands for the commands of the workspaces in that menu.
const std::vector<CommandSpec>& windowCommands();

} // namespace headwater
