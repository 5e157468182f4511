// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/percent_text.h"

#include "core/base/percent.h"

#include <QCoreApplication>
#include <cmath>

namespace headwater {

namespace {

QString unknown()
{
    return QCoreApplication::translate("percentText", "unknown");
}

QString withUnit(double share, Rounding rounding)
{
    if (std::isnan(share))
        return unknown();
    return QString::fromStdString(percentFigure(share, rounding)) + QStringLiteral(" %");
}

QString meanText(double mean, const PercentInterval& figures)
{
    return std::isnan(mean) ? unknown() : QString::fromStdString(figures.mean) + QStringLiteral(" %");
}

QString endsText(const PercentInterval& figures)
{
    return QCoreApplication::translate("percentText", "%1 to %2 %")
        .arg(QString::fromStdString(figures.lo), QString::fromStdString(figures.hi));
}

} // namespace

QString percentText(double share)
{
    return withUnit(share, Rounding::Down);
}

QString lostPercentText(double share)
{
    return withUnit(share, Rounding::Up);
}

QString nearestPercentText(double share)
{
    return withUnit(share, Rounding::Nearest);
}

QString plusMinusText(double mean, double lo, double hi)
{
    if (std::isnan(mean))
        return unknown();
    return QStringLiteral("%1 ± %2").arg(meanOfIntervalText(mean, lo, hi),
                                         QString::fromStdString(percentInterval(mean, lo, hi).half));
}

QString meanOfIntervalText(double mean, double lo, double hi)
{
    return meanText(mean, percentInterval(mean, lo, hi));
}

QString intervalText(double mean, double lo, double hi)
{
    return endsText(percentInterval(mean, lo, hi));
}

QString lostMeanOfIntervalText(double mean, double lo, double hi)
{
    return meanText(mean, percentIntervalOfRest(mean, lo, hi));
}

QString lostIntervalText(double mean, double lo, double hi)
{
    return endsText(percentIntervalOfRest(mean, lo, hi));
}

} // namespace headwater
