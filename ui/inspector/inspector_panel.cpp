// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspector_panel.h"

#include "ui/inspector/locked_row_card.h"
#include "ui/map/tooltip_card.h"
#include "ui/theme/fonts.h"

#include <QLabel>
#include <QStyle>
#include <QVBoxLayout>

namespace headwater {

namespace {

QString spanName(const ReadLine& line, bool tokenExact)
{
    if (tokenExact || line.end == line.begin + 1)
        return thousandsOf(line.begin);
    return QStringLiteral("%1–%2").arg(thousandsOf(line.begin), thousandsOf(line.end - 1));
}

std::vector<MassRow> massRows(const ReadList& list, const Trace& trace, std::optional<std::uint32_t> current)
{
    std::vector<MassRow> rows;
    for (const ReadLine& line : list.lines) {
        rows.push_back({spanName(line, list.tokenExact), static_cast<double>(line.begin),
                        tokenLabel(trace.tokenText(line.token)), static_cast<double>(line.mass),
                        probabilityText(static_cast<double>(line.mass)), list.head, line.token,
                        current && *current >= line.begin && *current < line.end});
    }
    return rows;
}

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(share * 100, 0, 'f', 1);
}

} // namespace

InspectorPanel::InspectorPanel(ViewState* state, MapTiles* tiles, QWidget* parent)
    : QWidget(parent)
    , m_state(state)
    , m_tiles(tiles)
    , m_card(new LockedRowCard(state, this))
{
    setObjectName(QStringLiteral("inspectorPanel"));
    setAccessibleName(tr("Inspector"));
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 8);
    column->setSpacing(8);
    column->addWidget(m_card);
    m_reads = makeSection(QStringLiteral("reads"), tr("Reads from"),
                          {tr("key"), tr("token"), MassColour::Key, MassColour::Query});
    m_heads = makeSection(QStringLiteral("heads"), tr("Heads that read the same place"),
                          {tr("head"), {}, std::nullopt, MassColour::Key});
    m_readers = makeSection(QStringLiteral("readers"), tr("Who reads this key"),
                            {tr("query"), tr("token"), MassColour::Query, MassColour::Key});
    column->addWidget(m_reads.box, 6);
    column->addWidget(m_heads.box, 4);
    column->addWidget(m_readers.box, 3);
    column->addStretch(0);

    connect(state, &ViewState::lockedChanged, this, &InspectorPanel::readAll);
    connect(state, &ViewState::shownHeadChanged, this, [this] {
        readRowList();
        readReaders();
        markCurrent();
    });
    connect(tiles, &MapTiles::sourceChanged, this, &InspectorPanel::readAll);
    connect(m_reads.table, &MassTable::chosen, this, [this](const MassRow& row) {
        m_state->setLocked({m_state->locked().query, row.tokenAt});
    });
    connect(m_heads.table, &MassTable::chosen, this,
            [this](const MassRow& row) { m_state->setHead(row.head); });
    connect(m_readers.table, &MassTable::chosen, this, [this](const MassRow& row) {
        m_state->setLocked({row.tokenAt, m_state->locked().key});
    });
    readAll();
}

InspectorPanel::Section InspectorPanel::makeSection(const QString& id, const QString& title,
                                                    const MassTableLook& look)
{
    Section section;
    section.box = new QWidget(this);
    section.box->setObjectName(id + QStringLiteral("Section"));
    section.box->setAccessibleName(title);
    section.title = new QLabel(title.toUpper(), section.box);
    section.title->setObjectName(id + QStringLiteral("Title"));
    section.title->setAccessibleName(title);
    section.title->setProperty("role", QStringLiteral("title"));
    section.title->setFont(titleFont());
    section.note = new QLabel(section.box);
    section.note->setObjectName(id + QStringLiteral("Note"));
    section.note->setAccessibleName(tr("%1: what the masses are").arg(title));
    section.note->setProperty("role", QStringLiteral("dim"));
    section.note->setFont(wordsFont(11));
    section.note->setWordWrap(true);
    section.table = new MassTable(look, section.box);
    section.table->setObjectName(id + QStringLiteral("Table"));
    section.table->setAccessibleName(title);
    section.job = new BackgroundJob(this);
    auto* const column = new QVBoxLayout(section.box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(section.title);
    column->addWidget(section.note);
    column->addWidget(section.table, 1);
    return section;
}

void InspectorPanel::say(Section& section, const QString& note, bool isCaution)
{
    section.note->setText(note);
    section.note->setToolTip(note);
    const QString role = isCaution ? QStringLiteral("caution") : QStringLiteral("dim");
    if (section.note->property("role").toString() != role) {
        section.note->setProperty("role", role);
        section.note->style()->unpolish(section.note);
        section.note->style()->polish(section.note);
    }
    section.note->setVisible(!note.isEmpty());
    section.table->setVisible(section.table->massModel()->rowCount() > 0);
}

QString InspectorPanel::quantity(HeadId head) const
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    const HeadInfo* const info = trace ? trace->findHead(head.layer, head.head) : nullptr;
    return info ? quantityOf(*trace, *info) : QString();
}

QString InspectorPanel::readsNote() const
{
    return m_reads.note->text();
}

QString InspectorPanel::headsNote() const
{
    return m_heads.note->text();
}

QString InspectorPanel::readersNote() const
{
    return m_readers.note->text();
}

void InspectorPanel::readAll()
{
    readRowList();
    readHeads();
    readReaders();
}

