// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_mask.h"

#include <algorithm>

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
    std::vector<std::uint8_t> isSinkColumn(cells.columns, 0);
    for (const std::uint32_t sink : options.maskSinks ? sinks : std::span<const std::uint32_t>()) {
        const std::uint32_t begin = sink / grid.blockK * grid.blockK;
        const std::uint32_t first = std::max(begin >> cells.level, cells.firstColumn);
        const std::uint32_t end =
            std::min(((begin + grid.blockK - 1) >> cells.level) + 1, cells.firstColumn + cells.columns);
        for (std::uint32_t column = first; column < end; ++column)
            isSinkColumn[column - cells.firstColumn] = 1;
    }
    std::vector<std::uint8_t> hidden(std::size_t{cells.rows} * cells.columns, 0);
    for (std::uint32_t row = 0; row < cells.rows; ++row) {
        const std::uint32_t firstRow = ((cells.firstRow + row) << cells.level) / grid.blockQ * grid.blockQ;
        const std::uint32_t diagonal = firstRow / grid.blockK;
        const std::uint32_t recent = diagonal > 0 ? diagonal - 1 : 0;
        const std::uint32_t hiddenFrom = (recent * grid.blockK) >> cells.level;
        for (std::uint32_t column = 0; column < cells.columns; ++column) {
            const bool isRecent = options.maskDiagonal && cells.firstColumn + column >= hiddenFrom;
            hidden[std::size_t{row} * cells.columns + column] = isSinkColumn[column] != 0 || isRecent ? 1 : 0;
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
