// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/cell_mask.h"
#include "ui/state/map_look.h"

namespace headwater {

/// What the view's mask hides of a level. Missed mass belongs to rows: its mode has no mask.
CellMask viewMask(const BlockGrid& grid, std::uint32_t level, MapMode mode, const VisualMask& mask,
                  std::span<const std::uint32_t> sinks);

} // namespace headwater
