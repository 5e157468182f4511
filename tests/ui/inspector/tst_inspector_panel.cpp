// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspector_panel.h"

#include "core/reading/edge_query.h"
#include "support/patience.h"
#include "ui/heads/ragged_trace.h"
#include "ui/inspector/inspector_section.h"
#include "ui/inspector/locked_row_card.h"
#include "ui/map/tooltip_card.h"
#include "ui/theme/fonts.h"
#include "ui/theme/percent_text.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QPushButton>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <numeric>

using namespace headwater;
using namespace headwater::testing;

class TestInspectorPanel : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;

    struct Parts {
        Subject subject;
        ViewReader reader{&subject};
        InspectorPanel panel{&subject, &reader};
    };

    std::unique_ptr<Parts> openParts() const
    {
        auto parts = std::make_unique<Parts>();
        parts->panel.resize(336, 700);
        parts->subject.setTrace(m_trace);
        parts->subject.setHead({2, 1});
        parts->panel.show();
        return parts;
    }

private slots:
    void initTestCase()
    {
        auto trace =
            writeRaggedTrace(std::filesystem::path(m_folder.path().toStdString()) / "r.hwt", {5, 1, 3, 4});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
    }

    void theCardSpeaks()
    {
        auto parts = openParts();
        QVERIFY(parts->panel.card()->sentence().startsWith(QStringLiteral("Click")));
        parts->subject.setLocked({940, 212});
        QCOMPARE(parts->panel.card()->headText(), QStringLiteral("L2 · H1"));
        QCOMPARE(parts->panel.card()->rowText(), QStringLiteral("row 940"));
        const QString next = proseOf(m_trace->tokenText(941)).trimmed();
        const QString sentence = parts->panel.card()->sentence();
        QVERIFY2(sentence.startsWith(QStringLiteral("“…")), qPrintable(sentence));
        QVERIFY2(sentence.endsWith(QStringLiteral(" is” is followed by “%1”").arg(next)),
                 qPrintable(sentence));
    }

    void hidden_readsNothing_shown_catchesUp()
    {
        auto parts = openParts();
        parts->panel.hide();
        const auto isReading = [&parts] {
            const auto jobs = parts->panel.findChildren<BackgroundJob*>();
            return std::any_of(jobs.begin(), jobs.end(),
                               [](const BackgroundJob* job) { return job->isRunning(); });
        };
        parts->subject.setLocked({500, 20}); // a row by its blocks
        parts->subject.setHead({0, 1});
        parts->subject.setLocked({501, 20});
        QVERIFY(!isReading());
        QCOMPARE(parts->reader.reading().heads->bytes(), std::size_t{0});
        QCOMPARE(parts->panel.reads()->model()->rowCount(), 0);
        parts->panel.show();
        QVERIFY(isReading());
        QTRY_VERIFY(parts->panel.reads()->model()->rowCount() > 0);
        QVERIFY2(parts->panel.readsNote().startsWith(QStringLiteral("row 501")),
                 qPrintable(parts->panel.readsNote()));
        QTRY_VERIFY(!isReading());
        // Of the heads' rows their chunks were read, no head as a whole but the one whose readers are asked.
        HeadCache& heads = *parts->reader.reading().heads;
        const std::size_t before = heads.bytes();
        QVERIFY(heads.loadEdges(2, 1));
        QVERIFY(heads.bytes() > before);
    }

    void aRowOfTheTableIsShownAsStored()
    {
        auto parts = openParts();
        parts->subject.setLocked({990, 115});
        MassTable* const table = parts->panel.reads();
        QTRY_COMPARE(table->model()->rowCount(), 3);
        const Result<TokenRow> row = m_trace->loadTokenRow(2, 1, 990);
        for (int i = 0; i < 3; ++i) {
            const auto at = static_cast<std::size_t>(i);
            QCOMPARE(table->rowAt(i).tokenAt, row->keys[at]);
            QCOMPARE(table->rowAt(i).mass, static_cast<double>(row->probability[at]));
            QCOMPARE(table->model()->index(i, MassTableModel::Mass).data().toString(),
                     probabilityText(static_cast<double>(row->probability[at])));
            QCOMPARE(table->rowAt(i).isCurrent, row->keys[at] == 115);
        }
        QVERIFY2(parts->panel.readsNote().startsWith(QStringLiteral("row 990 · p_model · 3 keys, together ")),
                 qPrintable(parts->panel.readsNote()));
        QVERIFY(!parts->panel.readsNote().contains(QStringLiteral("mean of")));
        // The kept share as every other place says it: rounded down.
        const double kept = std::accumulate(row->probability.begin(), row->probability.end(), 0.0);
        QVERIFY(parts->panel.readsNote().endsWith(percentText(kept) + QStringLiteral(" of the row")));

        MassTable* const heads = parts->panel.heads();
        QTRY_COMPARE(heads->model()->rowCount(), static_cast<int>(m_trace->heads().size()));
        const Result<std::vector<TokenRow>> all = m_trace->loadTokenRows(990);
        for (int i = 0; i < heads->model()->rowCount(); ++i) {
            const MassRow& shown = heads->rowAt(i);
            double expected = 0;
            std::size_t recorded = 0;
            for (const TokenRow& one : *all) {
                if (HeadId{one.layer, one.head} == shown.head)
                    recorded = one.keys.size();
                for (std::size_t k = 0; k < one.keys.size(); ++k) {
                    if (HeadId{one.layer, one.head} == shown.head && one.keys[k] == 115)
                        expected = static_cast<double>(one.probability[k]);
                }
            }
            QCOMPARE(shown.mass, expected);
            QVERIFY(i == 0 || heads->rowAt(i - 1).mass >= shown.mass);
            if (expected == 0)
                QCOMPARE(shown.massText, QStringLiteral("not in its %1").arg(recorded));
        }
    }

    void anotherRowShowsItsBlockAndSaysSo()
    {
        auto parts = openParts();
        parts->subject.setLocked({500, std::nullopt});
        MassTable* const table = parts->panel.reads();
        const auto edges = m_trace->loadEdges(2, 1);
        const std::vector<BlockEntry> entries = rowEntries(**edges, 500);
        const auto most = std::min<std::size_t>(entries.size(), InspectorPanel::kMost);
        QTRY_COMPARE(table->model()->rowCount(), static_cast<int>(most));
        for (std::size_t i = 0; i < most; ++i) {
            QCOMPARE(table->rowAt(static_cast<int>(i)).mass, static_cast<double>(entries[i].mass));
            QCOMPARE(table->rowAt(static_cast<int>(i)).tokenAt, entries[i].peakKey);
            const std::uint32_t begin = entries[i].keyBlock * 16;
            QCOMPARE(table->rowAt(static_cast<int>(i)).copyName,
                     QStringLiteral("%1-%2").arg(begin).arg(std::min(begin + 16, m_trace->seqLen()) - 1));
        }
        QVERIFY2(parts->panel.readsNote().contains(QStringLiteral("mean of 16 rows (its block)")),
                 qPrintable(parts->panel.readsNote()));
        QVERIFY2(parts->panel.readsNote().contains(QStringLiteral(" blocks, ")),
                 qPrintable(parts->panel.readsNote()));
        QTRY_VERIFY(parts->panel.headsNote().contains(QStringLiteral("mean of 16 rows (its block)")));
    }

    /// Heads of layers of 5, 1, 3 and 4; each gives the keys 0, 3, 6, … ever less.
    static ExactRow givenRow(std::uint32_t row, bool isExact)
    {
        ExactRow given;
        given.row = row;
        given.firstHead = {0, 5, 6, 9, 13};
        given.listed = 24;
        given.lse.assign(13, 2.0F);
        given.isExact = isExact;
        for (int head = 0; head < 13; ++head) {
            for (std::uint32_t i = 0; i < given.listed; ++i) {
                given.keys.push_back(3 * i);
                given.probability.push_back(0.123456F / static_cast<float>(i + 1));
            }
            given.given[115].push_back(0.0034567F * static_cast<float>(head));
        }
        return given;
    }

    void aSessionsRowReplacesTheBlocks()
    {
        auto parts = openParts();
        parts->subject.setLocked({500, 115});
        QTRY_VERIFY(parts->panel.readsNote().contains(QStringLiteral("mean of 16 rows (its block)")));
        parts->reader.addExact(givenRow(500, true));
        MassTable* const table = parts->panel.reads();
        QTRY_COMPARE(parts->panel.readsNote(),
                     QStringLiteral("row 500 · p_model · exact · 20 of 24 keys, all together %1 of the row")
                         .arg(percentText(0.123456 * 3.775958))); // the sum of 1/n up to 24
        QCOMPARE(table->rowAt(1).massText, QStringLiteral("0.0617"));
        table->selectRow(1);
        QVERIFY2(table->copyText().startsWith(QStringLiteral("key\ttoken\tmass (p_model · exact)")),
                 qPrintable(table->copyText()));
        QVERIFY(table->copyText().endsWith(QStringLiteral("\t0.061728\n")));
        QTRY_COMPARE(parts->panel.headsNote(), QStringLiteral("row 500, key 115 · p_model · exact"));
        QCOMPARE(parts->panel.heads()->rowAt(0).head, (HeadId{3, 3}));
        QCOMPARE(parts->panel.heads()->rowAt(0).massText, QStringLiteral("0.0415"));
        QVERIFY(!parts->panel.readsSection()->isFramed()); // the blocks are of whole rows too
    }

    /// A list reads again what a session has given of it, and is left alone by what it has given elsewhere.
    void whatIsGivenElsewhere_isNotReadAgain()
    {
        auto parts = openParts();
        parts->panel.resize(336, 1150);
        parts->subject.setLocked({500, 115});
        InspectorPanel& panel = parts->panel;
        panel.readersSection()->title()->foldOrUnfold();
        const auto atRest = [&panel] {
            const auto jobs = panel.findChildren<BackgroundJob*>();
            return std::none_of(jobs.begin(), jobs.end(),
                                [](const BackgroundJob* job) { return job->isRunning(); });
        };
        QTRY_VERIFY(atRest());
        const auto given = [&](HeadId head, TokenRange rows, TokenRange keys) {
            ExactWindow window{head.layer, head.head, rows, keys, {}, true, true};
            window.p.assign(std::size_t{rows.end - rows.begin} * (keys.end - keys.begin), 0.001F);
            parts->reader.addExact(std::make_shared<const ExactWindow>(window));
            return QList<bool>{panel.readsSection()->job()->isRunning(),
                               panel.headsSection()->job()->isRunning(),
                               panel.readersSection()->job()->isRunning()};
        };
        const std::uint32_t tokens = m_trace->seqLen();
        const HeadId shown{2, 1};
        QCOMPARE(given(shown, {600, 700}, {0, 300}), (QList<bool>{false, false, false}));
        QCOMPARE(given(shown, {400, 600}, {200, 300}),
                 (QList<bool>{false, false, false})); // not the whole row
        QVERIFY(atRest());
        QCOMPARE(given({0, 1}, {400, 600}, {100, 300}), (QList<bool>{false, true, false})); // of the pair
        QTRY_VERIFY(atRest());
        QCOMPARE(given({0, 1}, {500, 501}, {0, 501}), (QList<bool>{false, true, false}));
        QTRY_VERIFY(atRest());
        QCOMPARE(given(shown, {500, 501}, {0, 501}), (QList<bool>{true, true, false}));
        QTRY_VERIFY(atRest());
        QCOMPARE(given(shown, {115, tokens}, {115, 116}), (QList<bool>{false, true, true}));
        QTRY_VERIFY(atRest());
        parts->reader.addExact(givenRow(501, true));
        QVERIFY(atRest());
        parts->reader.addExact(givenRow(500, true));
        QVERIFY(!atRest());
        QTRY_VERIFY(atRest());
    }

    /// "No head" is of all heads: it takes that every one is known.
    void whatIsNotKnownOfAHead_isNotDenied()
    {
        auto parts = openParts();
        parts->subject.setLocked({500, 116}); // in no head's list
        ExactRow row = givenRow(500, true);
        parts->reader.addExact(row);
        QTRY_COMPARE(parts->panel.headsNote(),
                     QStringLiteral("row 500, key 116 · p_model · exact · no head lists this key"));
        // One head's pair is known, and is nothing.
        ExactWindow window{0, 0, {500, 501}, {116, 117}, {0.0F}, true, true};
        parts->reader.addExact(std::make_shared<const ExactWindow>(window));
        QTRY_COMPARE(
            parts->panel.headsNote(),
            QStringLiteral("row 500, key 116 · p_model · exact · no head that is known reads this key"));
        // It reads the key: others may read it more.
        window.p = {0.001F};
        parts->reader.addExact(std::make_shared<const ExactWindow>(window));
        QTRY_COMPARE(parts->panel.headsNote(),
                     QStringLiteral("row 500, key 116 · p_model · exact · in the order of those known"));
        row.given[116].assign(13, 0.0F);
        parts->subject.setLocked({501, 116});
        row.row = 501;
        parts->reader.addExact(row);
        QTRY_COMPARE(parts->panel.headsNote(),
                     QStringLiteral("row 501, key 116 · p_model · exact · no head reads this key"));
    }

    void roundedKeys_haveTwoDigits()
    {
        auto parts = openParts();
        parts->subject.setLocked({500, 115});
        parts->reader.addExact(givenRow(500, false));
        MassTable* const table = parts->panel.reads();
        QTRY_VERIFY(
            parts->panel.readsNote().startsWith(QStringLiteral("row 500 · p_model · rounded keys · ")));
        QVERIFY(!parts->panel.readsNote().contains(QStringLiteral("exact")));
        QCOMPARE(table->rowAt(0).massText, QStringLiteral("0.12"));
        QTRY_COMPARE(parts->panel.headsNote(), QStringLiteral("row 500, key 115 · p_model · rounded keys"));
        QCOMPARE(parts->panel.heads()->rowAt(0).massText, QStringLiteral("0.041"));
        table->selectRow(0);
        QVERIFY2(table->copyText().endsWith(QStringLiteral("\t0.12\n")), qPrintable(table->copyText()));
    }

    void readersAreTheColumnsEntries()
    {
        auto parts = openParts();
        parts->subject.setLocked({std::nullopt, 212});
        MassTable* const table = parts->panel.readers();
        const auto edges = m_trace->loadEdges(2, 1);
        const std::vector<BlockEntry> entries = columnEntries(**edges, 212);
        const auto most = std::min<std::size_t>(entries.size(), InspectorPanel::kMost);
        QTRY_COMPARE(table->model()->rowCount(), static_cast<int>(most));
        for (std::size_t i = 0; i < most; ++i) {
            QCOMPARE(table->rowAt(static_cast<int>(i)).mass, static_cast<double>(entries[i].mass));
            QCOMPARE(table->rowAt(static_cast<int>(i)).tokenAt, entries[i].peakQuery);
        }
        QVERIFY(parts->panel.readersNote().contains(QStringLiteral("mean of each block's 16 rows")));
        QVERIFY2(parts->panel.readersNote().endsWith(QStringLiteral(" query blocks")),
                 qPrintable(parts->panel.readersNote()));
        QVERIFY(!parts->panel.reads()->isVisible());
    }

    void anotherSelectionNeverStandsOverTheOldRows()
    {
        auto parts = openParts();
        parts->subject.setLocked({990, 115});
        MassTable* const table = parts->panel.reads();
        QTRY_COMPARE(table->model()->rowCount(), 3);
        QTRY_VERIFY(parts->panel.headsNote().startsWith(QStringLiteral("row 990, key 115 · p_model")));
        QVERIFY(!table->massModel()->isStale());
        table->selectRow(1);

        parts->subject.setLocked({500, 115}); // being read
        QVERIFY(table->massModel()->isStale());
        QCOMPARE(parts->panel.readsNote(), QStringLiteral("row 500 · reading…"));
        QCOMPARE(parts->panel.headsNote(), QStringLiteral("row 500, key 115 · reading…"));
        QVERIFY(parts->panel.heads()->massModel()->isStale());
        QVERIFY(table->copyText().isEmpty()); // not the numbers of row 990
        QTest::keyClick(table, Qt::Key_Return);
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                          table->visualRect(table->model()->index(0, 0)).center());
        QCOMPARE(parts->subject.locked(), (TokenPair{500, 115}));
        parts->subject.setLocked({990, 115}); // given back before it was read: not under the other's name
        QCOMPARE(parts->panel.readsNote(), QStringLiteral("row 990 · reading…"));
        parts->subject.setLocked({500, 115});

        QTRY_VERIFY(!table->massModel()->isStale());
        QVERIFY2(parts->panel.readsNote().startsWith(QStringLiteral("row 500 · p_model")),
                 qPrintable(parts->panel.readsNote()));
        QTRY_VERIFY(!parts->panel.heads()->massModel()->isStale());

        parts->subject.setHead({0, 1}); // another head's rows
        QVERIFY(table->massModel()->isStale());
        QTRY_VERIFY(!table->massModel()->isStale());
        parts->subject.setLocked({500, 212}); // the same row: nothing to wait for
        QVERIFY(!table->massModel()->isStale());
    }

    void foldedWhileItReads_theOldRowsAreNotTheNewOnes()
    {
        auto parts = openParts();
        parts->subject.setLocked({990, 115});
        MassTable* const table = parts->panel.reads();
        QTRY_COMPARE(table->model()->rowCount(), 3);
        auto* const section = parts->panel.findChild<InspectorSection*>(QStringLiteral("readsSection"));
        parts->subject.setLocked({500, 115}); // its reading begins
        QVERIFY(section->job()->isRunning());
        section->title()->foldOrUnfold();
        parts->subject.setLocked({700, 115});
        QTRY_VERIFY(!section->job()->isRunning());
        section->title()->foldOrUnfold();
        QVERIFY(table->massModel()->isStale());
        QCOMPARE(parts->panel.readsNote(), QStringLiteral("row 700 · reading…"));
        QTRY_VERIFY(!table->massModel()->isStale());
    }

    void headsOfDifferentQuantities_sayTheirOwn()
    {
        // Layer 3 is normalised over what it keeps, the others by the whole row.
        const auto trace = writeRaggedTrace(
            std::filesystem::path(m_folder.path().toStdString()) / "mixed.hwt", {2, 2, 2, 2}, 1000, 3);
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        Parts parts;
        parts.panel.resize(336, 700);
        parts.panel.show();
        parts.subject.setTrace(*trace);
        parts.subject.setHead({0, 0});
        parts.subject.setLocked(
            {700, std::nullopt}); // no token row: its block's numbers follow the head's normaliser
        MassTable* const heads = parts.panel.heads();
        QTRY_COMPARE(heads->model()->rowCount(), 8);
        const auto checkNames = [&] {
            for (int i = 0; i < 8; ++i) {
                const MassRow& row = heads->rowAt(i);
                const QString quantity =
                    row.head.layer == 3 ? QStringLiteral(" · p_masked") : QStringLiteral(" · p_model");
                QVERIFY2(row.name.contains(quantity), qPrintable(row.name));
            }
            QVERIFY2(parts.panel.headsNote().contains(QStringLiteral("p_masked and p_model")),
                     qPrintable(parts.panel.headsNote()));
        };
        checkNames();
        parts.subject.setHead({3, 0}); // whose numbers are named no longer depends on the shown head
        checkNames();
        QVERIFY(heads->massModel()->quantity().contains(QStringLiteral("p_masked and p_model")));
        // The kept keys' shares add to one whatever the row keeps: no sum stands beside p_masked.
        QTRY_VERIFY2(parts.panel.readsNote().contains(QStringLiteral("p_masked")),
                     qPrintable(parts.panel.readsNote()));
        QVERIFY2(parts.panel.readsNote().endsWith(QStringLiteral(" blocks"))
                     && !parts.panel.readsNote().contains(QLatin1Char('%')),
                 qPrintable(parts.panel.readsNote()));
        // A token row is taken over the whole row in every head, whatever the head's normaliser.
        QVERIFY((*trace)->hasTokenRow(990));
        parts.subject.setLocked({990, std::nullopt});
        QTRY_VERIFY(!heads->massModel()->isStale());
        QCOMPARE(heads->massModel()->quantity(), QStringLiteral("p_model"));
        QTRY_VERIFY(parts.panel.readsNote().contains(QStringLiteral("p_model")));
    }

    void readersFoldWhileARowIsLocked()
    {
        auto parts = openParts();
        parts->subject.setLocked({500, 212});
        QTRY_VERIFY(parts->panel.reads()->isVisible());
        QVERIFY(parts->panel.readersSection()->title()->isFolded());
        QVERIFY(!parts->panel.readers()->isVisible());
        auto* const title = parts->panel.findChild<QPushButton*>(QStringLiteral("readersTitle"));
        QVERIFY(title->isVisible());
        title->setFocus();
        QTest::keyClick(title, Qt::Key_Space);
        QTRY_VERIFY(parts->panel.readers()->isVisible());
        QVERIFY(parts->panel.readersNote().startsWith(QStringLiteral("key 212 · p_model")));
        parts->subject.setLocked({501, 212}); // a person's choice stays
        QVERIFY(!parts->panel.readersSection()->title()->isFolded());
    }

    void sevenReadsFitTheDefaultPanel()
    {
        auto parts = openParts();
        parts->panel.resize(336, 520); // what the window gives it at 1600 x 1000
        parts->subject.setLocked({500, 212});
        MassTable* const table = parts->panel.reads();
        QTRY_VERIFY(table->model()->rowCount() >= 7);
        QTRY_VERIFY(parts->panel.heads()->isVisible());
        QCoreApplication::processEvents();
        QVERIFY2(table->viewport()->height() >= 7 * table->rowHeight(0),
                 qPrintable(QString::number(table->viewport()->height())));
    }

    void aLowPanel_leavesItsRoomToTheReads()
    {
        auto parts = openParts();
        parts->panel.resize(336, 300); // of a window of 720 lines
        parts->subject.setLocked({500, 212});
        MassTable* const table = parts->panel.reads();
        QTRY_VERIFY(table->model()->rowCount() >= 5);
        QVERIFY(!parts->panel.heads()->isVisible());
        QTRY_VERIFY2(table->viewport()->height() >= 4 * table->rowHeight(0),
                     qPrintable(QString::number(table->viewport()->height())));
        parts->panel.resize(336, 600);
        QTRY_VERIFY(parts->panel.heads()->isVisible() && !parts->panel.heads()->massModel()->isStale());
    }

    void aMillionTokens_leaveRoomForTheToken()
    {
        QCOMPARE(spanName(2012, 2013), QStringLiteral("2\u2009012"));
        QCOMPARE(spanName(2000, 2016), QStringLiteral("2\u2009000–2\u2009015"));
        QCOMPARE(spanName(1048544, 1048576), QStringLiteral("1\u2009048\u2009544–575"));
        QCOMPARE(spanName(999984, 1000016), QStringLiteral("999\u2009984–1\u2009000\u2009015"));
        QCOMPARE(spanName(12992, 13008), QStringLiteral("12\u2009992–13\u2009007"));
        MassTable table({QStringLiteral("key"), QStringLiteral("token"), MassColour::Key, MassColour::Query});
        table.resize(312, 200);
        std::vector<MassRow> rows;
        for (std::uint32_t i = 0; i < 8; ++i)
            rows.push_back({spanName(1048544 - 32 * i, 1048576 - 32 * i),
                            1048544.0 - 32 * i,
                            QStringLiteral("Helsinki"),
                            0.0123,
                            QStringLiteral("0.0123"),
                            {},
                            1048544 - 32 * i});
        rows.front().copyName = plainSpanName(1048544, 1048576);
        table.massModel()->setRows(rows);
        // A copy holds the whole number: "1048544–575" would be another span.
        const QString copied = table.massModel()->tsv({0});
        QVERIFY2(copied.contains(QStringLiteral("\n1048544-1048575\t")), qPrintable(copied));
        table.show();
        const QFontMetrics header(table.horizontalHeader()->font());
        QTRY_VERIFY2(table.columnWidth(MassTableModel::Token)
                         >= header.horizontalAdvance(QStringLiteral("token ↓")) + 12,
                     qPrintable(QString::number(table.columnWidth(MassTableModel::Token))));
        const QFontMetrics words(tokensFont(12));
        QVERIFY(table.columnWidth(MassTableModel::Token)
                >= words.horizontalAdvance(QStringLiteral("Helsinki")) + 12);
    }

    void aRowThatHasNoRoom_isNotShownInPart()
    {
        MassTable table({QStringLiteral("key"), QStringLiteral("token"), MassColour::Key, MassColour::Query});
        std::vector<MassRow> rows(
            9, {spanName(1, 2), 1.0, QStringLiteral("word"), 0.5, QStringLiteral("0.5"), {}, 1});
        table.massModel()->setRows(rows);
        table.resize(312, 150);
        table.show();
        const int row = table.rowHeight(0);
        for (const int part : {1, row / 2, row - 1}) {
            table.resize(312, table.height() - table.viewport()->height() + 3 * row + part);
            const QImage image = table.viewport()->grab().toImage();
            QCOMPARE(image.height(), 3 * row + part);
            const auto inks = [&image](int from, int to) {
                QSet<QRgb> seen;
                for (int y = from; y < to; ++y)
                    for (int x = 4; x < image.width() - 16; ++x)
                        seen.insert(image.pixel(x, y));
                return seen.size();
            };
            QVERIFY(inks(2 * row, 3 * row) > 3);
            QCOMPARE(inks(3 * row, image.height()), qsizetype(1));
        }
    }

    void quotationsTurnNoRowRound_andAreCopiedClean()
    {
        const QString token = QString::fromUtf8("שלום,");
        MassTableModel model(QStringLiteral("head"), QStringLiteral("token"), nullptr);
        MassRow row;
        row.name = QString::fromUtf8("L1 H2 → 3 \u2068שלום\u2069");
        row.token = token;
        row.mass = 0.5;
        row.massText = QStringLiteral("0.5");
        model.setRows({row});
        const QModelIndex cell = model.index(0, MassTableModel::Token);
        QCOMPARE(cell.data().toString(), QChar(0x2068) + token + QChar(0x2069));
        QCOMPARE(cell.data(Qt::AccessibleTextRole).toString(), token);
        QCOMPARE(cell.data(MassTableModel::SortRole).toString(), token);
        QVERIFY(!cell.data(Qt::ToolTipRole).toString().isRightToLeft());
        const QString copied = model.tsv({0});
        QVERIFY2(copied.contains(QString::fromUtf8("\nL1 H2 → 3 שלום\tשלום,\t")), qPrintable(copied));
    }

    void tablesSortAndCopy()
    {
        auto parts = openParts();
        parts->subject.setLocked({990, std::nullopt});
        MassTable* const table = parts->panel.reads();
        QTRY_COMPARE(table->model()->rowCount(), 3);
        table->sortByColumn(MassTableModel::Name, Qt::AscendingOrder);
        QCOMPARE(table->rowAt(0).tokenAt, 0u);
        QCOMPARE(table->rowAt(2).tokenAt, 990u);
        table->sortByColumn(MassTableModel::Name, Qt::DescendingOrder);
        QCOMPARE(table->rowAt(0).tokenAt, 990u);

        table->selectRow(1);
        QTest::keySequence(table, QKeySequence::Copy);
        const Result<TokenRow> row = m_trace->loadTokenRow(2, 1, 990);
        const QString expected = QStringLiteral("key\ttoken\tmass (p_model)\n%1\t%2\t%3\n")
                                     .arg(row->keys[1])
                                     .arg(tokenLabel(m_trace->tokenText(row->keys[1])))
                                     .arg(static_cast<double>(row->probability[1]), 0, 'g', 7);
        QCOMPARE(QApplication::clipboard()->text(), expected);
        table->clearSelection();
        QCOMPARE(table->copyText().count(QLatin1Char('\n')), 4);
    }

    void choosingALineLocksIt()
    {
        auto parts = openParts();
        parts->subject.setLocked({990, std::nullopt});
        MassTable* const table = parts->panel.reads();
        QTRY_COMPARE(table->model()->rowCount(), 3);
        const QRect cell = table->visualRect(table->model()->index(1, MassTableModel::Token));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, cell.center());
        QCOMPARE(parts->subject.locked(), (TokenPair{990, 115}));
        QTRY_VERIFY(table->rowAt(1).isCurrent);
        QVERIFY(table->selectionModel()->isRowSelected(1)); // the keys go on from here

        MassTable* const heads = parts->panel.heads();
        QTRY_VERIFY(heads->model()->rowCount() > 2);
        QTRY_COMPARE(heads->rowAt(0).tokenAt, 115u);
        heads->setCurrentIndex(heads->model()->index(1, 0));
        const HeadId wanted = heads->rowAt(1).head;
        QTest::keyClick(heads, Qt::Key_Return);
        QCOMPARE(parts->subject.head(), wanted);
    }

    void closingEmptiesIt()
    {
        auto parts = openParts();
        parts->subject.setLocked({990, 115});
        parts->subject.setTrace(nullptr);
        QCOMPARE(parts->panel.reads()->model()->rowCount(), 0);
        QCOMPARE(parts->panel.heads()->model()->rowCount(), 0);
        QTest::qWait(0);
        QVERIFY(parts->panel.card()->sentence().startsWith(QStringLiteral("Click")));
    }
};

QTEST_MAIN(TestInspectorPanel)
#include "tst_inspector_panel.moc"
