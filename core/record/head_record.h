// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/block_edges.h"
#include "core/record/head_shape.h"

#include <cstdint>
#include <vector>

namespace headwater {

/// Edges kept beyond the budget by keepPeak, and the pairs inside them.
struct Extras {
    std::uint64_t edges = 0;
    std::uint64_t pairs = 0;
};

/// What one head keeps of the rows [firstRow, firstRow + numRows), and the truth per row. firstRow is a
/// multiple of kTileRows. Values are float here; the trace stores mass, peak and missed as binary16.
struct HeadRecord : BlockEdges<float> {
    int layer = 0;
    int head = 0;
    HeadKind kind = HeadKind::Global;
    std::uint32_t window = 0; ///< sliding heads: keys a row sees, itself included; 0 for global
    Normaliser normaliser = Normaliser::Exact;
    Selection selection = Selection::Exact; ///< never Auto
    BlockGrid grid; ///< of the whole sequence
    std::uint32_t firstRow = 0;
    std::uint32_t numRows = 0;

    /// Shape: [numRows]. lse: log-sum-exp of the scaled scores (true where exact, of the kept keys where
    /// kept). missed: probability outside the kept blocks, missedPeak: its largest single one; NaN where the
    /// normaliser is kept.
    std::vector<float> lse;
    std::vector<float> missed;
    std::vector<float> missedPeak;

    /// Shape: [query blocks]. Mean probability that the block's rows give to token 0; follows the normaliser.
    std::vector<float> tokenZero;

    std::vector<Extras> extras; ///< one a tile of kTileRows rows

    HeadShape shape() const { return {grid, kind, kind == HeadKind::Sliding ? window : 0}; }
};

} // namespace headwater
