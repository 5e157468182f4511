// SPDX-License-Identifier: Apache-2.0
#pragma once
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

/// A small seeded generator (splitmix64): the same numbers everywhere, which <random>'s distributions do not
/// promise.
class SeededRandom {
public:
    explicit SeededRandom(std::uint64_t seed)
        : m_state(seed)
    {
    }
    std::uint64_t next()
    {
        std::uint64_t z = m_state += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
    }
    /// In [0, bound), bound > 0; the bias of the remainder is below bound / 2^64.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

private:
    std::uint64_t m_state;
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
