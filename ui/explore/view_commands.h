// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/explore/explore_view.h"
#include "ui/main/command_table.h"
#include "ui/map/map_navigator.h"
#include "ui/state/location.h"

#include <QObject>

namespace headwater {

/// The commands that only change what is shown: modes, masks, colours, zoom, places. Also keeps the
/// checks of their actions true to it.
class ViewCommands : public QObject {
    Q_OBJECT
public:
    /// `map`: moves the view of the map that the commands are for.
    ViewCommands(CommandTable& commands, const ExploreView& view, MapNavigator& map, QObject* parent);

    /// Shows a place: selects its head, locks its pair and brings it into view, at `tokensPerPixel` when that
    /// is positive. Errors: InvalidArgument (no such head, token beyond the text), Unavailable (no trace is
    /// open).
    Result<void> goTo(const Location& place, double tokensPerPixel = 0);

private:
    void bindModes();
    void bindMasks();
    void bindTextShade();
    void bindColours();
    void bindZoom();
    void checkActions();
    Result<void> needTrace() const;
    Result<void> zoomToLock();

    CommandTable& m_commands;
    Subject& m_subject;
    MapLook& m_look;
    TextLook& m_text;
    MapNavigator& m_map;
};

} // namespace headwater
