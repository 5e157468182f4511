// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/edge_cells.h"

#include "core/base/log_code.h"
#include "core/tiles/tile_geometry.h"

#include <algorithm>
#include <bit>

namespace headwater {

EdgeCells::EdgeCells(const StripParts& parts, const TileStrip& strip)
    : m_parts(parts)
    , m_cells(strip)
    , m_isBelowBlocks(strip.level < blockLevel(parts.edges.grid))
    , m_keyShift(static_cast<std::uint32_t>(std::countr_zero(parts.edges.grid.blockK)))
    , m_codes(probabilityCodesOfHalves())
{
    const std::uint64_t firstToken = m_cells.firstCell << m_cells.level;
    const std::uint64_t endToken = m_cells.endCell() << m_cells.level;
    const std::uint64_t numBlocks = parts.edges.grid.numKeyBlocks();
    m_firstBlock = std::min(firstToken >> m_keyShift, numBlocks);
    m_endBlock = std::min(((endToken - 1) >> m_keyShift) + 1, numBlocks);
}

void EdgeCells::addRow(std::uint64_t cellRow, CellRow& row) const
{
    const BlockGrid& grid = m_parts.edges.grid;
    const std::uint64_t firstRow = cellRow << m_cells.level;
    const std::uint64_t endRow = std::min<std::uint64_t>((cellRow + 1) << m_cells.level, grid.seqLen);
    if (firstRow >= endRow)
        return;
    const std::uint64_t endBlock = (endRow - 1) / grid.blockQ + 1;
    for (std::uint64_t block = firstRow / grid.blockQ; block < endBlock; ++block) {
        if (m_isBelowBlocks)
            addTouched(edgesInView(block), block, cellRow, row);
        else
            addWhole(edgesInView(block), row);
    }
    if (m_isBelowBlocks)
        addRecorded(firstRow, endRow, row);
    if (m_isBelowBlocks && !m_parts.exact.empty())
        addExact(firstRow, endRow, row);
}

EdgeCells::EdgeRange EdgeCells::edgesInView(std::uint64_t queryBlock) const
{
    const HeadEdges& edges = m_parts.edges;
    const auto begin = edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(edges.rowPtr[queryBlock]);
    const auto end = edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(edges.rowPtr[queryBlock + 1]);
    const auto from = m_firstBlock == 0 ? begin : std::lower_bound(begin, end, m_firstBlock);
    const auto to = m_endBlock == edges.grid.numKeyBlocks() ? end : std::lower_bound(from, end, m_endBlock);
    return {static_cast<std::size_t>(from - edges.keyBlock.begin()),
            static_cast<std::size_t>(to - edges.keyBlock.begin())};
}

/// From the block level on: each edge lies in one cell.
void EdgeCells::addWhole(const EdgeRange& range, CellRow& row) const
{
    // Locals: a byte that is written may alias every member, which would be read again for each edge.
    const std::uint32_t shift = m_cells.level - m_keyShift;
    const std::uint64_t firstCell = m_cells.firstCell;
    const std::uint32_t* const keyBlock = m_parts.edges.keyBlock.data();
    const std::uint16_t* const peak = m_parts.edges.peak.data();
    const std::uint8_t* const codes = m_codes.data();
    std::uint8_t* const max = row.max.data();
    std::uint64_t* const count = row.count.data();
    for (std::size_t edge = range.first; edge < range.end; ++edge) {
        const std::size_t cell = (keyBlock[edge] >> shift) - firstCell;
        max[cell] = std::max(max[cell], codes[peak[edge]]);
        ++count[cell];
    }
}

/// Below it: each edge touches many cells, and gives its number to one.
void EdgeCells::addTouched(const EdgeRange& range, std::uint64_t queryBlock, std::uint64_t cellRow,
                           CellRow& row) const
{
    const BlockGrid& grid = m_parts.edges.grid;
    const std::uint32_t level = m_cells.level;
    const std::uint64_t firstRow = std::max(cellRow << level, queryBlock * grid.blockQ);
    const std::uint64_t firstKey =
        m_parts.window == 0 || firstRow < m_parts.window ? 0 : firstRow - m_parts.window + 1;
    for (std::size_t edge = range.first; edge < range.end; ++edge) {
        const std::uint64_t token = std::uint64_t{m_parts.edges.keyBlock[edge]} << m_keyShift;
        const std::uint64_t endToken = std::min<std::uint64_t>(token + grid.blockK, grid.seqLen);
        if (firstKey >= endToken)
            continue;
        const std::uint64_t from = std::max(std::max(token, firstKey) >> level, m_cells.firstCell);
        const std::uint64_t to = std::min({((endToken - 1) >> level) + 1, cellRow + 1, m_cells.endCell()});
        for (std::uint64_t cell = from; cell < to; ++cell)
            ++row.count[cell - m_cells.firstCell];
        addPeak(edge, queryBlock, cellRow, row);
    }
}

void EdgeCells::addPeak(std::size_t edge, std::uint64_t queryBlock, std::uint64_t cellRow, CellRow& row) const
{
    const std::uint16_t at = m_parts.edges.peakAt[edge];
    const std::uint64_t query = queryBlock * m_parts.edges.grid.blockQ + (at >> 8);
    if (query >> m_cells.level != cellRow)
        return;
    const std::uint64_t key = (std::uint64_t{m_parts.edges.keyBlock[edge]} << m_keyShift) + (at & 0xFF);
    const std::uint64_t cell = key >> m_cells.level;
    if (cell < m_cells.firstCell || cell >= m_cells.endCell())
        return;
    // A number that the row itself has comes first.
    const TokenRow* const recorded = recordedRow(query);
    if (!recorded || std::find(recorded->keys.begin(), recorded->keys.end(), key) == recorded->keys.end())
        row.raise(cell - m_cells.firstCell, m_codes[m_parts.edges.peak[edge]]);
}

const TokenRow* EdgeCells::recordedRow(std::uint64_t row) const
{
    const auto found = std::ranges::lower_bound(m_parts.recorded, row, {}, &TokenRow::row);
    return found != m_parts.recorded.end() && found->row == row ? &*found : nullptr;
}

void EdgeCells::addRecorded(std::uint64_t firstRow, std::uint64_t endRow, CellRow& row) const
{
    std::uint64_t rows = 0;
    const auto first = std::ranges::lower_bound(m_parts.recorded, firstRow, {}, &TokenRow::row);
    for (auto recorded = first; recorded != m_parts.recorded.end() && recorded->row < endRow; ++recorded) {
        ++rows;
        for (std::size_t i = 0; i < recorded->keys.size(); ++i) {
            const std::uint64_t cell = recorded->keys[i] >> m_cells.level;
            if (cell >= m_cells.firstCell && cell < m_cells.endCell())
                row.raise(cell - m_cells.firstCell, probabilityCode(recorded->probability[i]));
        }
    }
    row.isRecorded = rows == endRow - firstRow;
}

/// Cells that a window holds whole show its numbers and no others.
void EdgeCells::addExact(std::uint64_t firstRow, std::uint64_t endRow, CellRow& row) const
{
    const std::uint32_t level = m_cells.level;
    const std::uint64_t lastCell = (endRow - 1) >> level; // of the diagonal
    const TokenRange rows{static_cast<std::uint32_t>(firstRow), static_cast<std::uint32_t>(endRow)};
    for (std::uint64_t cell = m_cells.firstCell; cell < m_cells.endCell() && cell <= lastCell; ++cell) {
        const std::uint64_t endKey = std::min<std::uint64_t>((cell + 1) << level, m_parts.edges.grid.seqLen);
        const TokenRange keys{static_cast<std::uint32_t>(cell << level), static_cast<std::uint32_t>(endKey)};
        const auto window = std::find_if(m_parts.exact.rbegin(), m_parts.exact.rend(),
                                         [&](const auto& given) { return given->holds(rows, keys); });
        if (window == m_parts.exact.rend())
            continue;
        std::uint8_t code = 0;
        for (std::uint32_t query = rows.begin; query < rows.end; ++query) {
            const std::uint32_t first =
                m_parts.window == 0 || query < m_parts.window ? 0 : query - m_parts.window + 1;
            // A key that is read has a number, however small.
            for (std::uint32_t key = std::max(keys.begin, first); key < std::min(keys.end, query + 1); ++key)
                code = std::max({code, std::uint8_t{1}, probabilityCode((*window)->at(query, key))});
        }
        row.max[cell - m_cells.firstCell] = code;
    }
}

} // namespace headwater
