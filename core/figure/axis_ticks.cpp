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

constexpr int kMostDigits = 17; ///< of a double: what it takes to give it back
constexpr int kMostExactDigits = 8; ///< of an end of the scale that is written as it is

/// A number rounded to `digits` digits, without zeros at its end. A linear scale has its powers of
/// ten among plain numbers.
std::string labelOf(double number, int digits, bool isLogarithmic)
{
    if (number <= 0)
        return "0";
    const std::string written = fmt::format("{:.{}e}", number, digits - 1);
    const std::size_t e = written.find('e');
    const int exponent = std::stoi(written.substr(e + 1));
    std::string mantissa = written.substr(0, e);
    if (mantissa.find('.') != std::string::npos)
        mantissa.resize(mantissa.find_last_not_of(".0") + 1);
    const bool isPlain = exponent >= (isLogarithmic && mantissa == "1" ? -1 : -3);
    if (!isPlain)
        return (mantissa == "1" ? "" : mantissa + "·") + powerOfTen(exponent);
    const auto fraction = static_cast<int>(mantissa.size() > 2 ? mantissa.size() - 2 : 0);
    return fmt::format("{:.{}f}", number, std::max(0, fraction - exponent));
}

/// The number that so many digits leave, on the side of it where the label still says the truth.
double roundedTo(double number, int digits, bool isUp)
{
    const std::string written = fmt::format("{:.{}e}", number, digits - 1);
    const double nearest = std::stod(written);
    if (isUp ? nearest >= number : nearest <= number)
        return nearest;
    const double unit = std::pow(10.0, std::stoi(written.substr(written.find('e') + 1)) - digits + 1);
    return std::stod(fmt::format("{:.{}e}", isUp ? nearest + unit : nearest - unit, digits - 1));
}

/// An end of the scale as it is written.
struct WrittenEnd {
    double value = 0;
    int digits = 1;
};

/// An end stands for all that lies beyond it. `next`: what is written beside it.
WrittenEnd writtenEnd(double end, double next)
{
    for (int digits = 1; digits <= kMostExactDigits; ++digits) {
        if (std::stod(fmt::format("{:.{}e}", end, digits - 1)) == end)
            return {end, digits};
    }
    const bool isLow = end < next;
    WrittenEnd written{roundedTo(end, 2, isLow), 2};
    while (written.digits < kMostDigits && (isLow ? written.value >= next : written.value <= next)) {
        ++written.digits;
        written.value = roundedTo(end, written.digits, isLow);
    }
    return written;
}

} // namespace

double tokenStep(double from, double to, std::size_t most)
{
    return std::max(1.0, niceStep((to - from) / static_cast<double>(std::max<std::size_t>(most, 1))));
}

std::vector<AxisTick> tokenTicks(double from, double to, double step)
{
    std::vector<AxisTick> ticks;
    for (double value = std::ceil(from / step) * step; value <= to; value += step)
        ticks.push_back({value, withThousands(static_cast<std::uint64_t>(value))});
    return ticks;
}

std::vector<AxisTick> scaleTicks(const ScaleLimits& limits, std::size_t most)
{
    const double low = valueOfUnit(limits, 0);
    std::vector<AxisTick> ticks{{low, {}}};
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
        const int lastPlace = static_cast<int>(std::floor(std::log10(step) + 1e-9));
        // By their number: beside a step that is small enough a value stays what it is.
        for (std::size_t i = 1; i <= most + 2; ++i) {
            const double value = (std::floor(low / step) + static_cast<double>(i)) * step;
            if (value <= ticks.back().value || value >= limits.high - step / 4)
                continue;
            const int firstPlace = static_cast<int>(std::floor(std::log10(value) + 1e-9));
            const int digits = std::clamp(firstPlace - lastPlace + 1, 1, kMostDigits);
            ticks.push_back({value, labelOf(value, digits, false)});
        }
    }
    ticks.push_back({limits.high, {}});
    std::sort(ticks.begin(), ticks.end(),
              [](const AxisTick& a, const AxisTick& b) { return a.value < b.value; });
    const WrittenEnd lowEnd = writtenEnd(low, ticks[1].value);
    const WrittenEnd highEnd = writtenEnd(limits.high, std::max(lowEnd.value, ticks[ticks.size() - 2].value));
    ticks.front().label = labelOf(lowEnd.value, lowEnd.digits, limits.isLogarithmic);
    ticks.back().label = labelOf(highEnd.value, highEnd.digits, limits.isLogarithmic);
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
