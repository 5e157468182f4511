// SPDX-License-Identifier: Apache-2.0
#include "core/select/row_softmax.h"

#include "core/select/lanes.h"

#include <cmath>

namespace headwater {
namespace {

using lanes::F16;
using lanes::kLanes;

/// The last, incomplete 16 elements, filled up so that the extra lanes change nothing.
HEADWATER_LANE_INLINE void loadRest(const float* x, std::size_t count, F16& to)
{
    float padded[kLanes];
    for (std::size_t i = 0; i < kLanes; ++i)
        padded[i] = i < count ? x[i] : lanes::kMinusInfinity;
    lanes::load(padded, to);
}

} // namespace

HEADWATER_LANE_KERNEL
float rowMax(const float* x, std::size_t n)
{
    F16 best;
    lanes::fill(lanes::kMinusInfinity, best);
    std::size_t i = 0;
    F16 v;
    for (; i + kLanes <= n; i += kLanes) {
        lanes::load(x + i, v);
        lanes::raise(best, v);
    }
    if (i < n) {
        loadRest(x + i, n - i, v);
        lanes::raise(best, v);
    }
    return lanes::maxOf(best);
}

HEADWATER_LANE_KERNEL
float rowExp(const float* x, std::size_t n, float shift, float* out)
{
    F16 sum = {};
    F16 v;
    F16 e;
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        lanes::load(x + i, v);
        lanes::exp(v - shift, e);
        lanes::store(out + i, e);
        sum += e;
    }
    if (i < n) {
        loadRest(x + i, n - i, v);
        lanes::exp(v - shift, e);
        sum += e;
        std::memcpy(out + i, &e, (n - i) * sizeof(float));
    }
    return lanes::sumOf(sum);
}

namespace {

HEADWATER_LANE_KERNEL
void scaleRow(float* x, std::size_t n, float factor)
{
    for (std::size_t i = 0; i < n; ++i)
        x[i] *= factor;
}

} // namespace

float rowSoftmax(float* x, std::size_t n)
{
    const float top = rowMax(x, n);
    const float sum = rowExp(x, n, std::isfinite(top) ? top : 0.0f, x);
    if (sum > 0)
        scaleRow(x, n, 1.0f / sum);
    return sum > 0 ? top + std::log(sum) : top;
}

} // namespace headwater
