// SPDX-License-Identifier: Apache-2.0
#include "core/tiles/colour_table.h"

#include "core/base/log_code.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

double lowEndOf(const ScaleLimits& limits)
{
    return limits.isLogarithmic ? std::max(limits.low, 0x1p-24) : limits.low;
}

} // namespace

double unitOfValue(const ScaleLimits& limits, double value)
{
    const double low = lowEndOf(limits);
    if (!(value > low))
        return 0;
    if (value >= limits.high)
        return 1;
    if (!limits.isLogarithmic)
        return (value - low) / (limits.high - low);
    return std::log(value / low) / std::log(limits.high / low);
}

double valueOfUnit(const ScaleLimits& limits, double unit)
{
    const double low = lowEndOf(limits);
    const double place = std::clamp(unit, 0.0, 1.0);
    if (!limits.isLogarithmic)
        return low + place * (limits.high - low);
    return low * std::pow(limits.high / low, place);
}

double unitOfEdgeCount(double count, double capacity)
{
    if (count < 1)
        return 0;
    return std::min(1.0, (1 + std::log2(count)) / (1 + std::log2(std::max(capacity, 1.0))));
}

double edgeCountOfUnit(double unit, double capacity)
{
    const double octaves = 1 + std::log2(std::max(capacity, 1.0));
    const double count = std::exp2(std::clamp(unit, 0.0, 1.0) * octaves - 1);
    return count < 1 - 1e-9 ? 0 : count;
}

std::array<Rgb, 256> colourTable(Colormap map, bool isReversed, const ScaleLimits& limits,
                                 CellQuantity quantity, double capacity)
{
    std::array<Rgb, 256> colours{};
    for (std::size_t i = 0; i < colours.size(); ++i) {
        const auto code = static_cast<std::uint8_t>(i);
        const double unit = quantity == CellQuantity::Count
            ? unitOfEdgeCount(countOfCode(code), capacity)
            : unitOfValue(limits, static_cast<double>(probabilityOfCode(code)));
        colours[i] = colourAt(map, unit, isReversed);
    }
    return colours;
}

} // namespace headwater
