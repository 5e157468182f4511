// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/workspaces.h"

#include "ui/bridge/json_access.h"
#include "ui/main/command_table.h"
#include "ui/main/history.h"
#include "ui/main/shell.h"

#include <QAction>
#include <QDockWidget>
#include <QMainWindow>

namespace headwater {

Workspaces::Workspaces(const std::vector<WorkspaceType>& types, const Shell& shell, QMainWindow& window)
    : QObject(&window)
{
    for (const WorkspaceType& type : types) {
        Room room{type.id, type.make(shell), nullptr};
        room.workspace->setObjectName(type.id);
        room.workspace->bind(shell.commands);
        room.panels = new DockLayout(window, type.panels, *room.workspace);
        listen(room);
        m_rooms.push_back(std::move(room));
    }
    for (std::size_t i = 1; i < m_rooms.size(); ++i)
        m_rooms[i].panels->setShown(false);
}

Workspaces::~Workspaces() = default;

void Workspaces::listen(const Room& room)
{
    Workspace* const workspace = room.workspace.get();
    const auto ifCurrent = [this, workspace](auto tell) {
        return [this, workspace, tell] {
            if (workspace == &current())
                (this->*tell)();
        };
    };
    connect(workspace, &Workspace::changed, this, ifCurrent(&Workspaces::changed));
    connect(&workspace->history(), &History::changed, this, ifCurrent(&Workspaces::changed));
    connect(workspace, &Workspace::statusChanged, this, ifCurrent(&Workspaces::statusChanged));
    connect(workspace, &Workspace::messagePlaceChanged, this, ifCurrent(&Workspaces::messagePlaceChanged));
    connect(workspace, &Workspace::activityChanged, this, &Workspaces::activityChanged);
    connect(workspace, &Workspace::failed, this, &Workspaces::failed);
    connect(room.panels, &DockLayout::panelsChanged, this, &Workspaces::panelsChanged);
}

std::vector<Workspace*> Workspaces::all() const
{
    std::vector<Workspace*> workspaces;
    for (const Room& room : m_rooms)
        workspaces.push_back(room.workspace.get());
    return workspaces;
}

void Workspaces::setShown(bool shown)
{
    m_isShown = shown;
    panels().setShown(shown);
}

void Workspaces::choose(const QString& id)
{
    for (std::size_t i = 0; i < m_rooms.size(); ++i) {
        if (m_rooms[i].id != id || i == m_current)
            continue;
        panels().setShown(false);
        m_current = i;
        panels().setShown(m_isShown);
        emit currentChanged();
    }
}

QMap<QString, QByteArray> Workspaces::layouts() const
{
    QMap<QString, QByteArray> layouts;
    for (const Room& room : m_rooms)
        layouts[room.id] = room.panels->state();
    return layouts;
}

void Workspaces::restoreLayouts(const QMap<QString, QByteArray>& layouts)
{
    for (const Room& room : m_rooms) {
        if (const QByteArray layout = layouts.value(room.id); !layout.isEmpty())
            room.panels->restore(layout);
    }
}

nlohmann::json Workspaces::save() const
{
    nlohmann::json saved{{"workspace", currentId().toStdString()}};
    for (const Room& room : m_rooms)
        saved[room.id.toStdString()] = room.workspace->save();
    return saved;
}

void Workspaces::restore(const nlohmann::json& saved)
{
    for (const Room& room : m_rooms)
        room.workspace->restore(jsonMember(saved, room.id.toUtf8().constData()));
    choose(jsonText(saved, "workspace"));
}

std::vector<QWidget*> Workspaces::docks() const
{
    std::vector<QWidget*> docks;
    for (const Room& room : m_rooms) {
        for (const auto& [id, dock] : room.panels->docks())
            docks.push_back(dock);
    }
    return docks;
}

void Workspaces::placeKeys(const std::vector<CommandSpec>& specs, const CommandTable& commands)
{
    for (const CommandSpec& spec : specs) {
        if (spec.workspace.isEmpty() || spec.id == QLatin1String("-"))
            continue;
        QAction* const action = commands.action(spec.id);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        static_cast<QMainWindow*>(parent())->removeAction(action);
        for (const Room& room : m_rooms) {
            if (spec.workspace != QLatin1String(kAnyWorkspace) && spec.workspace != room.id)
                continue;
            room.workspace->page()->addAction(action);
            for (const auto& [id, dock] : room.panels->docks())
                dock->addAction(action);
        }
    }
}

} // namespace headwater
