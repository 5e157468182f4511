// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/tile_builder.h"

#include "core/base/log_code.h"
#include "core/tiles/cell_row.h"
#include "core/tiles/edge_cells.h"
#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {

namespace {

std::vector<std::shared_ptr<Tile>> emptyTiles(const TileStrip& strip)
{
    std::vector<std::shared_ptr<Tile>> tiles;
    tiles.reserve(strip.colEnd - strip.colBegin);
    for (std::uint32_t col = strip.colBegin; col < strip.colEnd; ++col) {
        tiles.push_back(std::make_shared<Tile>());
        tiles.back()->key = {strip.layer, strip.head, strip.level, strip.row, col};
    }
    return tiles;
}

void storeRow(const CellRow& cells, std::uint32_t tileRow, std::uint8_t missed,
              std::vector<std::shared_ptr<Tile>>& tiles)
{
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        const std::size_t from = i * kTileSide;
        const std::size_t to = std::size_t{tileRow} * kTileSide;
        std::copy_n(cells.max.begin() + static_cast<std::ptrdiff_t>(from), kTileSide,
                    tiles[i]->max.begin() + static_cast<std::ptrdiff_t>(to));
        for (std::size_t c = 0; c < kTileSide; ++c) {
            if (cells.count[from + c] != 0)
                tiles[i]->count[to + c] = countCode(cells.count[from + c]);
        }
        tiles[i]->missed[tileRow] = missed;
        tiles[i]->recorded[tileRow] = cells.isRecorded ? 1 : 0;
    }
}

std::uint8_t missedOfRows(std::span<const float> missed, std::uint64_t firstToken, std::uint64_t endToken)
{
    float largest = 0;
    for (std::uint64_t token = firstToken; token < std::min<std::uint64_t>(endToken, missed.size());
         ++token) {
        if (std::isnan(missed[token]))
            return kUnknownCode;
        largest = std::max(largest, missed[token]);
    }
    return missedMassCode(largest);
}

TileRun finished(std::vector<std::shared_ptr<Tile>>&& tiles)
{
    return {std::make_move_iterator(tiles.begin()), std::make_move_iterator(tiles.end())};
}

/// The whole count nearest to each count code.
std::array<std::uint64_t, 256> countsOfCodes()
{
    std::array<std::uint64_t, 256> counts{};
    for (std::size_t code = 0; code < counts.size(); ++code)
        counts[code] = static_cast<std::uint64_t>(std::llround(countOfCode(static_cast<std::uint8_t>(code))));
    return counts;
}

/// Adds the overview's cells [cellRow · 2^shift, (cellRow + 1) · 2^shift) of its rows to one row of coarser
/// cells.
std::uint8_t poolOverviewRows(const Overview& overview, std::uint64_t cellRow, std::uint32_t shift,
                              const StripCells& strip, CellRow& row)
{
    static const std::array<std::uint64_t, 256> counts = countsOfCodes();
    std::uint8_t missed = 0;
    const std::uint64_t endRow = std::min<std::uint64_t>((cellRow + 1) << shift, overview.side);
    const std::uint64_t firstCol = strip.firstCell << shift;
    const std::uint64_t endCol =
        std::min<std::uint64_t>((strip.firstCell + strip.numCells) << shift, overview.side);
    // Locals: a byte that is written may alias every member, which would be read again for each cell.
    const std::uint8_t* const maxFrom = overview.max.data();
    const std::uint8_t* const countFrom = overview.count.data();
    std::uint8_t* const maxTo = row.max.data();
    std::uint64_t* const countTo = row.count.data();
    const std::size_t side = overview.side;
    const std::uint64_t firstCell = strip.firstCell;
    for (std::uint64_t r = cellRow << shift; r < endRow; ++r) {
        missed = std::max(missed, overview.missed[r]);
        for (std::uint64_t c = firstCol; c < endCol; ++c) {
            const std::size_t from = static_cast<std::size_t>(r) * side + c;
            if (countFrom[from] == 0)
                continue;
            const std::uint64_t to = (c >> shift) - firstCell;
            maxTo[to] = std::max(maxTo[to], maxFrom[from]);
            countTo[to] += counts[countFrom[from]];
        }
    }
    return missed;
}

} // namespace

TileRun buildStrip(const StripParts& parts, const TileStrip& strip, std::stop_token stop)
{
    if (strip.colEnd <= strip.colBegin)
        return {};
    auto tiles = emptyTiles(strip);
    const StripCells cells(strip);
    const EdgeCells edgeCells(parts, strip);
    CellRow row(cells.numCells);
    const std::uint64_t numRows = cellsOfAxis(parts.edges.grid.seqLen, strip.level);
    for (std::uint32_t i = 0; i < kTileSide && cells.firstRow + i < numRows; ++i) {
        if (stop.stop_requested())
            return {};
        const std::uint64_t cellRow = cells.firstRow + i;
        row.clear();
        edgeCells.addRow(cellRow, row);
        storeRow(row, i, missedOfRows(parts.missed, cellRow << strip.level, (cellRow + 1) << strip.level),
                 tiles);
    }
    return finished(std::move(tiles));
}

TileRun buildStrip(const Overview& overview, const TileStrip& strip, std::stop_token stop)
{
    if (strip.colEnd <= strip.colBegin || strip.level < overview.level)
        return {};
    auto tiles = emptyTiles(strip);
    const StripCells cells(strip);
    const std::uint32_t shift = strip.level - overview.level;
    CellRow row(cells.numCells);
    for (std::uint32_t i = 0; i < kTileSide && (cells.firstRow + i) << shift < overview.side; ++i) {
        if (stop.stop_requested())
            return {};
        row.clear();
        const std::uint8_t missed = poolOverviewRows(overview, cells.firstRow + i, shift, cells, row);
        storeRow(row, i, missed, tiles);
    }
    return finished(std::move(tiles));
}

} // namespace headwater
