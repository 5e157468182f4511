// SPDX-License-Identifier: Apache-2.0
#include "core/reading/cell_list.h"

#include "core/base/half.h"
#include "core/record/cell_levels.h"
#include "core/trace/head_row.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace headwater {
namespace {

std::string nameOf(HeadId head)
{
    return headName(head.layer, head.head);
}

Result<const HeadInfo*> storedHead(const TraceReading& reading, HeadId head)
{
    const HeadInfo* const info = reading.trace->findHead(head.layer, head.head);
    if (!info)
        return Error{ErrorCode::NotFound, "is not in the trace", nameOf(head)};
    if (info->chunks == 0)
        return Error{ErrorCode::NotFound, "only the overviews of this head are stored, not its edges",
                     nameOf(head)};
    return info;
}

/// The tokens of the whole cells that touch a range.
TokenRange widened(const TokenRange& range, std::uint32_t level, std::uint32_t seqLen)
{
    const std::uint64_t end = ((std::uint64_t{range.end} - 1) >> level) + 1;
    return {range.begin >> level << level,
            static_cast<std::uint32_t>(std::min<std::uint64_t>(end << level, seqLen))};
}

/// Adds the kept blocks of a row of cells up to cells.
class RowOfCells {
public:
    RowOfCells(const EdgeSlice& edges, std::uint32_t level, const TokenRange& keys)
        : m_edges(edges)
        , m_level(level)
        , m_keys(keys)
    {
    }

    void add(const TokenRange& queries, std::vector<MapCellEntry>& cells)
    {
        const BlockGrid& grid = m_edges.grid;
        std::map<std::uint32_t, MapCellEntry> byColumn;
        for (std::uint32_t block = queries.begin / grid.blockQ; grid.firstRow(block) < queries.end; ++block) {
            for (std::uint32_t edge = m_edges.beginOf(block); edge < m_edges.endOf(block); ++edge) {
                const std::uint32_t firstKey = m_edges.keyBlock[edge] * grid.blockK;
                if (firstKey >= m_keys.begin && firstKey < m_keys.end)
                    addEdge(block, edge, byColumn[firstKey >> m_level]);
            }
        }
        for (auto& [column, cell] : byColumn) {
            cell.queries = queries;
            cell.keys = widened({column << m_level, (column << m_level) + 1}, m_level, grid.seqLen);
            cell.mass /= queries.end - queries.begin;
            cells.push_back(cell);
        }
    }

private:
    void addEdge(std::uint32_t block, std::uint32_t edge, MapCellEntry& cell)
    {
        const BlockGrid& grid = m_edges.grid;
        const float peak = floatFromHalf(m_edges.peak[edge]);
        const std::uint32_t rows = grid.endRow(block) - grid.firstRow(block);
        cell.mass += static_cast<double>(floatFromHalf(m_edges.mass[edge])) * rows;
        if (cell.blocks++ > 0 && peak <= cell.largest)
            return;
        cell.largest = peak;
        cell.query = grid.firstRow(block) + (m_edges.peakAt[edge] >> 8);
        cell.key = m_edges.keyBlock[edge] * grid.blockK + (m_edges.peakAt[edge] & 0xFF);
    }

    const EdgeSlice& m_edges;
    std::uint32_t m_level;
    TokenRange m_keys;
};

} // namespace

Result<CellList> readCells(const TraceReading& reading, HeadId head, std::uint32_t level,
                           const TokenRange& queries, const TokenRange& keys, const std::stop_token& stop)
{
    HEADWATER_TRY_ASSIGN(const HeadInfo* const info, storedHead(reading, head));
    const BlockGrid grid{info->rows, info->blockQ, info->blockK};
    if (level < blockLevel(grid) || level > kMaxLevel)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("level {}: expected {} (no cell smaller than its blocks of {} × {}) to {}",
                                 level, blockLevel(grid), grid.blockQ, grid.blockK, kMaxLevel),
                     nameOf(head)};
    const TokenRange rows = widened(queries, level, grid.seqLen);
    HEADWATER_TRY_ASSIGN(const auto edges, reading.heads->loadEdges(head.layer, head.head, rows, stop));
    HEADWATER_TRY_ASSIGN(const auto values, reading.trace->loadRows(head.layer, head.head, rows));
    CellList list;
    list.bound = largestMissedPeak(*values, rows.begin, rows.end);
    RowOfCells cells(*edges, level, widened(keys, level, grid.seqLen));
    for (std::uint64_t row = rows.begin; row < rows.end; row += std::uint64_t{1} << level) {
        const auto first = static_cast<std::uint32_t>(row);
        cells.add(widened({first, first + 1}, level, grid.seqLen), list.cells);
    }
    return list;
}

Result<std::vector<KnownPair>> readPairs(const TraceReading& reading, HeadId head, const TokenRange& queries,
                                         const TokenRange& keys, const std::stop_token& stop)
{
    HEADWATER_TRY_ASSIGN(const HeadInfo* const info, storedHead(reading, head));
    const std::uint64_t most =
        std::uint64_t{queries.end - queries.begin} * std::uint64_t{keys.end - keys.begin};
    if (most > kMostPairs)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} pairs: expected at most {} of single tokens", most, kMostPairs),
                     nameOf(head)};
    HEADWATER_TRY_ASSIGN(const auto edges, reading.heads->loadEdges(head.layer, head.head, queries, stop));
    HEADWATER_TRY_ASSIGN(const auto values, reading.trace->loadRows(head.layer, head.head, queries));
    const HeadShape shape = shapeOf(*info);
    std::vector<KnownPair> pairs;
    for (std::uint32_t row = queries.begin; row < queries.end; ++row) {
        TokenRow recorded;
        const bool isRecorded = reading.trace->hasTokenRow(row);
        if (isRecorded) {
            HEADWATER_TRY_ASSIGN(recorded, reading.trace->loadTokenRow(head.layer, head.head, row));
        }
        const RowKnowledge known{shape, *edges, values->missedPeak[row - values->firstRow],
                                 isRecorded ? &recorded : nullptr};
        const std::uint32_t end = std::min(keys.end, row + 1);
        for (std::uint32_t key = std::max(keys.begin, shape.firstKey(row)); key < end; ++key)
            pairs.push_back(knownPair(known, row, key));
    }
    return pairs;
}

} // namespace headwater
