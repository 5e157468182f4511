// SPDX-License-Identifier: Apache-2.0
#include "core/base/percent.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace headwater {
namespace {

constexpr double kFloatRounding = 5e-7; ///< of a share: floats and means of floats, ends of intervals too
constexpr double kTenth = 0.00095; ///< half widths below it need a second decimal

std::string unknown()
{
    return "unknown";
}

/// Figures a whole has at so many decimals: 1000, 10000.
double unitsOf(int decimals)
{
    return 100 * std::pow(10.0, decimals);
}

std::string figure(double units, int decimals)
{
    return fmt::format("{:.{}f}", units * 100 / unitsOf(decimals) + 0.0, decimals); // + 0.0: no "-0.0"
}

double roundedUnits(double share, Rounding rounding, int decimals)
{
    const double whole = unitsOf(decimals);
    if (std::isnan(share))
        return share;
    if (rounding == Rounding::Down)
        return std::max(0.0, std::floor((share + kFloatRounding) * whole));
    if (rounding == Rounding::Up)
        return std::max(0.0, std::ceil((share - kFloatRounding) * whole));
    const double units = std::max(0.0, std::floor(share * whole + 0.5));
    return units >= whole && share < 1 - kFloatRounding ? whole - 1 : units;
}

struct Units {
    double mean = 0;
    double half = 0;
    double lo = 0;
    double hi = 0;
    int decimals = 1;
};

Units unitsOfInterval(double mean, double lo, double hi)
{
    Units units;
    const double half = std::max(hi - mean, mean - lo);
    units.decimals = half < kTenth ? 2 : 1; // one where it is unknown
    const double whole = unitsOf(units.decimals);
    units.mean = roundedUnits(mean, Rounding::Nearest, units.decimals);
    // Of the printed mean, not of the true one.
    units.half =
        std::ceil(std::max(hi * whole - units.mean, units.mean - lo * whole) - kFloatRounding * whole);
    units.lo = roundedUnits(lo, Rounding::Down, units.decimals);
    units.hi = roundedUnits(hi, Rounding::Up, units.decimals);
    return units;
}

PercentInterval written(const Units& units)
{
    const auto text = [&](double value) {
        return std::isfinite(value) ? figure(value, units.decimals) : unknown();
    };
    return {text(units.mean), text(units.half), text(units.lo), text(units.hi)};
}

} // namespace

std::string percentFigure(double share, Rounding rounding, int decimals)
{
    if (!std::isfinite(share))
        return unknown();
    return figure(roundedUnits(share, rounding, decimals), decimals);
}

PercentInterval percentInterval(double mean, double lo, double hi)
{
    return written(unitsOfInterval(mean, lo, hi));
}

PercentInterval percentIntervalOfRest(double mean, double lo, double hi)
{
    const Units share = unitsOfInterval(mean, lo, hi);
    const double whole = unitsOf(share.decimals);
    return written({whole - share.mean, share.half, whole - share.hi, whole - share.lo, share.decimals});
}

std::string boundText(double bound)
{
    if (std::isnan(bound))
        return "unknown";
    if (!(bound > 0))
        return "0";
    const double step = std::pow(10.0, std::floor(std::log10(bound)) - 2);
    // A bound that is such a figure itself stays it, whatever the division makes of it.
    const double rounded = std::ceil(bound / step * (1 - 1e-12)) * step;
    std::string text = fmt::format("{:.3g}", std::min(1.0, rounded));
    if (const std::size_t exponent = text.find("e-0"); exponent != std::string::npos)
        text.erase(exponent + 2, 1);
    return text;
}

} // namespace headwater
