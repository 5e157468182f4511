// SPDX-License-Identifier: Apache-2.0
#include "core/figure/axis_labels.h"

#include "core/base/text.h"
#include "core/figure/label_spans.h"
#include "core/tiles/colour_table.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace headwater {

namespace {

constexpr Rgb kDim{0x5C, 0x66, 0x75}; // design/look.md, light: dim text
constexpr std::size_t kFinerSteps = 8; ///< parts more that an axis with a single tick is tried with

/// The multiples of `step`, in cells from the map's edge.
std::vector<AxisTick> positionTicks(const AxisCells& axis, double step)
{
    const double tokensPerCell = std::exp2(axis.level);
    const double from = axis.first * tokensPerCell;
    std::vector<AxisTick> ticks;
    for (AxisTick& tick : tokenTicks(from, from + axis.count * tokensPerCell, step)) {
        // A token's own tick stands in the middle of its cell, a coarse one at the cell's edge.
        tick.value = (tick.value - from) / tokensPerCell + (axis.level == 0 ? 0.5 : 0);
        if (tick.value <= axis.count)
            ticks.push_back(std::move(tick));
    }
    return ticks;
}

/// What their labels take of the line.
std::vector<LabelSpan> spansOf(const std::vector<AxisTick>& ticks, const AxisCells& axis,
                               const LabelLine& line)
{
    std::vector<LabelSpan> spans;
    for (const AxisTick& tick : ticks) {
        const double at = tick.value * line.length / axis.count;
        const double half = line.halfOf(tick.label);
        spans.push_back(movedBetween({at - half, at + half}, line.from, line.to));
    }
    return spans;
}

} // namespace

FigureText label(std::string text, HorizontalAlign horizontal, VerticalAlign vertical)
{
    FigureText made;
    made.text = std::move(text);
    made.sizePt = kLabelPt;
    made.horizontal = horizontal;
    made.vertical = vertical;
    made.colour = kDim;
    return made;
}

LabelSize sizeOf(const std::vector<AxisTick>& ticks, FigureFont font, FigureFonts& fonts)
{
    LabelSize size;
    for (const AxisTick& tick : ticks) {
        FigureText text = label(tick.label, HorizontalAlign::Left, VerticalAlign::Middle);
        text.font = font;
        const TextBoxes boxes = boxesOf(text, fonts);
        const FigureBox tall = font == FigureFont::Mono ? boxes.ink : boxes.all();
        size.length = std::max(size.length, boxes.all().width());
        size.above = std::max(size.above, -tall.top);
        size.below = std::max(size.below, tall.bottom);
    }
    return size;
}

LabelSize largestPosition(const AxisCells& axis, FigureFonts& fonts)
{
    char widest = '0';
    double width = 0;
    for (char digit = '0'; digit <= '9'; ++digit) {
        const double found = sizeOf({{0, std::string(1, digit)}}, FigureFont::Sans, fonts).length;
        if (found > width) {
            width = found;
            widest = digit;
        }
    }
    const std::uint64_t last = (std::uint64_t{axis.first} + axis.count) << axis.level;
    std::string position = withThousands(last);
    std::replace_if(
        position.begin(), position.end(), [](char c) { return c >= '0' && c <= '9'; }, widest);
    return sizeOf({{0, position}}, FigureFont::Sans, fonts);
}

std::vector<AxisTick> tokenNames(const AxisCells& axis,
                                 const std::function<std::string(std::uint32_t)>& nameOf)
{
    std::vector<AxisTick> ticks;
    for (std::uint32_t i = 0; i < axis.count; ++i)
        ticks.push_back({i + 0.5, nameOf(axis.first + i)});
    return ticks;
}

