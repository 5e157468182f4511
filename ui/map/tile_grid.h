// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/map_renderer.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace headwater {

/// The tiles of a frame by place.
class TileGrid {
public:
    explicit TileGrid(const MapFrame& frame)
    {
        for (const TilePlacement& placement : frame.tiles) {
            m_firstRow = std::min(m_firstRow, placement.key.row);
            m_firstCol = std::min(m_firstCol, placement.key.col);
            m_endRow = std::max(m_endRow, placement.key.row + 1);
            m_endCol = std::max(m_endCol, placement.key.col + 1);
        }
        if (frame.tiles.empty())
            return;
        m_tiles.resize(std::size_t{m_endRow - m_firstRow} * (m_endCol - m_firstCol));
        for (const TilePlacement& placement : frame.tiles)
            m_tiles[place(placement.key.row, placement.key.col)] = placement.tile.get();
    }

    const Tile* at(std::uint32_t row, std::uint32_t col) const
    {
        const bool within = row >= m_firstRow && row < m_endRow && col >= m_firstCol && col < m_endCol;
        return within && !m_tiles.empty() ? m_tiles[place(row, col)] : nullptr;
    }

    /// Any tile of a row that is of `level` itself: what it says of its rows holds for all of them.
    const Tile* findInRow(std::uint32_t row, std::uint32_t level) const
    {
        for (std::uint32_t col = m_firstCol; col < m_endCol; ++col) {
            const Tile* tile = at(row, col);
            if (tile && tile->key.level == level)
                return tile;
        }
        return nullptr;
    }

private:
    std::size_t place(std::uint32_t row, std::uint32_t col) const
    {
        return std::size_t{row - m_firstRow} * (m_endCol - m_firstCol) + (col - m_firstCol);
    }

    std::uint32_t m_firstRow = ~0U;
    std::uint32_t m_firstCol = ~0U;
    std::uint32_t m_endRow = 0;
    std::uint32_t m_endCol = 0;
    std::vector<const Tile*> m_tiles;
};

} // namespace headwater
