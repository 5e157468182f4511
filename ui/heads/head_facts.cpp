// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_grid.h"
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
    if (std::isnan(kept.mean) || kept.lo == kept.hi)
        return percentText(kept.mean);
    return HeadGrid::tr("%1 (95 %: %2 to %3, %4 probe rows)")
        .arg(percentText(kept.mean), percentText(kept.lo), percentText(kept.hi),
             thousandsOf(statistics.probeRows));
}

} // namespace

QString headFacts(const Trace& trace, HeadId head)
{
    const HeadInfo* const info = trace.findHead(head.layer, head.head);
    if (!info)
        return HeadGrid::tr("%1\nnot recorded yet").arg(headLabel(head));
    const HeadStatistics& statistics = info->statistics;
    const double distance = statistics.meanDistance;
    QStringList lines{QStringLiteral("%1 · %2").arg(headLabel(head), quantityAndSelection(trace, *info)),
                      HeadGrid::tr("kept mass %1").arg(keptMass(statistics)),
                      HeadGrid::tr("worst rows: %1 (5th percentile), %2 (least)")
                          .arg(percentText(statistics.keptMassP5), percentText(statistics.keptMassMin)),
                      HeadGrid::tr("entropy %1 nat").arg(number(statistics.entropy, 2)),
                      HeadGrid::tr("sink share %1").arg(percentText(statistics.sinkShare)),
                      std::isnan(distance)
                          ? HeadGrid::tr("mean distance unknown")
                          : HeadGrid::tr("mean distance %1 tokens")
                                .arg(thousandsOf(static_cast<qulonglong>(std::llround(distance)))),
                      HeadGrid::tr("density %1 of all pairs").arg(percentText(statistics.density)),
                      HeadGrid::tr("%1 kept blocks of %2 × %3")
                          .arg(thousandsOf(info->edges))
                          .arg(info->blockQ)
                          .arg(info->blockK)};
    if (!trace.hasEdges(head.layer, head.head))
        lines.append(HeadGrid::tr("only its overview is in this trace"));
    return lines.join(QLatin1Char('\n'));
}

} // namespace headwater