void InspectorPanel::readRowList()
{
    const std::shared_ptr<TileSource> source = m_tiles->source();
    const std::shared_ptr<const Trace> trace = m_state->trace();
    const std::optional<std::uint32_t> row = m_state->locked().query;
    const bool isThere = source && trace && row && *row < trace->seqLen();
    m_reads.box->setVisible(isThere);
    if (!isThere) {
        m_reads.job->cancel();
        m_reads.table->massModel()->setRows({});
        return;
    }
    m_reads.job->start(
        [source, trace, head = m_state->shownHead(), row = *row](const std::stop_token& stop) {
            return readRow(*source, *trace, head, row, kMost, stop);
        },
        [this](const ReadList& list) { showReads(list); });
}

void InspectorPanel::showReads(const ReadList& list)
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    m_reads.table->massModel()->setRows(massRows(list, *trace, m_state->locked().key));
    if (list.failure)
        return say(m_reads, QString::fromStdString(list.failure->text()), true);
    if (!list.isHeld)
        return say(m_reads, tr("This trace holds only the overview of this head."));
    QString what = quantity(list.head);
    if (!list.tokenExact)
        what = tr("%1 · mean of %2 rows (its block)").arg(what).arg(list.blockQ);
    m_reads.table->massModel()->setQuantity(what);
    const QString count = list.numKept > list.lines.size()
        ? tr("%1 of %2, %3").arg(list.lines.size()).arg(thousandsOf(list.numKept), percent(list.keptMass))
        : tr("%1, %2").arg(list.lines.size()).arg(percent(list.keptMass));
    say(m_reads, what + QStringLiteral(" · ") + count);
}

void InspectorPanel::readHeads()
{
    const std::shared_ptr<TileSource> source = m_tiles->source();
    const std::shared_ptr<const Trace> trace = m_state->trace();
    const TokenPair pair = m_state->locked();
    const bool isThere = source && trace && pair.query && *pair.query < trace->seqLen();
    m_heads.box->setVisible(isThere);
    if (!isThere) {
        m_heads.job->cancel();
        m_heads.table->massModel()->setRows({});
        return;
    }
    m_heads.title->setText(
        (pair.key ? tr("Heads that read the same place") : tr("Heads by their heaviest key but sinks"))
            .toUpper());
    if (m_heads.table->massModel()->rowCount() == 0)
        say(m_heads, tr("reading every head…"));
    m_heads.job->start(
        [source, trace, pair](const std::stop_token& stop) { return rankHeads(*source, *trace, pair, stop); },
        [this](const HeadReads& reads) { showHeads(reads); });
}

void InspectorPanel::showHeads(const HeadReads& reads)
{
    std::vector<MassRow> rows;
    for (const HeadRead& read : reads.heads) {
        QString mass = probabilityText(static_cast<double>(read.mass));
        if (!read.isHeld)
            mass = tr("not kept");
        QString name = QStringLiteral("L%1 H%2").arg(read.head.layer).arg(read.head.head);
        if (!reads.pair.key && read.isHeld)
            name += QStringLiteral(" → %1 %2")
                        .arg(thousandsOf(read.key), tokenLabel(m_state->trace()->tokenText(read.key), 12));
        rows.push_back({name,
                        read.head.layer * 100000.0 + read.head.head,
                        {},
                        static_cast<double>(read.mass),
                        mass,
                        read.head,
                        read.key,
                        read.head == m_state->shownHead()});
    }
    m_heads.table->massModel()->setRows(std::move(rows));
    if (reads.failure)
        return say(m_heads, QString::fromStdString(reads.failure->text()), true);
    QString what = quantity(m_state->shownHead());
    if (!reads.tokenExact)
        what = tr("%1 · mean of %2 rows (its block), %3 keys").arg(what).arg(reads.blockQ).arg(reads.blockK);
    m_heads.table->massModel()->setQuantity(what);
    if (reads.pair.key && !reads.heads.empty() && !(reads.heads.front().mass > 0))
        what += tr(" · no head keeps this pair");
    if (reads.unknownHeads > 0)
        what += tr(" · %1 heads without edges left out").arg(thousandsOf(reads.unknownHeads));
    say(m_heads, what);
}

void InspectorPanel::readReaders()
{
    const std::shared_ptr<TileSource> source = m_tiles->source();
    const std::shared_ptr<const Trace> trace = m_state->trace();
    const std::optional<std::uint32_t> key = m_state->locked().key;
    const bool isThere = source && trace && key && *key < trace->seqLen();
    m_readers.box->setVisible(isThere);
    if (!isThere) {
        m_readers.job->cancel();
        m_readers.table->massModel()->setRows({});
        return;
    }
    m_readers.job->start(
        [source, trace, head = m_state->shownHead(), key = *key](const std::stop_token& stop) {
            return readColumn(*source, *trace, head, key, kMost, stop);
        },
        [this](const ReadList& list) { showReaders(list); });
}

void InspectorPanel::showReaders(const ReadList& list)
{
    const std::shared_ptr<const Trace> trace = m_state->trace();
    m_readers.table->massModel()->setRows(massRows(list, *trace, m_state->locked().query));
    if (list.failure)
        return say(m_readers, QString::fromStdString(list.failure->text()), true);
    if (!list.isHeld)
        return say(m_readers, tr("This trace holds only the overview of this head."));
    const QString what = tr("%1 · mean of each block's %2 rows, %3 keys")
                             .arg(quantity(list.head))
                             .arg(list.blockQ)
                             .arg(list.blockK);
    m_readers.table->massModel()->setQuantity(what);
    say(m_readers,
        what
            + (list.numKept > list.lines.size()
                   ? tr(" · %1 of %2").arg(list.lines.size()).arg(thousandsOf(list.numKept))
                   : tr(" · %1").arg(list.lines.size())));
}

void InspectorPanel::markCurrent()
{
    m_heads.table->massModel()->markCurrent(
        [head = m_state->shownHead()](const MassRow& row) { return row.head == head; });
}

} // namespace headwater
