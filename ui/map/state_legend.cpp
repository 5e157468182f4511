// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/state_legend.h"

#include "core/base/percent.h"
#include "core/reading/recorded_rows.h"
#include "core/record/quantity.h"
#include "core/tiles/tile_geometry.h"
#include "core/trace/head_row.h"
#include "ui/map/map_renderer.h"
#include "ui/map/quantity_text.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/fonts.h"
#include "ui/theme/theme.h"

#include <QGridLayout>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <ranges>

namespace headwater {

namespace {

/// A piece of the map as it stands where a pair has no number.
class StateSwatch : public QWidget {
public:
    StateSwatch(bool isHatched, bool isOfCells, QWidget* parent)
        : QWidget(parent)
        , m_isHatched(isHatched)
        , m_isOfCells(isOfCells)
    {
        setFixedSize(12, 12);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = themeOf(palette());
        QPainter painter(this);
        painter.fillRect(rect(), theme.ground);
        painter.setPen(theme.faint); // stronger than on the map: a swatch is small
        for (int x = -height(); m_isHatched && x < width(); x += kSomewherePeriod / 2)
            painter.drawLine(x, 0, x + height(), height());
        if (m_isOfCells) { // a recorded row's cells have edges of their own
            painter.drawLine(width() / 2, 0, width() / 2, height());
            painter.drawLine(0, height() / 2, width(), height() / 2);
        }
        painter.setPen(theme.dim);
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }

private:
    bool m_isHatched;
    bool m_isOfCells;
};

QString boundOf(double bound)
{
    return QString::fromStdString(boundText(bound));
}

} // namespace

StateLegend::StateLegend(Subject* subject, MapLook* look, MapTiles* tiles, QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_look(look)
    , m_tiles(tiles)
    , m_rowsJob(new BackgroundJob(this))
    , m_recordedJob(new BackgroundJob(this))
    , m_rowsSeen(new WhenSeen(this, [this] { readRows(); }))
    , m_recordedSeen(new WhenSeen(this, [this] { readRecorded(); }))
{
    setObjectName(QStringLiteral("stateLegend"));
    setAccessibleName(tr("What the map's ground and hatch mean"));
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(1, 1);
    m_somewhere =
        addLine(QStringLiteral("colourSomewhere"), Look::Hatch,
                tr("A kept block: its largest pair is shown in its place; the others have no more"));
    m_notKept = addLine(QStringLiteral("colourNotKept"), Look::Ground,
                        tr("The most that a row on screen gives to one key that is not kept"));
    m_belowRecorded = addLine(
        QStringLiteral("colourBelowRecorded"), Look::Cells,
        tr("Rows on screen that the trace holds token by token: the most of a key that is not among these"));
    m_exact =
        addLine(QStringLiteral("colourExact"), Look::Cells,
                tr("What the engine has computed of the pairs on screen: of the whole row, token by token"));
    connect(look, &MapLook::modeChanged, this, &StateLegend::showStates);
    connect(subject, &Subject::shownHeadChanged, this, &StateLegend::takeHead);
    // A new frame may show other rows, or the inside of blocks.
    connect(tiles, &MapTiles::tilesChanged, this, &StateLegend::showStates);
    connect(tiles, &MapTiles::sourceChanged, this, &StateLegend::takeHead);
    takeHead();
}

StateLegend::Line StateLegend::addLine(const QString& name, Look look, const QString& toolTip)
{
    const Line line{new StateSwatch(look == Look::Hatch, look == Look::Cells, this), new ElidedLabel(this)};
    line.swatch->setAccessibleName(toolTip);
    line.words->setObjectName(name);
    line.words->setAccessibleName(toolTip);
    line.words->setToolTip(toolTip);
    line.words->setProperty("role", QStringLiteral("dim"));
    line.words->setFont(wordsFont(11));
    auto* grid = static_cast<QGridLayout*>(layout());
    const int row = grid->rowCount();
    grid->addWidget(line.swatch, row, 0);
    grid->addWidget(line.words, row, 1);
    return line;
}

void StateLegend::show(const Line& line, const QString& text)
{
    line.words->setText(text);
    line.words->setVisible(!text.isEmpty());
    line.swatch->setVisible(!text.isEmpty());
}

TokenRange StateLegend::rowsOnScreen(std::uint32_t rows) const
{
    const MapViewport& viewport = m_look->viewport();
    const double end = viewport.query + m_tiles->surface().height() * viewport.queryTokensPerPixel();
    const auto rowOf = [rows](double token) {
        return static_cast<std::uint32_t>(std::clamp<double>(token, 0, rows));
    };
    return {rowOf(std::floor(viewport.query)), rowOf(std::ceil(end))};
}

/// The shown head is another one, or a newer snapshot of it.
void StateLegend::takeHead()
{
    m_rowsJob->cancel();
    m_rows.reset();
    m_recordedJob->cancel();
    m_recorded.clear();
    m_recordedRange = {};
    m_rowsSeen->ask();
    showStates();
}

void StateLegend::readRows()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const HeadInfo* const info = m_tiles->shownHeadInfo();
    if (!trace || !info || info->normaliser != Normaliser::Exact || info->chunks == 0)
        return;
    m_rowsJob->start([trace, head = m_subject->shownHead()](
                         const std::stop_token&) { return trace->loadRows(head.layer, head.head); },
                     [this](const Result<std::shared_ptr<const HeadRows>>& read) {
                         if (read)
                             m_rows = *read;
                         else
                             m_tiles->reader().report(read.error());
                         showStates();
                     });
}

/// Blocks have an inside, and rows are told apart, below the block level.
bool StateLegend::isInsideBlocks() const
{
    const HeadInfo* const info = m_tiles->shownHeadInfo();
    return info && m_tiles->source() && m_look->mode() == MapMode::Max && info->chunks > 0
        && m_tiles->level() < blockLevel(m_tiles->grid());
}

/// The recorded rows on screen are read, or are being read.
bool StateLegend::isRecordedAsked() const
{
    const TokenRange rows = rowsOnScreen(m_tiles->shownHeadInfo()->rows);
    return rows.begin >= rows.end || (rows.begin >= m_recordedRange.begin && rows.end <= m_recordedRange.end);
}

/// The recorded rows around those on screen, where they are not here: by whole bands, so that not every step
/// of a moving view reads.
void StateLegend::readRecorded()
{
    if (!isInsideBlocks() || isRecordedAsked())
        return;
    const std::uint32_t all = m_tiles->shownHeadInfo()->rows;
    const TokenRange rows = rowsOnScreen(all);
    m_recordedRange = {rows.begin / kTokenRowBand * kTokenRowBand,
                       std::min(all, ((rows.end - 1) / kTokenRowBand + 1) * kTokenRowBand)};
    m_recordedJob->start(
        [source = m_tiles->source(), head = m_subject->shownHead(),
         range = m_recordedRange](const std::stop_token& stop) {
            return recordedRows(source->heads(), head.layer, head.head, range, stop);
        },
        [this](const Result<std::vector<TokenRow>>& read) {
            m_recorded = read ? *read : std::vector<TokenRow>();
            if (!read)
                m_tiles->reader().report(read.error());
            showStates();
        });
}

QString StateLegend::notKeptText(const HeadInfo& info) const
{
    if (info.normaliser != Normaliser::Exact)
        return tr("not kept: not measured row by row");
    if (info.chunks == 0)
        return tr("not kept: this trace holds no bound of this head");
    if (m_rowsJob->isRunning() || m_rowsSeen->isWaiting())
        return tr("not kept: …");
    if (!m_rows)
        return tr("not kept: its bound cannot be read");
    const TokenRange rows = rowsOnScreen(static_cast<std::uint32_t>(m_rows->missedPeak.size()));
    const double bound = static_cast<double>(largestMissedPeak(*m_rows, rows.begin, rows.end));
    return std::isnan(bound) ? tr("not kept: not measured in every row")
                             : tr("not kept: at most %1 a key").arg(boundOf(bound));
}

QString StateLegend::belowRecordedText(const HeadInfo& info) const
{
    const TokenRange rows = rowsOnScreen(info.rows);
    const Trace& trace = *m_subject->trace();
    bool isAny = false; // a line that comes only to go would move what stands around it
    for (std::uint32_t row = rows.begin; row < rows.end && !isAny; ++row)
        isAny = trace.hasTokenRow(row);
    if (!isAny)
        return {};
    // What is here of them may be a part, and so would be its bound.
    if (m_recordedJob->isRunning() || !isRecordedAsked())
        return tr("not among its row's recorded keys: …");
    const auto first = std::ranges::lower_bound(m_recorded, rows.begin, {}, &TokenRow::row);
    const auto end = std::ranges::lower_bound(m_recorded, rows.end, {}, &TokenRow::row);
    const RecordedBound bound = headwater::boundOf(std::span<const TokenRow>(first, end), shapeOf(info));
    if (bound.keys == 0)
        return {};
    const QString text = tr("not in its row's %1: at most %2")
                             .arg(QString::number(bound.keys), boundOf(static_cast<double>(bound.most)));
    // Such rows are whole rows of the model also where the map's numbers are of the kept keys.
    return info.normaliser == Normaliser::Exact
        ? text
        : tr("%1 · such rows: %2").arg(text, tokenRowQuantityOf(trace));
}

/// `among`: of all that touch the screen.
QString StateLegend::exactText(const ExactWindow& exact, const ExactWindows::Windows& among)
{
    const QString quantity = QLatin1String(wholeRowQuantity(!exact.isModel));
    if (exact.isExact)
        return tr("every pair exact: %1").arg(quantity);
    const QString rounded = tr("every pair to two digits: %1 over rounded keys").arg(quantity);
    return std::ranges::any_of(among, [](const auto& window) { return window->isExact; })
        ? tr("%1, some rows or pairs exact").arg(rounded)
        : rounded;
}

/// Of every kind that is among them, those on top first.
QString StateLegend::someText(const ExactWindows::Windows& some)
{
    QStringList kinds;
    for (const auto& window : some | std::views::reverse) {
        if (const QString kind = exactQuantityText(window->isModel, !window->isExact); !kinds.contains(kind))
            kinds.append(kind);
    }
    return kinds.isEmpty() ? QString() : tr("some rows or pairs: %1").arg(kinds.join(tr(", others: ")));
}

void StateLegend::showStates()
{
    const HeadInfo* const info = m_tiles->shownHeadInfo();
    const bool isShown = info && m_tiles->source() && m_look->mode() != MapMode::Missed;
    const bool isInside = isInsideBlocks();
    const std::shared_ptr<const ExactWindow> exact = m_tiles->exactOnScreen();
    const ExactWindows::Windows among = m_tiles->exactAmongThem();
    show(m_exact, exact ? exactText(*exact, among) : someText(among));
    if (exact) { // nothing on screen is unknown
        for (const Line& line : {m_notKept, m_somewhere, m_belowRecorded})
            show(line, {});
        setVisible(true);
        return;
    }
    if (isInside && !isRecordedAsked())
        m_recordedSeen->ask();
    show(m_notKept, isShown ? notKeptText(*info) : QString());
    show(m_somewhere, isInside ? tr("somewhere in this block") : QString());
    show(m_belowRecorded, isInside ? belowRecordedText(*info) : QString());
    setVisible(isShown);
}

} // namespace headwater
