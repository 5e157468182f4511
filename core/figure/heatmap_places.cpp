// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_places.h"

#include "core/figure/figure_length.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace headwater {

namespace {

using namespace page;

constexpr double kRasterMm = kMmPerInch / 600; ///< the map's edges lie on the pixels of a 600 dpi PNG

double snappedUp(double mm)
{
    return std::ceil(mm / kRasterMm - 1e-9) * kRasterMm;
}

double snappedDown(double mm)
{
    return std::floor(mm / kRasterMm + 1e-9) * kRasterMm;
}

HeatmapMap mapWith(const HeatmapSizes& sizes, const HeatmapParts& parts)
{
    HeatmapMap map;
    map.parts = parts;
    const LabelSize& labels = parts.namesQueries ? *sizes.queryNames : sizes.positions;
    map.x =
        snappedUp(sizes.hasQueryAxis ? kMargin + sizes.axisNameHeight + kGap + labels.length + kGap + kTick
                                     : kMargin + kGap);
    const double right =
        sizes.readers + (parts.hasBar ? kBarGap + kBarWidth + kTick + kGap + sizes.bar.length : 0);
    map.width = std::max(0.0, snappedDown(sizes.width - map.x - right - kMargin));
    const double square = map.width * sizes.rows / sizes.columns;
    // The height is free: what stands along it always has its room.
    const double ends = 2 * (sizes.bar.above + sizes.bar.below) + kGap;
    map.height = snappedUp(std::max(
        {std::clamp(square, kFlattest * map.width, kTallest * map.width), sizes.axisNameLength, ends}));
    return map;
}

/// Whether labels of this size can stand beside every cell, and reach past the last one by less than a gap.
bool haveRoom(const LabelSize& names, double mapLength, std::uint32_t cells)
{
    const double pitch = mapLength / cells;
    return pitch >= std::max(kTokenPitch, names.above + names.below)
        && std::max(names.above, names.below) - pitch / 2 <= kGap;
}

bool fits(const HeatmapSizes& sizes, const HeatmapMap& map)
{
    return map.width >= kLeastMap && (map.parts.namesKeys || sizes.keyPosition <= sizes.width - 2 * kMargin)
        && (!map.parts.namesQueries || haveRoom(*sizes.queryNames, map.height, sizes.rows))
        && (!map.parts.namesKeys || haveRoom(*sizes.keyNames, map.width, sizes.columns));
}

/// The first choice that fits.
std::optional<HeatmapMap> firstThatFits(const HeatmapSizes& sizes)
{
    // Cells that are too narrow for any text leave their axis to positions: nothing has given way then.
    HeatmapMap plain = mapWith(sizes, {false, false, sizes.hasBar});
    if (!fits(sizes, plain))
        plain = mapWith(sizes, {});
    const bool couldNameQueries =
        sizes.hasQueryAxis && sizes.queryNames && plain.height / sizes.rows >= kTokenPitch;
    const bool couldNameKeys = sizes.keyNames && plain.width / sizes.columns >= kTokenPitch;
    constexpr std::array<HeatmapParts, 8> kChoices{{{true, true, true},
                                                    {false, true, true},
                                                    {true, false, true},
                                                    {false, false, true},
                                                    {true, true, false},
                                                    {false, true, false},
                                                    {true, false, false},
                                                    {false, false, false}}};
    for (const HeatmapParts& parts : kChoices) {
        if ((parts.namesQueries && !couldNameQueries) || (parts.namesKeys && !couldNameKeys)
            || (parts.hasBar && !sizes.hasBar))
            continue;
        HeatmapMap map = mapWith(sizes, parts);
        map.couldNameQueries = couldNameQueries;
        map.couldNameKeys = couldNameKeys;
        if (fits(sizes, map))
            return map;
    }
    return std::nullopt;
}

} // namespace

Result<HeatmapMap> placeMap(const HeatmapSizes& sizes)
{
    if (const auto map = firstThatFits(sizes))
        return *map;
    HeatmapSizes wider = sizes;
    for (double tenths = std::ceil(sizes.width * 10); !firstThatFits(wider); ++tenths)
        wider.width = tenths / 10;
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("a width of {:.1f} mm leaves the map no room: {:.1f} mm are the least",
                             sizes.width, wider.width),
                 {}};
}

HeatmapRows placeRows(const HeatmapHeights& heights)
{
    HeatmapRows rows;
    rows.map = snappedUp(kMargin + (heights.heading > 0 ? heights.heading + kGap / 2 : 0) + heights.aboveMap);
    rows.keyLabels = rows.map + heights.map + std::max(kTick + kGap, heights.belowMap + kGap / 2);
    rows.keyName = rows.keyLabels + heights.keyLabels + kGap / 2;
    const double end = rows.keyName + heights.keyName;
    rows.caption = end + kCaptionGap;
    rows.page = (heights.caption > 0 ? rows.caption + heights.caption : end) + kMargin;
    return rows;
}

} // namespace headwater
