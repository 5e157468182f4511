// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/projection.h"

#include "core/backend/cpu/decode_kernels.h"
#include "core/base/gemm.h"
#include "core/model/dequantize.h"

#include <algorithm>
#include <utility>

namespace headwater {
namespace {

/// Outputs of a panel, but the last.
std::uint32_t panelRows(const Projection& weights)
{
    if (!weights.floats)
        return kPanelRows;
    constexpr std::uint32_t kElements = 8u << 20;
    return std::max(1u, kElements / weights.stored.cols / kPanelRows) * kPanelRows;
}

/// Outputs of one task of projectRow: as many as read this much, which hides what a task costs.
std::size_t taskRows(const WeightMatrix& matrix)
{
    constexpr std::uint64_t kBytes = 16 << 10;
    const std::uint64_t rowBytes = storedBytes(matrix.type, matrix.cols);
    return std::max<std::size_t>(4, kBytes / rowBytes / 4 * 4);
}

std::size_t numTasks(const WeightMatrix& matrix)
{
    const std::size_t rows = taskRows(matrix);
    return (matrix.rows + rows - 1) / rows;
}

/// Task number `task` of a map: its outputs [task · taskRows, ...).
void projectTask(const Mapped& map, std::size_t task, ProductRow x)
{
    const WeightMatrix& matrix = map.weights.stored;
    const std::size_t first = task * taskRows(matrix);
    const std::size_t count = std::min(matrix.rows - first, taskRows(matrix));
    float* const y = map.y + first;
    decodeKernels().products[static_cast<std::size_t>(matrix.type)](
        matrix.data.data() + first * storedBytes(matrix.type, matrix.cols), count, matrix.cols, x, y);
    for (std::size_t i = 0; i < count && !map.weights.bias.empty(); ++i)
        y[i] += map.weights.bias[first + i];
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

void forPanels(const Projection& weights, const std::function<void(std::uint32_t, std::uint32_t)>& body,
               const std::stop_token& stop)
{
    const std::uint32_t rows = weights.stored.rows;
    const std::uint32_t whole = panelRows(weights);
    for (std::uint32_t first = 0; first < rows && !stop.stop_requested();) {
        // The last one takes what would be less than a panel too.
        const std::uint32_t count = rows - first < 2 * whole ? rows - first : whole;
        body(first, count);
        first += count;
    }
}

void project(const Projection& weights, std::size_t rows, const float* x, float* y, Scratch& scratch,
             bool accumulate, const std::stop_token& stop)
{
    const WeightMatrix& matrix = weights.stored;
    forPanels(
        weights,
        [&](std::uint32_t first, std::uint32_t count) {
            const Projection part = weights.part(first, count);
            const float* panel = part.floats;
            if (!panel) {
                float* const widened = scratch.panel(part.stored.elements());
                dequantizeRows(part.stored, 0, count, widened);
                panel = widened;
            }
            gemm(GemmRight::Transposed, rows, count, matrix.cols, x, matrix.cols, panel, matrix.cols,
                 y + first, matrix.rows, accumulate);
        },
        stop);
    for (std::size_t row = 0; row < rows && !weights.bias.empty(); ++row)
        for (std::size_t i = 0; i < matrix.rows; ++i)
            y[row * matrix.rows + i] += weights.bias[i];
}

void projectRow(std::span<const Mapped> maps, const float* x, ThreadPool& pool, std::stop_token stop)
{
    std::size_t tasks = 0;
    Digits digits;
    for (const Mapped& map : maps) {
        tasks += numTasks(map.weights.stored);
        if (readsDigits(map.weights.stored.type) && digits.steps.empty())
            decodeKernels().makeDigits(x, map.weights.stored.cols, digits);
    }
    pool.parallelShares(
        tasks,
        [&](std::size_t task, std::size_t) {
            const Mapped* map = maps.data();
            for (; task >= numTasks(map->weights.stored); ++map)
                task -= numTasks(map->weights.stored);
            projectTask(*map, task, {x, &digits});
        },
        std::move(stop));
}

} // namespace headwater
