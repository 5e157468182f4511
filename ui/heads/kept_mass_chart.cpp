// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/kept_mass_chart.h"

#include "ui/theme/chart_style.h"
#include "ui/theme/fonts.h"
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

namespace {

constexpr int kNamesHeight = 15; ///< of the layers' names under the bars
constexpr int kNameGap = 12; ///< between two names

QString layerName(int layer)
{
    return QStringLiteral("L%1").arg(layer);
}

} // namespace

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
        // Never below zero; NaN, an unknown width, stays (as the first argument).
        sum.above += std::pow(std::max(kept.hi - kept.mean, 0.0), 2);
        sum.below += std::pow(std::max(kept.mean - kept.lo, 0.0), 2);
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

KeptMassChart::KeptMassChart(Subject* subject, QWidget* parent)
    : QChartView(makePlainChart(), parent) // setChart() would leave the first chart to nobody
    , m_subject(subject)
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
    m_layerAxis->setLabelsVisible(false); // thirty names do not fit: see drawForeground
    m_layerAxis->setGridLineVisible(false);
    chart()->setMargins(QMargins(0, 0, 0, kNamesHeight));
    m_massAxis->setLabelFormat(QStringLiteral("%.0f %%"));
    m_massAxis->setTruncateLabels(false);
    // Not within the layout that tells of it.
    connect(
        chart(), &QChart::plotAreaChanged, this,
        [this] {
            if (hasRoomForNumbers() != m_saysFloor)
                fill();
        },
        Qt::QueuedConnection);
    connect(subject, &Subject::traceChanged, this, &KeptMassChart::fill);
    connect(subject, &Subject::headChanged, viewport(), qOverload<>(&QWidget::update));
    fill();
    restyle();
}

void KeptMassChart::fill()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    m_layers = trace ? keptMassByLayer(trace->heads()) : std::vector<LayerKeptMass>{};
    m_numLayers = trace ? trace->numLayers() : 0;
    double least = 1;
    for (const LayerKeptMass& layer : m_layers)
        least = std::min(least, layer.mass.lo);
    // The bars of a whole trace need not stand on zero where the axis has room to say on what.
    m_saysFloor = hasRoomForNumbers();
    const double floor =
        m_saysFloor && trace && trace->isSealed() ? std::max(0.0, std::floor(least * 20 - 0.5) * 5) : 0.0;
    QList<qreal> heights(m_numLayers, floor); // no bar where nothing is known
    QStringList names;
    for (int layer = 0; layer < m_numLayers; ++layer)
        names.append(QString::number(layer));
    for (const LayerKeptMass& layer : m_layers)
        heights[layer.layer] = layer.mass.mean * 100;
    auto* const set = new QBarSet(tr("kept mass"));
    set->append(heights);
    m_layerAxis->clear();
    m_layerAxis->append(names);
    m_series->clear();
    m_series->append(set);
    m_massAxis->setRange(floor, 100);
    m_massAxis->setTickCount(2);
    restyle();
}

bool KeptMassChart::hasRoomForNumbers() const
{
    return chart()->plotArea().height() >= 2 * QFontMetrics(m_massAxis->labelsFont()).height();
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

QPointF KeptMassChart::placeOf(int layer, double share) const
{
    return chart()->mapToPosition(QPointF(layer, std::min(share, 1.0) * 100), m_series);
}

std::vector<int> KeptMassChart::namedLayers() const
{
    if (m_numLayers == 0)
        return {};
    const QFontMetrics metrics(wordsFont(11));
    const double pitch = chart()->plotArea().width() / m_numLayers;
    const double room = metrics.horizontalAdvance(layerName(m_numLayers - 1)) + kNameGap;
    int step = m_numLayers;
    for (const int wanted : {1, 2, 5, 10, 20, 50, 100, 200, 500}) {
        if (wanted * pitch >= room) {
            step = wanted;
            break;
        }
    }
    std::vector<int> named;
    for (int layer = 0; layer < m_numLayers; layer += step)
        named.push_back(layer);
    return named;
}

void KeptMassChart::paintInterval(QPainter& painter, const LayerKeptMass& layer) const
{
    if (!(layer.mass.hi > layer.mass.lo))
        return;
    const QPointF top = placeOf(layer.layer, layer.mass.hi);
    const QPointF bottom = placeOf(layer.layer, layer.mass.lo);
    painter.drawLine(top, bottom);
    painter.drawLine(top - QPointF(2, 0), top + QPointF(2, 0));
    painter.drawLine(bottom - QPointF(2, 0), bottom + QPointF(2, 0));
}

void KeptMassChart::drawForeground(QPainter* painter, const QRectF&)
{
    const Theme& theme = themeOf(palette());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setPen(QPen(theme.text, 1));
    for (const LayerKeptMass& layer : m_layers)
        paintInterval(*painter, layer);
    painter->setFont(wordsFont(11));
    painter->setPen(theme.dim);
    const double top = chart()->plotArea().bottom() + 1;
    for (const int layer : namedLayers()) {
        const QString name = layerName(layer);
        const double width = QFontMetrics(painter->font()).horizontalAdvance(name);
        const double left = std::max(0.0, placeOf(layer, 1).x() - width / 2); // the first bar is at the edge
        painter->drawText(QRectF(left, top, width + 2, kNamesHeight), Qt::AlignLeft | Qt::AlignTop, name);
    }
    painter->restore();
}

std::optional<int> KeptMassChart::layerAt(const QPointF& point) const
{
    const auto layer = static_cast<int>(std::lround(chart()->mapToValue(point, m_series).x()));
    if (layer < 0 || layer >= m_numLayers)
        return std::nullopt;
    return layer;
}

void KeptMassChart::mousePressEvent(QMouseEvent* event)
{
    const std::optional<int> layer = layerAt(event->position());
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!layer || !trace || event->button() != Qt::LeftButton)
        return;
    const HeadId same{*layer, std::min(m_subject->head().head, trace->numHeads(*layer) - 1)};
    if (trace->findHead(same.layer, same.head))
        m_subject->setHead(same);
}

QString KeptMassChart::factsOf(int layer) const
{
    const auto known = std::find_if(m_layers.begin(), m_layers.end(),
                                    [layer](const LayerKeptMass& one) { return one.layer == layer; });
    if (known == m_layers.end())
        return {};
    const Interval& mass = known->mass;
    const bool isExact = mass.lo >= mass.hi;
    const QString mean =
        tr("Layer %1 keeps %2 (mean of %3 heads)")
            .arg(layer)
            .arg(isExact ? percentText(mass.mean) : meanOfIntervalText(mass.mean, mass.lo, mass.hi))
            .arg(known->heads);
    return mean
        + (isExact ? tr("\nexact, no interval")
                   : tr("\n95 % interval %1").arg(intervalText(mass.mean, mass.lo, mass.hi)));
}

bool KeptMassChart::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        const std::optional<int> layer = layerAt(help->pos());
        if (const QString facts = layer ? factsOf(*layer) : QString(); !facts.isEmpty())
            QToolTip::showText(help->globalPos(), facts, this);
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
