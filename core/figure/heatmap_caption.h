// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/heatmap_options.h"
#include "core/trace/trace_reader.h"

#include <string>
#include <vector>

namespace headwater {

/// "p_model", "p_stream" or "p_masked": what the head's numbers are (DESIGN §3).
std::string probabilityName(const Trace& trace, const HeadInfo& head);

/// The colour bar's name: the probability, "blocks a cell", or "missed" with its probability.
std::string quantityTitle(const Trace& trace, const HeadInfo& head, CellQuantity quantity);

/// The model's name, of any length and safe to draw: the caption begins with it.
std::string captionModel(const Trace& trace);

/// The caption's phrases after it: tokens, mode, budget, kept and missed mass with their interval,
/// aggregation.
std::vector<std::string> heatmapCaption(const Trace& trace, const HeadInfo& head, CellQuantity quantity,
                                        std::uint32_t level);

} // namespace headwater
