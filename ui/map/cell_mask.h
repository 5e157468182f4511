// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/record/block_grid.h"
#include "ui/state/view_state.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace headwater {

/// Which cells of a level the visual mask hides: those that a sink's key block touches, and those from the
/// recent block to the diagonal. Map, minimap and hand ask the same rule. Missed mass belongs to rows: its
/// mode has no mask.
class CellMask {
public:
    CellMask(const BlockGrid& grid, std::uint32_t level, MapMode mode, const VisualMask& mask,
             std::span<const std::uint32_t> sinks);

    bool hidesAnything() const { return m_diagonal || !m_sinks.empty(); }
    /// The first column of a row of cells that is hidden as diagonal or recent; beyond all without that mask.
    std::uint32_t hiddenFrom(std::uint32_t cellRow) const;
    bool hides(std::uint32_t cellRow, std::uint32_t cellCol) const
    {
        return cellCol >= hiddenFrom(cellRow) || isSink(cellCol);
    }
    bool isSink(std::uint32_t cellCol) const;

private:
    BlockGrid m_grid;
    std::uint32_t m_level = 0;
    bool m_diagonal = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> m_sinks; ///< cell columns [first, last]
};

} // namespace headwater
