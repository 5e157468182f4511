// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/distance_profile.h"

#include <algorithm>
#include <cmath>

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

std::vector<DistancePoint> distanceCurve(std::span<const DistanceBin> bins, std::uint32_t seqLen,
                                         std::uint32_t blockTokens)
{
    std::vector<DistancePoint> curve;
    bool isOpen = false; // the last point still waits for its neighbours
    for (const DistanceBin& bin : bins) {
        const double share = bin.mass / std::max(1u, seqLen);
        if (isOpen) {
            curve.back().to = bin.to;
            curve.back().share += share;
        } else {
            curve.push_back({bin.from, bin.to, share});
        }
        isOpen = curve.back().to - curve.back().from < std::max(2.0, static_cast<double>(blockTokens));
    }
    if (isOpen && curve.size() > 1) {
        curve[curve.size() - 2].to = curve.back().to;
        curve[curve.size() - 2].share += curve.back().share;
        curve.pop_back();
    }
    return curve;
}

} // namespace headwater
