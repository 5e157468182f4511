// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/pixel_axis.h"

#include <cstdint>
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

    /// Of each pixel inside: its first, second (or last) and last cell, counted from the first in view.
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> second;
    std::vector<std::uint32_t> last;
    std::uint32_t mostCells = 1; ///< that a pixel touches
    std::vector<int> borders; ///< pixels
    std::vector<int> cellBorders; ///< pixels; those of blocks are among them
    std::vector<Span> spans;
};

} // namespace headwater
