// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/view_mask.h"

namespace headwater {

CellMask viewMask(const BlockGrid& grid, std::uint32_t level, MapMode mode, const VisualMask& mask,
                  std::span<const std::uint32_t> sinks)
{
    if (mode == MapMode::Missed)
        return {};
    return {grid, level, mask.sinks ? sinks : std::span<const std::uint32_t>(), mask.diagonal};
}

} // namespace headwater
