// SPDX-License-Identifier: Apache-2.0
#include "core/select/peak_position.h"

#include "core/select/lanes.h"

#include <algorithm>

namespace headwater {
namespace {

using lanes::F16;
using lanes::kLanes;

HEADWATER_LANE_INLINE float dot(const float* a, const float* b, std::uint32_t n)
{
    F16 sum = {};
    std::uint32_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        F16 x;
        F16 y;
        lanes::load(a + i, x);
        lanes::load(b + i, y);
        sum += x * y;
    }
    float total = lanes::sumOf(sum);
    for (; i < n; ++i)
        total += a[i] * b[i];
    return total;
}

HEADWATER_LANE_KERNEL
std::uint32_t heaviestOf(const float* query, const float* keys, std::size_t stride, std::uint32_t count,
                         std::uint32_t n)
{
    std::uint32_t best = 0;
    float top = lanes::kMinusInfinity;
    for (std::uint32_t i = 0; i < count; ++i) {
        const float score = dot(query, keys + i * stride, n);
        if (score > top) {
            top = score;
            best = i;
        }
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
