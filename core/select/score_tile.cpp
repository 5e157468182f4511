// SPDX-License-Identifier: Apache-2.0
#include "core/select/score_tile.h"

#include "core/select/lanes.h"

#include <algorithm>
#include <cmath>

namespace headwater {

using lanes::F16;
using lanes::I16;
using lanes::kLanes;

HEADWATER_LANE_KERNEL
void packQueries(const QueryTile& tile, std::uint32_t headDim, float* packed)
{
    for (std::uint32_t row = 0; row < tile.numRows; ++row)
        for (std::uint32_t i = 0; i < headDim; ++i)
            packed[row * headDim + i] = tile.rows[row * tile.stride + i] * lanes::kLog2E;
    std::fill(packed + tile.numRows * headDim, packed + kTileRows * headDim, 0.0f);
}

void maskScores(float* scores, std::uint32_t firstKey, std::uint32_t numKeys, std::uint32_t firstRow,
                std::uint32_t rows, std::uint32_t line, std::uint32_t window)
{
    for (std::uint32_t i = 0; i < numKeys; ++i) {
        const std::uint32_t key = firstKey + i;
        float* scoresOfKey = scores + std::size_t(i) * line;
        if (key > firstRow)
            std::fill(scoresOfKey, scoresOfKey + std::min(rows, key - firstRow), lanes::kMinusInfinity);
        if (window == 0)
            continue;
        const std::uint64_t endRow = std::uint64_t(key) + window; // the first row that no longer sees the key
        const std::uint64_t from = endRow > firstRow ? std::min<std::uint64_t>(rows, endRow - firstRow) : 0;
        std::fill(scoresOfKey + from, scoresOfKey + rows, lanes::kMinusInfinity);
    }
}

HEADWATER_LANE_KERNEL
void blockMaxima(const float* scores, std::uint32_t numKeys, std::uint32_t blockK, std::uint32_t rows,
                 std::uint32_t line, float* blockMax)
{
    // Sixteen keys at a time stay in the first-level cache while the strips of rows go over them.
    const std::uint32_t step = std::min(blockK, kLanes);
    for (std::uint32_t key = 0; key < numKeys; key += step) {
        const std::uint32_t count = std::min(step, numKeys - key);
        float* out = blockMax + std::size_t(key / blockK) * line;
        const bool firstOfBlock = key % blockK == 0;
        for (std::uint32_t row = 0; row < rows; row += kLanes) {
            const float* from = scores + std::size_t(key) * line + row;
            F16 best;
            lanes::load(from, best);
            for (std::uint32_t i = 1; i < count; ++i) {
                F16 v;
                lanes::load(from + std::size_t(i) * line, v);
                lanes::raise(best, v);
            }
            if (!firstOfBlock) {
                F16 before;
                lanes::load(out + row, before);
                lanes::raise(best, before);
            }
            lanes::store(out + row, best);
        }
    }
}

HEADWATER_LANE_KERNEL
bool raiseReference(const float* blockMax, std::uint32_t numBlocks, std::uint32_t rows, std::uint32_t line,
                    float* reference, float* factor)
{
    I16 anyChanged = {};
    for (std::uint32_t row = 0; row < rows; row += kLanes) {
        F16 top;
        lanes::fill(lanes::kMinusInfinity, top);
        for (std::uint32_t block = 0; block < numBlocks; ++block) {
            F16 v;
            lanes::load(blockMax + std::size_t(block) * line + row, v);
            lanes::raise(top, v);
        }
        F16 before;
        lanes::load(reference + row, before);
        const I16 changed = top > before + 8.0f;
        const F16 after = changed ? top : before;
        F16 ratio;
        lanes::exp2(before - after, ratio);
        ratio = changed ? ratio : F16{} + 1.0f;
        lanes::store(reference + row, after);
        lanes::store(factor + row, ratio);
        anyChanged |= changed;
    }
    std::int32_t any = 0;
    for (std::uint32_t lane = 0; lane < kLanes; ++lane)
        any |= anyChanged[lane];
    return any != 0;
}

HEADWATER_LANE_KERNEL
void exponentiate(float* scores, std::uint32_t numKeys, std::uint32_t blockK, std::uint32_t rows,
                  std::uint32_t line, const float* reference, float* blockSum, float* rowSum)
{
    const std::uint32_t step = std::min(blockK, kLanes);
    for (std::uint32_t key = 0; key < numKeys; key += step) {
        const std::uint32_t count = std::min(step, numKeys - key);
        float* out = blockSum + std::size_t(key / blockK) * line;
        const bool firstOfBlock = key % blockK == 0;
        for (std::uint32_t row = 0; row < rows; row += kLanes) {
            float* at = scores + std::size_t(key) * line + row;
            F16 shift;
            F16 sum = {};
            lanes::load(reference + row, shift);
            for (std::uint32_t i = 0; i < count; ++i) {
                F16 v;
                F16 p;
                lanes::load(at + std::size_t(i) * line, v);
                lanes::exp2(v - shift, p);
                lanes::store(at + std::size_t(i) * line, p);
                sum += p;
            }
            if (!firstOfBlock) {
                F16 before;
                lanes::load(out + row, before);
                sum += before;
            }
            lanes::store(out + row, sum);
        }
    }
    const std::uint32_t numBlocks = (numKeys + blockK - 1) / blockK;
    for (std::uint32_t row = 0; row < rows; row += kLanes) {
        F16 sum = {};
        for (std::uint32_t block = 0; block < numBlocks; ++block) {
            F16 v;
            lanes::load(blockSum + std::size_t(block) * line + row, v);
            sum += v;
        }
        F16 before;
        lanes::load(rowSum + row, before);
        lanes::store(rowSum + row, before + sum);
    }
}

HEADWATER_LANE_KERNEL
void probabilities(float* scores, std::uint32_t lines, std::uint32_t rows, std::uint32_t line,
                   const float* reference, const float* factor)
{
    for (std::uint32_t i = 0; i < lines; ++i)
        for (std::uint32_t row = 0; row < rows; row += kLanes) {
            F16 v;
            F16 x;
            lanes::load(scores + std::size_t(i) * line + row, v);
            lanes::load(reference + row, x);
            lanes::exp2(v - x, v);
            if (factor) {
                lanes::load(factor + row, x);
                v *= x;
            }
            lanes::store(scores + std::size_t(i) * line + row, v);
        }
}

HEADWATER_LANE_KERNEL
float sumOfLine(const float* values, std::uint32_t rows)
{
    F16 sum = {};
    for (std::uint32_t row = 0; row < rows; row += kLanes) {
        F16 v;
        lanes::load(values + row, v);
        sum += v;
    }
    return lanes::sumOf(sum);
}

HEADWATER_LANE_KERNEL
void scaleRows(float* values, std::uint32_t lines, std::uint32_t rows, std::uint32_t line,
               const float* factor)
{
    for (std::uint32_t i = 0; i < lines; ++i)
        for (std::uint32_t row = 0; row < rows; row += kLanes) {
            F16 v;
            F16 f;
            lanes::load(values + std::size_t(i) * line + row, v);
            lanes::load(factor + row, f);
            lanes::store(values + std::size_t(i) * line + row, v * f);
        }
}

HEADWATER_LANE_KERNEL
void transposeOutput(const float* values, std::uint32_t headDim, std::uint32_t numRows, std::uint32_t line,
                     const float* factor, const TileOutput& out)
{
    for (std::uint32_t row = 0; row < numRows; ++row)
        for (std::uint32_t i = 0; i < headDim; ++i)
            out.data[row * out.stride + i] = values[std::size_t(i) * line + row] * factor[row];
}

float logSumExpOf(float reference, float sum)
{
    if (!(sum > 0))
        return lanes::kMinusInfinity;
    return static_cast<float>((double(reference) + std::log2(double(sum))) * 0.6931471805599453);
}

} // namespace headwater
