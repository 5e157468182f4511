// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/cell_mask.h"
#include "core/trace/trace_types.h"
#include "ui/state/map_look.h"
#include "ui/theme/theme.h"

#include <QImage>

namespace headwater {

/// The whole map of a head as a small square of `pixels` a side, from an overview of at least one cell a
/// pixel: a pixel has the largest value of its cells, or the number of blocks of all of them together (a
/// scale of their number in a cell would be full everywhere). `mask` is that of the overview's level; hidden
/// cells count for nothing. Cost: O(cells).
QImage minimapPicture(const Overview& overview, const BlockGrid& grid, const CellMask& mask, MapMode mode,
                      const ColourScale& colours, const Theme& theme, int pixels);

} // namespace headwater
