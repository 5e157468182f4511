// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/reading/cell_list.h"
#include "core/reading/key_readers.h"

#include <map>
#include <set>

using namespace headwater;

namespace {

/// What is known of all pairs of one key, a head's rows after each other.
struct Column {
    std::vector<KnownPair> pairs; ///< of the rows from the key on

    double lower(TokenRange rows) const
    {
        double sum = 0;
        for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
            const KnownPair& pair = pairs[row - pairs.front().row];
            // A block's number is rounded: no more than twice binary16's step.
            sum += pair.hasValue() ? static_cast<double>(pair.value) * (1 - 0x1p-9) - 0x1p-23 : 0;
        }
        return sum / (rows.end - rows.begin);
    }
    double upper(TokenRange rows) const
    {
        double sum = 0;
        for (std::uint32_t row = rows.begin; row < rows.end; ++row)
            sum += static_cast<double>(pairs[row - pairs.front().row].bound);
        return sum / (rows.end - rows.begin);
    }
};

} // namespace

/// A key of the sample followed forward, against every pair of its column in every head.
class TestKeyReaders : public QObject {
    Q_OBJECT

    static constexpr std::uint32_t kKey = 400;
    std::shared_ptr<const Trace> m_trace;
    std::map<std::pair<int, int>, Column> m_columns;

private slots:
    void initTestCase()
    {
        const auto trace = Trace::open(HEADWATER_SOURCE_DIR "/resources/samples/story.hwt");
        QVERIFY(trace.has_value());
        m_trace = *trace;
        const TraceReading reading = readingOf(m_trace);
        for (const HeadInfo& info : m_trace->heads()) {
            const auto pairs =
                readPairs(reading, {info.layer, info.head}, {kKey, m_trace->seqLen()}, {kKey, kKey + 1});
            QVERIFY(pairs && pairs->size() == m_trace->seqLen() - kKey);
            m_columns[{info.layer, info.head}] = {*pairs};
        }
    }

    void readers_areTheirPairs()
    {
        const auto all = readKeyReaders(readingOf(m_trace), {kKey, kKey + 1}, 1000000);
        QVERIFY(all && !all->failure && all->unknownHeads.empty());
        QCOMPARE(all->held, all->readers.size());
        QCOMPARE(all->bound, 0.0);
        std::map<std::pair<int, int>, std::set<std::uint32_t>> told;
        for (const KeyReader& reader : all->readers) {
            const Column& column = m_columns.at({reader.head.layer, reader.head.head});
            QVERIFY(reader.mass.lower >= column.lower(reader.rows) - 1e-9);
            QVERIFY(reader.mass.upper <= column.upper(reader.rows) + 1e-6);
            QVERIFY(reader.mass.lower <= reader.mass.upper);
            for (std::uint32_t row = reader.rows.begin; row < reader.rows.end; ++row) {
                QVERIFY((told[{reader.head.layer, reader.head.head}].insert(row).second));
                QVERIFY(reader.rows.end - reader.rows.begin == 1 || !m_trace->hasTokenRow(row)
                        || reader.rows.end - reader.rows.begin <= 8);
            }
        }
        for (std::size_t i = 1; i < all->readers.size(); ++i)
            QVERIFY(all->readers[i - 1].mass.lower >= all->readers[i].mass.lower);
        // Rows that nobody lists give nothing.
        for (const auto& [head, column] : m_columns)
            for (const KnownPair& pair : column.pairs)
                QVERIFY(told[head].contains(pair.row) || pair.bound == 0);
    }

    void fewReaders_boundTheOthers()
    {
        const auto all = readKeyReaders(readingOf(m_trace), {kKey, kKey + 1}, 1000000);
        const auto few = readKeyReaders(readingOf(m_trace), {kKey, kKey + 1}, 7);
        QVERIFY(all && few && few->readers.size() == 7);
        QCOMPARE(few->held, all->held);
        double bound = 0;
        for (std::size_t i = 0; i < all->readers.size(); ++i) {
            if (i < 7) {
                QCOMPARE(few->readers[i].head, all->readers[i].head);
                QCOMPARE(few->readers[i].rows, all->readers[i].rows);
            } else {
                bound = std::max(bound, all->readers[i].mass.upper);
            }
        }
        QCOMPARE(few->bound, bound);
        QVERIFY(bound > 0);
    }

    void shade_isTheMostOfAllHeads()
    {
        const auto all = readKeyReaders(readingOf(m_trace), {kKey, kKey + 1}, 1);
        QVERIFY(all && all->shade.size() == m_trace->seqLen());
        int exact = 0;
        for (std::uint32_t row = 0; row < m_trace->seqLen(); ++row) {
            const ReaderShade& shade = all->shade[row];
            QCOMPARE(shade.mass.state == KnownMass::State::None, row < kKey);
            if (row < kKey)
                continue;
            double lower = 0;
            double upper = 0;
            for (const auto& [head, column] : m_columns) {
                lower = std::max(lower, column.lower({row, row + 1}));
                upper = std::max(upper, column.upper({row, row + 1}));
            }
            QVERIFY(shade.mass.lower >= lower - 1e-9 && shade.mass.upper <= upper + 1e-6);
            QVERIFY(shade.mass.lower <= shade.mass.upper);
            QCOMPARE(shade.head.has_value(), shade.mass.lower > 0);
            if (shade.head) {
                const Column& column = m_columns.at({shade.head->layer, shade.head->head});
                QVERIFY(column.upper({row, row + 1}) >= shade.mass.lower - 1e-6);
            }
            exact += shade.mass.isExact() ? 1 : 0;
        }
        QVERIFY(exact > 10 && exact < static_cast<int>(m_trace->seqLen() - kKey));
        const std::array<HeadId, 1> one{HeadId{0, 0}};
        const auto single = readKeyReaders(readingOf(m_trace), {kKey, kKey + 1}, 1000, one);
        QVERIFY(single.has_value());
        for (const KeyReader& reader : single->readers)
            QCOMPARE(reader.head, one[0]);
    }

    void noSuchKey_isRefused()
    {
        const std::uint32_t end = m_trace->seqLen();
        const auto reads = readKeyReaders(readingOf(m_trace), {end, end + 1}, 5);
        QVERIFY(!reads && reads.error().code == ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestKeyReaders)
#include "tst_key_readers.moc"
