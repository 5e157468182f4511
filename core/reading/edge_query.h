// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/trace_types.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace headwater {

/// The edge a map cell shows, read from the edges themselves (exact, never from colour codes).
struct CellEdge {
    std::uint64_t edge = 0; ///< index into the slice
    std::uint32_t query = 0; ///< token of the peak
    std::uint32_t key = 0;
    float peak = 0;
    float mass = 0; ///< mean over the query block's rows of the probability in its key block
    std::uint64_t edgesInCell = 0;
    std::uint32_t rankInRow = 0; ///< 1 = heaviest block (by mass) of the query block
    std::uint32_t edgesInRow = 0;
};

/// The winning edge of the cell of level `level` that holds token pair (query, key); nothing when the cell is
/// empty. The cell's rows must be in the slice. Cost: O(rows of the cell · log edges).
std::optional<CellEdge> findCellEdge(const EdgeSlice& edges, std::uint32_t level, std::uint32_t query,
                                     std::uint32_t key);

/// One kept key block of a query block. Values are those stored.
struct BlockEntry {
    std::uint32_t queryBlock = 0;
    std::uint32_t keyBlock = 0;
    float mass = 0;
    float peak = 0;
    std::uint32_t peakQuery = 0;
    std::uint32_t peakKey = 0;
};

/// What the query block of row `query`, which must be in the slice, reads, heaviest first. Cost: O(k log k).
std::vector<BlockEntry> rowEntries(const EdgeSlice& edges, std::uint32_t query);
/// Which query blocks read the key block of `key`, heaviest first. Cost: O(query blocks · log edges).
std::vector<BlockEntry> columnEntries(const HeadEdges& edges, std::uint32_t key);

} // namespace headwater
