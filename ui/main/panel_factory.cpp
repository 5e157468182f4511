// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/panel_factory.h"

#include <QObject>

namespace headwater {

std::vector<CommandSpec> commandsWith(const std::vector<PanelFactory>& panels)
{
    std::vector<CommandSpec> specs = explorerCommands();
    for (const PanelFactory& panel : panels)
        specs.push_back({QStringLiteral("view.panel.") + panel.id,
                         panel.title,
                         QObject::tr("Show or hide the panel %1").arg(panel.title),
                         {},
                         QStringLiteral("View/Panels"),
                         {QStringLiteral("on")},
                         true});
    return specs;
}

} // namespace headwater
