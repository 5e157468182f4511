// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/command_table.h"
#include "ui/main/location.h"
#include "ui/state/view_state.h"

#include <QObject>
#include <QSizeF>
#include <functional>

namespace headwater {

/// The commands that only change the view state: modes, masks, colours, zoom, places, heads. Also keeps the
/// checks of their actions true to the state.
class ViewCommands : public QObject {
    Q_OBJECT
public:
    /// `mapSize`: of the map's own area, in device-independent pixels.
    ViewCommands(CommandTable& commands, ViewState& view, std::function<QSizeF()> mapSize, QObject* parent);

    /// Shows a place: selects its head, locks its pair and brings it into view, at `tokensPerPixel` when that
    /// is positive. Errors: InvalidArgument (no such head, token beyond the text), Unavailable (no trace is
    /// open).
    Result<void> goTo(const Location& place, double tokensPerPixel = 0);

private:
    void bindModes();
    void bindMasks();
    void bindColours();
    void bindZoom();
    void bindSelection();
    void checkActions();
    Result<void> needTrace() const;
    Result<void> stepHead(int layers, int heads);
    Result<void> zoomBy(double factor);
    Result<void> zoomToLock();
    void bringIntoView(const TokenPair& pair, double tokensPerPixel);

    CommandTable& m_commands;
    ViewState& m_view;
    std::function<QSizeF()> m_mapSize;
};

} // namespace headwater
