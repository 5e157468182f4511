// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/workspace.h"

#include <QObject>

namespace headwater {

namespace {

/// "View" of "View/Zoom".
QString menuOf(const CommandSpec& spec)
{
    return spec.menu.section(QLatin1Char('/'), 0, 0);
}

} // namespace

QString workspaceCommand(const QString& id)
{
    return QStringLiteral("view.workspace.") + id;
}

QString panelCommand(const QString& id)
{
    return QStringLiteral("view.panel.") + id;
}

std::vector<CommandSpec> commandsWith(const std::vector<WorkspaceType>& types)
{
    std::vector<CommandSpec> specs;
    for (const CommandSpec& spec : windowCommands()) {
        if (spec.id != QLatin1String("*")) {
            specs.push_back(spec);
            continue;
        }
        for (const WorkspaceType& type : types) {
            for (const CommandSpec& own : type.commands) {
                if (menuOf(own) == spec.menu)
                    specs.push_back(own);
            }
        }
    }
    for (const WorkspaceType& type : types) {
        specs.push_back({workspaceCommand(type.id),
                         type.title,
                         type.help,
                         {},
                         QStringLiteral("View/Workspace"),
                         {},
                         true,
                         CommandSpec::Palette::Offered,
                         {}});
        for (const PanelSpec& panel : type.panels)
            specs.push_back({panelCommand(panel.id),
                             panel.title,
                             QObject::tr("Show or hide the panel %1").arg(panel.title),
                             {},
                             QStringLiteral("View/Panels"),
                             {QStringLiteral("on")},
                             true,
                             CommandSpec::Palette::Offered,
                             type.id});
    }
    return specs;
}

} // namespace headwater
