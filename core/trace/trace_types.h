// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/select/head_record.h"

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
    std::uint64_t extras = 0; ///< edges kept beyond the budget
    std::uint64_t usablePairs = 0;
    std::uint64_t keptPairs = 0;
    std::uint64_t alwaysKeptPairs = 0;
    std::uint64_t extraPairs = 0;
    HeadStatistics statistics;
    std::vector<std::uint32_t> sinks; ///< marked sink tokens, ascending
    std::uint32_t chunks = 0; ///< row ranges whose edges are stored; 0: only the overviews are
};

/// The edges of one head, all chunks joined. CSR over query blocks; values as stored (binary16 bits).
struct HeadEdges {
    BlockGrid grid;
    std::vector<std::uint64_t> rowPtr; ///< [numQueryBlocks + 1]
    std::vector<std::uint32_t> keyBlock; ///< [edges], ascending inside a query block
    std::vector<std::uint16_t> mass; ///< [edges] binary16
    std::vector<std::uint16_t> peak; ///< [edges] binary16
    std::vector<std::uint16_t> peakAt; ///< [edges] row << 8 | column inside the block

    std::size_t bytes() const
    {
        return rowPtr.size() * 8 + keyBlock.size() * 4 + (mass.size() + peak.size() + peakAt.size()) * 2;
    }
};

/// The per-row fields of one head, all chunks joined. Shape: [rows]. NaN where unknown.
struct HeadRows {
    std::vector<float> lse;
    std::vector<float> missed;
    std::vector<float> missedPeak;
};

/// A coarse picture of one head, as stored: side × side cells, each covering 2^level × 2^level tokens,
/// row-major. max: log code (core/base/log_code.h: 0 = empty); count: log code of the number of edges;
/// missed: log code of the largest missed mass of the cell row's rows, 255 where it is unknown (hatched).
/// Shape: missed [side], one per cell row.
struct Overview {
    std::uint32_t side = 0;
    std::uint32_t level = 0;
    std::vector<std::uint8_t> max;
    std::vector<std::uint8_t> count;
    std::vector<std::uint8_t> missed;
};

/// A contiguous part of the token sequence: "prompt" or "generated".
struct Segment {
    std::string name;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

} // namespace headwater
