// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_record.h"
#include "core/select/block_mask.h"
#include "core/select/head_tile.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// Probability that the rows of one tile give to one key, summed over the rows.
struct ColumnSum {
    std::uint32_t key = 0;
    double sum = 0;
};

/// What one tile adds to its head: the same fields as HeadRecord, for the rows [firstRow, firstRow +
/// numRows).
struct TileRecord {
    std::uint32_t firstRow = 0;
    std::uint32_t numRows = 0;
    BlockMask mask;
    std::vector<float> mass;
    std::vector<float> peak;
    std::vector<std::uint16_t> peakAt;
    std::vector<float> lse;
    std::vector<float> kept; ///< probability inside the kept blocks, accumulated apart from `missed`
    std::vector<float> missed;
    std::vector<float> missedPeak;
    std::vector<ColumnSum> columns; ///< heavy keys only (sinks.h); a key may come more than once
    std::vector<float> tokenZero; ///< [query blocks of the tile]

    /// Empties it for a new tile; keeps the memory.
    void reset(const BlockGrid& grid, const QueryTile& tile);
};

/// Appends a tile to its head's record; tiles come in order. The record's kind, grid and so on are the
/// caller's.
void appendTile(HeadRecord& record, const TileRecord& tile);

} // namespace headwater
