// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"
#include "core/record/block_edges.h"
#include "core/record/block_grid.h"
#include "core/record/head_kinds.h"
#include "core/record/head_statistics.h"
#include "core/record/token_row.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace headwater {

/// One row of the trace's `head` table.
struct HeadInfo {
    int layer = 0;
    int head = 0;
    HeadKind kind = HeadKind::Global;
    std::uint32_t window = 0;
    Normaliser normaliser = Normaliser::Exact;
    Selection selection = Selection::Exact;
    std::uint32_t keepKeys = 0;
    std::uint32_t blockQ = 0;
    std::uint32_t blockK = 0;
    std::uint32_t rows = 0;
    std::uint64_t edges = 0;
    PairCounts pairs;
    HeadStatistics statistics;
    std::vector<std::uint32_t> sinks; ///< marked sink tokens, ascending
    std::uint32_t chunks = 0; ///< row ranges whose edges are stored; 0: only the overviews are
};

/// The edges of the query blocks [firstBlock, endBlock()) of one head; values as stored. Key blocks of block
/// b: keyBlock[beginOf(b)] to keyBlock[endOf(b)].
struct EdgeSlice : BlockEdges<std::uint16_t> {
    BlockGrid grid; ///< of the whole head
    std::uint32_t firstBlock = 0;

    std::uint32_t endBlock() const
    {
        return firstBlock + static_cast<std::uint32_t>(std::max<std::size_t>(rowPtr.size(), 1) - 1);
    }
    std::uint32_t beginOf(std::uint32_t queryBlock) const { return rowPtr[queryBlock - firstBlock]; }
    std::uint32_t endOf(std::uint32_t queryBlock) const { return rowPtr[queryBlock - firstBlock + 1]; }
    /// True when the query blocks of all of these rows are here.
    bool holds(const TokenRange& rows) const
    {
        return rows.begin < rows.end && rows.begin >= firstBlock * grid.blockQ
            && rows.end <= std::min(grid.seqLen, endBlock() * grid.blockQ);
    }
};

/// All edges of one head, its chunks joined: firstBlock is 0.
struct HeadEdges : EdgeSlice { };

/// The per-row fields of the rows from firstRow on of one head. Shape: [rows], of row firstRow + i. NaN where
/// unknown. missedPeak is an upper bound of the largest missed probability, at most 2^-9 of it (and 2^-24)
/// too high.
struct RowSlice {
    std::uint32_t firstRow = 0;
    std::vector<float> lse;
    std::vector<float> missed;
    std::vector<float> missedPeak;
};

/// The same of all rows, chunks joined: firstRow is 0.
struct HeadRows : RowSlice { };

/// What bounds the probability of every key that the rows [first, end) do not keep: the largest missedPeak, 0
/// of no rows, NaN where one of them is unknown. They must be in the slice.
inline float largestMissedPeak(const RowSlice& rows, std::size_t first, std::size_t end)
{
    float largest = 0;
    for (std::size_t row = first; row < end; ++row) {
        const float peak = rows.missedPeak[row - rows.firstRow];
        if (std::isnan(peak))
            return peak;
        largest = std::max(largest, peak);
    }
    return largest;
}

/// A coarse picture of one head, as stored: side × side cells, each covering 2^level × 2^level tokens,
/// row-major. max: log code (core/base/log_code.h: 0 = empty); count: log code of the number of edges;
/// missed: log code of the largest missed mass of the cell row's rows, 255 where it is unknown (hatched).
/// Shape: missed [side], one per cell row. content: log code of the mean, over the cell's rows, of what they
/// give to its keys outside token 0, the diagonal and the recent block; of the smallest overview only, empty
/// in traces before format 1.1.
struct Overview {
    std::uint32_t side = 0;
    std::uint32_t level = 0;
    std::vector<std::uint8_t> max;
    std::vector<std::uint8_t> count;
    std::vector<std::uint8_t> missed;
    std::vector<std::uint8_t> content;
};

/// A contiguous part of the token sequence: "prompt" or "generated".
struct Segment {
    std::string name;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

} // namespace headwater
