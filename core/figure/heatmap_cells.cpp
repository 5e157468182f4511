// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_cells.h"

#include "core/base/text.h"
#include "core/tiles/strip_loader.h"
#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <fmt/format.h>

namespace headwater {

namespace {

/// Cells [first, end) that the tokens of a range touch.
struct CellRange {
    std::uint32_t first;
    std::uint32_t end;

    CellRange(TokenRange tokens, std::uint32_t level)
        : first(tokens.begin >> level)
        , end(((tokens.end - 1) >> level) + 1)
    {
    }
    std::uint32_t size() const { return end - first; }
};

/// More cells than these no painter draws: cairo's images have at most 32 767 a side, and a cell takes seven
/// bytes.
constexpr std::uint64_t kMostSide = 32767;
constexpr std::uint64_t kMostCells = std::uint64_t{1} << 26;

bool isTooMany(const CellRange& rows, const CellRange& columns)
{
    return std::max(rows.size(), columns.size()) > kMostSide
        || std::uint64_t{rows.size()} * columns.size() > kMostCells;
}

Error tooMany(std::uint32_t level, TokenRange queries, TokenRange keys)
{
    std::uint32_t enough = level;
    while (isTooMany(CellRange(queries, enough), CellRange(keys, enough)))
        ++enough;
    return {ErrorCode::InvalidArgument,
            fmt::format("cells of 2^{} tokens make {} rows and {} columns, more than a figure holds: take a "
                        "shorter range of tokens or level {}",
                        level, withThousands(CellRange(queries, level).size()),
                        withThousands(CellRange(keys, level).size()), enough),
            {}};
}

void copyTile(const Tile& tile, HeatmapCells& cells)
{
    const std::uint32_t tileRow = tile.key.row * kTileSide;
    const std::uint32_t tileCol = tile.key.col * kTileSide;
    const std::uint32_t firstRow = std::max(tileRow, cells.firstRow);
    const std::uint32_t endRow = std::min(tileRow + kTileSide, cells.firstRow + cells.rows);
    const std::uint32_t firstCol = std::max(tileCol, cells.firstColumn);
    const std::uint32_t endCol = std::min(tileCol + kTileSide, cells.firstColumn + cells.columns);
    for (std::uint32_t row = firstRow; row < endRow; ++row) {
        cells.missed[row - cells.firstRow] = tile.missed[row - tileRow];
        cells.recorded[row - cells.firstRow] = tile.recorded[row - tileRow];
        for (std::uint32_t col = firstCol; col < endCol; ++col) {
            const std::size_t from = std::size_t{row - tileRow} * kTileSide + (col - tileCol);
            const std::size_t to =
                std::size_t{row - cells.firstRow} * cells.columns + (col - cells.firstColumn);
            cells.max[to] = tile.max[from];
            cells.count[to] = tile.count[from];
        }
    }
}

/// Why a head has nothing at a level, with what it has.
Error tooFine(const HeadSource& source, HeadCache& heads, const TileStrip& strip)
{
    std::uint32_t finest = coarsestLevel(source.seqLen());
    if (!source.overviewSides().empty()) {
        if (const auto overview = heads.loadOverview(strip.layer, strip.head, source.overviewSides().back()))
            finest = (*overview)->level;
    }
    return {ErrorCode::Unsupported,
            fmt::format("the trace stores only overviews of this head, cells of 2^{} tokens and more, not "
                        "2^{}: take a longer "
                        "range of tokens or level {}",
                        finest, strip.level, finest),
            fmt::format("layer {} head {}", strip.layer, strip.head)};
}

} // namespace

std::uint32_t levelFor(TokenRange queries, TokenRange keys, std::uint32_t mostCells)
{
    std::uint32_t level = 0;
    while (level < kMaxLevel
           && std::max(CellRange(queries, level).size(), CellRange(keys, level).size()) > mostCells)
        ++level;
    return level;
}

Result<HeatmapCells> gatherCells(const HeadSource& source, HeadCache& heads, int layer, int head,
                                 std::uint32_t level, TokenRange queries, TokenRange keys,
                                 const std::stop_token& stop)
{
    const CellRange rows(queries, level);
    const CellRange columns(keys, level);
    if (isTooMany(rows, columns))
        return tooMany(level, queries, keys);
    HeatmapCells cells{level, rows.first, columns.first, rows.size(), columns.size(), {}, {}, {}, {}};
    const std::size_t numCells = std::size_t{cells.rows} * cells.columns;
    cells.max.resize(numCells);
    cells.count.resize(numCells);
    cells.missed.resize(cells.rows);
    cells.recorded.resize(cells.rows);
    for (std::uint32_t row = rows.first / kTileSide; row <= (rows.end - 1) / kTileSide; ++row) {
        TileStrip strip{
            layer, head, level, row, columns.first / kTileSide, (columns.end - 1) / kTileSide + 1};
        strip.colEnd = std::min(strip.colEnd, row + 1);
        // Rows whose keys are all in their future still have missed mass: their own tile tells it.
        strip.colBegin = std::min(strip.colBegin, row);
        HEADWATER_TRY_ASSIGN(const TileRun run, loadStrip(source, heads, strip, stop, stop));
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "the figure was stopped", {}};
        if (run.empty())
            return tooFine(source, heads, strip);
        for (const auto& tile : run)
            copyTile(*tile, cells);
    }
    return cells;
}

} // namespace headwater
