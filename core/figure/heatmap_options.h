// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/base/token_range.h"
#include "core/figure/figure_length.h"
#include "core/record/head_id.h"
#include "core/tiles/colour_table.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace headwater {

inline constexpr std::size_t kMostPanels = 26; ///< (a) to (z)

/// What a heatmap figure shows and how. With the trace it is all that is needed to make the figure again.
struct HeatmapFigureOptions {
    int layer = 0;
    int head = 0;
    /// Of several heads, a panel each, (a), (b), (c) …; then `layer` and `head` say nothing.
    std::vector<HeadId> heads;
    std::uint32_t columns = 0; ///< panels in a row; 0: as many as the page has room for
    std::optional<TokenRange> queries; ///< all tokens when absent
    std::optional<TokenRange> keys;
    std::optional<std::uint32_t>
        level; ///< cells of 2^level tokens; as fine as the figure resolves when absent
    CellQuantity quantity = CellQuantity::Max;
    Colormap colormap = Colormap::Magma;
    bool isReversed = true; ///< light to dark: "nothing" is on the page's side
    ScaleLimits limits;
    double widthMm = 77; ///< a column of an ACL page
    double pngDpi = 600;
    bool hasLiveText = false; ///< of an SVG: words as text, not as outlines
    bool maskSinks = false; ///< key blocks of sinks in grey: visual only, as in the window
    bool maskDiagonal = false; ///< the blocks from the recent one to the diagonal in grey
    /// Framed: single tokens or ranges, inside what is drawn.
    std::vector<TokenRange> markedQueries;
    std::vector<TokenRange> markedKeys;
    bool hasRowMargin = false; ///< above the map, what the one marked query reads
    bool hasKeyMargin = false; ///< right of it, who reads the one marked key
    std::string title; ///< "L14 · H3" when empty
    bool hasTitle = true; ///< drawn; the file's own title stays
    bool hasCaption = true;
    bool hasBar = true; ///< the colour bar; without it the caption tells the scale
};

/// "max", "count", "missed".
const char* nameOf(CellQuantity quantity);
std::optional<CellQuantity> cellQuantityNamed(std::string_view name);

nlohmann::json toJson(const HeatmapFigureOptions& options);
/// Errors: BadFormat naming the key, what was found and what was expected, for a key
/// that is none too; absent keys keep their default.
Result<HeatmapFigureOptions> heatmapOptionsFromJson(const nlohmann::json& json);

/// Errors: InvalidArgument for limits that are no scale, a width outside 10 mm to 2 m, a resolution outside
/// 30 to 2 400.
Result<void> checkHeatmapOptions(const HeatmapFigureOptions& options);

} // namespace headwater
