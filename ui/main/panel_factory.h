// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/command_list.h"

#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

namespace headwater {

class CommandTable;
class FindSession;
class LockedPlaceReader;
class MapLook;
class MapPane;
class PredictedRowsReader;
class Subject;
class TextLook;
class TraceSession;
class ViewReader;

/// What a panel may use. Panels know what is looked at, never each other. Work that a panel does in the
/// background through a BackgroundJob whose parent is the panel is waited for by scripts.
struct PanelServices {
    Subject& subject;
    MapLook& look;
    TextLook& textLook;
    FindSession& find;
    CommandTable& commands;
    ViewReader& reader; ///< of the trace that is looked at
    TraceSession& session; ///< the same
    MapPane& map; ///< for what looks at the picture itself (colour)
    LockedPlaceReader& lockedPlace; ///< for what it could not compute
    PredictedRowsReader& predictedRows; ///< the same
};

/// Where a panel stands in the default layout. Left: stacked from the top. Right likewise. Bottom: from the
/// left.
enum class PanelPlace { Left, Right, Bottom };

/// One dock of the window. The window makes its toggle, `view.panel.<id>`.
struct PanelFactory {
    QString id; ///< "heads"
    QString title; ///< "Heads"
    PanelPlace place = PanelPlace::Left;
    int size = 0; ///< height (left, right) or width (bottom) it is given by default, in pixels
    std::function<QWidget*(const PanelServices& services, QWidget* parent)> make;
    int margin = 0; ///< around a panel that brings none of its own
};

/// All commands of a window with these panels: explorerCommands() and the panels' toggles.
std::vector<CommandSpec> commandsWith(const std::vector<PanelFactory>& panels);

} // namespace headwater
