// SPDX-License-Identifier: Apache-2.0
#include "core/figure/axis_ticks.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

namespace headwater {

namespace {

/// The smallest of 1, 2, 5 × 10^n that is at least `least`.
double niceStep(double least)
{
    const double decade = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * decade >= least * (1 - 1e-9))
            return factor * decade;
    }
    return 10 * decade;
}

std::string superscript(int number)
{
    static constexpr std::array<std::string_view, 10> kDigits{"⁰", "¹", "²", "³", "⁴",
                                                              "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::string text;
    for (const char digit : std::to_string(number))
        text += digit == '-' ? std::string_view("⁻") : kDigits[static_cast<std::size_t>(digit - '0')];
    return text;
}

std::string powerOfTen(int exponent)
{
    return exponent == 0 ? "1" : "10" + superscript(exponent);
}

} // namespace

std::vector<AxisTick> tokenTicks(double from, double to, std::size_t most)
{
    std::vector<AxisTick> ticks;
    const double step =
        std::max(1.0, niceStep((to - from) / static_cast<double>(std::max<std::size_t>(most, 1))));
    for (double value = std::ceil(from / step) * step; value <= to; value += step)
        ticks.push_back({value, withThousands(static_cast<std::uint64_t>(value))});
    return ticks;
}

std::string probabilityLabel(double probability)
{
    if (probability <= 0)
        return "0";
    const double exponent = std::log10(probability);
    const auto whole = static_cast<int>(std::lround(exponent));
    if (std::abs(exponent - whole) < 1e-9 && whole != 0 && whole != -1)
        return powerOfTen(whole);
    if (probability >= 0.001)
        return fmt::format("{:.2g}", probability);
    const auto floor = static_cast<int>(std::floor(exponent));
    return fmt::format("{:.2g}·{}", probability / std::pow(10.0, floor), powerOfTen(floor));
}

std::vector<AxisTick> scaleTicks(const ScaleLimits& limits, std::size_t most)
{
    const double low = valueOfUnit(limits, 0);
    std::vector<AxisTick> ticks{{low, probabilityLabel(low)}};
    if (limits.isLogarithmic) {
        const int first = static_cast<int>(std::floor(std::log10(low) + 1e-9)) + 1;
        const int last = static_cast<int>(std::ceil(std::log10(limits.high) - 1e-9)) - 1;
        const int every =
            std::max(1, (last - first + 1) / static_cast<int>(std::max<std::size_t>(most, 1)) + 1);
        for (int exponent = last; exponent >= first; exponent -= every)
            ticks.push_back({std::pow(10.0, exponent), powerOfTen(exponent)});
    } else {
        const double step =
            niceStep((limits.high - low) / static_cast<double>(std::max<std::size_t>(most, 1)));
        for (double value = (std::floor(low / step) + 1) * step; value < limits.high - step / 4;
             value += step)
            ticks.push_back({value, fmt::format("{:.6g}", value)});
    }
    ticks.push_back({limits.high, probabilityLabel(limits.high)});
    std::sort(ticks.begin(), ticks.end(),
              [](const AxisTick& a, const AxisTick& b) { return a.value < b.value; });
    return ticks;
}

std::vector<AxisTick> countTicks(double capacity)
{
    std::vector<AxisTick> ticks;
    for (double value = 1; value <= capacity; value *= 10)
        ticks.push_back({value, withThousands(static_cast<std::uint64_t>(value))});
    return ticks;
}

} // namespace headwater
