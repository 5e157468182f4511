// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/tile_builder.h"

#include "core/base/log_code.h"
#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace headwater {

namespace {

/// One row of cells of the strip while it is gathered. Shape: [numCells].
struct CellRow {
    std::vector<std::uint8_t> max;
    std::vector<std::uint64_t> count;

    explicit CellRow(std::size_t numCells)
        : max(numCells)
        , count(numCells)
    {
    }

    void clear()
    {
        std::fill(max.begin(), max.end(), std::uint8_t{0});
        std::fill(count.begin(), count.end(), std::uint64_t{0});
    }
};

/// The cells a strip shows: columns [firstCell, firstCell + numCells) of rows [firstRow, firstRow + 256).
struct StripCells {
    std::uint64_t firstRow;
    std::uint64_t firstCell;
    std::uint64_t numCells;

    explicit StripCells(const TileStrip& strip)
        : firstRow(std::uint64_t{strip.row} * kTileSide)
        , firstCell(std::uint64_t{strip.colBegin} * kTileSide)
        , numCells(std::uint64_t{strip.colEnd - strip.colBegin} * kTileSide)
    {
    }
};

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
    }
}

/// Adds edges to the cells of one strip. Key block k covers the tokens [k << keyShift, (k + 1) << keyShift).
class EdgePainter {
public:
    EdgePainter(const HeadEdges& edges, const TileStrip& strip)
        : m_edges(edges)
        , m_cells(strip)
        , m_level(strip.level)
        , m_keyShift(static_cast<std::uint32_t>(std::countr_zero(edges.grid.blockK)))
        , m_codes(probabilityCodesOfHalves())
    {
        const std::uint64_t firstToken = m_cells.firstCell << m_level;
        const std::uint64_t endToken = (m_cells.firstCell + m_cells.numCells) << m_level;
        m_firstBlock = std::min<std::uint64_t>(firstToken >> m_keyShift, edges.grid.numKeyBlocks());
        m_endBlock = std::min<std::uint64_t>(((endToken - 1) >> m_keyShift) + 1, edges.grid.numKeyBlocks());
    }

    /// Adds every query block of `cellRow` to `row`.
    void addRow(std::uint64_t cellRow, CellRow& row) const
    {
        const BlockGrid& grid = m_edges.grid;
        const std::uint64_t firstToken = cellRow << m_level;
        const std::uint64_t endToken = std::min<std::uint64_t>((cellRow + 1) << m_level, grid.seqLen);
        if (firstToken >= endToken)
            return;
        const std::uint64_t endBlock = (endToken - 1) / grid.blockQ + 1;
        for (std::uint64_t block = firstToken / grid.blockQ; block < endBlock; ++block) {
            const auto begin = m_edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(m_edges.rowPtr[block]);
            const auto end =
                m_edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(m_edges.rowPtr[block + 1]);
            const auto from = m_firstBlock == 0 ? begin : std::lower_bound(begin, end, m_firstBlock);
            const auto to = m_endBlock == grid.numKeyBlocks() ? end : std::lower_bound(from, end, m_endBlock);
            const auto first = static_cast<std::size_t>(from - m_edges.keyBlock.begin());
            const auto last = static_cast<std::size_t>(to - m_edges.keyBlock.begin());
            if (m_level >= blockLevel(grid))
                addToOneCell(first, last, row);
            else
                paint(first, last, cellRow, row);
        }
    }

private:
    void addToOneCell(std::size_t first, std::size_t last, CellRow& row) const
    {
        const std::uint32_t shift = m_level - m_keyShift;
        for (std::size_t edge = first; edge < last; ++edge) {
            const std::size_t cell = (m_edges.keyBlock[edge] >> shift) - m_cells.firstCell;
            row.max[cell] = std::max(row.max[cell], m_codes[m_edges.peak[edge]]);
            ++row.count[cell];
        }
    }

    void paint(std::size_t first, std::size_t last, std::uint64_t cellRow, CellRow& row) const
    {
        const std::uint64_t stripEnd = m_cells.firstCell + m_cells.numCells;
        for (std::size_t edge = first; edge < last; ++edge) {
            const std::uint64_t token = std::uint64_t{m_edges.keyBlock[edge]} << m_keyShift;
            const std::uint64_t endToken =
                std::min<std::uint64_t>(token + m_edges.grid.blockK, m_edges.grid.seqLen);
            const std::uint64_t from = std::max(token >> m_level, m_cells.firstCell);
            const std::uint64_t to = std::min({((endToken - 1) >> m_level) + 1, cellRow + 1, stripEnd});
            const std::uint8_t code = m_codes[m_edges.peak[edge]];
            for (std::uint64_t cell = from; cell < to; ++cell) {
                std::uint8_t& max = row.max[cell - m_cells.firstCell];
                max = std::max(max, code);
                ++row.count[cell - m_cells.firstCell];
            }
        }
    }

    const HeadEdges& m_edges;
    StripCells m_cells;
    std::uint32_t m_level;
    std::uint32_t m_keyShift;
    std::span<const std::uint8_t, 65536> m_codes;
    std::uint64_t m_firstBlock = 0; ///< key blocks that touch the strip: [m_firstBlock, m_endBlock)
    std::uint64_t m_endBlock = 0;
};

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
    for (std::uint64_t r = cellRow << shift; r < endRow; ++r) {
        missed = std::max(missed, overview.missed[r]);
        for (std::uint64_t c = firstCol; c < endCol; ++c) {
            const std::size_t from = static_cast<std::size_t>(r) * overview.side + c;
            if (overview.count[from] == 0)
                continue;
            const std::uint64_t to = (c >> shift) - strip.firstCell;
            row.max[to] = std::max(row.max[to], overview.max[from]);
            row.count[to] += counts[overview.count[from]];
        }
    }
    return missed;
}

} // namespace

TileRun buildStrip(const HeadEdges& edges, std::span<const float> missed, const TileStrip& strip,
                   std::stop_token stop)
{
    if (strip.colEnd <= strip.colBegin)
        return {};
    auto tiles = emptyTiles(strip);
    const StripCells cells(strip);
    const EdgePainter painter(edges, strip);
    CellRow row(cells.numCells);
    const std::uint64_t numRows = cellsOfAxis(edges.grid.seqLen, strip.level);
    for (std::uint32_t i = 0; i < kTileSide && cells.firstRow + i < numRows; ++i) {
        if (stop.stop_requested())
            return {};
        const std::uint64_t cellRow = cells.firstRow + i;
        row.clear();
        painter.addRow(cellRow, row);
        storeRow(row, i, missedOfRows(missed, cellRow << strip.level, (cellRow + 1) << strip.level), tiles);
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
