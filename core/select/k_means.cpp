// SPDX-License-Identifier: Apache-2.0
#include "core/select/k_means.h"

#include "core/base/gemm.h"
#include "core/parallel/thread_pool.h"
#include "core/select/lanes.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace headwater {
namespace {

using lanes::F16;
using lanes::I16;
using lanes::kLanes;

constexpr std::uint32_t kPointsATile = 256;
constexpr std::uint32_t kPointsASlice = 4096;
/// Partial sums of all slices together stay below this many doubles.
constexpr std::size_t kPartialSums = std::size_t(1) << 22;

/// Returns early, with bodies left out, when `stop` is requested.
void forEach(ThreadPool* pool, std::size_t count, const std::stop_token& stop,
             const std::function<void(std::size_t)>& body)
{
    if (pool && count > 1) {
        pool->parallelFor(
            count, [&](std::size_t index, std::size_t) { body(index); }, stop);
        return;
    }
    for (std::size_t i = 0; i < count && !stop.stop_requested(); ++i)
        body(i);
}

/// products[cluster * kPointsATile + point] = point · mean; the largest product less half the mean's square
/// wins.
HEADWATER_LANE_KERNEL
void largestScores(const float* products, const float* halfSquares, std::uint32_t clusters,
                   std::uint32_t count, std::uint32_t* cluster)
{
    for (std::uint32_t point = 0; point < count; point += kLanes) {
        F16 best;
        lanes::fill(lanes::kMinusInfinity, best);
        I16 winner = {};
        for (std::uint32_t c = 0; c < clusters; ++c) {
            F16 score;
            lanes::load(products + std::size_t(c) * kPointsATile + point, score);
            score -= halfSquares[c];
            const I16 larger = score > best;
            best = larger ? score : best;
            winner = larger ? I16{} + static_cast<std::int32_t>(c) : winner;
        }
        for (std::uint32_t lane = 0; lane < std::min(kLanes, count - point); ++lane)
            cluster[point + lane] = static_cast<std::uint32_t>(winner[lane]);
    }
}

/// Adds the points [first, end) to the sums of their clusters. Shape: sums [clusters, dim], counts
/// [clusters].
void addPoints(const PointSpan& points, const std::uint32_t* cluster, std::uint32_t first, std::uint32_t end,
               double* sums, std::uint32_t* counts)
{
    for (std::uint32_t p = first; p < end; ++p) {
        const float* const from = points.data + p * points.stride;
        double* const to = sums + std::size_t(cluster[p]) * points.dim;
        for (std::uint32_t i = 0; i < points.dim; ++i)
            to[i] += static_cast<double>(from[i]);
        ++counts[cluster[p]];
    }
}

/// New means from the assignment; clusters without points keep theirs.
void average(const PointSpan& points, const std::vector<std::uint32_t>& cluster, std::uint32_t clusters,
             std::vector<float>& means, ThreadPool* pool, const std::stop_token& stop)
{
    const std::size_t size = std::size_t(clusters) * points.dim;
    const std::size_t mostSlices = std::max<std::size_t>(1, kPartialSums / size);
    const std::uint32_t wanted = static_cast<std::uint32_t>(
        std::min<std::size_t>(mostSlices, (points.count + kPointsASlice - 1) / kPointsASlice));
    const std::uint32_t length = (points.count + wanted - 1) / wanted;
    std::vector<double> sums(size * wanted, 0.0);
    std::vector<std::uint32_t> counts(std::size_t(clusters) * wanted, 0);
    forEach(pool, wanted, stop, [&](std::size_t slice) {
        const std::uint32_t first = std::min(points.count, static_cast<std::uint32_t>(slice) * length);
        addPoints(points, cluster.data(), first, std::min(points.count, first + length),
                  sums.data() + slice * size, counts.data() + slice * clusters);
    });
    for (std::uint32_t c = 0; c < clusters; ++c) {
        std::uint32_t count = 0;
        for (std::uint32_t slice = 0; slice < wanted; ++slice)
            count += counts[std::size_t(slice) * clusters + c];
        for (std::uint32_t i = 0; count > 0 && i < points.dim; ++i) {
            double sum = 0;
            for (std::uint32_t slice = 0; slice < wanted; ++slice)
                sum += sums[slice * size + std::size_t(c) * points.dim + i];
            means[std::size_t(c) * points.dim + i] = static_cast<float>(sum / count);
        }
    }
}

/// Empty clusters take the later half of the largest one, while that is above twice the fair share.
void fillEmptyClusters(std::uint32_t clusters, std::vector<std::uint32_t>& cluster,
                       const std::stop_token& stop)
{
    std::vector<std::uint32_t> counts(clusters, 0);
    for (const std::uint32_t c : cluster)
        ++counts[c];
    const std::size_t fair = cluster.size() / clusters + 1;
    for (std::uint32_t empty = 0; empty < clusters && !stop.stop_requested(); ++empty) {
        if (counts[empty] > 0)
            continue;
        const std::uint32_t largest =
            static_cast<std::uint32_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
        if (counts[largest] <= 2 * fair)
            return;
        std::uint32_t toMove = counts[largest] / 2;
        counts[empty] = toMove;
        counts[largest] -= toMove;
        for (std::size_t p = cluster.size(); toMove > 0; --p)
            if (cluster[p - 1] == largest) {
                cluster[p - 1] = empty;
                --toMove;
            }
    }
}

} // namespace

