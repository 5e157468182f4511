// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/dense_math.h"

#include "core/select/lanes.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace headwater {
namespace {

using lanes::F16;
using lanes::kLanes;

constexpr float kLargestExponent = 88; // e^88 is the last that float32 holds
} // namespace

HEADWATER_LANE_KERNEL
void rmsNorm(const float* x, std::span<const float> weight, float epsilon, float* y)
{
    const std::size_t width = weight.size();
    // Sixteen partial sums, whatever the processor: the order of adding never changes.
    F16 squares = {};
    F16 v;
    std::size_t i = 0;
    for (; i + kLanes <= width; i += kLanes) {
        lanes::load(x + i, v);
        squares += v * v;
    }
    for (; i < width; ++i)
        squares[i % kLanes] += x[i] * x[i];
    float sum = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        sum += squares[lane];
    const float scale = 1.0f / std::sqrt(sum / static_cast<float>(width) + epsilon);
    for (i = 0; i < width; ++i)
        y[i] = x[i] * scale * weight[i];
}

void normGroups(float* x, std::size_t rows, std::size_t width, std::span<const float> weight, float epsilon)
{
    if (weight.empty())
        return;
    for (float* const end = x + rows * width; x < end; x += weight.size())
        rmsNorm(x, weight, epsilon, x);
}

void normHeads(float* x, std::size_t rows, std::size_t width, std::size_t headDim, float epsilon)
{
    const std::vector<float> ones(headDim, 1.0f);
    normGroups(x, rows, width, ones, epsilon);
}

namespace {

/// silu(z) = z / (1 + e^-z); GELU by tanh, z / 2 · (1 + tanh(u)), is z / (1 + e^-2u), u = √(2/π) (z +
/// 0.044715 z³). Whole lanes: count is a multiple of 16.
HEADWATER_LANE_KERNEL
void activateLanes(Activation activation, float* gate, const float* up, std::size_t count)
{
    constexpr float kTwoRoots = 1.59576912160573f; // 2 √(2/π)
    F16 z;
    F16 factor;
    F16 power;
    for (std::size_t i = 0; i < count; i += kLanes) {
        lanes::load(gate + i, z);
        lanes::load(up + i, factor);
        const F16 exponent = activation == Activation::Silu ? -z : -kTwoRoots * (z + 0.044715f * z * z * z);
        lanes::exp(kLargestExponent < exponent ? F16{} + kLargestExponent : exponent, power);
        lanes::store(gate + i, z / (1.0f + power) * factor);
    }
}

} // namespace

void activateGate(Activation activation, float* gate, const float* up, std::size_t count)
{
    const std::size_t whole = count / kLanes * kLanes;
    activateLanes(activation, gate, up, whole);
    if (whole == count)
        return;
    float lastGate[kLanes] = {};
    float lastUp[kLanes] = {};
    std::copy(gate + whole, gate + count, lastGate);
    std::copy(up + whole, up + count, lastUp);
    activateLanes(activation, lastGate, lastUp, kLanes);
    std::copy_n(lastGate, count - whole, gate + whole);
}

} // namespace headwater
