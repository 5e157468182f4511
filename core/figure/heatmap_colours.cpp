// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_colours.h"

#include "core/base/log_code.h"
#include "core/figure/figure_spec.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr std::uint32_t kPage = 0xFFFFFF;

std::uint32_t packed(Rgb colour)
{
    return std::uint32_t{colour.red} << 16 | std::uint32_t{colour.green} << 8 | colour.blue;
}

} // namespace

bool isHatched(const HeatmapCells& cells, CellQuantity quantity, std::uint32_t row, std::uint32_t column)
{
    if (cells.firstColumn + column > cells.firstRow + row)
        return false;
    return quantity == CellQuantity::Missed ? cells.missed[row] == kUnknownCode
                                            : quantity == CellQuantity::Max && cells.isSomewhere(row, column);
}

bool hasHatched(const HeatmapCells& cells, CellQuantity quantity, std::uint32_t row)
{
    for (std::uint32_t column = 0; column < cells.columns; ++column) {
        if (isHatched(cells, quantity, row, column))
            return true;
    }
    return false;
}

std::vector<std::uint32_t> cellColours(const HeatmapCells& cells, const HeatmapFigureOptions& options,
                                       double capacity, std::span<const std::uint8_t> hidden)
{
    const auto colours =
        colourTable(options.colormap, options.isReversed, options.limits, options.quantity, capacity);
    const bool isMissed = options.quantity == CellQuantity::Missed;
    const std::vector<std::uint8_t>& codes =
        options.quantity == CellQuantity::Count ? cells.count : cells.max;
    bool isAnyHatched = isMissed;
    for (std::uint32_t row = 0; row < cells.rows && !isAnyHatched; ++row)
        isAnyHatched = hasHatched(cells, options.quantity, row);
    const std::uint32_t nothing = isAnyHatched ? kPage : kNoCell;
    std::vector<std::uint32_t> painted(std::size_t{cells.rows} * cells.columns);
    for (std::uint32_t row = 0; row < cells.rows; ++row) {
        for (std::uint32_t col = 0; col < cells.columns; ++col) {
            const std::size_t cell = std::size_t{row} * cells.columns + col;
            const std::uint8_t code = isMissed ? cells.missed[row] : codes[cell];
            const bool isOpen = isHatched(cells, options.quantity, row, col);
            const bool isFuture = cells.firstColumn + col > cells.firstRow + row;
            if (isFuture || (!isMissed && code == 0 && !isOpen))
                painted[cell] = nothing; // what is not kept is no place on the scale
            else if (!hidden.empty() && hidden[cell] != 0)
                painted[cell] = kHiddenCell;
            else if (isOpen)
                painted[cell] = kNoCell;
            else
                painted[cell] = packed(colours[code]);
        }
    }
    return painted;
}

std::vector<std::uint32_t> barColours(const HeatmapFigureOptions& options)
{
    std::vector<std::uint32_t> colours;
    for (int step = 255; step >= 0; --step)
        colours.push_back(packed(colourAt(options.colormap, step / 255.0, options.isReversed)));
    return colours;
}

double blocksPerCell(const HeatmapCells& cells, std::uint32_t blockQ, std::uint32_t blockK)
{
    const double side = std::exp2(cells.level);
    return std::max(1.0, side / blockQ) * std::max(1.0, side / blockK);
}

} // namespace headwater