std::vector<std::uint32_t> drawDistinct(std::uint32_t n, std::uint32_t count, SeededRandom& random)
{
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0u);
    const std::uint32_t drawn = std::min(n, count);
    for (std::uint32_t i = 0; i < drawn; ++i)
        std::swap(order[i], order[i + random.remainder(n - i)]);
    order.resize(drawn);
    return order;
}

void assignNearest(const PointSpan& points, const std::vector<float>& means, std::uint32_t clusters,
                   std::uint32_t* cluster, ThreadPool* pool, std::stop_token stop)
{
    std::vector<float> halfSquares(clusters);
    for (std::uint32_t c = 0; c < clusters; ++c) {
        double square = 0;
        for (std::uint32_t i = 0; i < points.dim; ++i)
            square += static_cast<double>(means[std::size_t(c) * points.dim + i])
                * static_cast<double>(means[std::size_t(c) * points.dim + i]);
        halfSquares[c] = static_cast<float>(square / 2);
    }
    forEach(pool, (points.count + kPointsATile - 1) / kPointsATile, stop, [&](std::size_t tile) {
        thread_local std::vector<float> products;
        products.resize(std::size_t(clusters) * kPointsATile);
        const std::uint32_t first = static_cast<std::uint32_t>(tile) * kPointsATile;
        const std::uint32_t count = std::min(kPointsATile, points.count - first);
        gemm(GemmRight::Transposed, clusters, count, points.dim, means.data(), points.dim,
             points.data + first * points.stride, points.stride, products.data(), kPointsATile);
        largestScores(products.data(), halfSquares.data(), clusters, count, cluster + first);
    });
}

std::vector<std::uint32_t> kMeans(const PointSpan& points, std::uint32_t clusters, std::uint32_t rounds,
                                  std::uint64_t seed, ThreadPool* pool, std::stop_token stop)
{
    std::vector<std::uint32_t> cluster(points.count);
    SeededRandom random(seed);
    const std::vector<std::uint32_t> seeds = drawDistinct(points.count, clusters, random);
    const std::uint32_t used = static_cast<std::uint32_t>(seeds.size());
    std::vector<float> means(std::size_t(used) * points.dim);
    for (std::uint32_t c = 0; c < used; ++c)
        std::copy_n(points.data + seeds[c] * points.stride, points.dim,
                    means.begin() + std::ptrdiff_t(c) * points.dim);
    for (std::uint32_t round = 0; round < rounds && used > 0 && !stop.stop_requested(); ++round) {
        assignNearest(points, means, used, cluster.data(), pool, stop);
        if (round + 1 < rounds)
            average(points, cluster, used, means, pool, stop);
    }
    if (points.count > 0)
        fillEmptyClusters(clusters, cluster, stop);
    return cluster;
}

} // namespace headwater
