// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/figure/figure_fonts.h"
#include "core/figure/figure_spec.h"
#include "core/figure/heatmap_layout.h"
#include "core/figure/heatmap_options.h"

#include <cstddef>
#include <string>
#include <vector>

namespace headwater {

/// Panels in a row: as asked, or as many as have room, rows as even as they come.
std::size_t panelColumns(const HeatmapFigureOptions& options, std::size_t panels);

/// Maps of one part by several heads, as panels (a), (b), (c) … in rows, over one colour bar and one caption.
/// The maps are of one size; the first of each row names the queries. The caption says first what is true of
/// every panel, then what is of each. `panels`: one to kMostPanels, of the same ranges and level, in order.
/// Errors: InvalidArgument (too narrow, with the least width).
Result<FigureSpec> layOutPanels(const std::vector<HeatmapContent>& panels,
                                const HeatmapFigureOptions& options, FigureFonts& fonts);

/// The phrases that all have, in the first one's order; then each one's others, behind its name.
std::vector<std::string> phrasesOfAll(const std::vector<std::vector<std::string>>& phrases,
                                      const std::vector<std::string>& names);

} // namespace headwater
