// SPDX-License-Identifier: Apache-2.0
#include "core/select/scores.h"

#include "core/base/gemm.h"
#include "core/select/fused_products.h"
#include "core/select/lanes.h"

#include <cstring>
#include <limits>

namespace headwater {
namespace {

using lanes::F16;
using lanes::I16;
using lanes::kLanes;

/// Cephes' tanhf: an odd polynomial below 0.625, 1 - 2 / (e^2x + 1) above.
HEADWATER_LANE_INLINE void tanh(const F16& x, F16& result)
{
    const F16 magnitude = x < 0.0f ? -x : x;
    const F16 z = x * x;
    F16 p = z * -5.70498872745e-3f + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    const F16 near = p * z * x + x;
    const F16 used = magnitude < 10.0f ? magnitude : F16{} + 10.0f; // tanh(10) is 1 in float32
    F16 power;
    lanes::exp(used + used, power);
    const F16 far = 1.0f - 2.0f / (power + 1.0f);
    const F16 turned = x < 0.0f ? -far : far;
    result = magnitude < 0.625f ? near : turned;
}

HEADWATER_LANE_INLINE void capLanes(float cap, float* at)
{
    F16 score;
    lanes::load(at, score);
    F16 share;
    tanh(score / cap, share);
    const F16 magnitude = score < 0.0f ? -score : score;
    const I16 isFinite = magnitude < std::numeric_limits<float>::infinity();
    lanes::store(at, isFinite ? share * cap : score);
}

HEADWATER_LANE_KERNEL
void capAll(float cap, float* scores, std::size_t count)
{
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        capLanes(cap, scores + i);
    if (i == count)
        return;
    float rest[kLanes] = {};
    std::memcpy(rest, scores + i, (count - i) * sizeof(float));
    capLanes(cap, rest);
    std::memcpy(scores + i, rest, (count - i) * sizeof(float));
}

/// Of lines that are [line] long and used up to `used`.
void capLines(float cap, float* scores, std::size_t lines, std::size_t used, std::size_t line)
{
    for (std::size_t i = 0; cap > 0 && i < lines; ++i)
        capAll(cap, scores + i * line, used);
}

} // namespace

void softCap(float cap, float* scores, std::size_t count)
{
    capAll(cap, scores, count);
}

void scoreTile(const KeyValues& head, std::uint32_t firstKey, std::uint32_t numKeys, const float* queries,
               std::uint32_t rows, std::uint32_t line, float* scores)
{
    gemm(GemmRight::Transposed, numKeys, rows, head.headDim,
         head.keys + std::size_t(firstKey) * head.keyStride, head.keyStride, queries, head.headDim, scores,
         line);
    capLines(head.scoreCap * lanes::kLog2E, scores, numKeys, rows, line);
}

void scoreFewKeys(const KeyValues& head, std::uint32_t firstKey, std::uint32_t numKeys, const float* queries,
                  std::uint32_t line, float* scores)
{
    scoreKeys(head.keys + std::size_t(firstKey) * head.keyStride, head.keyStride, numKeys, queries, line,
              head.headDim, scores);
    capLines(head.scoreCap * lanes::kLog2E, scores, numKeys, line, line);
}

void scorePackedKeys(const float* const* rows, std::uint32_t count, const float* packed, std::uint32_t line,
                     std::uint32_t headDim, float scoreCap, float* scores)
{
    scoreRows(rows, count, packed, line, headDim, scores);
    capLines(scoreCap * lanes::kLog2E, scores, count, line, line);
}

void scoreRowsOf(const ScoredRows& rows, const ScoredKeys& keys, std::size_t dim, float scoreCap,
                 float* scores, std::size_t line)
{
    gemm(GemmRight::Transposed, rows.rows, keys.numKeys, dim, rows.queries, rows.queryStride, keys.keys,
         keys.keyStride, scores, line);
    capLines(scoreCap, scores, rows.rows, keys.numKeys, line);
}

} // namespace headwater
