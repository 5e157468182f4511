// SPDX-License-Identifier: Apache-2.0
#include "core/select/peak_position.h"

#include "core/select/lanes.h"

#include <algorithm>

namespace headwater {
namespace {

using lanes::F16;
using lanes::I16;
using lanes::kLanes;

/// The sums of four vectors, in the lanes 0, 4, 8 and 12, each by the same tree.
HEADWATER_LANE_INLINE void sumFour(const F16 (&x)[4], F16& sums)
{
    const I16 low = {0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23};
    const I16 high = {8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31};
    const F16 first = __builtin_shuffle(x[0], x[1], low) + __builtin_shuffle(x[0], x[1], high);
    const F16 second = __builtin_shuffle(x[2], x[3], low) + __builtin_shuffle(x[2], x[3], high);
    const I16 even = {0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27};
    const I16 odd = {4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31};
    sums = __builtin_shuffle(first, second, even) + __builtin_shuffle(first, second, odd);
    lanes::sumGroups(sums, 4);
}

/// scores[i] = query · keys[i] for four keys, of which `count` exist.
HEADWATER_LANE_INLINE void scoreFour(const float* query, const float* keys, std::size_t stride,
                                     std::uint32_t count, std::uint32_t n, float* scores)
{
    const float* key[4];
#pragma GCC unroll 4
    for (std::uint32_t k = 0; k < 4; ++k)
        key[k] = keys + std::min(k, count - 1) * stride;
    F16 sum[4] = {};
    std::uint32_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        F16 q;
        lanes::load(query + i, q);
#pragma GCC unroll 4
        for (std::uint32_t k = 0; k < 4; ++k) {
            F16 v;
            lanes::load(key[k] + i, v);
            sum[k] += q * v;
        }
    }
    F16 sums;
    sumFour(sum, sums);
    for (std::uint32_t k = 0; k < count; ++k) {
        scores[k] = sums[k * 4];
        for (std::uint32_t rest = i; rest < n; ++rest)
            scores[k] += query[rest] * key[k][rest];
    }
}

HEADWATER_LANE_KERNEL
std::uint32_t heaviestOf(const float* query, const float* keys, std::size_t stride, std::uint32_t count,
                         std::uint32_t n)
{
    float scores[256]; // the largest key block
    for (std::uint32_t i = 0; i < count; i += 4)
        scoreFour(query, keys + i * stride, stride, std::min(4u, count - i), n, scores + i);
    std::uint32_t best = 0;
    float top = lanes::kMinusInfinity;
    for (std::uint32_t i = 0; i < count; ++i) {
        const bool larger = scores[i] > top;
        top = larger ? scores[i] : top;
        best = larger ? i : best;
    }
    return best;
}

} // namespace

std::uint32_t heaviestColumn(const HeadShape& shape, const KeyValues& head, const float* query,
                             std::uint32_t row, std::uint32_t keyBlock)
{
    const std::uint32_t firstKey = keyBlock * shape.grid.blockK;
    const std::uint32_t from = std::max(firstKey, shape.firstKey(row));
    const std::uint32_t to = std::min(firstKey + shape.grid.blockK, row + 1);
    if (from >= to)
        return 0;
    return from - firstKey
        + heaviestOf(query, head.keys + from * head.keyStride, head.keyStride, to - from, head.headDim);
}

} // namespace headwater
