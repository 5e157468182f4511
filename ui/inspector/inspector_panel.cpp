// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspector_panel.h"

#include "ui/inspector/locked_row_card.h"
#include "ui/inspector/profile_section.h"
#include "ui/inspector/row_offer.h"
#include "ui/map/quantity_text.h"
#include "ui/map/tooltip_card.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"
#include "ui/theme/quoted_text.h"

#include <QLabel>
#include <QStringList>
#include <QVBoxLayout>
#include <algorithm>

namespace headwater {

namespace {

QString rowSubject(std::uint32_t row)
{
    return InspectorPanel::tr("row %1").arg(thousandsOf(row));
}

QString keySubject(std::uint32_t key)
{
    return InspectorPanel::tr("key %1").arg(thousandsOf(key));
}

std::vector<MassRow> massRows(const ReadList& list, const Trace& trace, std::optional<std::uint32_t> current)
{
    std::vector<MassRow> rows;
    for (const ReadLine& line : list.lines) {
        const std::uint32_t end = list.ofTokens() ? line.begin + 1 : line.end;
        rows.push_back({spanName(line.begin, end), static_cast<double>(line.begin),
                        tokenLabel(trace.tokenText(line.token)), static_cast<double>(line.mass),
                        probabilityText(static_cast<double>(line.mass), list.source), list.head, line.token,
                        current && *current >= line.begin && *current < line.end,
                        plainSpanName(line.begin, end), true, list.source == RowSource::Rounded});
    }
    return rows;
}

/// "20 of 32 keys, together 99.9 % of the row": how many are listed of how many, and what all of them hold.
/// `isOfRow`: the masses are shares of the whole row. Where only the kept keys are normalised they add to one
/// whatever the row keeps, so that no sum is told.
QString extentOfReads(const ReadList& list, bool isOfRow)
{
    const QString all = list.ofTokens() ? InspectorPanel::tr("%1 keys") : InspectorPanel::tr("%1 blocks");
    const bool isCut = list.numKept > list.lines.size();
    QString text = all.arg(thousandsOf(list.numKept));
    if (isCut)
        text = InspectorPanel::tr("%1 of %2").arg(list.lines.size()).arg(text);
    if (!isOfRow)
        return text;
    const QString sum = percentText(list.keptMass);
    return isCut ? InspectorPanel::tr("%1, all together %2 of the row").arg(text, sum)
                 : InspectorPanel::tr("%1, together %2 of the row").arg(text, sum);
}

constexpr int kRoomForHeads =
    400; ///< of the panel's height: with less, two lists of two lines would say nothing

/// The lists come first, as the strips beside the map draw the same: below this the profiles are folded, and
/// with less than kRoomForHeads they are not there.
constexpr int kRoomForProfiles = 620;

QString headsText(const std::vector<HeadId>& heads)
{
    if (heads.size() == 1)
        return headLabel(heads.front());
    return InspectorPanel::tr("%1 heads").arg(thousandsOf(heads.size()));
}

QString notOfMap()
{
    return InspectorPanel::tr(" (the map's blocks are p_masked)");
}

/// That no head gives anything to the pair's key, as far as they are known; empty where one does.
QString noReaderText(const HeadReads& reads)
{
    if (!reads.pair.key || reads.heads.empty() || reads.heads.front().mass > 0)
        return {};
    const bool areAllThere = reads.unknownHeads == 0 && reads.damagedHeads.empty();
    const auto numHeld = std::ranges::count(reads.heads, true, &HeadRead::isHeld);
    if (numHeld > 0) {
        return areAllThere && numHeld == std::ssize(reads.heads)
            ? InspectorPanel::tr(" · no head reads this key")
            : InspectorPanel::tr(" · no head that is known reads this key");
    }
    if (reads.ofTokens())
        return areAllThere ? InspectorPanel::tr(" · no head lists this key")
                           : InspectorPanel::tr(" · no head that is known lists this key");
    return areAllThere ? InspectorPanel::tr(" · no head keeps this pair")
                       : InspectorPanel::tr(" · no head that is known keeps this pair");
}

/// A head that does not hold the pair may give it more than one that does: it stands last all the same.
QString rankText(const HeadReads& reads)
{
    const bool isAnyKnown = !reads.heads.empty() && reads.heads.front().mass > 0;
    return isAnyKnown && !std::ranges::all_of(reads.heads, &HeadRead::isHeld)
        ? InspectorPanel::tr(" · in the order of those known")
        : QString();
}

QString overviewOnly()
{
    return InspectorPanel::tr("this trace holds only the overview of this head");
}

} // namespace

InspectorPanel::InspectorPanel(Subject* subject, ViewReader* reader, QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_reader(reader)
    , m_card(new LockedRowCard(subject, reader, this))
    , m_reads(new InspectorSection(QStringLiteral("reads"), tr("Reads from"),
                                   {tr("key"), tr("token"), MassColour::Key, MassColour::Query}, this))
    , m_heads(new InspectorSection(QStringLiteral("heads"), tr("Heads that read the same place"),
                                   {tr("head"), {}, std::nullopt, MassColour::Key}, this))
    , m_readers(new InspectorSection(QStringLiteral("readers"), tr("Who reads this key"),
                                     {tr("query"), tr("token"), MassColour::Query, MassColour::Key}, this))
    , m_profiles(new ProfileSection(subject, reader, this))
{
    setObjectName(QStringLiteral("inspectorPanel"));
    setAccessibleName(tr("Inspector"));
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 8);
    column->setSpacing(8);
    column->addWidget(m_card);
    const std::pair<InspectorSection*, int> sections[] = {{m_reads, 7}, {m_heads, 4}, {m_readers, 4}};
    for (const auto& [section, stretch] : sections) {
        column->addWidget(section, stretch);
        // A folded list leaves its room to the others.
        connect(section->title(), &FoldTitle::foldChanged, this,
                [column, section = section, stretch = stretch] {
                    column->setStretchFactor(section, section->title()->isFolded() ? 0 : stretch);
                });
    }
    column->addWidget(m_profiles);
    column->addStretch(0);

    connect(m_profiles, &ProfileSection::heightChanged, this, &InspectorPanel::shareRoom);
    connect(m_reads->title(), &FoldTitle::unfolded, this, &InspectorPanel::readRowList);
    connect(m_heads->title(), &FoldTitle::unfolded, this, &InspectorPanel::readHeads);
    connect(m_readers->title(), &FoldTitle::unfolded, this, &InspectorPanel::readReaders);
    auto* const all = new WhenSeen(this, [this] { readAll(); });
    auto* const head = new WhenSeen(this, [this] { readHead(); });
    connect(subject, &Subject::lockedChanged, all, &WhenSeen::ask);
    connect(subject, &Subject::shownHeadChanged, head, &WhenSeen::ask);
    connect(reader, &ViewReader::readingChanged, all, &WhenSeen::ask);
    followExact();
    connect(reads(), &MassTable::chosen, this, [this](const MassRow& row) {
        m_subject->setLocked({m_subject->locked().query, row.tokenAt});
    });
    connect(heads(), &MassTable::chosen, this, [this](const MassRow& row) { m_subject->setHead(row.head); });
    connect(readers(), &MassTable::chosen, this, [this](const MassRow& row) {
        m_subject->setLocked({row.tokenAt, m_subject->locked().key});
    });
    all->ask();
}

void InspectorPanel::followExact()
{
    auto* const row = new WhenSeen(this, [this] {
        readRowList();
        m_profiles->read();
    });
    auto* const heads = new WhenSeen(this, [this] { readHeads(); });
    auto* const readers = new WhenSeen(this, [this] {
        readReaders();
        m_profiles->read();
    });
    connect(m_reader, &ViewReader::exactChanged, this, [=, this](const ExactPart& part) {
        const Trace& trace = *m_reader->reading().trace;
        const TokenPair locked = m_subject->locked();
        if (tellsOfRow(part, trace, m_subject->shownHead(), locked.query))
            row->ask();
        if (tellsOfColumn(part, trace, m_subject->shownHead(), locked.key))
            readers->ask();
        if (tellsOfHeads(part, locked))
            heads->ask();
    });
}

QSize InspectorPanel::minimumSizeHint() const
{
    const QLabel* const offered = m_card->offer()->words();
    QSize least = QWidget::minimumSizeHint();
    if (offered->isVisible())
        least.rheight() -= offered->height() + m_card->layout()->spacing();
    return least;
}

void InspectorPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_profiles->title()->setFoldedByDefault(height() < kRoomForProfiles);
    m_profiles->setHasRoom(height() >= kRoomForHeads);
    shareRoom();
}

