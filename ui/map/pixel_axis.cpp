// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/pixel_axis.h"

#include <algorithm>
#include <cmath>

namespace headwater {
namespace {

/// A pixel that touches a cell by less than a millionth of its width does so through rounding alone.
constexpr double kRounding = 1e-6;

} // namespace

double outlinedSide(std::uint32_t level, std::uint32_t block)
{
    return std::max<double>(static_cast<double>(std::uint64_t{1} << level), block);
}

BorderKinds shownBorders(const MapFrame& frame)
{
    if (frame.mode == MapMode::Missed)
        return {};
    const MapViewport& view = frame.viewport;
    const auto isLarge = [&](double keys, double queries) {
        return std::min(keys / view.tokensPerPixel, queries / view.queryTokensPerPixel())
            * frame.devicePixelRatio
            >= kBorderFromPixels;
    };
    const double cell = static_cast<double>(std::uint64_t{1} << frame.level);
    return {
        isLarge(outlinedSide(frame.level, frame.grid.blockK), outlinedSide(frame.level, frame.grid.blockQ)),
        isLarge(cell, cell)};
}

PixelAxis::Pixel pixelAt(double origin, double step, double index, std::uint32_t seqLen, std::uint32_t level)
{
    const double cell = static_cast<double>(std::uint64_t{1} << level);
    const double length = seqLen;
    const double from = origin + (index + kRounding) * step;
    const double to = origin + (index + 1 - kRounding) * step;
    PixelAxis::Pixel pixel;
    pixel.firstToken = static_cast<std::int64_t>(std::floor(from));
    pixel.lastToken = static_cast<std::int64_t>(std::ceil(to)) - 1;
    pixel.inside = to > 0 && from < length;
    if (!pixel.inside)
        return pixel;
    const double begin = std::max(from, 0.0);
    const double end = std::min(to, length);
    pixel.first = static_cast<std::uint32_t>(begin / cell);
    pixel.last = std::max(pixel.first, static_cast<std::uint32_t>(std::ceil(end / cell)) - 1);
    pixel.centre = static_cast<std::uint32_t>(std::clamp((from + to) / 2, 0.0, length - 1) / cell);
    return pixel;
}

PixelAxis layAxis(double origin, double step, int count, std::uint32_t seqLen, std::uint32_t level,
                  double blockSide, BorderKinds borders)
{
    const double cell = static_cast<double>(std::uint64_t{1} << level);
    PixelAxis axis;
    axis.pixels.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        PixelAxis::Pixel& pixel = axis.pixels[static_cast<std::size_t>(i)];
        pixel = pixelAt(origin, step, i, seqLen, level);
        if (!pixel.inside)
            continue;
        const double from = origin + (i + kRounding) * step;
        const auto begins = [&](double side) {
            return std::floor(from / side) != std::floor((from - step) / side);
        };
        pixel.border = borders.blocks && begins(blockSide);
        pixel.cellBorder = borders.cells && begins(cell);
        if (axis.end == 0) {
            axis.begin = i;
            axis.firstCell = pixel.first;
        }
        axis.end = i + 1;
        axis.endCell = std::max(axis.endCell, pixel.last + 1);
    }
    return axis;
}

} // namespace headwater
