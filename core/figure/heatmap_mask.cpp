// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_mask.h"

#include "core/record/cell_mask.h"

namespace headwater {

namespace {

bool masks(const HeatmapFigureOptions& options)
{
    return options.quantity != CellQuantity::Missed && (options.maskSinks || options.maskDiagonal);
}

} // namespace

std::vector<std::uint8_t> hiddenCells(const HeatmapCells& cells, const BlockGrid& grid,
                                      std::span<const std::uint32_t> sinks,
                                      const HeatmapFigureOptions& options)
{
    if (!masks(options))
        return {};
    const CellMask mask(grid, cells.level, options.maskSinks ? sinks : std::span<const std::uint32_t>(),
                        options.maskDiagonal);
    std::vector<std::uint8_t> hidden(std::size_t{cells.rows} * cells.columns, 0);
    for (std::uint32_t row = 0; row < cells.rows; ++row) {
        for (std::uint32_t column = 0; column < cells.columns; ++column) {
            const bool isHidden = mask.hides(cells.firstRow + row, cells.firstColumn + column);
            hidden[std::size_t{row} * cells.columns + column] = isHidden ? 1 : 0;
        }
    }
    return hidden;
}

std::string maskPhrase(const HeatmapFigureOptions& options)
{
    if (!masks(options))
        return {};
    if (!options.maskDiagonal)
        return "Grey: sinks masked.";
    return options.maskSinks ? "Grey: sinks, diagonal and recent blocks masked."
                             : "Grey: diagonal and recent blocks masked.";
}

} // namespace headwater
