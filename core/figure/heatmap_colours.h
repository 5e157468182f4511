// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/heatmap_cells.h"
#include "core/figure/heatmap_options.h"

#include <cstdint>
#include <span>
#include <vector>

namespace headwater {

/// What a hidden cell is painted: 0xRRGGBB, a light grey; the caption says what it stands for.
inline constexpr std::uint32_t kHiddenCell = 0xE3E6EB;

/// The colours of the cells as drawn: kNoCell for the future, and for unknown missed mass (hatched below);
/// kHiddenCell where `hidden` says so.
std::vector<std::uint32_t> cellColours(const HeatmapCells& cells, const HeatmapFigureOptions& options,
                                       double capacity, std::span<const std::uint8_t> hidden = {});

/// The colour bar from the high end down. Shape: [256].
std::vector<std::uint32_t> barColours(const HeatmapFigureOptions& options);

/// How many blocks a cell can hold: the top of the count scale.
double blocksPerCell(const HeatmapCells& cells, std::uint32_t blockQ, std::uint32_t blockK);

} // namespace headwater
