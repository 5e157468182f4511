// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/profile_chart.h"

#include "ui/map/profile_text.h"
#include "ui/map/quantity_text.h"
#include "ui/map/strip_layout.h"
#include "ui/theme/chart_style.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/fonts.h"

#include <QEvent>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QStyle>
#include <QToolTip>
#include <QVBoxLayout>
#include <QtCharts/QAreaSeries>
#include <QtCharts/QCategoryAxis>
#include <QtCharts/QChartView>
#include <QtCharts/QLineSeries>
#include <QtCharts/QScatterSeries>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr int kHeight = 82; ///< of the chart, axes included
constexpr int kMostSteps = 5; ///< between the numbers of the token axis
constexpr double kReach = 4; ///< pixels from the hand to a bar that is thinner than the hand

/// The largest of 1, 2, 4 and 8 times a power of ten that is no larger.
double roundBelow(double value)
{
    const double decade = std::pow(10.0, std::floor(std::log10(value)));
    for (const double factor : {8.0, 4.0, 2.0}) {
        if (factor * decade <= value)
            return factor * decade;
    }
    return decade;
}

void setLabels(QCategoryAxis& axis, const std::vector<std::pair<QString, double>>& labels, double end)
{
    for (const QString& label : axis.categoriesLabels())
        axis.remove(label);
    axis.setRange(0, end);
    for (const auto& [text, place] : labels)
        axis.append(text, place);
}

} // namespace

ProfileChart::ProfileChart(Of of, Subject* subject, ViewReader* reader, QWidget* parent)
    : QWidget(parent)
    , m_of(of)
    , m_subject(subject)
    , m_reader(reader)
    , m_job(new BackgroundJob(this, BackgroundJob::Urgency::Hand))
    , m_note(new ElidedLabel(this))
    , m_view(new QChartView(makePlainChart(), this))
    , m_top(new QLineSeries(this))
    , m_bottom(new QLineSeries(this))
    , m_area(new QAreaSeries(m_top, m_bottom))
    , m_lock(new QScatterSeries)
    , m_tokenAxis(new QCategoryAxis)
    , m_massAxis(new QCategoryAxis)
{
    const QString id = of == Of::Row ? QStringLiteral("rowProfile") : QStringLiteral("keyProfile");
    const QString name = of == Of::Row ? tr("Mass of the locked row by key position")
                                       : tr("Mass of the locked key by query position");
    setObjectName(id);
    setAccessibleName(name);
    m_view->setObjectName(id + QStringLiteral("View"));
    m_view->setAccessibleName(name);
    m_view->viewport()->setObjectName(id + QStringLiteral("Viewport"));
    m_view->viewport()->setAccessibleName(name);
    m_view->viewport()->installEventFilter(this);
    m_view->viewport()->setCursor(Qt::PointingHandCursor);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setFocusPolicy(Qt::NoFocus); // the lists hold the same for the keyboard
    m_view->setFixedHeight(kHeight);
    m_note->setObjectName(id + QStringLiteral("Note"));
    m_note->setAccessibleName(tr("%1: what the values are").arg(name));
    m_note->setProperty("role", QStringLiteral("dim"));
    m_note->setFont(wordsFont(11));
    m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    QChart* const chart = m_view->chart();
    chart->setMargins(QMargins(0, 4, 14, 0)); // the last position's label stands on the edge
    chart->addSeries(m_area);
    chart->addSeries(m_lock);
    chart->addAxis(m_tokenAxis, Qt::AlignBottom);
    chart->addAxis(m_massAxis, Qt::AlignLeft);
    for (QAbstractSeries* const series :
         {static_cast<QAbstractSeries*>(m_area), static_cast<QAbstractSeries*>(m_lock)}) {
        series->attachAxis(m_tokenAxis);
        series->attachAxis(m_massAxis);
    }
    for (QCategoryAxis* const axis : {m_tokenAxis, m_massAxis}) {
        axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
        axis->setTruncateLabels(false);
    }
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_note);
    column->addWidget(m_view);
    connect(subject, &Subject::lockedChanged, this, &ProfileChart::drawLock);
    restyle();
    hide();
}

std::optional<std::uint32_t> ProfileChart::token() const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const auto& wanted = m_of == Of::Row ? m_subject->locked().query : m_subject->locked().key;
    return trace && wanted && *wanted < trace->seqLen() ? wanted : std::nullopt;
}

