// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/order_text.h"

#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace headwater {

QString keptMassText(const Interval& kept)
{
    return std::isnan(kept.mean) || kept.lo >= kept.hi ? percentText(kept.mean)
                                                       : meanOfIntervalText(kept.mean, kept.lo, kept.hi);
}

QString orderValueText(HeadOrder order, const HeadInfo& info, double value)
{
    if (order != HeadOrder::Layer && std::isnan(value))
        return QCoreApplication::translate("headOrder", "unknown");
    switch (order) {
    case HeadOrder::KeptMass:
        return keptMassText(info.statistics.keptMass);
    case HeadOrder::Entropy:
        return QCoreApplication::translate("headOrder", "%1 nat").arg(value, 0, 'f', 2);
    case HeadOrder::Content:
    case HeadOrder::SinkShare:
    case HeadOrder::Density:
        return nearestPercentText(value);
    case HeadOrder::MeanDistance:
        return thousandsOf(static_cast<qulonglong>(std::llround(std::max(0.0, value))));
    case HeadOrder::SelectionMass:
        return probabilityText(value);
    case HeadOrder::Layer:
        break;
    }
    return {};
}

OrderUnit unitOf(HeadOrder order)
{
    constexpr double kMostTokens = 1 << 26;
    switch (order) {
    case HeadOrder::KeptMass:
    case HeadOrder::Content:
    case HeadOrder::SinkShare:
    case HeadOrder::Density:
        return {QStringLiteral(" %"), 100, 1, 100};
    case HeadOrder::Entropy:
        return {QStringLiteral(" nat"), 1, 2, 20};
    case HeadOrder::MeanDistance:
        return {QStringLiteral(" tokens"), 1, 0, kMostTokens};
    case HeadOrder::SelectionMass:
    case HeadOrder::Layer:
        break;
    }
    return {};
}

} // namespace headwater
