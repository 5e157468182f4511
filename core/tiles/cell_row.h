// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tiles/tile_builder.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace headwater {

/// The cells a strip shows: columns [firstCell, endCell()) of rows [firstRow, firstRow + 256).
struct StripCells {
    std::uint32_t level;
    std::uint64_t firstRow;
    std::uint64_t firstCell;
    std::uint64_t numCells;

    explicit StripCells(const TileStrip& strip)
        : level(strip.level)
        , firstRow(std::uint64_t{strip.row} * kTileSide)
        , firstCell(std::uint64_t{strip.colBegin} * kTileSide)
        , numCells(std::uint64_t{strip.colEnd - strip.colBegin} * kTileSide)
    {
    }
    std::uint64_t endCell() const { return firstCell + numCells; }
};

/// One row of cells of a strip while it is gathered. Shape: [numCells].
struct CellRow {
    std::vector<std::uint8_t> max;
    std::vector<std::uint64_t> count;
    bool isRecorded = false; ///< all its rows are

    explicit CellRow(std::size_t numCells)
        : max(numCells)
        , count(numCells)
    {
    }

    void clear()
    {
        std::fill(max.begin(), max.end(), std::uint8_t{0});
        std::fill(count.begin(), count.end(), std::uint64_t{0});
        isRecorded = false;
    }

    void raise(std::size_t cell, std::uint8_t code) { max[cell] = std::max(max[cell], code); }
};

} // namespace headwater
