// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_panel.h"

#include "core/trace/trace_quantity.h"
#include "ui/heads/head_filter_bar.h"
#include "ui/heads/order_text.h"
#include "ui/map/quantity_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/wrapped_label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace headwater {

namespace {

constexpr int kNoteLines = 4; ///< a note of a file that cannot be read names it

/// "what row 990 gives to key 107 · mean of 16 rows, key block of 16".
QString whatIsRead(const HeadReads& reads, const Trace& trace)
{
    if (!reads.pair.query)
        return {};
    const QString row = thousandsOf(*reads.pair.query);
    QString text = reads.pair.key
        ? HeadPanel::tr("what row %1 gives to key %2").arg(row, thousandsOf(*reads.pair.key))
        : HeadPanel::tr("what row %1 gives to its heaviest key that is no sink").arg(row);
    if (reads.source == RowSource::Exact || reads.source == RowSource::Rounded)
        text += QStringLiteral(" · ")
            + exactQuantityText(!isPropagated(trace), reads.source == RowSource::Rounded);
    else if (!reads.ofTokens())
        text += HeadPanel::tr(" · mean of %1 rows, key block of %2").arg(reads.blockQ).arg(reads.blockK);
    return text;
}

} // namespace

HeadPanel::HeadPanel(Subject* subject, MapLook* look, ViewReader* reader, QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_look(look)
    , m_reader(reader)
    , m_job(new BackgroundJob(this))
    , m_selection(new WhenSeen(this, [this] { readSelection(); }))
    , m_order(new QComboBox(this))
    , m_falling(new QToolButton(this))
    , m_filterButton(new QToolButton(this))
    , m_filterBar(new HeadFilterBar(this))
    , m_note(new WrappedLabel(this))
    , m_caption(new WrappedLabel(this))
    , m_grid(new HeadGrid(subject, look, this))
{
    setObjectName(QStringLiteral("headPanel"));
    setAccessibleName(tr("Heads"));
    m_note->setObjectName(QStringLiteral("headNote"));
    m_note->setAccessibleName(tr("What the order and the filter mean"));
    m_note->setProperty("role", QStringLiteral("dim"));
    m_note->setFont(wordsFont(11));
    m_note->setLines(1, kNoteLines);
    m_note->hide();
    m_caption->setObjectName(QStringLiteral("headCaption"));
    m_caption->setAccessibleName(tr("What the thumbnails show"));
    m_caption->setProperty("role", QStringLiteral("dim"));
    m_caption->setFont(wordsFont(11));
    m_caption->setLines(1, kNoteLines);
    m_caption->hide();
    m_filterBar->hide();
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 8, 8);
    column->setSpacing(6);
    column->addWidget(makeHeader());
    column->addWidget(m_filterBar);
    column->addWidget(m_note);
    column->addWidget(m_grid, 1);
    column->addWidget(m_caption);

    connect(m_order, &QComboBox::currentIndexChanged, this,
            [this] { setOrder(order(), order() != HeadOrder::Layer); });
    connect(m_falling, &QToolButton::clicked, this,
            [this] { setOrder(order(), !m_falling->property("falling").toBool()); });
    connect(m_filterButton, &QToolButton::clicked, this, [this] { showFilterBar(!isFilterBarShown()); });
    connect(m_filterBar, &HeadFilterBar::filterChanged, this, [this] {
        fill(true);
        m_selection->ask();
    });
    connect(reader, &ViewReader::readingChanged, this, &HeadPanel::takeTrace);
    connect(subject, &Subject::lockedChanged, m_selection, &WhenSeen::ask);
    connect(reader, &ViewReader::exactChanged, this, [this](const ExactPart& part) {
        if (tellsOfHeads(part, m_subject->locked()))
            m_selection->ask();
    });
    connect(m_grid, &HeadGrid::thumbnailsChanged, this, &HeadPanel::showNote);
    connect(m_grid, &HeadGrid::thumbnailsChanged, this, &HeadPanel::showCaption);
    connect(look, &MapLook::modeChanged, this, &HeadPanel::showCaption);
    connect(subject, &Subject::traceChanged, this, &HeadPanel::showCaption);
    setOrder(HeadOrder::Layer, false);
}

