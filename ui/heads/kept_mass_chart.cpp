// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/kept_mass_chart.h"

#include "ui/heads/chart_style.h"
#include "ui/theme/percent_text.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QtCharts/QBarCategoryAxis>
#include <QtCharts/QBarSeries>
#include <QtCharts/QBarSet>
#include <QtCharts/QValueAxis>
#include <algorithm>
#include <cmath>
#include <map>

namespace headwater {

std::vector<LayerKeptMass> keptMassByLayer(std::span<const HeadInfo> heads)
{
    struct Sum {
        int heads = 0;
        double mean = 0;
        double above = 0;
        double below = 0;
    };
    std::map<int, Sum> sums;
    for (const HeadInfo& info : heads) {
        const Interval& kept = info.statistics.keptMass;
        if (std::isnan(kept.mean))
            continue;
        Sum& sum = sums[info.layer];
        ++sum.heads;
        sum.mean += kept.mean;
        sum.above += (kept.hi - kept.mean) * (kept.hi - kept.mean);
        sum.below += (kept.mean - kept.lo) * (kept.mean - kept.lo);
    }
    std::vector<LayerKeptMass> layers;
    for (const auto& [layer, sum] : sums) {
        const double mean = sum.mean / sum.heads;
        layers.push_back(
            {layer,
             sum.heads,
             {mean, mean - std::sqrt(sum.below) / sum.heads, mean + std::sqrt(sum.above) / sum.heads}});
    }
    return layers;
}

KeptMassChart::KeptMassChart(ViewState* state, QWidget* parent)
    : QChartView(makePlainChart(), parent) // setChart() would leave the first chart to nobody
    , m_state(state)
    , m_series(new QBarSeries)
    , m_layerAxis(new QBarCategoryAxis)
    , m_massAxis(new QValueAxis)
{
    setObjectName(QStringLiteral("keptMassChart"));
    setAccessibleName(tr("Kept mass by layer"));
    viewport()->setObjectName(QStringLiteral("keptMassChartView"));
    viewport()->setAccessibleName(tr("Kept mass by layer"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    m_series->setBarWidth(0.7);
    chart()->addSeries(m_series);
    chart()->addAxis(m_layerAxis, Qt::AlignBottom);
    chart()->addAxis(m_massAxis, Qt::AlignRight);
    m_series->attachAxis(m_layerAxis);
    m_series->attachAxis(m_massAxis);
    m_layerAxis->setLabelsVisible(false);
    m_layerAxis->setGridLineVisible(false);
    m_massAxis->setLabelFormat(QStringLiteral("%.0f %%"));
    connect(state, &ViewState::traceChanged, this, &KeptMassChart::fill);
    connect(state, &ViewState::headChanged, viewport(), qOverload<>(&QWidget::update));
    fill();
    restyle();
}

void KeptMassChart::fill()
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    m_layers = trace ? keptMassByLayer(trace->heads()) : std::vector<LayerKeptMass>{};
    auto* const set = new QBarSet(tr("kept mass"));
    double least = 1;
    m_layerAxis->clear();
    for (const LayerKeptMass& layer : m_layers) {
        set->append(layer.mass.mean * 100);
        m_layerAxis->append(QString::number(layer.layer));
        least = std::min(least, layer.mass.lo);
    }
    m_series->clear();
    m_series->append(set);
    // The bars need not stand on zero: the axis says where they stand.
    const double floor = std::max(0.0, std::floor(least * 20 - 0.5) * 5);
    m_massAxis->setRange(floor, 100);
    m_massAxis->setTickCount(2);
    restyle();
}

void KeptMassChart::restyle()
{
    const Theme& theme = themeOf(palette());
    setBackgroundBrush(theme.dock);
    styleAxis(*m_layerAxis, theme);
    styleAxis(*m_massAxis, theme);
    m_layerAxis->setGridLineVisible(false);
    for (QBarSet* const set : m_series->barSets()) {
        set->setPen(Qt::NoPen);
        set->setColor(theme.selected);
    }
}

void KeptMassChart::drawForeground(QPainter* painter, const QRectF&)
{
    const Theme& theme = themeOf(palette());
    painter->save();
    painter->setPen(QPen(theme.text, 1));
    painter->setRenderHint(QPainter::Antialiasing, false);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Interval& mass = m_layers[i].mass;
        if (!(mass.hi > mass.lo))
            continue;
        const auto at = [&](double value) {
            return chart()->mapToPosition(QPointF(static_cast<double>(i), std::min(value, 1.0) * 100),
                                          m_series);
        };
        const QPointF top = at(mass.hi);
        const QPointF bottom = at(mass.lo);
        painter->drawLine(top, bottom);
        painter->drawLine(top - QPointF(2, 0), top + QPointF(2, 0));
        painter->drawLine(bottom - QPointF(2, 0), bottom + QPointF(2, 0));
    }
    painter->restore();
}

std::optional<std::size_t> KeptMassChart::barAt(const QPointF& point) const
{
    const double x = chart()->mapToValue(point, m_series).x();
    const auto index = static_cast<std::ptrdiff_t>(std::lround(x));
    if (m_layers.empty() || index < 0 || index >= static_cast<std::ptrdiff_t>(m_layers.size()))
        return std::nullopt;
    return static_cast<std::size_t>(index);
}

void KeptMassChart::mousePressEvent(QMouseEvent* event)
{
    const auto bar = barAt(event->position());
    const std::shared_ptr<const Trace> trace = m_state->trace();
    if (!bar || !trace || event->button() != Qt::LeftButton)
        return;
    const int layer = m_layers[*bar].layer;
    const HeadId same{layer, std::min(m_state->head().head, trace->numHeads(layer) - 1)};
    if (trace->findHead(same.layer, same.head))
        m_state->setHead(same);
}

QString KeptMassChart::factsOf(const LayerKeptMass& layer) const
{
    const Interval& mass = layer.mass;
    const QString mean = tr("Layer %1 keeps %2 (mean of %3 heads)").arg(layer.layer);
    if (!(mass.hi > mass.lo))
        return mean.arg(percentText(mass.mean)).arg(layer.heads) + tr("\nexact, no interval");
    return mean.arg(meanOfIntervalText(mass.mean, mass.lo, mass.hi)).arg(layer.heads)
        + tr("\n95 % interval %1").arg(intervalText(mass.mean, mass.lo, mass.hi));
}

bool KeptMassChart::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        if (const auto bar = barAt(help->pos()))
            QToolTip::showText(help->globalPos(), factsOf(m_layers[*bar]), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QChartView::viewportEvent(event);
}

void KeptMassChart::changeEvent(QEvent* event)
{
    QChartView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        restyle();
}

} // namespace headwater
