// SPDX-License-Identifier: Apache-2.0
// What a session has given of a row answers every question about it: list, profile, ranks of the heads, pair.
#include "core/reading/exact_row.h"

#include "core/reading/head_reads.h"
#include "core/reading/known_row.h"
#include "core/reading/profile.h"
#include "core/reading/read_list.h"
#include "core/trace/made_trace.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

using namespace headwater;

namespace {

constexpr std::uint32_t kListed = 8;
constexpr std::uint32_t kRow = 300; ///< not recorded
constexpr std::uint32_t kRecorded = 598;
constexpr std::size_t kAll = 1u << 30;

} // namespace

class TestExactRows : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    made::Shape m_shape;
    std::shared_ptr<const Trace> m_trace;

    /// The dense truth of a row. Shape: [row + 1]; keys outside a sliding head's window have 0.
    std::vector<float> denseRow(HeadId head, std::uint32_t row) const
    {
        std::mt19937_64 random(row * 131 + static_cast<std::uint64_t>(head.layer * 17 + head.head));
        std::uniform_real_distribution<double> unit(0, 1);
        std::vector<double> weight(row + 1);
        const std::uint32_t first = head.head == 1 && row >= m_shape.window ? row - m_shape.window + 1 : 0;
        for (std::uint32_t key = first; key <= row; ++key)
            weight[key] = std::pow(unit(random), 8);
        const double sum = std::accumulate(weight.begin(), weight.end(), 0.0);
        std::vector<float> p;
        for (const double one : weight)
            p.push_back(static_cast<float>(one / sum));
        return p;
    }

    ExactRow given(std::uint32_t row, std::optional<std::uint32_t> key, bool isExact = true) const
    {
        ExactRow given;
        given.row = row;
        given.listed = kListed;
        given.firstHead = {0, 2, 5};
        given.isExact = isExact;
        for (const HeadInfo& info : m_trace->heads()) {
            const std::vector<float> p = denseRow({info.layer, info.head}, row);
            const KnownRow top = heaviestOf(p, 0, kListed);
            given.lse.push_back(3.5f + static_cast<float>(info.head));
            given.keys.insert(given.keys.end(), top.keys.begin(), top.keys.end());
            given.probability.insert(given.probability.end(), top.probability.begin(), top.probability.end());
            if (key)
                given.given[*key].push_back(p[*key]);
        }
        return given;
    }

    std::shared_ptr<const ExactWindow> window(HeadId head, std::uint32_t row, TokenRange keys,
                                              bool isExact = true) const
    {
        const std::vector<float> p = denseRow(head, row);
        ExactWindow window{head.layer, head.head, {row, row + 1}, keys, {}, true, isExact};
        window.p.assign(p.begin() + keys.begin, p.begin() + keys.end);
        return std::make_shared<const ExactWindow>(std::move(window));
    }

    const HeadRead& readOf(const HeadReads& reads, HeadId head)
    {
        return *std::ranges::find(reads.heads, head, &HeadRead::head);
    }

