// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/heatmap_cells.h"
#include "core/figure/heatmap_options.h"
#include "core/trace/trace_reader.h"

#include <string>
#include <vector>

namespace headwater {

/// The colour bar's name: the probability, "blocks a cell", or "missed" with its probability.
std::string quantityTitle(const Trace& trace, const HeadInfo& head, CellQuantity quantity);

/// The model's name, of any length and safe to draw: the caption begins with it.
std::string captionModel(const Trace& trace);

/// The caption's phrases after it: tokens, mode, budget, kept and missed mass with their interval,
/// aggregation.
std::vector<std::string> heatmapCaption(const Trace& trace, const HeadInfo& head, CellQuantity quantity,
                                        std::uint32_t level);

/// What cells below the block size show beside numbers, as far as the figure has any: hatching, and the rows
/// that are recorded token by token. Errors: those of reading the rows.
Result<std::vector<std::string>> closeUpPhrases(const Trace& trace, const HeadInfo& head,
                                                const HeatmapCells& cells);

/// What white below the diagonal means in a figure of these options, drawn in cells of 2^level tokens: not
/// kept, and how much of a row one key of that may get at most. Empty for missed mass, and where everything
/// is kept. Errors: those of reading the head's rows. Cost: O(tokens).
Result<std::string> notKeptPhrase(const Trace& trace, const HeadInfo& head,
                                  const HeatmapFigureOptions& options, std::uint32_t level);

} // namespace headwater
