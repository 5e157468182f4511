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

/// Whether a cell is hatched under the cells: unknown missed mass; somewhere in a kept block, whose number is
/// another cell's.
bool isHatched(const HeatmapCells& cells, CellQuantity quantity, std::uint32_t row, std::uint32_t column);
/// Whether any cell of a row is.
bool hasHatched(const HeatmapCells& cells, CellQuantity quantity, std::uint32_t row);

/// The colours of the cells as drawn: kNoCell where the hatching below shows, and where there is none for the
/// future and what is not kept, which otherwise are painted as page (of missed mass always); kHiddenCell
/// where `hidden` says so.
std::vector<std::uint32_t> cellColours(const HeatmapCells& cells, const HeatmapFigureOptions& options,
                                       double capacity, std::span<const std::uint8_t> hidden = {});

/// The colour bar from the high end down. Shape: [256].
std::vector<std::uint32_t> barColours(const HeatmapFigureOptions& options);

/// How many blocks a cell can hold: the top of the count scale.
double blocksPerCell(const HeatmapCells& cells, std::uint32_t blockQ, std::uint32_t blockK);

} // namespace headwater
