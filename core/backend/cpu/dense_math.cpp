// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/dense_math.h"

#include "core/select/row_softmax.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace headwater {
namespace {

constexpr std::size_t kLanes = 16;
constexpr float kLargestExponent = 88; // e^88 is the last that float32 holds
} // namespace

void rmsNorm(const float* x, std::span<const float> weight, float epsilon, float* y)
{
    const std::size_t width = weight.size();
    // Sixteen partial sums, whatever the processor: the order of adding never changes.
    float lanes[kLanes] = {};
    std::size_t i = 0;
    for (; i + kLanes <= width; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] += x[i + lane] * x[i + lane];
    }
    for (; i < width; ++i)
        lanes[i % kLanes] += x[i] * x[i];
    float sum = 0;
    for (const float lane : lanes)
        sum += lane;
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
/// 0.044715 z³). Of both the exponents here.
void exponents(Activation activation, const float* z, std::size_t count, float* out)
{
    constexpr float kTwoRoots = 1.59576912160573f; // 2 √(2/π)
    if (activation == Activation::Silu)
        for (std::size_t i = 0; i < count; ++i)
            out[i] = std::min(-z[i], kLargestExponent);
    else
        for (std::size_t i = 0; i < count; ++i)
            out[i] = std::min(-kTwoRoots * (z[i] + 0.044715f * z[i] * z[i] * z[i]), kLargestExponent);
}

} // namespace

void activateGate(Activation activation, float* gate, const float* up, std::size_t count)
{
    constexpr std::size_t kBatch = 1024;
    float exponential[kBatch];
    for (std::size_t begin = 0; begin < count; begin += kBatch) {
        const std::size_t size = std::min(kBatch, count - begin);
        exponents(activation, gate + begin, size, exponential);
        rowExp(exponential, size, 0, exponential);
        for (std::size_t i = 0; i < size; ++i)
            gate[begin + i] = gate[begin + i] / (1.0f + exponential[i]) * up[begin + i];
    }
}

} // namespace headwater
