// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/figure_fonts.h"
#include "core/figure/figure_spec.h"
#include "core/figure/heatmap_cells.h"
#include "core/figure/heatmap_options.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace headwater {

/// Everything a heatmap figure draws, already gathered.
struct HeatmapContent {
    HeatmapCells cells;
    std::vector<std::uint8_t> hidden; ///< cells drawn grey, shape of `cells`; empty: none
    std::uint32_t blockQ = 0;
    std::uint32_t blockK = 0;
    std::string title;
    std::string quantityName; ///< beside the colour bar
    std::vector<std::string> caption; ///< phrases, joined and wrapped to the width
    /// The text of a token for an axis with few tokens, safe to draw.
    std::function<std::string(std::uint32_t token)> tokenLabel;
};

/// What a hidden cell is painted: 0xRRGGBB, a light grey; the caption says what it stands for.
inline constexpr std::uint32_t kHiddenCell = 0xE3E6EB;

/// The colours of the cells as drawn: kNoCell for the future, and for unknown missed mass (hatched below);
/// kHiddenCell where `hidden` says so.
std::vector<std::uint32_t> cellColours(const HeatmapCells& cells, const HeatmapFigureOptions& options,
                                       double capacity, std::span<const std::uint8_t> hidden = {});

/// How many blocks a cell can hold: the top of the count scale.
double blocksPerCell(const HeatmapCells& cells, std::uint32_t blockQ, std::uint32_t blockK);

/// Places map, axes, colour bar and caption on a page of the asked width; the height follows from the
/// content.
FigureSpec layOutHeatmap(const HeatmapContent& content, const HeatmapFigureOptions& options,
                         FigureFonts& fonts);

/// Cells a map of a figure of this width can show at 300 an inch.
std::uint32_t mostCellsFor(double widthMm);

} // namespace headwater
