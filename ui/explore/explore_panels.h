// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/workspace.h"

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

/// What a panel of Explore may use. Panels know what is looked at, never each other. Work that a panel does
/// in the background through a BackgroundJob whose parent is the panel is waited for by scripts.
struct ExploreParts {
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

/// The panels of the Explore workspace, in the order of the default layout.
std::vector<PanelSpec> explorePanels();
/// The content of one of them.
QWidget* makeExplorePanel(const QString& id, const ExploreParts& parts, QWidget* parent);

} // namespace headwater