void InspectorPanel::shareRoom()
{
    const bool wasFolded = m_heads->title()->isFolded();
    const int profiles = m_profiles->isVisible() ? m_profiles->sizeHint().height() : 0;
    m_heads->title()->setFoldedByDefault(height() - profiles < kRoomForHeads);
    if (wasFolded && !m_heads->title()->isFolded())
        readHeads();
}

QString InspectorPanel::quantity(HeadId head, RowSource source) const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const HeadInfo* const info = trace ? trace->findHead(head.layer, head.head) : nullptr;
    if (!info)
        return {};
    return rowQuantityOf(*trace, *info, source);
}

bool InspectorPanel::isApart(HeadId head, RowSource source) const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const HeadInfo* const info = trace ? trace->findHead(head.layer, head.head) : nullptr;
    return info && info->normaliser == Normaliser::Kept
        && (source == RowSource::Exact || source == RowSource::Rounded);
}

void InspectorPanel::readAll()
{
    // The third list is what one asks for less often, unless there is nothing but a key.
    m_readers->title()->setFoldedByDefault(m_subject->locked().query.has_value());
    readHead();
    readHeads();
}

void InspectorPanel::readHead()
{
    readRowList();
    readReaders();
    markCurrent();
    m_profiles->read();
}

void InspectorPanel::readRowList()
{
    const TraceReading& reading = m_reader->reading();
    const std::optional<std::uint32_t> row = m_subject->locked().query;
    if (!reading || !row || *row >= reading.trace->seqLen())
        return m_reads->clear();
    const HeadId head = m_subject->shownHead();
    m_reads->ask({head, {row, std::nullopt}}, rowSubject(*row));
    if (m_reads->title()->isFolded())
        return m_reads->job()->cancel();
    m_reads->job()->start(
        [reading, head, row = *row](const std::stop_token& stop) {
            return readRow(reading, head, row, kMost, stop);
        },
        [this](const ReadList& list) { showReads(list); });
}

