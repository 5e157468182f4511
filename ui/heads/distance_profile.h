// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/reading/edge_query.h"

#include <span>
#include <vector>

namespace headwater {

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
