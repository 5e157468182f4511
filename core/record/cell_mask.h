// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/block_grid.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace headwater {

/// Which cells of a level are hidden, so that the rest can be seen: those that a sink's key block touches,
/// and those from the recent block to the diagonal. Map, minimap, hand and figures ask the same rule.
class CellMask {
public:
    CellMask() = default; ///< hides nothing

    /// `sinks`: the tokens whose blocks are hidden. `hidesRecent`: the recent block and the diagonal, too.
    CellMask(const BlockGrid& grid, std::uint32_t level, std::span<const std::uint32_t> sinks,
             bool hidesRecent);

    bool hidesAnything() const { return m_hidesRecent || !m_sinks.empty(); }
    /// The first column of a row of cells that is hidden as diagonal or recent; beyond all without that mask.
    std::uint32_t hiddenFrom(std::uint32_t cellRow) const;
    bool hides(std::uint32_t cellRow, std::uint32_t cellCol) const
    {
        return cellCol >= hiddenFrom(cellRow) || isSink(cellCol);
    }
    /// Cost: O(log sinks).
    bool isSink(std::uint32_t cellCol) const;

private:
    BlockGrid m_grid;
    std::uint32_t m_level = 0;
    bool m_hidesRecent = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>>
        m_sinks; ///< cell columns [first, last], ascending and apart
};

} // namespace headwater