void InspectorPanel::showReads(const ReadList& list)
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (list.failure)
        return m_reads->fail(QString::fromStdString(list.failure->text()), true);
    if (!list.isHeld)
        return m_reads->fail(overviewOnly(), false);
    QString what = quantity(list.head, list.source);
    if (!list.ofTokens())
        what = tr("%1 · mean of %2 rows (its block)").arg(what).arg(list.blockQ);
    reads()->massModel()->setQuantity(what);
    const bool isFramed = isApart(list.head, list.source);
    m_reads->setFramed(isFramed);
    if (isFramed)
        what += notOfMap();
    const HeadInfo* const info = trace->findHead(list.head.layer, list.head.head);
    const bool isOfRow = list.ofTokens() || (info && info->normaliser == Normaliser::Exact);
    m_reads->answer(massRows(list, *trace, m_subject->locked().key),
                    what + QStringLiteral(" · ") + extentOfReads(list, isOfRow));
}

void InspectorPanel::readHeads()
{
    const TraceReading& reading = m_reader->reading();
    const TokenPair pair = m_subject->locked();
    if (!reading || !pair.query || *pair.query >= reading.trace->seqLen())
        return m_heads->clear();
    m_heads->title()->setTitle(pair.key ? tr("Heads that read the same place")
                                        : tr("Heads by their heaviest key but sinks"));
    m_heads->ask({{}, pair},
                 pair.key ? rowSubject(*pair.query) + QStringLiteral(", ") + keySubject(*pair.key)
                          : rowSubject(*pair.query));
    if (m_heads->title()->isFolded())
        return m_heads->job()->cancel();
    m_heads->job()->start(
        [reading, pair](const std::stop_token& stop) { return rankHeads(reading, pair, stop); },
        [this](const HeadReads& reads) { showHeads(reads); });
}