double positionStep(const AxisCells& axis, const LabelLine& line)
{
    const double tokens = axis.count * std::exp2(axis.level);
    const auto numTicks = [&](double step, bool& standApart) {
        const std::vector<AxisTick> ticks = positionTicks(axis, step);
        standApart = takeApart(spansOf(ticks, axis, line), page::kGap).size() == ticks.size();
        return ticks.size();
    };
    const auto usual = static_cast<std::size_t>(std::max(2.0, line.length / line.pitch));
    double best = 1;
    for (std::size_t most = usual; most > 0; --most) {
        const double step = tokenStep(0, tokens, most);
        bool standApart = false;
        const std::size_t ticks = numTicks(step, standApart);
        if (ticks == 0)
            break;
        best = step;
        // One number tells no scale: a finer step where there is room.
        for (std::size_t finer = most + 1; standApart && ticks == 1 && finer <= most + kFinerSteps; ++finer) {
            bool isRoom = false;
            if (numTicks(tokenStep(0, tokens, finer), isRoom) > 1 && isRoom)
                return tokenStep(0, tokens, finer);
        }
        if (standApart)
            break;
    }
    return best;
}

std::vector<PlacedTick> placePositions(const AxisCells& axis, const LabelLine& line, double step)
{
    const std::vector<AxisTick> ticks = positionTicks(axis, step);
    const std::vector<LabelSpan> spans = spansOf(ticks, axis, line);
    std::vector<PlacedTick> placed;
    for (const std::size_t i : takeApart(spans, page::kGap))
        placed.push_back(
            {ticks[i].value * line.length / axis.count, (spans[i].from + spans[i].to) / 2, ticks[i].label});
    return placed;
}

std::vector<AxisTick> barTicks(const HeatmapFigureOptions& options, double capacity)
{
    std::vector<AxisTick> ticks;
    if (options.quantity == CellQuantity::Count) {
        ticks = countTicks(capacity);
        for (AxisTick& tick : ticks)
            tick.value = unitOfEdgeCount(tick.value, capacity);
        ticks.insert(ticks.begin(), {0, "0"});
        return ticks;
    }
    ticks = scaleTicks(options.limits, 5);
    for (AxisTick& tick : ticks)
        tick.value = unitOfValue(options.limits, tick.value);
    if (valueOfUnit(options.limits, 0) > 0)
        ticks.front().label = "≤ " + ticks.front().label;
    if (options.limits.high < 1)
        ticks.back().label = "≥ " + ticks.back().label;
    return ticks;
}

std::string scalePhrase(const HeatmapFigureOptions& options, const std::vector<AxisTick>& ticks,
                        double capacity)
{
    const bool isCount = options.quantity == CellQuantity::Count;
    const auto unbroken = [](std::string end) {
        if (const std::size_t space = end.find(' '); space != std::string::npos)
            end.replace(space, 1, "\u00a0"); // no line ends after the sign
        return end;
    };
    return fmt::format(
        "Scale: {} ({}) to {}, {}.", unbroken(ticks.front().label), options.isReversed ? "light" : "dark",
        isCount ? withThousands(static_cast<std::uint64_t>(capacity)) : unbroken(ticks.back().label),
        isCount || options.limits.isLogarithmic ? "logarithmic" : "linear");
}

std::vector<AxisTick> thinnedBarTicks(const std::vector<AxisTick>& ticks, const LabelSize& size,
                                      double lengthMm)
{
    std::vector<AxisTick> ordered{ticks.back()};
    if (ticks.size() > 1)
        ordered.push_back(ticks.front());
    for (std::size_t i = ticks.size() - 1; i-- > 1;)
        ordered.push_back(ticks[i]);
    std::vector<LabelSpan> spans;
    for (const AxisTick& tick : ordered)
        spans.push_back({-tick.value * lengthMm - size.above, -tick.value * lengthMm + size.below});
    std::vector<AxisTick> thinned;
    for (const std::size_t i : takeApart(spans, 0))
        thinned.push_back(ordered[i]);
    std::sort(thinned.begin(), thinned.end(),
              [](const AxisTick& a, const AxisTick& b) { return a.value < b.value; });
    return thinned;
}

} // namespace headwater
