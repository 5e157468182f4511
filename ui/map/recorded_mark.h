// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/map_renderer.h"
#include "ui/map/view_geometry.h"
#include "ui/theme/theme.h"

#include <QString>
#include <vector>

class QPainter;

namespace headwater {

/// The rows of a frame that its tiles hold token by token, as spans of tokens, ascending. Cost: O(tiles ·
/// 256).
std::vector<TokenRange> recordedRowsOf(const MapFrame& frame);

/// A line along those rows at the map's left edge and, where they begin on screen, `words` above them. Only
/// where rows are large enough to be told apart.
void paintRecordedMark(QPainter& painter, const MapFrame& frame, const QString& words, const Theme& theme);

} // namespace headwater