void InspectorPanel::showHeads(const HeadReads& reads)
{
    if (reads.failure) {
        m_reader->report(*reads.failure);
        if (reads.heads.empty())
            return m_heads->fail(QString::fromStdString(reads.failure->text()), true);
    }
    QStringList quantities; // of the heads in the list: a sliding layer's may differ from a global one's
    for (const HeadRead& read : reads.heads) {
        if (const QString name = quantity(read.head, reads.source); !quantities.contains(name))
            quantities.append(name);
    }
    quantities.sort();
    std::vector<MassRow> rows;
    for (const HeadRead& read : reads.heads) {
        QString mass = probabilityText(static_cast<double>(read.mass), reads.source);
        if (!read.isHeld)
            mass = reads.ofTokens() ? tr("not in its %1").arg(read.recorded) : tr("not kept");
        QString name = QStringLiteral("L%1 H%2").arg(read.head.layer).arg(read.head.head);
        if (quantities.size() > 1)
            name += QStringLiteral(" · ") + quantity(read.head, reads.source);
        if (!reads.pair.key && read.isHeld)
            name += QStringLiteral(" → %1 %2")
                        .arg(thousandsOf(read.key),
                             isolated(tokenLabel(m_subject->trace()->tokenText(read.key), 12)));
        rows.push_back({name,
                        read.head.layer * 100000.0 + read.head.head,
                        {},
                        static_cast<double>(read.mass),
                        mass,
                        read.head,
                        read.key,
                        read.head == m_subject->shownHead(),
                        {},
                        read.isHeld,
                        reads.source == RowSource::Rounded});
    }
    QString what = quantities.join(QStringLiteral(" and "));
    if (quantities.size() > 1)
        what = tr("%1, as each head says").arg(what);
    if (!reads.ofTokens())
        what = tr("%1 · mean of %2 rows (its block), %3 keys").arg(what).arg(reads.blockQ).arg(reads.blockK);
    heads()->massModel()->setQuantity(what);
    const bool isFramed = std::ranges::any_of(
        reads.heads, [&](const HeadRead& read) { return isApart(read.head, reads.source); });
    m_heads->setFramed(isFramed);
    if (isFramed)
        what += notOfMap();
    what += noReaderText(reads) + rankText(reads);
    if (reads.unknownHeads > 0)
        what += tr(" · %1 heads without edges left out").arg(thousandsOf(reads.unknownHeads));
    if (!reads.damagedHeads.empty())
        what += tr(" · %1 cannot be read").arg(headsText(reads.damagedHeads));
    m_heads->answer(std::move(rows), what);
}

void InspectorPanel::readReaders()
{
    const TraceReading& reading = m_reader->reading();
    const std::optional<std::uint32_t> key = m_subject->locked().key;
    if (!reading || !key || *key >= reading.trace->seqLen())
        return m_readers->clear();
    const HeadId head = m_subject->shownHead();
    m_readers->ask({head, {std::nullopt, key}}, keySubject(*key));
    if (m_readers->title()->isFolded())
        return m_readers->job()->cancel();
    m_readers->job()->start(
        [reading, head, key = *key](const std::stop_token& stop) {
            return readColumn(reading, head, key, kMost, stop);
        },
        [this](const ReadList& list) { showReaders(list); });
}

void InspectorPanel::showReaders(const ReadList& list)
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (list.failure)
        return m_readers->fail(QString::fromStdString(list.failure->text()), true);
    if (!list.isHeld)
        return m_readers->fail(overviewOnly(), false);
    QString what = quantity(list.head, list.source);
    if (!list.ofTokens())
        what = tr("%1 · mean of each block's %2 rows, %3 keys").arg(what).arg(list.blockQ).arg(list.blockK);
    readers()->massModel()->setQuantity(what);
    const bool isFramed = isApart(list.head, list.source);
    m_readers->setFramed(isFramed);
    if (isFramed)
        what += notOfMap();
    const QString all =
        (list.ofTokens() ? tr("%1 rows") : tr("%1 query blocks")).arg(thousandsOf(list.numKept));
    const QString count =
        list.numKept > list.lines.size() ? tr("%1 of %2").arg(list.lines.size()).arg(all) : all;
    m_readers->answer(massRows(list, *trace, m_subject->locked().query),
                      what + QStringLiteral(" · ") + count);
}

void InspectorPanel::markCurrent()
{
    heads()->massModel()->markCurrent(
        [head = m_subject->shownHead()](const MassRow& row) { return row.head == head; });
}

} // namespace headwater
