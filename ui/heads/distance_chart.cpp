// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/distance_chart.h"

#include "ui/bridge/when_seen.h"
#include "ui/map/quantity_text.h"
#include "ui/map/tooltip_card.h"
#include "ui/theme/chart_style.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/fonts.h"

#include <QEvent>
#include <QVBoxLayout>
#include <QtCharts/QCategoryAxis>
#include <QtCharts/QChartView>
#include <QtCharts/QLineSeries>
#include <QtCharts/QValueAxis>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr std::size_t kBins = 64;

} // namespace

DistanceChart::DistanceChart(Subject* subject, ViewReader* reader, QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_reader(reader)
    , m_job(new BackgroundJob(this))
    , m_view(new QChartView(makePlainChart(), this)) // setChart() would leave the first chart to nobody
    , m_series(new QLineSeries)
    , m_distanceAxis(new QCategoryAxis)
    , m_massAxis(new QValueAxis)
    , m_note(new ElidedLabel(this))
{
    setObjectName(QStringLiteral("distanceChart"));
    setAccessibleName(tr("Mass by distance"));
    m_view->setObjectName(QStringLiteral("distanceChartView"));
    m_view->setAccessibleName(tr("Mass by distance"));
    m_view->viewport()->setObjectName(QStringLiteral("distanceChartViewport"));
    m_view->viewport()->setAccessibleName(tr("Mass by distance"));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setFocusPolicy(Qt::NoFocus);
    m_view->setRenderHint(QPainter::Antialiasing);
    m_note->setObjectName(QStringLiteral("distanceNote"));
    m_note->setAccessibleName(tr("What the curve shows"));
    m_note->setProperty("role", QStringLiteral("dim"));
    m_note->setFont(wordsFont(11));
    m_note->setAlignment(Qt::AlignRight);
    m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    QChart* const chart = m_view->chart();
    chart->setMargins(QMargins(0, 2, 14, 0)); // the last decade's label stands on the edge
    chart->addSeries(m_series);
    chart->addAxis(m_distanceAxis, Qt::AlignBottom);
    chart->addAxis(m_massAxis, Qt::AlignLeft);
    m_series->attachAxis(m_distanceAxis);
    m_series->attachAxis(m_massAxis);
    m_distanceAxis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    m_distanceAxis->setTruncateLabels(false);
    m_massAxis->setTickCount(3);
    m_massAxis->setLabelFormat(QStringLiteral("%.2g"));
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(12, 0, 12, 8);
    column->setSpacing(0);
    column->addWidget(m_view, 1);
    column->addWidget(m_note);
    auto* const whenSeen = new WhenSeen(this, [this] { read(); });
    connect(subject, &Subject::shownHeadChanged, whenSeen, &WhenSeen::ask);
    connect(reader, &ViewReader::readingChanged, whenSeen, &WhenSeen::ask);
    restyle();
    whenSeen->ask();
}

void DistanceChart::read()
{
    const TraceReading& reading = m_reader->reading();
    const HeadId head = m_subject->shownHead();
    if (!m_reader->shownHeadInfo()) {
        m_job->cancel();
        take({head, {}, 0, reading ? tr("this head is not recorded yet") : QString()});
        return;
    }
    if (!reading.trace->hasEdges(head.layer, head.head)) {
        m_job->cancel();
        take({head, {}, 0, tr("this trace holds only the overview of this head")});
        return;
    }
    m_job->start(
        [heads = reading.heads, head](const std::stop_token& stop) {
            Answer answer{head, {}, 0, {}};
            const auto edges = heads->loadEdges(head.layer, head.head, stop);
            if (!edges) {
                answer.why = QString::fromStdString(edges.error().text());
                return answer;
            }
            const BlockGrid& grid = (*edges)->grid;
            answer.block = std::max(grid.blockQ, grid.blockK);
            answer.curve = distanceCurve(massByDistance(**edges, kBins), grid);
            return answer;
        },
        [this](Answer answer) { take(std::move(answer)); });
}

void DistanceChart::take(Answer answer)
{
    m_answer = std::move(answer);
    QList<QPointF> points;
    double most = 0;
    double farthest = 10;
    for (const DistancePoint& point : m_answer.curve) {
        points.append(QPointF(std::log10(point.middle()), point.perDoubling()));
        most = std::max(most, point.perDoubling());
        farthest = std::max(farthest, point.to);
    }
    m_series->replace(points);
    showDecades(farthest);
    m_massAxis->setRange(0, most > 0 ? most * 1.05 : 1);
    m_view->setVisible(!points.isEmpty());
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const HeadInfo* const info = trace ? trace->findHead(m_answer.head.layer, m_answer.head.head) : nullptr;
    if (!info)
        m_note->setText(m_answer.why);
    else if (points.isEmpty())
        m_note->setText(m_answer.why.isEmpty() ? tr("nothing kept") : m_answer.why);
    else
        m_note->setText(tr("tokens back · %1 a doubling, mean row").arg(quantityOf(*trace, *info)));
    const QString how = m_answer.block > 0
        ? tr("\nMass in each doubling of the distance, mean over the rows of %1. "
             "Distances are those of block centres (blocks of %2 tokens).")
              .arg(headLabel(m_answer.head))
              .arg(m_answer.block)
        : QString();
    m_note->setToolTip(m_note->text() + how);
}

void DistanceChart::showDecades(double farthest)
{
    for (const QString& label : m_distanceAxis->categoriesLabels())
        m_distanceAxis->remove(label);
    constexpr const char* kLabels[] = {"1", "10", "100", "1k", "10k", "100k", "1M", "10M", "100M", "1G"};
    for (int decade = 0; decade < static_cast<int>(std::size(kLabels)) && std::pow(10, decade) <= farthest;
         ++decade)
        m_distanceAxis->append(QLatin1String(kLabels[decade]), decade);
    m_distanceAxis->setRange(0, std::log10(farthest));
}

void DistanceChart::restyle()
{
    const Theme& theme = themeOf(palette());
    m_view->setBackgroundBrush(theme.dock);
    styleAxis(*m_distanceAxis, theme);
    styleAxis(*m_massAxis, theme);
    m_distanceAxis->setGridLineVisible(false);
    m_series->setPen(QPen(theme.selected, 1.5));
}

void DistanceChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        restyle();
}

} // namespace headwater
