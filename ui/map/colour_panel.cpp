// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/colour_panel.h"

#include "ui/map/colour_lut.h"
#include "ui/map/colour_range.h"
#include "ui/map/quantity_text.h"
#include "ui/map/state_legend.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>

namespace headwater {

namespace {

constexpr std::array kMaps{ColourScale::Map::Magma, ColourScale::Map::Viridis, ColourScale::Map::Cividis,
                           ColourScale::Map::Greys};

/// 0.0001 → "1.0e-4", 0.412 → "0.412", 1 → "1.0".
QString limitText(double value)
{
    if (value == 0)
        return QStringLiteral("0.0");
    if (value < 0.001)
        return QString::number(value, 'e', 1).replace(QLatin1String("e-0"), QLatin1String("e-"));
    const QString text = QString::number(value, 'g', 3);
    return text.contains(QLatin1Char('.')) ? text : text + QStringLiteral(".0");
}

QLineEdit* limitEdit(const QString& name, QWidget* parent)
{
    auto* edit = new QLineEdit(parent);
    edit->setAccessibleName(name);
    edit->setToolTip(name);
    edit->setFont(tokensFont(12));
    edit->setMinimumWidth(60);
    edit->setMaximumWidth(64);
    return edit;
}

void markInvalid(QLineEdit* edit, bool invalid)
{
    if (edit->property("invalid").toBool() == invalid)
        return;
    edit->setProperty("invalid", invalid);
    edit->style()->unpolish(edit);
    edit->style()->polish(edit);
}

/// What the hatching of a head without measured rows means; empty where its rows are measured.
QString hatchLegendOf(const HeadInfo& info)
{
    if (info.normaliser != Normaliser::Kept)
        return {};
    const Interval& kept = info.statistics.keptMass;
    if (std::isnan(kept.mean))
        return ColourPanel::tr("hatched: not measured row by row");
    const QString lost = kept.lo >= kept.hi ? lostPercentText(1 - kept.mean)
                                            : ColourPanel::tr("%1 (95 %: %2)")
                                                  .arg(lostMeanOfIntervalText(kept.mean, kept.lo, kept.hi),
                                                       lostIntervalText(kept.mean, kept.lo, kept.hi));
    return ColourPanel::tr("hatched: not measured row by row; the head misses %1").arg(lost);
}

} // namespace

ColourPanel::ColourPanel(Subject* subject, MapLook* look, MapTiles* tiles, QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_look(look)
    , m_tiles(tiles)
    , m_job(new BackgroundJob(this))
    , m_head(new WhenSeen(this, [this] { read(); }))
    , m_range(new ColourRange(look, this))
    , m_quantity(new ElidedLabel(this))
    , m_low(limitEdit(tr("Lowest value of the colour scale"), this))
    , m_high(limitEdit(tr("Highest value of the colour scale"), this))
    , m_map(new QComboBox(this))
    , m_fit(new QPushButton(tr("Fit"), this))
{
    setObjectName(QStringLiteral("colourPanel"));
    setAccessibleName(tr("Colour"));
    m_low->setObjectName(QStringLiteral("colourLow"));
    m_high->setObjectName(QStringLiteral("colourHigh"));
    m_map->setObjectName(QStringLiteral("colourMap"));
    m_fit->setObjectName(QStringLiteral("colourFit"));
    m_map->setAccessibleName(tr("Colour map and curve"));
    m_fit->setAccessibleName(tr("Fit the colour range to this head"));
    m_fit->setToolTip(tr("Fit the range to what this head holds. It then stays for all heads."));
    m_quantity->setObjectName(QStringLiteral("colourQuantity"));
    m_quantity->setAccessibleName(tr("Quantity shown"));
    m_quantity->setProperty("role", QStringLiteral("dim"));
    m_quantity->setFont(wordsFont(11));
    for (const bool logarithmic : {true, false}) {
        for (const ColourScale::Map map : kMaps) {
            m_map->addItem(QStringLiteral("%1 · %2").arg(QLatin1String(nameOf(colormapOf(map))),
                                                         logarithmic ? tr("log") : tr("linear")));
        }
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(m_quantity);
    column->addWidget(m_range);
    column->addWidget(new StateLegend(subject, look, tiles, this));
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(m_low);
    row->addWidget(m_map, 1);
    row->addWidget(m_high);
    row->addWidget(m_fit);
    column->addLayout(row);
    column->addStretch(1);

    connect(m_low, &QLineEdit::editingFinished, this, &ColourPanel::takeTyped);
    connect(m_high, &QLineEdit::editingFinished, this, &ColourPanel::takeTyped);
    connect(m_map, &QComboBox::activated, this, &ColourPanel::takeMap);
    connect(m_fit, &QPushButton::clicked, this, &ColourPanel::fit);
    connect(m_range, &ColourRange::fitRequested, this, &ColourPanel::fit);
    connect(look, &MapLook::coloursChanged, this, &ColourPanel::followState);
    connect(look, &MapLook::modeChanged, m_head, &WhenSeen::ask);
    connect(subject, &Subject::shownHeadChanged, m_head, &WhenSeen::ask);
    // A new frame may be of another level, where a cell holds another number of blocks.
    connect(tiles, &MapTiles::tilesChanged, this, &ColourPanel::followZoom);
    connect(tiles, &MapTiles::sourceChanged, m_head, &WhenSeen::ask);
    followState();
    m_head->ask();
}

void ColourPanel::read()
{
    followState();
    const TraceReading reading = m_tiles->reader().reading();
    const MapMode mode = m_look->mode();
    if (!reading || !m_tiles->shownHeadInfo()
        || mode == MapMode::Count) { // whose colours are of no probability
        m_job->cancel();
        takeHistogram({});
        return;
    }
    m_job->start(
        [reading, head = m_subject->shownHead(), mode](const std::stop_token& stop) {
            return readHistogram(reading, head, mode == MapMode::Missed, stop);
        },
        [this](const CodeHistogram& histogram) { takeHistogram(histogram); });
}

void ColourPanel::takeHistogram(const CodeHistogram& histogram)
{
    m_histogram = histogram;
    if (histogram.failure)
        m_tiles->reader().report(*histogram.failure);
    m_range->setHistogram(histogram);
    if (m_fitWhenRead) {
        m_fitWhenRead = false;
        fit();
    }
}

void ColourPanel::fit()
{
    if (m_head->isWaiting())
        m_head->askNow();
    if (m_job->isRunning()) {
        m_fitWhenRead = true;
        return;
    }
    ColourScale scale = m_look->colours();
    const std::optional<ColourLimits> limits = fittedLimits(m_histogram, scale.logarithmic);
    if (!limits || m_look->mode() == MapMode::Count)
        return;
    scale.low = limits->low;
    scale.high = limits->high;
    m_look->setColours(scale);
}

void ColourPanel::takeTyped()
{
    ColourScale scale = m_look->colours();
    bool lowRead = false;
    bool highRead = false;
    // A number that was not touched keeps its full precision.
    const double low = m_low->isModified() ? m_low->text().trimmed().toDouble(&lowRead) : scale.low;
    const double high = m_high->isModified() ? m_high->text().trimmed().toDouble(&highRead) : scale.high;
    const bool lowFine =
        (lowRead || !m_low->isModified()) && low >= 0 && low < 1 && (low > 0 || !scale.logarithmic);
    const bool highFine = (highRead || !m_high->isModified()) && high > 0 && high <= 1 && high > low;
    markInvalid(m_low, !lowFine);
    markInvalid(m_high, !highFine);
    if (!lowFine || !highFine)
        return;
    scale.low = low;
    scale.high = high;
    m_look->setColours(scale);
}

void ColourPanel::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        giveUpTyping();
    else
        QWidget::keyPressEvent(event);
}

void ColourPanel::giveUpTyping()
{
    followState();
    for (QLineEdit* const edit : {m_low, m_high})
        edit->clearFocus();
}

void ColourPanel::takeMap()
{
    ColourScale scale = m_look->colours();
    const auto index = static_cast<std::size_t>(std::max(0, m_map->currentIndex()));
    scale.map = kMaps[index % kMaps.size()];
    scale.logarithmic = index < kMaps.size();
    if (scale.logarithmic && scale.low <= 0)
        scale.low = scale.high * 1e-4;
    m_look->setColours(scale);
}

void ColourPanel::followZoom()
{
    if (m_tiles->blocksPerCell() == m_range->capacity())
        return;
    if (m_look->mode() == MapMode::Count)
        followState();
    else
        m_range->setCapacity(m_tiles->blocksPerCell()); // leaves what is being typed alone
}

void ColourPanel::followState()
{
    const ColourScale& scale = m_look->colours();
    const bool counts = m_look->mode() == MapMode::Count;
    const double capacity = m_tiles->blocksPerCell();
    m_range->setCapacity(capacity);
    const QString most = thousandsOf(static_cast<qulonglong>(std::llround(capacity)));
    m_low->setText(counts ? QStringLiteral("0") : limitText(scale.low));
    m_high->setText(counts ? most : limitText(scale.high));
    markInvalid(m_low, false);
    markInvalid(m_high, false);
    for (std::size_t i = 0; i < kMaps.size(); ++i) {
        if (kMaps[i] == scale.map)
            m_map->setCurrentIndex(static_cast<int>(i + (scale.logarithmic ? 0 : kMaps.size())));
    }
    for (QWidget* widget :
         {static_cast<QWidget*>(m_low), static_cast<QWidget*>(m_high), static_cast<QWidget*>(m_fit)})
        widget->setEnabled(!counts);
    const HeadInfo* info = m_tiles->shownHeadInfo();
    QString quantity = info ? quantityAndSelection(*m_subject->trace(), *info) : QString();
    if (counts)
        quantity = tr("kept blocks in a cell, 0 to %1").arg(most);
    else if (m_look->mode() == MapMode::Missed && info)
        quantity = tr("missed mass of a row · %1").arg(quantity);
    m_quantity->setText(quantity);
    m_quantity->setToolTip(quantity);
    m_range->setHatchLegend(info && m_look->mode() == MapMode::Missed ? hatchLegendOf(*info) : QString());
}

} // namespace headwater
