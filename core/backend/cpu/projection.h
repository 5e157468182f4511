// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/cpu/arena.h"
#include "core/model/weights.h"
#include "core/parallel/thread_pool.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

namespace headwater {

/// A linear map as a layer applies it: its matrix as float32, or as stored, to be widened inside the product.
struct Projection {
    WeightMatrix stored; ///< shape, and the bytes
    const float* floats = nullptr; ///< [rows, cols] where there are any
    std::span<const float> bias; ///< [rows], or empty

    /// That of the outputs [first, first + count).
    Projection part(std::size_t first, std::size_t count) const;
};

/// Outputs that are widened at once, the last ones up to twice as many: below that oneDNN 2.6 (AVX-512, 2 048
/// inputs and more) sums a product of few columns in another order than one of many, and packing its left
/// side for every panel costs more than the panel.
inline constexpr std::uint32_t kPanelRows = 128;

/// What one worker holds to widen panels of a matrix.
std::uint64_t panelBytes(const WeightMatrix& matrix);

/// Calls `body(first, count)` for the panels of a map's outputs, in their order, until `stop` is requested:
/// no panel is begun after that. Those of floats are some millions of weights, a tenth of a second for 256
/// rows on one core of 2020.
void forPanels(const Projection& weights,
               const std::function<void(std::uint32_t first, std::uint32_t count)>& body,
               const std::stop_token& stop);

/// y = x · Wᵀ + bias, or added to y. Shape: x [rows, cols of W], y [rows, rows of W]. Without floats the
/// matrix is widened panel by panel, in the scratch, and the numbers are the same. Cost: then O(elements)
/// more, about a tenth of a product of 256 rows. When `stop` is requested some of y is not what it should be:
/// check it afterwards.
void project(const Projection& weights, std::size_t rows, const float* x, float* y, Scratch& scratch,
             bool accumulate = false, const std::stop_token& stop = {});

/// A map and where its outputs go.
struct Mapped {
    const Projection& weights;
    float* y;
};

/// The same for one row and several maps that read it, weights as stored, the outputs shared out to the
/// threads: to other bits than project's, the same ones however many threads there are. Shape: x [cols of
/// every W], y [rows of its W]. Cost: every stored byte once. A stop: as of project.
void projectRow(std::span<const Mapped> maps, const float* x, ThreadPool& pool, std::stop_token stop = {});

} // namespace headwater