QWidget* HeadPanel::makeHeader()
{
    const std::pair<const char*, HeadOrder> orders[] = {
        {QT_TR_NOOP("by layer"), HeadOrder::Layer},
        {QT_TR_NOOP("kept mass"), HeadOrder::KeptMass},
        {QT_TR_NOOP("content"), HeadOrder::Content},
        {QT_TR_NOOP("entropy"), HeadOrder::Entropy},
        {QT_TR_NOOP("sink share"), HeadOrder::SinkShare},
        {QT_TR_NOOP("mean distance"), HeadOrder::MeanDistance},
        {QT_TR_NOOP("density"), HeadOrder::Density},
        {QT_TR_NOOP("locked mass"), HeadOrder::SelectionMass},
    };
    for (const auto& [text, order] : orders)
        m_order->addItem(tr(text), static_cast<int>(order));
    m_order->setObjectName(QStringLiteral("headOrder"));
    m_order->setAccessibleName(tr("Order of the heads"));
    m_order->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_order->setMinimumContentsLength(8);
    m_falling->setObjectName(QStringLiteral("headOrderFalling"));
    m_falling->setAccessibleName(tr("Direction of the order"));
    m_falling->setProperty("square", true);
    m_filterButton->setObjectName(QStringLiteral("headFilterButton"));
    m_filterButton->setAccessibleName(tr("Filter the heads"));
    m_filterButton->setText(tr("Filter"));
    m_filterButton->setCheckable(true);
    m_filterButton->setToolTip(tr("Show only some layers, values or readers"));
    auto* const header = new QWidget(this);
    auto* const row = new QHBoxLayout(header);
    row->setContentsMargins(0, 0, 4, 0);
    row->setSpacing(6);
    row->addWidget(m_order, 1);
    row->addWidget(m_falling);
    row->addWidget(m_filterButton);
    return header;
}

HeadOrder HeadPanel::order() const
{
    return static_cast<HeadOrder>(m_order->currentData().toInt());
}

void HeadPanel::setOrder(HeadOrder order, bool isFalling)
{
    m_falling->setProperty("falling", isFalling);
    m_falling->setText(isFalling ? QStringLiteral("↓") : QStringLiteral("↑"));
    if (order == HeadOrder::Layer)
        m_falling->setToolTip(isFalling ? tr("Last layer first") : tr("First layer first"));
    else
        m_falling->setToolTip(isFalling ? tr("Largest first") : tr("Smallest first"));
    const QSignalBlocker quiet(m_order);
    m_order->setCurrentIndex(m_order->findData(static_cast<int>(order)));
    m_order->setToolTip(m_order->currentText());
    m_filterBar->setOrder(order, m_order->currentText());
    fill(true);
    m_selection->ask();
}

const HeadFilter& HeadPanel::filter() const
{
    return m_filterBar->filter();
}

void HeadPanel::setFilter(const HeadFilter& filter)
{
    m_filterBar->setFilter(filter);
}

bool HeadPanel::isFilterBarShown() const
{
    return !m_filterBar->isHidden();
}

void HeadPanel::showFilterBar(bool shown)
{
    m_filterBar->setVisible(shown);
    m_filterButton->setChecked(shown || filter().isActive());
    if (shown)
        m_filterBar->findChild<QWidget*>(QStringLiteral("headFilterFirst"))
            ->setFocus(Qt::ShortcutFocusReason);
    emit filterBarShown(shown);
}

bool HeadPanel::event(QEvent* event)
{
    // Esc leaves the filter's fields before it clears the selection, which it does in the whole window.
    if (event->type() == QEvent::ShortcutOverride && isFilterBarShown()
        && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void HeadPanel::keyPressEvent(QKeyEvent* event)
{
    if (event->key() != Qt::Key_Escape || !isFilterBarShown())
        return QWidget::keyPressEvent(event);
    showFilterBar(false);
    m_grid->setFocus(Qt::OtherFocusReason);
}

void HeadPanel::takeTrace()
{
    // A growing trace has one layer more: what was read of it, and how it is looked at, stays.
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const std::filesystem::path path = trace ? trace->path() : std::filesystem::path();
    const bool isSame = !path.empty() && path == m_path;
    m_path = path;
    m_filterBar->setLayers(trace ? trace->numLayers() : 0);
    if (!isSame) {
        m_reads = {};
        m_filterBar->setFilter({});
    }
    fill(!isSame);
    m_selection->ask();
}

bool HeadPanel::needsReads() const
{
    return order() == HeadOrder::SelectionMass || filter().leastRead;
}

void HeadPanel::fill(bool isNewOrder)
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    std::vector<HeadId> heads;
    if (trace)
        heads = orderedHeads(*trace, order(), m_falling->property("falling").toBool(), m_reads);
    m_allHeads = heads.size();
    if (trace)
        heads = filteredHeads(*trace, std::move(heads), filter(), order(), m_reads);
    if (isNewOrder)
        m_grid->setHeads(std::move(heads), order() == HeadOrder::Layer);
    else
        m_grid->updateHeads(std::move(heads));
    m_filterButton->setChecked(isFilterBarShown() || filter().isActive());
    showValues();
    showNote();
}

void HeadPanel::showValues()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    HeadGrid::Values values;
    if (trace && order() == HeadOrder::SelectionMass) {
        values.title = whatIsRead(m_reads, *trace);
        for (const HeadRead& read : m_reads.heads) {
            QString& text = values.texts[read.head];
            if (!read.isHeld)
                text = m_reads.ofTokens() ? tr("not held") : tr("not kept");
            else
                text = probabilityText(static_cast<double>(read.mass), m_reads.source);
        }
    } else if (trace && order() != HeadOrder::Layer) {
        for (const HeadInfo& info : trace->heads())
            values.texts[{info.layer, info.head}] =
                orderValueText(order(), info, orderValue(order(), info, m_reads));
    }
    m_grid->setValues(std::move(values));
}

