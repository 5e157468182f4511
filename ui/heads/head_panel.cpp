// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/head_panel.h"

#include "ui/theme/fonts.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace headwater {

HeadPanel::HeadPanel(ViewState* state, MapTiles* tiles, QWidget* parent)
    : QWidget(parent)
    , m_state(state)
    , m_tiles(tiles)
    , m_job(new BackgroundJob(this))
    , m_order(new QComboBox(this))
    , m_falling(new QToolButton(this))
    , m_note(new QLabel(this))
    , m_grid(new HeadGrid(state, this))
{
    setObjectName(QStringLiteral("headPanel"));
    setAccessibleName(tr("Heads"));
    const std::pair<const char*, HeadOrder> orders[] = {
        {QT_TR_NOOP("by layer"), HeadOrder::Layer},
        {QT_TR_NOOP("kept mass"), HeadOrder::KeptMass},
        {QT_TR_NOOP("entropy"), HeadOrder::Entropy},
        {QT_TR_NOOP("sink share"), HeadOrder::SinkShare},
        {QT_TR_NOOP("mean distance"), HeadOrder::MeanDistance},
        {QT_TR_NOOP("density"), HeadOrder::Density},
        {QT_TR_NOOP("read from the selection"), HeadOrder::SelectionMass},
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
    m_note->setObjectName(QStringLiteral("headNote"));
    m_note->setAccessibleName(tr("What the order means"));
    m_note->setProperty("role", QStringLiteral("dim"));
    m_note->setFont(wordsFont(11));
    m_note->setWordWrap(true);
    m_note->hide();

    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 8, 8);
    column->setSpacing(6);
    auto* const row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 4, 0);
    row->setSpacing(6);
    row->addWidget(m_order, 1);
    row->addWidget(m_falling);
    column->addLayout(row);
    column->addWidget(m_note);
    column->addWidget(m_grid, 1);

    connect(m_order, &QComboBox::currentIndexChanged, this,
            [this] { setOrder(order(), order() != HeadOrder::Layer); });
    connect(m_falling, &QToolButton::clicked, this,
            [this] { setOrder(order(), !m_falling->property("falling").toBool()); });
    connect(state, &ViewState::traceChanged, this, &HeadPanel::takeTrace);
    connect(state, &ViewState::lockedChanged, this, &HeadPanel::readSelection);
    connect(m_grid, &HeadGrid::thumbnailsChanged, this, &HeadPanel::showNote);
    setOrder(HeadOrder::Layer, false);
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
    sort();
    readSelection();
}

void HeadPanel::takeTrace()
{
    m_reads = {};
    sort();
    readSelection();
}

void HeadPanel::sort()
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    std::vector<HeadId> heads;
    if (trace)
        heads = orderedHeads(*trace, order(), m_falling->property("falling").toBool(), m_reads);
    m_grid->setHeads(std::move(heads), order() == HeadOrder::Layer);
    showNote();
}

void HeadPanel::readSelection()
{
    if (order() != HeadOrder::SelectionMass)
        return;
    const std::shared_ptr<TileSource> source = m_tiles->source();
    const std::shared_ptr<const Trace> trace = m_state->trace();
    const TokenPair pair = m_state->locked();
    if (!source || !trace || !pair.query || *pair.query >= trace->seqLen()) {
        m_job->cancel();
        m_reads = {};
        sort();
        return;
    }
    m_job->start(
        [source, trace, pair](const std::stop_token& stop) { return rankHeads(*source, *trace, pair, stop); },
        [this](HeadReads reads) {
            m_reads = std::move(reads);
            sort();
        });
    showNote();
}

QString HeadPanel::note() const
{
    if (!m_grid->thumbnails().failure().isEmpty())
        return m_grid->thumbnails().failure();
    if (order() != HeadOrder::SelectionMass)
        return {};
    if (!m_state->locked().query)
        return tr("Lock a row first: click a cell of the map or a word of the text.");
    if (m_job->isRunning())
        return tr("reading every head…");
    if (m_reads.failure)
        return QString::fromStdString(m_reads.failure->text());
    const QString row = thousandsOf(*m_state->locked().query);
    QString note = m_state->locked().key
        ? tr("what row %1 gives to key %2").arg(row, thousandsOf(*m_state->locked().key))
        : tr("what row %1 gives to its heaviest key that is no sink").arg(row);
    if (!m_reads.tokenExact)
        note += tr(" · mean of %1 rows, key block of %2").arg(m_reads.blockQ).arg(m_reads.blockK);
    if (m_reads.unknownHeads > 0)
        note += tr(" · %1 heads without edges are last").arg(thousandsOf(m_reads.unknownHeads));
    return note;
}

void HeadPanel::showNote()
{
    const QString text = note();
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
}

} // namespace headwater
