// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/distance_profile.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headwater {

double DistancePoint::middle() const
{
    return std::sqrt(std::max(from, 1.0) * std::max(to, 1.0));
}

double DistancePoint::perDoubling() const
{
    const double doublings = std::log2(std::max(to, 1.0) / std::max(from, 1.0));
    return doublings > 0 ? share / doublings : share;
}

std::vector<DistancePoint> distanceCurve(std::span<const DistanceBin> bins, const BlockGrid& grid)
{
    // Distances of block centres lie on a lattice; a bin's edges are moved between its points, so that its
    // width is that of the distances it holds.
    const double step = std::gcd(grid.blockQ, grid.blockK);
    const double offset =
        std::fmod(0.5 * (static_cast<double>(grid.blockQ) - grid.blockK) + grid.blockK, step);
    const auto moved = [&](double edge) {
        return std::max(0.0, offset + std::ceil((edge - offset) / step) * step - step / 2);
    };
    std::vector<DistancePoint> curve;
    for (const DistanceBin& bin : bins) {
        const double share = bin.mass / std::max(1u, grid.seqLen);
        const double from = curve.empty() ? 0 : curve.back().to;
        const double to = moved(bin.to);
        if (curve.empty() || to > from)
            curve.push_back({from, to, share});
        else
            curve.back().share += share;
    }
    return curve;
}

} // namespace headwater
