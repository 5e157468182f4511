// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/heatmap_cells.h"
#include "core/figure/heatmap_options.h"
#include "core/record/block_grid.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace headwater {

/// Which cells the options' masks hide, as the window hides them: the key blocks of sinks, and the blocks
/// from the recent one to the diagonal. Missed mass belongs to rows and is never masked. `sinks`: tokens,
/// ascending. Shape: [rows, columns] of `cells`, 1 where hidden; empty when nothing is to be hidden.
std::vector<std::uint8_t> hiddenCells(const HeatmapCells& cells, const BlockGrid& grid,
                                      std::span<const std::uint32_t> sinks,
                                      const HeatmapFigureOptions& options);

/// "Grey: sinks masked." for the caption; empty when nothing is masked.
std::string maskPhrase(const HeatmapFigureOptions& options);

} // namespace headwater
