// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/pixel_axis.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// The key axis in device pixels, laid out for loops over a row of them.
struct PixelColumns : PixelAxis {
    /// Device pixels [begin, end) whose centres lie in one column of tiles.
    struct Span {
        int begin = 0;
        int end = 0;
        std::uint32_t col = 0;
    };

    PixelColumns() = default;
    /// Cost: O(pixels).
    explicit PixelColumns(PixelAxis axis);

    static constexpr std::uint32_t kMostWindow = 3; ///< cells

    std::size_t cells() const { return endCell - firstCell; } ///< in view
    /// Bytes that pool() takes: those of the cells in view and, behind them, of windows of 2 and 3 of them.
    std::size_t windows() const { return cells() * (mostCells > kMostWindow ? 1 : mostCells); }
    /// The largest of the cells' bytes that each of the first `count` pixels inside touches. The cells are
    /// the first of `bytes`, of which there are windows(); the others are overwritten. Cost: O(windows()) of
    /// vector code and one look-up a pixel; where a pixel touches more than kMostWindow cells, one a cell.
    void pool(std::span<std::uint8_t> bytes, std::span<std::uint8_t> largest, std::size_t count) const;
    /// The first pixel of the future of a row of pixels: all its keys lie behind the row's last query.
    int futureOf(const Pixel& row) const;

    /// Of each pixel inside: its first and last cell, counted from the first in view.
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> last;
    /// Of each pixel inside: its place among the windows of 1, then 2, then 3 cells that begin at each cell.
    std::vector<std::uint32_t> window;
    std::uint32_t mostCells = 1; ///< that a pixel touches
    std::vector<int> borders; ///< pixels
    std::vector<int> cellBorders; ///< pixels; those of blocks are among them
    std::vector<Span> spans;
};

} // namespace headwater
