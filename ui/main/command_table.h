// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/command_line.h"
#include "ui/main/command_list.h"

#include <QObject>
#include <functional>
#include <map>
#include <vector>

class QAction;
class QMenu;
class QWidget;

namespace headwater {

/// What a command answers that cannot be carried out now.
inline Error unavailable(const QString& message)
{
    return Error{ErrorCode::Unavailable, message.toStdString(), {}};
}

/// The table of actions of one window: a QAction for every spec, and one handler a command, whether it comes
/// from a menu, a key, the palette or a script.
class CommandTable : public QObject {
    Q_OBJECT
public:
    using Handler = std::function<Result<void>(const CommandArguments&)>;

    /// Makes the actions of `specs`; their shortcuts work in the whole of `window`.
    CommandTable(std::vector<CommandSpec> specs, QWidget* window);

    void bind(const QString& id, Handler handler);
    bool isBound(const QString& id) const { return m_handlers.contains(id); }

    /// The action of a command. `id` must be in the table.
    QAction* action(const QString& id) const { return m_actions.at(id); }
    const std::vector<CommandSpec>& specs() const { return m_specs; }
    const CommandSpec* find(const QString& id) const;

    /// Errors: InvalidArgument (unknown command or parameter), and those of the handler.
    Result<void> run(const QString& id, const CommandArguments& arguments = {});

    /// The menus as sub-menus of `root`.
    void fillMenus(QMenu* root) const;

    /// "view.goto layer= head= …  — help (shortcut)", one command a line.
    static QString listing(const std::vector<CommandSpec>& specs);

signals:
    /// A command that came from a menu, a key or the palette failed.
    void failed(const headwater::Error& error);
    /// A command has been carried out, wherever it came from.
    void succeeded(const QString& id);

private:
    QAction* makeAction(const CommandSpec& spec, QWidget* window);

    std::vector<CommandSpec> m_specs;
    std::map<QString, QAction*> m_actions;
    std::map<QString, Handler> m_handlers;
};

} // namespace headwater
