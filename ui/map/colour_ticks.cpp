// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/colour_ticks.h"

#include "core/tiles/colour_table.h"
#include "ui/map/histogram_columns.h"
#include "ui/theme/fonts.h"

#include <cmath>

namespace headwater {

namespace {

constexpr double kLeastGap = 0.14; ///< of the bar, between two numbers

QString countText(double count)
{
    return thousandsOf(static_cast<qulonglong>(std::llround(count)));
}

std::vector<ColourTick> countTicks(double capacity)
{
    std::vector<ColourTick> ticks{{0, countText(0)}};
    for (double count = 1; count < capacity; count *= 10) {
        const double place = unitOfEdgeCount(count, capacity);
        const bool hasRoom = place - ticks.back().place >= kLeastGap && 1 - place >= kLeastGap;
        if (hasRoom)
            ticks.push_back({place, countText(count)});
    }
    ticks.push_back({1, countText(capacity)});
    return ticks;
}

} // namespace

std::vector<ColourTick> colourTicks(MapMode mode, bool logarithmic, double capacity)
{
    if (mode == MapMode::Count)
        return countTicks(capacity);
    std::vector<ColourTick> ticks;
    if (!logarithmic) {
        for (const double value : {0.0, 0.25, 0.5, 0.75, 1.0})
            ticks.push_back({value, QString::number(value)});
        return ticks;
    }
    for (int exponent = -6; exponent <= 0; ++exponent) {
        const double value = std::pow(10.0, exponent);
        QString label;
        if (exponent % 2 == 0)
            label = exponent < -3 ? QStringLiteral("1e%1").arg(exponent) : QString::number(value);
        ticks.push_back({shareOfBar(value, true), label});
    }
    return ticks;
}

} // namespace headwater
