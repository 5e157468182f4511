// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/command_table.h"

#include <QAction>
#include <QKeySequence>
#include <QMenu>
#include <algorithm>

namespace headwater {

namespace {

bool isSeparator(const CommandSpec& spec)
{
    return spec.id == QLatin1String("-");
}

QList<QKeySequence> shortcutsOf(const CommandSpec& spec)
{
    QList<QKeySequence> shortcuts;
    for (const QString& text : spec.shortcut.split(QStringLiteral("; "), Qt::SkipEmptyParts))
        shortcuts.append(QKeySequence::fromString(text, QKeySequence::PortableText));
    return shortcuts;
}

} // namespace

CommandTable::CommandTable(std::vector<CommandSpec> specs, QWidget* window)
    : QObject(window)
    , m_specs(std::move(specs))
{
    for (const CommandSpec& spec : m_specs) {
        if (!isSeparator(spec))
            m_actions[spec.id] = makeAction(spec, window);
    }
}

QAction* CommandTable::makeAction(const CommandSpec& spec, QWidget* window)
{
    auto* const action = new QAction(spec.text, this);
    action->setObjectName(spec.id);
    action->setShortcuts(shortcutsOf(spec));
    action->setShortcutContext(Qt::WindowShortcut);
    action->setCheckable(spec.checkable);
    action->setStatusTip(spec.help);
    const QString keys = action->shortcut().toString(QKeySequence::NativeText);
    action->setToolTip(keys.isEmpty() ? spec.help
                                      : spec.help + QStringLiteral(" (") + keys + QLatin1Char(')'));
    window->addAction(action);
    connect(action, &QAction::triggered, this, [this, id = spec.id] {
        if (const Result<void> done = run(id); !done)
            emit failed(done.error());
    });
    return action;
}

void CommandTable::bind(const QString& id, Handler handler)
{
    m_handlers[id] = std::move(handler);
}

const CommandSpec* CommandTable::find(const QString& id) const
{
    const auto found =
        std::find_if(m_specs.begin(), m_specs.end(), [&](const CommandSpec& spec) { return spec.id == id; });
    return found == m_specs.end() || isSeparator(*found) ? nullptr : &*found;
}

Result<void> CommandTable::run(const QString& id, const CommandArguments& arguments)
{
    const CommandSpec* const spec = find(id);
    const auto handler = m_handlers.find(id);
    if (!spec || handler == m_handlers.end())
        return Error{ErrorCode::InvalidArgument, "there is no such command; --list-commands shows them",
                     id.toStdString()};
    for (auto value = arguments.values().begin(); value != arguments.values().end(); ++value) {
        if (!spec->parameters.contains(value.key()))
            return Error{ErrorCode::InvalidArgument,
                         QStringLiteral("it has no parameter \"%1\"; it has: %2")
                             .arg(value.key(), spec->parameters.join(QStringLiteral(", ")))
                             .toStdString(),
                         id.toStdString()};
    }
    Result<void> done = handler->second(arguments);
    if (!done && done.error().context.empty())
        return Error{done.error().code, done.error().message, id.toStdString()};
    if (done)
        emit succeeded(id);
    return done;
}

void CommandTable::fillMenus(QMenu* root) const
{
    std::map<QString, QMenu*> menus;
    const auto menuAt = [&](const QString& path) {
        QMenu* menu = root;
        QString sofar;
        for (const QString& part : path.split(QLatin1Char('/'))) {
            sofar += sofar.isEmpty() ? part : QLatin1Char('/') + part;
            QMenu*& known = menus[sofar];
            if (!known) {
                known = menu->addMenu(part);
                known->setObjectName(QStringLiteral("menu.") + sofar);
                known->setAccessibleName(part);
                known->setToolTipsVisible(true);
            }
            menu = known;
        }
        return menu;
    };
    for (const CommandSpec& spec : m_specs) {
        if (spec.menu.isEmpty())
            continue;
        QMenu* const menu = menuAt(spec.menu);
        if (isSeparator(spec))
            menu->addSeparator();
        else
            menu->addAction(action(spec.id));
    }
}

QString CommandTable::listing(const std::vector<CommandSpec>& specs)
{
    QString text;
    for (const CommandSpec& spec : specs) {
        if (isSeparator(spec))
            continue;
        QString call = spec.id;
        for (const QString& parameter : spec.parameters)
            call += QLatin1Char(' ') + parameter + QLatin1Char('=');
        text += call.leftJustified(34) + QStringLiteral("  ") + spec.help;
        if (!spec.shortcut.isEmpty())
            text += QStringLiteral("  [") + spec.shortcut + QLatin1Char(']');
        text += QLatin1Char('\n');
    }
    return text;
}

} // namespace headwater