void ProfileChart::read(bool isWanted)
{
    const std::optional<std::uint32_t> wanted = token();
    const TraceReading& reading = m_reader->reading();
    setVisible(isWanted && wanted && reading);
    if (isHidden()) {
        m_job->cancel();
        return;
    }
    const std::shared_ptr<const Trace>& trace = reading.trace;
    const HeadId head = m_subject->shownHead();
    if (m_answer.bins.empty() || m_answer.path != trace->path() || m_answer.head != head
        || m_answer.token != *wanted) {
        m_area->setOpacity(0.3); // what stands there is of another question
        say((m_of == Of::Row ? tr("row %1 · reading…") : tr("key %1 · reading…")).arg(thousandsOf(*wanted)),
            false);
    }
    m_job->start(
        [reading, head, at = *wanted, of = m_of,
         headStop = m_reader->headStop()](const std::stop_token& stop) {
            Answer answer;
            answer.path = reading.trace->path();
            answer.head = head;
            answer.token = at;
            if (stop.stop_requested())
                return answer;
            const Profile profile = of == Of::Row ? readRowProfile(reading, head, at, headStop)
                                                  : readColumnProfile(reading, head, at, headStop);
            answer.source = profile.source;
            answer.isWhole = profile.isWhole;
            answer.block = profile.block;
            answer.numBars = profile.bars.size();
            answer.isHeld = profile.ofTokens() || reading.trace->hasEdges(head.layer, head.head);
            answer.bins = binsOf(profile, reading.trace->seqLen(), kMostBins);
            answer.failure = profile.failure;
            return answer;
        },
        [this](Answer answer) { take(std::move(answer)); });
}

void ProfileChart::take(Answer answer)
{
    m_answer = std::move(answer);
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const bool isRecorded = trace && trace->findHead(m_answer.head.layer, m_answer.head.head);
    say(noteOf(m_answer), isRecorded && m_answer.failure.has_value());
    m_view->setVisible(!m_answer.failure && m_answer.numBars > 0);
    draw();
    setAccessibleDescription(note());
}

QString ProfileChart::note() const
{
    return m_note->text();
}

QString ProfileChart::noteOf(const Answer& answer) const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const HeadInfo* const info = trace ? trace->findHead(answer.head.layer, answer.head.head) : nullptr;
    QStringList parts{(m_of == Of::Row ? tr("row %1") : tr("key %1")).arg(thousandsOf(answer.token))};
    if (!info) // whose failure to be read says no more
        parts.append(tr("this head is not recorded yet"));
    else if (answer.failure)
        parts.append(QString::fromStdString(answer.failure->text()));
    else if (!answer.isHeld)
        parts.append(tr("this trace holds only the overview of this head"));
    else if (answer.numBars == 0)
        parts.append(m_of == Of::Row ? tr("nothing kept") : tr("no query keeps it"));
    else if (isOfTokens(answer.source))
        parts << rowQuantityOf(*trace, *info, answer.source)
              << (m_of == Of::Key      ? tr("every row that may read it")
                      : answer.isWhole ? tr("every key")
                                       : tr("its %1 heaviest keys").arg(answer.numBars));
    else if (m_of == Of::Row)
        parts << quantityOf(*trace, *info) << tr("mean of %1 rows (its block)").arg(answer.block);
    else
        parts << quantityOf(*trace, *info) << tr("%1 keys (its block), by query block").arg(answer.block);
    return parts.join(QStringLiteral(" · "));
}

void ProfileChart::draw()
{
    float most = 0;
    QList<QPointF> top;
    QList<QPointF> bottom;
    for (const ProfileBin& bin : m_answer.bins) {
        most = std::max(most, bin.value);
        const double height = std::sqrt(static_cast<double>(bin.value));
        top << QPointF(bin.tokens.begin, height) << QPointF(bin.tokens.end, height);
    }
    if (!m_answer.bins.empty())
        bottom << QPointF(0, 0) << QPointF(m_answer.bins.back().tokens.end, 0);
    m_top->replace(top);
    m_bottom->replace(bottom);
    m_area->setOpacity(1);
    drawAxes(most);
    drawLock();
}

void ProfileChart::drawAxes(float most)
{
    if (!(most > 0))
        return;
    const double highest = static_cast<double>(most);
    const double tick = roundBelow(highest);
    const auto labelled = [](double value) {
        return std::pair{QString::number(value, 'g', 3), std::sqrt(value)};
    };
    setLabels(*m_massAxis, {labelled(0), labelled(tick / 4), labelled(tick)},
              std::sqrt(highest) * 1.14); // room for the mark of the lock
    const std::uint32_t length = m_answer.bins.back().tokens.end;
    const std::uint32_t step = niceStep(length / double(kMostSteps));
    std::vector<std::pair<QString, double>> positions;
    for (std::uint64_t at = 0; at < length; at += step)
        positions.emplace_back(thousandsOf(at), static_cast<double>(at));
    setLabels(*m_tokenAxis, positions, length);
}

