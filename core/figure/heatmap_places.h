// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <optional>

namespace headwater {

/// Where the parts of a heatmap's page stand, as functions of their sizes alone. All lengths in mm.
///
/// The page has the width that was asked; its height follows. The map takes what width the labels leave, and
/// never less than kLeastMap. Where that is too little, what stands first in this list gives way first:
/// 1. the names of the query tokens, then those of the key tokens, then both: positions stand in their place;
/// 2. the colour bar, and then again the names as in 1.
/// A page that is too narrow even so is refused, with the width that would do.
namespace page {
inline constexpr double kMargin = 1.2;
inline constexpr double kTick = 0.8;
inline constexpr double kGap = 0.8; ///< between what belongs together
inline constexpr double kCaptionGap = 1.6;
inline constexpr double kBarWidth = 2.4;
inline constexpr double kBarGap = 2.0;
inline constexpr double kTokenPitch = 2.3; ///< below this a token's text does not fit beside its cell
inline constexpr double kLeastMap = 7;
/// Of a map's height and its width: what is flatter or taller is stretched, its cells are no squares.
inline constexpr double kFlattest = 0.3;
inline constexpr double kTallest = 1.4;
} // namespace page

/// The largest of the labels of one kind: along its text, and to either side of its anchor, which stands
/// beside the middle of its tick or cell.
struct LabelSize {
    double length = 0;
    double above = 0;
    double below = 0;
};

struct HeatmapSizes {
    double width = 0; ///< of the page
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    double axisNameLength = 0; ///< of the query axis, which stands upright beside the map
    double axisNameHeight = 0;
    LabelSize positions; ///< of the query axis
    std::optional<LabelSize>
        queryNames; ///< of its tokens; none: a cell is more than a token, or they are many
    std::optional<LabelSize> keyNames;
    double keyPosition = 0; ///< length of the largest one, where it is no name
    LabelSize bar;
    bool hasBar = true; ///< it is wanted
    bool hasQueryAxis = true;
    double readers = 0; ///< width of the margin between the map and its bar; 0: none
};

/// What is drawn of what may give way.
struct HeatmapParts {
    bool namesQueries = false;
    bool namesKeys = false;
    bool hasBar = false;
};

struct HeatmapMap {
    HeatmapParts parts;
    double x = 0;
    double width = 0;
    double height = 0;
    /// The names that tokens would have had where every part had its room.
    bool couldNameQueries = false;
    bool couldNameKeys = false;
};

/// Errors: InvalidArgument with the least width that would do, in tenths of a millimetre.
Result<HeatmapMap> placeMap(const HeatmapSizes& sizes);

/// Heights of the page's rows, 0 for what is not there.
struct HeatmapHeights {
    double heading = 0;
    double aboveMap = 0; ///< how far labels reach above the map's upper edge
    double map = 0;
    double belowMap = 0;
    double keyLabels = 0;
    double keyName = 0;
    double caption = 0;
};

/// The upper edges of the rows; `page` is the lower edge of all.
struct HeatmapRows {
    double map = 0;
    double keyLabels = 0;
    double keyName = 0;
    double caption = 0;
    double page = 0;
};
HeatmapRows placeRows(const HeatmapHeights& heights);

} // namespace headwater
