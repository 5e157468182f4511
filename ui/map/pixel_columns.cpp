// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/pixel_columns.h"

#include "core/tiles/tile.h"

#include <algorithm>
#include <utility>

namespace headwater {

PixelColumns::PixelColumns(PixelAxis axis)
    : PixelAxis(std::move(axis))
{
    const auto inside = static_cast<std::size_t>(end - begin);
    first.resize(inside);
    second.resize(inside);
    last.resize(inside);
    for (std::size_t i = 0; i < inside; ++i) {
        const int x = begin + static_cast<int>(i);
        const Pixel& pixel = pixels[static_cast<std::size_t>(x)];
        first[i] = pixel.first - firstCell;
        last[i] = pixel.last - firstCell;
        second[i] = std::min(first[i] + 1, last[i]);
        mostCells = std::max(mostCells, pixel.last - pixel.first + 1);
        if (pixel.border)
            borders.push_back(x);
        if (pixel.border || pixel.cellBorder)
            cellBorders.push_back(x);
        const std::uint32_t col = pixel.centre / kTileSide;
        if (spans.empty() || spans.back().col != col)
            spans.push_back({x, x, col});
        spans.back().end = x + 1;
    }
}

} // namespace headwater