void HeadPanel::readSelection()
{
    if (!needsReads())
        return m_job->cancel();
    const TraceReading& reading = m_reader->reading();
    const TokenPair pair = m_subject->locked();
    if (!reading || !pair.query || *pair.query >= reading.trace->seqLen()) {
        m_job->cancel();
        m_reads = {};
        fill(true);
        return;
    }
    m_job->start([reading, pair](const std::stop_token& stop) { return rankHeads(reading, pair, stop); },
                 [this](HeadReads reads) {
                     const bool isOther = reads.pair != m_reads.pair;
                     m_reads = std::move(reads);
                     fill(isOther);
                 });
    showNote();
}

QString HeadPanel::note() const
{
    if (!m_grid->thumbnails().failure().isEmpty())
        return m_grid->thumbnails().failure();
    QStringList parts;
    if (filter().isActive())
        parts.append(tr("%1 of %2 heads")
                         .arg(thousandsOf(m_grid->headLayout().heads.size()), thousandsOf(m_allHeads)));
    if (const std::optional<double> least = filter().leastRead)
        parts.append(tr("at least %1 %").arg(100 * *least, 0, 'g', 3));
    if (const QString reads = readsNote(); !reads.isEmpty())
        parts.append(reads);
    if (const QString normaliser = normaliserNote(); !normaliser.isEmpty())
        parts.append(normaliser);
    return parts.join(QStringLiteral(" · "));
}

QString HeadPanel::readsNote() const
{
    if (!needsReads())
        return {};
    if (!m_subject->locked().query)
        return tr("Lock a row first: click a cell of the map or a word of the text.");
    if (m_job->isRunning() && m_reads.pair != m_subject->locked()) // a growing trace is read again in silence
        return tr("reading every head…");
    if (m_reads.failure && m_reads.heads.empty())
        return QString::fromStdString(m_reads.failure->text());
    QString note = whatIsRead(m_reads, *m_subject->trace());
    if (m_reads.unknownHeads > 0)
        note += tr(" · %1 heads without edges are last").arg(thousandsOf(m_reads.unknownHeads));
    if (!m_reads.damagedHeads.empty())
        note += tr(" · %1 cannot be read").arg(thousandsOf(m_reads.damagedHeads.size()));
    return note;
}

QString HeadPanel::normaliserNote() const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const bool isShape = order() == HeadOrder::Entropy || order() == HeadOrder::SinkShare
        || order() == HeadOrder::MeanDistance;
    const bool isRead = order() == HeadOrder::SelectionMass && !m_reads.heads.empty() && !m_reads.ofTokens();
    if (!trace || !(isShape || isRead))
        return {};
    const auto heads = trace->heads();
    const auto kept =
        static_cast<std::size_t>(std::count_if(heads.begin(), heads.end(), [](const HeadInfo& info) {
            return info.normaliser == Normaliser::Kept;
        }));
    if (kept == 0)
        return {};
    if (kept == heads.size())
        return tr("of the kept keys alone (p_masked)");
    return tr("of the kept keys alone (p_masked) in %1 heads, of all keys (%2) in %3")
        .arg(thousandsOf(kept), tokenRowQuantityOf(*trace), thousandsOf(heads.size() - kept));
}

void HeadPanel::showCaption()
{
    const QString text = m_subject->trace() ? m_grid->caption() : QString();
    m_caption->setText(text);
    m_caption->setToolTip(text);
    m_caption->setVisible(!text.isEmpty());
}

void HeadPanel::showNote()
{
    const QString text = note();
    m_note->setText(text);
    m_note->setToolTip(text);
    m_note->setVisible(!text.isEmpty());
}

} // namespace headwater
