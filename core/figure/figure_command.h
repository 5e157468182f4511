// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/heatmap_options.h"

#include <string>
#include <vector>

namespace headwater {

/// The arguments of `headwater figure TRACE … -o FILE` that make the same figure: `--layer` and `--head`, or
/// `--heads`, and every option that is not as it comes. Without the trace and the output.
std::vector<std::string> figureArguments(const HeatmapFigureOptions& options);

} // namespace headwater
