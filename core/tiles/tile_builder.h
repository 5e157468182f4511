// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/exact_windows.h"
#include "core/tiles/tile.h"
#include "core/trace/trace_types.h"

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// Neighbouring tiles of one tile row: columns [colBegin, colEnd).
struct TileStrip {
    int layer = 0;
    int head = 0;
    std::uint32_t level = 0;
    std::uint32_t row = 0;
    std::uint32_t colBegin = 0;
    std::uint32_t colEnd = 0;
};

/// One tile a column of the strip, in order; empty when stopped.
using TileRun = std::vector<std::shared_ptr<const Tile>>;

/// What of a head a strip is made from.
struct StripParts {
    const HeadEdges& edges;
    std::span<const float> missed = {}; ///< per row, NaN where unknown. Shape: [seqLen], or none
    std::uint32_t window = 0; ///< keys a row sees; 0 for global heads
    std::span<const TokenRow> recorded =
        {}; ///< token rows of the strip's rows, by row; below the block level
    std::span<const std::shared_ptr<const ExactWindow>> exact =
        {}; ///< that touch the strip, the first to be shown last; below the block level
};

/// The strip in one pass over its CSR rows; what its cells say: Tile. Below the block level cells of the
/// future (key cell beyond the query cell), outside the head's window and beyond the sequence stay empty,
/// also where a block reaches into them. One unknown `missed` makes its cell row unknown. Cost: O(query
/// blocks of the strip · log edges of a block + edges of the strip · cells an edge covers).
TileRun buildStrip(const StripParts& parts, const TileStrip& strip, std::stop_token stop = {});

/// The strip from a stored overview whose level is at most the strip's. Max and missed are exact; counts are
/// exact at the overview's own level and sums of log codes (each within 4.5 %) above it. Cost: O(overview
/// cells of the strip).
TileRun buildStrip(const Overview& overview, const TileStrip& strip, std::stop_token stop = {});

} // namespace headwater
