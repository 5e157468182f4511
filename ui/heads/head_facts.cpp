// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_grid.h"
#include "ui/heads/order_text.h"
#include "ui/map/tooltip_card.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"

#include <QStringList>
#include <cmath>

namespace headwater {

namespace {

QString number(double value, int decimals)
{
    return std::isnan(value) ? HeadGrid::tr("unknown") : QString::number(value, 'f', decimals);
}

QString keptMass(const HeadStatistics& statistics)
{
    const Interval& kept = statistics.keptMass;
    if (std::isnan(kept.mean) || kept.lo >= kept.hi)
        return keptMassText(kept);
    return HeadGrid::tr("%1 (95 %: %2, %3 probe rows)")
        .arg(keptMassText(kept), intervalText(kept.mean, kept.lo, kept.hi),
             thousandsOf(statistics.probeRows));
}

/// The least of the probe rows is not the least of the head.
QString worstRows(const HeadInfo& info)
{
    const HeadStatistics& statistics = info.statistics;
    const bool isProbed = info.normaliser == Normaliser::Kept && statistics.probeRows < info.rows;
    const QString of = isProbed
        ? HeadGrid::tr("worst of %1 probe rows").arg(thousandsOf(statistics.probeRows))
        : HeadGrid::tr("worst rows");
    return HeadGrid::tr("%1: %2 (5th percentile), %3 (least)")
        .arg(of, percentText(statistics.keptMassP5), percentText(statistics.keptMassMin));
}

/// Entropy, sink share and distance are of what the head's numbers are of: of all attention, or, where only
/// the kept keys are normalised, of these.
QStringList shapeOf(const HeadInfo& info)
{
    const HeadStatistics& statistics = info.statistics;
    const double distance = statistics.meanDistance;
    QStringList facts{HeadGrid::tr("entropy %1 nat").arg(number(statistics.entropy, 2)),
                      HeadGrid::tr("sink share %1").arg(nearestPercentText(statistics.sinkShare)),
                      std::isnan(distance)
                          ? HeadGrid::tr("mean distance unknown")
                          : HeadGrid::tr("mean distance %1 tokens")
                                .arg(thousandsOf(static_cast<qulonglong>(std::llround(distance))))};
    if (info.normaliser == Normaliser::Kept)
        facts.prepend(HeadGrid::tr("of the kept keys alone (p_masked):"));
    return facts;
}

} // namespace

QString headFacts(const Trace& trace, HeadId head)
{
    const HeadInfo* const info = trace.findHead(head.layer, head.head);
    if (!info)
        return HeadGrid::tr("%1\nnot recorded yet").arg(headLabel(head));
    const HeadStatistics& statistics = info->statistics;
    QStringList lines{QStringLiteral("%1 · %2").arg(headLabel(head), quantityAndSelection(trace, *info)),
                      HeadGrid::tr("kept mass %1").arg(keptMass(statistics)), worstRows(*info),
                      HeadGrid::tr("density %1 of all pairs").arg(nearestPercentText(statistics.density)),
                      HeadGrid::tr("%1 kept blocks of %2 × %3")
                          .arg(thousandsOf(info->edges))
                          .arg(info->blockQ)
                          .arg(info->blockK)};
    lines += shapeOf(*info);
    if (!trace.hasEdges(head.layer, head.head))
        lines.append(HeadGrid::tr("only its overview is in this trace"));
    return lines.join(QLatin1Char('\n'));
}

} // namespace headwater