private slots:
    void initTestCase()
    {
        const std::filesystem::path path = m_folder.filePath("rows.hwt").toStdString();
        VERIFY_RESULT(made::write(path, m_shape));
        const auto trace = Trace::open(path);
        VERIFY_RESULT(trace);
        m_trace = *trace;
        QVERIFY(!m_trace->hasTokenRow(kRow) && m_trace->hasTokenRow(kRecorded));
    }

    void everyQuestionHasTheSessionsNumbers()
    {
        const TraceReading reading = readingOf(m_trace);
        constexpr std::uint32_t kKey = 281; // inside every window
        QCOMPARE(rankHeads(reading, {kRow, kKey}, {}).source, RowSource::Blocks);
        reading.exactRows->add(given(kRow, kKey));
        const HeadReads reads = rankHeads(reading, {kRow, kKey}, {});
        QCOMPARE(reads.source, RowSource::Exact);
        QCOMPARE(reads.heads.size(), m_trace->heads().size());
        QVERIFY(std::ranges::is_sorted(reads.heads, std::greater(), &HeadRead::mass));
        for (const HeadInfo& info : m_trace->heads()) {
            const HeadId head{info.layer, info.head};
            const std::vector<float> p = denseRow(head, kRow);
            const KnownRow top = heaviestOf(p, 0, kListed);
            const double listed = std::accumulate(top.probability.begin(), top.probability.end(), 0.0);
            QVERIFY(readOf(reads, head).isHeld);
            QCOMPARE(readOf(reads, head).mass, p[kKey]);

            const auto known = knownRow(reading, head, kRow, kAll);
            VERIFY_RESULT(known);
            QVERIFY(known->ofKeys && known->exact && known->blocks.empty());
            QCOMPARE(QByteArray(known->quantity), QByteArray("p_model")); // whatever the blocks are of
            QCOMPARE(known->keys, top.keys);
            QCOMPARE(known->probability, top.probability);
            QCOMPARE(known->bound, top.probability.back());
            QVERIFY(std::abs(static_cast<double>(known->rest) - (1 - listed)) < 1e-6);
            if (info.normaliser == Normaliser::Kept)
                QCOMPARE(known->lse, 3.5f + static_cast<float>(info.head));

            const ReadList list = readRow(reading, head, kRow, 3, {});
            QCOMPARE(list.source, RowSource::Exact);
            QCOMPARE(list.numKept, std::size_t{kListed});
            QCOMPARE(list.lines.size(), std::size_t{3});
            QCOMPARE(list.lines[2].token, top.keys[2]);
            QCOMPARE(list.lines[2].mass, top.probability[2]);
            const Profile profile = readRowProfile(reading, head, kRow);
            QVERIFY(profile.ofTokens() && !profile.isWhole);
            QCOMPARE(profile.bars.size(), std::size_t{kListed});
        }
        QCOMPARE(rankHeads(reading, {kRow + 1, kKey}, {}).source, RowSource::Blocks); // the next row
    }

    void aKeyThatWasNotAskedFor_isNotNothing()
    {
        const TraceReading reading = readingOf(m_trace);
        reading.exactRows->add(given(kRow, std::nullopt));
        const HeadId head{0, 0};
        const std::vector<float> p = denseRow(head, kRow);
        const KnownRow all = heaviestOf(p, 0, kAll);
        const std::uint32_t listed = all.keys[kListed - 1];
        const std::uint32_t other = all.keys[kListed];
        QCOMPARE(readOf(rankHeads(reading, {kRow, listed}, {}), head).mass, p[listed]);
        const HeadReads reads = rankHeads(reading, {kRow, other}, {});
        QVERIFY(!readOf(reads, head).isHeld);
        QCOMPARE(readOf(reads, head).recorded, kListed);
        // A window that holds the pair has its number, of that head alone.
        reading.exact->add(window(head, kRow, {other, other + 1}));
        QCOMPARE(readOf(rankHeads(reading, {kRow, other}, {}), head).mass, p[other]);
        QVERIFY(readOf(rankHeads(reading, {kRow, other}, {}), head).isHeld);
        // Asked for it is known in all, and what was known before stays.
        reading.exactRows->add(given(kRow, other));
        reading.exactRows->add(given(kRow, listed));
        for (const HeadRead& read : rankHeads(reading, {kRow, other}, {}).heads) {
            QVERIFY(read.isHeld);
            QCOMPARE(read.mass, denseRow(read.head, kRow)[other]);
        }
    }

    void aShorterListLeavesNothingToOthers()
    {
        ExactRow row = given(kRow, std::nullopt);
        row.keys[kListed - 1] = ExactRow::kNoKey; // of the first head
        row.probability[kListed - 1] = 0;
        QVERIFY(row.isListedWhole({0, 0}) && !row.isListedWhole({0, 1}));
        QCOMPARE(row.tokens({0, 0}).keys.size(), std::size_t{kListed - 1});
        const std::uint32_t other = heaviestOf(denseRow({0, 0}, kRow), 0, kAll).keys[kListed + 3];
        QCOMPARE(row.at({0, 0}, other), std::optional(0.0f));
        QVERIFY(!row.placeOf({0, 2}) && !row.placeOf({2, 0}) && !row.placeOf({-1, 0}));
        QVERIFY(!row.at({0, 2}, other) && row.tokens({0, 2}).keys.empty());
        const TraceReading reading = readingOf(m_trace);
        reading.exactRows->add(row);
        const HeadReads reads = rankHeads(reading, {kRow, other}, {});
        QVERIFY(readOf(reads, {0, 0}).isHeld && !(readOf(reads, {0, 0}).mass > 0));
        QVERIFY(!readOf(reads, {1, 0}).isHeld);
        QCOMPARE(knownRow(reading, {0, 0}, kRow, kAll)->bound, 0.0f);
        QVERIFY(readRowProfile(reading, {0, 0}, kRow).isWhole);
    }

    void aWindowOfTheWholeRow_listsEveryKey()
    {
        for (const HeadId head : {HeadId{1, 0}, HeadId{0, 1}}) { // the second one slides
            const TraceReading reading = readingOf(m_trace);
            reading.exact->add(window(head, kRow, {40, kRow + 1}));
            const bool isSliding = head.head == 1;
            QCOMPARE(readRow(reading, head, kRow, 3, {}).source,
                     isSliding ? RowSource::Exact : RowSource::Blocks); // its keys begin later than 40
            reading.exact->add(window(head, kRow, {0, kRow + 1}));
            reading.exactRows->add(given(kRow, std::nullopt)); // says less
            const std::vector<float> p = denseRow(head, kRow);
            const std::uint32_t usable = isSliding ? m_shape.window : kRow + 1;
            const KnownRow all = heaviestOf(std::span(p).last(usable), kRow + 1 - usable, kAll);
            const auto known = knownRow(reading, head, kRow, kAll);
            VERIFY_RESULT(known);
            QCOMPARE(known->keys, all.keys);
            QCOMPARE(known->probability, all.probability);
            QCOMPARE(known->bound, 0.0f);
            QCOMPARE(known->rest, 0.0f);
            QVERIFY(readRowProfile(reading, head, kRow).isWhole);
            const auto some = knownRow(reading, head, kRow, 5);
            QCOMPARE(some->held, std::size_t{usable});
            QCOMPARE(some->bound, all.probability[5]);
        }
    }

    void aRecordedRow_yieldsToExactNumbers_notToRoundedOnes()
    {
        const HeadId head{0, 0};
        const TraceReading reading = readingOf(m_trace);
        const TokenRow made = made::tokenRow(m_shape, 0, 0, kRecorded);
        reading.exactRows->add(given(kRecorded, 0u, false));
        reading.exact->add(window(head, kRecorded, {0, kRecorded + 1}, false));
        QCOMPARE(readRow(reading, head, kRecorded, 3, {}).source, RowSource::Recorded);
        QCOMPARE(rankHeads(reading, {kRecorded, made.keys[1]}, {}).source, RowSource::Recorded);
        QCOMPARE(knownRow(reading, head, kRecorded, kAll)->keys, made.keys);
        // Nor does a pair of rounded keys stand among them.
        std::uint32_t other = 0;
        while (std::ranges::find(made.keys, other) != made.keys.end())
            ++other;
        QVERIFY(!readOf(rankHeads(reading, {kRecorded, other}, {}), head).isHeld);
        reading.exactRows->add(given(kRecorded, 0u));
        QCOMPARE(readRow(reading, head, kRecorded, 3, {}).source, RowSource::Exact);
        QCOMPARE(rankHeads(reading, {kRecorded, 0u}, {}).source, RowSource::Exact);
    }

    void roundedRows_sayThatTheyAre()
    {
        const TraceReading reading = readingOf(m_trace);
        reading.exactRows->add(given(kRow, 5u, false));
        QCOMPARE(rankHeads(reading, {kRow, 5u}, {}).source, RowSource::Rounded);
        const auto known = knownRow(reading, {0, 0}, kRow, kAll);
        VERIFY_RESULT(known);
        QVERIFY(known->ofKeys && !known->exact && std::isnan(known->bound));
        // What rounded keys gave to another key does not go over to an exact row.
        reading.exactRows->add(given(kRow, 6u));
        QVERIFY(!reading.exactRows->find(kRow)->given.contains(5u));
        // Nor does a rounded one take an exact one's place.
        reading.exactRows->add(given(kRow, 7u, false));
        QCOMPARE(rankHeads(reading, {kRow, 6u}, {}).source, RowSource::Exact);
        QVERIFY(!reading.exactRows->find(kRow)->given.contains(7u));
    }

    void theOldestGoBeyondTheBudget()
    {
        const std::size_t one = given(100, std::nullopt).bytes();
        ExactRowCache rows(3 * one + one / 2);
        for (std::uint32_t row = 100; row < 110; ++row) {
            rows.add(given(row, std::nullopt));
            QVERIFY(rows.bytes() <= 3 * one + one / 2);
        }
        for (std::uint32_t row = 100; row < 110; ++row)
            QCOMPARE(rows.find(row) != nullptr, row >= 107);
        rows.add(given(107, std::nullopt)); // is the newest now
        rows.add(given(111, std::nullopt));
        QVERIFY(rows.find(107) && !rows.find(108));
    }
};

QTEST_APPLESS_MAIN(TestExactRows)
#include "tst_exact_row.moc"
