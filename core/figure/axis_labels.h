// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/axis_ticks.h"
#include "core/figure/figure_spec.h"
#include "core/figure/heatmap_options.h"
#include "core/figure/heatmap_places.h"
#include "core/figure/text_box.h"

#include <functional>
#include <string>
#include <vector>

namespace headwater {

/// Looks of the page's texts; design/look.md, light.
inline constexpr Rgb kInk{0x1C, 0x21, 0x28};
inline constexpr Rgb kFigureLine{0x98, 0xA1, 0xAE};
inline constexpr double kLabelPt = 7;
/// A text of that size, dim.
FigureText label(std::string text, HorizontalAlign horizontal, VerticalAlign vertical);

/// The largest of the labels beside an axis or bar, as measured. The names of tokens stand closer together
/// than lines of a text: their ink counts.
LabelSize sizeOf(const std::vector<AxisTick>& ticks, FigureFont font, FigureFonts& fonts);

/// One axis of the map.
struct AxisCells {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t level = 0;
};

/// The size of the largest label that a position of this axis can have, whichever ticks it gets: digits have
/// widths of their own.
LabelSize largestPosition(const AxisCells& axis, FigureFonts& fonts);

/// One label a cell: the token's name. `value`: in cells from the map's edge.
std::vector<AxisTick> tokenNames(const AxisCells& axis,
                                 const std::function<std::string(std::uint32_t)>& nameOf);

/// A tick with its place and the middle of its label, in mm from the map's edge.
struct PlacedTick {
    double at = 0;
    double label = 0;
    std::string text;
};

/// The line that an axis' labels stand on. Positions in mm from the map's edge.
struct LabelLine {
    double length = 0; ///< of the axis
    double pitch = 0; ///< about one label in so much
    double from = 0; ///< labels lie between these, beside their tick where need be
    double to = 0;
    std::function<double(const std::string&)> halfOf; ///< half of what a label takes along the axis
};

/// The least round step, in tokens, at which the labels of all ticks stand apart on the line.
double positionStep(const AxisCells& axis, const LabelLine& line);

/// The multiples of `step` along an axis, but for those whose labels would not stand apart: one at least
/// where the axis has any.
std::vector<PlacedTick> placePositions(const AxisCells& axis, const LabelLine& line, double step);

/// The colour scale's ticks with their places (0 low, 1 high), from the low end to the high one.
std::vector<AxisTick> barTicks(const HeatmapFigureOptions& options, double capacity);

/// The scale in words, for a page without a bar.
std::string scalePhrase(const HeatmapFigureOptions& options, const std::vector<AxisTick>& ticks,
                        double capacity);

/// Those of them that stand apart on a bar of this length: both ends, and of the others as many as there is
/// room for, the higher ones first.
std::vector<AxisTick> thinnedBarTicks(const std::vector<AxisTick>& ticks, const LabelSize& size,
                                      double lengthMm);

} // namespace headwater
