// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/trace/trace_types.h"

#include <span>
#include <vector>

namespace headwater {

/// Mass by distance: sum over edges of mass · rows, in log-spaced bins of token distance (block centres).
/// Shape: bins as returned. Cost: O(edges).
struct DistanceBin {
    double from = 0;
    double to = 0;
    double mass = 0;
};
std::vector<DistanceBin> massByDistance(const HeadEdges& edges, std::size_t bins);

/// One point of the curve of mass by distance.
struct DistancePoint {
    double from = 0; ///< tokens back
    double to = 0;
    double share = 0; ///< of a row's attention, mean over the rows
    double perDoubling() const; ///< share a doubling of the distance: what a logarithmic axis must show

    double middle() const; ///< geometric
};

/// Bins of massByDistance with their edges moved between the distances that blocks can have, empty ones
/// joined: finer ones would show the blocks, not the head. Shares add to the kept mass.
std::vector<DistancePoint> distanceCurve(std::span<const DistanceBin> bins, const BlockGrid& grid);

} // namespace headwater
