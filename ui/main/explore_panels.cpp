// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/explore_panels.h"

#include "ui/main/command_table.h"
#include "ui/map/colour_panel.h"
#include "ui/map/map_pane.h"

#include <QObject>

namespace headwater {

namespace {

QWidget* makeColourPanel(const PanelServices& services, QWidget* parent)
{
    auto* const panel = new ColourPanel(&services.view, services.map.tiles(), parent);
    services.commands.bind(QStringLiteral("view.range.fit"),
                           [panel](const CommandArguments&) -> Result<void> {
                               panel->fit();
                               return {};
                           });
    return panel;
}

} // namespace

std::vector<PanelFactory> explorePanels()
{
    return {
        {QStringLiteral("colour"), QObject::tr("Colour"), PanelPlace::Right, 170, makeColourPanel},
    };
}

} // namespace headwater
