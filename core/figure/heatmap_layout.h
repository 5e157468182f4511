// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/figure/figure_fonts.h"
#include "core/figure/figure_spec.h"
#include "core/figure/heatmap_cells.h"
#include "core/figure/heatmap_marks.h"
#include "core/figure/heatmap_options.h"

#include <functional>
#include <string>
#include <vector>

namespace headwater {

/// Everything a heatmap figure draws, already gathered; texts are safe to draw and of any length.
struct HeatmapContent {
    HeatmapCells cells;
    std::vector<std::uint8_t> hidden; ///< cells drawn grey, shape of `cells`; empty: none
    std::uint32_t blockQ = 0;
    std::uint32_t blockK = 0;
    bool hasQueryAxis = true; ///< names and positions of the queries: panels of one row share them
    bool hasQueryNames = true; ///< where its tokens are few
    HeatmapMarks marks;
    std::string title;
    std::string quantityName; ///< beside the colour bar
    std::string model; ///< the caption begins with it
    std::vector<std::string> caption; ///< the phrases after it
    /// The text of a token for an axis with few tokens.
    std::function<std::string(std::uint32_t token)> tokenName;
};

/// Places map, axes, colour bar and caption on a page of the asked width; the height follows from the
/// content. Everything lies inside the page and nothing on anything else, measured as it will be drawn. What
/// has no room gives way by rule and is named in the spec's `dropped`: names of tokens and the colour bar as
/// heatmap_places.h says (the caption then tells the scale), ticks to fewer of them (never none), the title
/// to three lines, the model's name to 80 characters. Errors: InvalidArgument with the least width. Cost: the
/// cells, and every text a few times.
Result<FigureSpec> layOutHeatmap(const HeatmapContent& content, const HeatmapFigureOptions& options,
                                 FigureFonts& fonts);

/// Cells a map of a figure of this width can show at 300 an inch.
std::uint32_t mostCellsFor(double widthMm);

} // namespace headwater
