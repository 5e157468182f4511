// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/seeded_random.h"

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

namespace headwater {

class ThreadPool;

/// Points to be clustered. Shape: [count, dim], row-major with its own row stride.
struct PointSpan {
    const float* data = nullptr;
    std::size_t stride = 0;
    std::uint32_t count = 0;
    std::uint32_t dim = 0;
};

/// `count` different numbers of [0, n), in the order drawn; all of them where n <= count.
std::vector<std::uint32_t> drawDistinct(std::uint32_t n, std::uint32_t count, SeededRandom& random);

/// Lloyd's k-means by squared distance: seeds are `clusters` random points, then `rounds` times assign (ties
/// to the lower cluster) and average. A cluster that loses all its points keeps its mean until the end; then
/// empty clusters take half of the largest one (the later points by index), largest first, while that is more
/// than twice the fair share: equal points, which always fall into one cluster, would otherwise make one that
/// is as large as the input. Returns the cluster of every point. Fixed tiles and slices, so the same for any
/// pool (null: this thread alone). When `stop` is requested it returns within a tile's work, with some
/// clusters that mean nothing. Cost: 2 · rounds · count · clusters · dim FLOP.
std::vector<std::uint32_t> kMeans(const PointSpan& points, std::uint32_t clusters, std::uint32_t rounds,
                                  std::uint64_t seed, ThreadPool* pool, std::stop_token stop = {});

/// The nearest of `means` for every point, ties to the lower one. Shape: means [clusters, dim]. When `stop`
/// is requested, the tiles of points that were not begun keep what `cluster` held.
void assignNearest(const PointSpan& points, const std::vector<float>& means, std::uint32_t clusters,
                   std::uint32_t* cluster, ThreadPool* pool, std::stop_token stop = {});

} // namespace headwater