void ProfileChart::drawLock()
{
    const auto& other = m_of == Of::Row ? m_subject->locked().key : m_subject->locked().query;
    const bool isOn = other && !m_answer.bins.empty() && *other < m_answer.bins.back().tokens.end;
    m_lock->replace(isOn ? QList<QPointF>{{*other + 0.5, m_massAxis->max() * 0.95}} : QList<QPointF>{});
}

QPointF ProfileChart::placeOf(std::uint32_t token) const
{
    return m_view->chart()->mapToPosition(QPointF(token + 0.5, 0), m_area);
}

const ProfileBin* ProfileChart::binUnder(const QPointF& place) const
{
    if (m_answer.bins.empty()
        || !m_view->chart()->plotArea().adjusted(-kReach, -8, kReach, 8).contains(place))
        return nullptr;
    const auto tokenAt = [&](double x) {
        return m_view->chart()->mapToValue(QPointF(x, place.y()), m_area).x();
    };
    // The bin under the hand, and where it is empty the heaviest within reach.
    const ProfileBin* best = &m_answer.bins[binAt(m_answer.bins, tokenAt(place.x()))];
    if (best->value > 0)
        return best;
    const std::size_t last = binAt(m_answer.bins, tokenAt(place.x() + kReach));
    for (std::size_t i = binAt(m_answer.bins, tokenAt(place.x() - kReach)); i <= last; ++i) {
        if (m_answer.bins[i].value > best->value)
            best = &m_answer.bins[i];
    }
    return best->value > 0 ? best : nullptr;
}

QString ProfileChart::valueAt(const QPointF& place) const
{
    const ProfileBin* const bin = binUnder(place);
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!bin || !trace || bin->bar.end > trace->seqLen())
        return {};
    return barText(*trace, m_of == Of::Row, bin->bar, bin->value, m_answer.source);
}

void ProfileChart::lockAt(const QPointF& place)
{
    const ProfileBin* const bin = binUnder(place);
    const std::optional<std::uint32_t> mine = token();
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!bin || !mine || *mine != m_answer.token || !trace || trace->path() != m_answer.path)
        return;
    // A block on the diagonal holds pairs of other rows of it: the lock never looks into a query's future.
    if (m_of == Of::Row)
        m_subject->setLocked({*mine, std::min(bin->at, *mine)});
    else
        m_subject->setLocked({std::max(bin->at, *mine), *mine});
}

bool ProfileChart::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        const QString value = valueAt(help->pos());
        QToolTip::showText(help->globalPos(), value.isEmpty() ? note() : value + QLatin1Char('\n') + note(),
                           m_view);
        return true;
    }
    if (event->type() == QEvent::MouseButtonRelease) {
        const auto* const mouse = static_cast<QMouseEvent*>(event);
        if (mouse->button() == Qt::LeftButton)
            lockAt(mouse->position());
    }
    return QWidget::eventFilter(watched, event);
}

void ProfileChart::say(const QString& note, bool isCaution)
{
    m_note->setText(note);
    m_note->setToolTip(note);
    const QString role = isCaution ? QStringLiteral("caution") : QStringLiteral("dim");
    if (m_note->property("role").toString() == role)
        return;
    m_note->setProperty("role", role);
    m_note->style()->unpolish(m_note);
    m_note->style()->polish(m_note);
}

void ProfileChart::restyle()
{
    const Theme& theme = themeOf(palette());
    m_view->setBackgroundBrush(theme.dock);
    styleAxis(*m_tokenAxis, theme);
    styleAxis(*m_massAxis, theme);
    m_tokenAxis->setGridLineVisible(false);
    const QColor mine = m_of == Of::Row ? theme.query : theme.key;
    m_area->setPen(QPen(mine, 1)); // a bin is seen however thin it is
    m_area->setBrush(mine);
    m_lock->setMarkerShape(QScatterSeries::MarkerShapeRotatedRectangle);
    m_lock->setMarkerSize(7);
    m_lock->setPen(Qt::NoPen);
    m_lock->setBrush(m_of == Of::Row ? theme.key : theme.query);
}

void ProfileChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        restyle();
}

} // namespace headwater
