// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/known_pair.h"

#include <span>

namespace headwater {

/// What is decoded of a head around the rows of a cell.
struct CellKnowledge {
    const HeadShape& shape;
    const HeadEdges& edges;
    const RowSlice* rows = nullptr; ///< that hold the cell's rows; null where nothing is known of them
    std::span<const TokenRow> recorded = {}; ///< the recorded ones among the cell's rows, by row
    const ExactWindow* exact = nullptr; ///< holds the whole cell; null where none does
};

/// Of the pairs of a cell (not empty, below the sequence's length) the one that says most: the largest
/// number; where there is none, a pair that is somewhere in a kept block; else any. Among pairs without a
/// number that with the loosest bound (NaN is the loosest), so that it holds for all of the same state. Cost:
/// O(pairs of the cell), each that of knownPair.
KnownPair mostKnownPair(const CellKnowledge& known, TokenRange queries, TokenRange keys);

} // namespace headwater
