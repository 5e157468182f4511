// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/base/token_range.h"
#include "core/figure/figure_length.h"
#include "core/reading/head_cache.h"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace headwater {

/// The cells of a map's part, whole cells: rows [firstRow, firstRow + rows) of level `level`, columns
/// likewise. Shape: max, count [rows, columns] row-major log codes; missed, recorded [rows]. What they mean:
/// Tile.
struct HeatmapCells {
    std::uint32_t level = 0;
    std::uint32_t firstRow = 0;
    std::uint32_t firstColumn = 0;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::vector<std::uint8_t> max;
    std::vector<std::uint8_t> count;
    std::vector<std::uint8_t> missed;
    std::vector<std::uint8_t> recorded; ///< 1 where the trace holds the cell row token by token

    /// Whether a kept block is here whose largest pair is elsewhere.
    bool isSomewhere(std::uint32_t row, std::uint32_t column) const
    {
        const std::size_t cell = std::size_t{row} * columns + column;
        return max[cell] == 0 && count[cell] > 0 && recorded[row] == 0;
    }
};

/// The finest level at which neither range has more than `mostCells` cells.
std::uint32_t levelFor(TokenRange queries, TokenRange keys, std::uint32_t mostCells);

/// The same bytes that the window's tiles hold. Errors: InvalidArgument when they are more than a figure can
/// hold (the message names the level that would do), Unsupported when the trace stores only overviews of
/// this head and `level` is finer than they are (the message names the finest level), and those of the trace.
Result<HeatmapCells> gatherCells(const HeadSource& source, HeadCache& heads, int layer, int head,
                                 std::uint32_t level, TokenRange queries, TokenRange keys,
                                 const std::stop_token& stop = {});

} // namespace headwater
