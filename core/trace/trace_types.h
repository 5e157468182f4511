// SPDX-License-Identifier: Apache-2.0
#pragma once
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

/// The edges of one head, all chunks joined; values as stored.
struct HeadEdges : BlockEdges<std::uint16_t> {
    BlockGrid grid;
};

/// The per-row fields of one head, all chunks joined. Shape: [rows]. NaN where unknown. missedPeak is an
/// upper bound of the largest missed probability, at most 2^-9 of it (and 2^-24) too high.
struct HeadRows {
    std::vector<float> lse;
    std::vector<float> missed;
    std::vector<float> missedPeak;
};

/// What bounds the probability of every key that the rows [first, end) do not keep: the largest missedPeak, 0
/// of no rows, NaN where one of them is unknown.
inline float largestMissedPeak(const HeadRows& rows, std::size_t first, std::size_t end)
{
    float largest = 0;
    for (std::size_t row = first; row < end; ++row) {
        if (std::isnan(rows.missedPeak[row]))
            return rows.missedPeak[row];
        largest = std::max(largest, rows.missedPeak[row]);
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
