// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/percent_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr double kFloatRounding = 5e-4; ///< in tenths of a percent: 5e-7 of a share

QString unknown()
{
    return QCoreApplication::translate("percentText", "unknown");
}

QString figure(double tenths)
{
    return QString::number(tenths / 10, 'f', 1);
}

} // namespace

QString percentFigure(double share)
{
    return std::isnan(share) ? unknown() : figure(std::floor(share * 1000 + kFloatRounding));
}

QString percentText(double share)
{
    return std::isnan(share) ? unknown() : percentFigure(share) + QStringLiteral(" %");
}

QString lostPercentText(double share)
{
    if (std::isnan(share))
        return unknown();
    return figure(std::max(0.0, std::ceil(share * 1000 - kFloatRounding))) + QStringLiteral(" %");
}

} // namespace headwater
