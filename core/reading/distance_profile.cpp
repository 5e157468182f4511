// SPDX-License-Identifier: Apache-2.0
#include "core/reading/distance_profile.h"

#include "core/base/half.h"

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

std::vector<DistanceBin> massByDistance(const HeadEdges& edges, std::size_t bins)
{
    const BlockGrid& grid = edges.grid;
    std::vector<DistanceBin> histogram(bins);
    if (bins == 0)
        return histogram;
    std::vector<double> ends(bins);
    for (std::size_t i = 0; i < bins; ++i) {
        const double part = static_cast<double>(i + 1) / static_cast<double>(bins);
        ends[i] = std::pow(static_cast<double>(std::max(grid.seqLen, 1u)), part);
        histogram[i] = {i == 0 ? 0 : ends[i - 1], ends[i], 0};
    }
    for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
        const std::uint32_t rows = grid.endRow(block) - grid.firstRow(block);
        const double rowCentre = grid.firstRow(block) + 0.5 * (rows - 1);
        for (std::uint64_t edge = edges.beginOf(block); edge < edges.endOf(block); ++edge) {
            const std::uint32_t firstKey = edges.keyBlock[edge] * grid.blockK;
            const std::uint32_t keys = std::min(grid.blockK, grid.seqLen - firstKey);
            const double distance = std::max(0.0, rowCentre - (firstKey + 0.5 * (keys - 1)));
            const auto bin = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end() - 1, distance)
                                                      - ends.begin());
            histogram[bin].mass += static_cast<double>(floatFromHalf(edges.mass[edge])) * rows;
        }
    }
    return histogram;
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
