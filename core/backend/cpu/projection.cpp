// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/projection.h"

#include "core/base/gemm.h"
#include "core/model/dequantize.h"

#include <algorithm>

namespace headwater {
namespace {

/// The panel from `begin` on; the last one takes what would be less than a panel too.
std::uint32_t panelRows(const WeightMatrix& matrix, std::uint32_t begin)
{
    const std::uint32_t left = matrix.rows - begin;
    return left < 2 * kPanelRows ? left : kPanelRows;
}

} // namespace

Projection Projection::part(std::size_t first, std::size_t count) const
{
    Projection part;
    part.stored = rowsOf(stored, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count));
    part.floats = floats ? floats + first * stored.cols : nullptr;
    part.bias = bias.empty() ? bias : bias.subspan(first, count);
    return part;
}

std::uint64_t panelBytes(const WeightMatrix& matrix)
{
    if (matrix.type == WeightType::F32)
        return 0;
    return std::uint64_t{std::min(matrix.rows, 2 * kPanelRows - 1)} * matrix.cols * sizeof(float);
}

void project(const Projection& weights, std::size_t rows, const float* x, float* y, Scratch& scratch,
             bool accumulate)
{
    const WeightMatrix& matrix = weights.stored;
    const auto multiply = [&](const float* panel, std::uint32_t first, std::uint32_t count) {
        gemm(GemmRight::Transposed, rows, count, matrix.cols, x, matrix.cols, panel, matrix.cols, y + first,
             matrix.rows, accumulate);
    };
    if (weights.floats) {
        multiply(weights.floats, 0, matrix.rows);
    } else {
        for (std::uint32_t first = 0; first < matrix.rows;) {
            const std::uint32_t count = panelRows(matrix, first);
            float* const panel = scratch.panel(std::size_t{count} * matrix.cols);
            dequantizeRows(matrix, first, count, panel);
            multiply(panel, first, count);
            first += count;
        }
    }
    for (std::size_t row = 0; row < rows && !weights.bias.empty(); ++row)
        for (std::size_t i = 0; i < matrix.rows; ++i)
            y[row * matrix.rows + i] += weights.bias[i];
}

} // namespace headwater
