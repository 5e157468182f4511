// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/chart_style.h"

#include "ui/theme/fonts.h"

#include <QGraphicsLayout>
#include <QtCharts/QLegend>

namespace headwater {

QChart* makePlainChart()
{
    auto* const chart = new QChart;
    chart->setAnimationOptions(QChart::NoAnimation);
    chart->setBackgroundVisible(false);
    chart->setBackgroundRoundness(0);
    chart->setDropShadowEnabled(false);
    chart->setMargins(QMargins(0, 0, 0, 0));
    chart->layout()->setContentsMargins(0, 0, 0, 0);
    chart->legend()->hide();
    return chart;
}

void styleAxis(QAbstractAxis& axis, const Theme& theme)
{
    axis.setLabelsFont(wordsFont(11));
    axis.setLabelsColor(theme.dim);
    axis.setLinePen(Qt::NoPen);
    axis.setLineVisible(false);
    axis.setGridLinePen(QPen(theme.line, 1));
    axis.setMinorGridLineVisible(false);
}

} // namespace headwater
