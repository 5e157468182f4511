// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/token_range.h"
#include "core/reading/known_pair.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"

#include <cstdint>
#include <limits>
#include <stop_token>
#include <vector>

namespace headwater {

/// A cell of a map, of 2^level × 2^level tokens, no smaller than a block.
struct MapCellEntry {
    TokenRange queries;
    TokenRange keys;
    float largest = 0; ///< the largest probability in its kept blocks, as stored
    std::uint32_t query = 0; ///< where it is
    std::uint32_t key = 0;
    std::uint64_t blocks = 0; ///< kept blocks in it
    double mass = 0; ///< mean over its rows of what they give to its kept blocks
};

/// The cells of a head's map that hold something, by query and key.
struct CellList {
    std::vector<MapCellEntry> cells;
    /// What one of their rows gives, at most, to one key that is not kept; NaN where the trace has no bound.
    float bound = std::numeric_limits<float>::quiet_NaN();
};

/// Whole cells of a level that touch these tokens. Errors: InvalidArgument (a level below the blocks, where a
/// cell holds pairs that the trace knows only by their block), NotFound, those of the trace. Cost: the chunks
/// of the rows.
Result<CellList> readCells(const TraceReading& reading, HeadId head, std::uint32_t level,
                           const TokenRange& queries, const TokenRange& keys,
                           const std::stop_token& stop = {});

/// What the trace knows of every pair of these tokens whose key the query may read, by query and key. Errors:
/// InvalidArgument (more than kMostPairs), NotFound, those of the trace.
inline constexpr std::uint64_t kMostPairs = std::uint64_t{1} << 20;
Result<std::vector<KnownPair>> readPairs(const TraceReading& reading, HeadId head, const TokenRange& queries,
                                         const TokenRange& keys, const std::stop_token& stop = {});

} // namespace headwater
