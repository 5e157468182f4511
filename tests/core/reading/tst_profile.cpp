// SPDX-License-Identifier: Apache-2.0
#include "core/reading/profile.h"

#include "core/base/log_code.h"
#include "core/reading/code_histogram.h"
#include "core/reading/row_shade.h"
#include "core/record/head_sums.h"
#include "core/trace/made_trace.h"
#include "support/dense_attention.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

namespace {

/// What a trace keeps of a number: the nearest binary16, a positive one staying positive.
float stored(float value)
{
    const std::uint16_t half = halfFromFloat(value);
    return floatFromHalf(half == 0 && value > 0 ? 1 : half);
}

float missedOf(const DenseHead& head, std::uint32_t row)
{
    if (head.normaliser == Normaliser::Kept)
        return std::nanf("");
    double missed = 0;
    for (std::uint32_t key = 0; key <= row; ++key)
        missed += head.isKept(row, key) ? 0 : static_cast<double>(head.at(row, key));
    return static_cast<float>(missed);
}

HeadRecord recordOf(const DenseHead& head)
{
    HeadRecord record;
    record.kind = head.shape.kind;
    record.window = head.shape.window;
    record.normaliser = head.normaliser;
    record.selection = head.normaliser == Normaliser::Kept ? Selection::Tree : Selection::Exact;
    record.grid = head.shape.grid;
    record.numRows = record.grid.seqLen;
    record.rowPtr = head.edges.rowPtr;
    record.keyBlock = head.edges.keyBlock;
    record.peakAt = head.edges.peakAt;
    for (std::size_t edge = 0; edge < head.edges.keyBlock.size(); ++edge) {
        record.mass.push_back(floatFromHalf(head.edges.mass[edge]));
        record.peak.push_back(floatFromHalf(head.edges.peak[edge]));
    }
    record.lse.assign(record.numRows, 1.0F);
    for (std::uint32_t row = 0; row < record.numRows; ++row)
        record.missed.push_back(missedOf(head, row));
    record.missedPeak = head.missedPeak;
    record.tokenZero.assign(record.grid.numQueryBlocks(), 0.0F);
    record.extras.resize((record.numRows + kTileRows - 1) / kTileRows);
    return record;
}

Result<TraceReading> readingOfHead(const std::filesystem::path& path, const DenseHead& head)
{
    made::Shape shape;
    shape.tokens = head.shape.grid.seqLen;
    shape.headsPerLayer = {1};
    TraceWriter::FinishedHead finished;
    finished.record = recordOf(head);
    HeadSums sums(head.shape, head.normaliser, shape.tokens);
    sums.add(finished.record);
    finished.takeSums(sums);
    for (const auto& [row, recorded] : head.recorded)
        finished.tokenRows.push_back(recorded);
    HEADWATER_TRY_ASSIGN(TraceWriter writer, TraceWriter::create(path, made::begin(shape), true));
    HEADWATER_TRY(writer.writeLayer(0, {&finished, 1}, 0));
    HEADWATER_TRY(writer.seal());
    HEADWATER_TRY_ASSIGN(std::shared_ptr<const Trace> trace, Trace::open(path));
    return readingOf(std::move(trace));
}

/// What the rows of a block give to a block of keys, their mean: the dense matrix added up.
double massOf(const DenseHead& head, std::uint32_t queryBlock, std::uint32_t keyBlock)
{
    const BlockGrid& grid = head.shape.grid;
    double mass = 0;
    for (std::uint32_t row = grid.firstRow(queryBlock); row < grid.endRow(queryBlock); ++row)
        for (std::uint32_t key = keyBlock * grid.blockK;
             key < std::min((keyBlock + 1) * grid.blockK, grid.seqLen); ++key)
            mass += static_cast<double>(head.maskedAt(row, key));
    return mass / (grid.endRow(queryBlock) - grid.firstRow(queryBlock));
}

bool isStoredOf(float value, double truth)
{
    return std::abs(static_cast<double>(value) - truth) <= truth * 0x1p-10 + 0x1p-24;
}

} // namespace

/// What a row reads, who reads a key and how often each colour occurs, against dense attention.
class TestProfile : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    DenseHead m_head;
    TraceReading m_reading;

    void make(const HeadShape& shape, Normaliser normaliser)
    {
        m_head = makeDenseHead(shape, normaliser, 5, 9, shape.grid.seqLen);
        auto reading = readingOfHead(
            m_folder.filePath(QString::number(shape.grid.seqLen) + ".hwt").toStdString(), m_head);
        VERIFY_RESULT(reading);
        m_reading = *reading;
    }

    void addShapes()
    {
        QTest::addColumn<HeadShape>("shape");
        QTest::addColumn<Normaliser>("normaliser");
        QTest::newRow("global") << HeadShape{{150, 16, 16}, HeadKind::Global, 0} << Normaliser::Exact;
        QTest::newRow("sliding") << HeadShape{{131, 64, 32}, HeadKind::Sliding, 37} << Normaliser::Exact;
        QTest::newRow("kept") << HeadShape{{101, 8, 16}, HeadKind::Global, 0} << Normaliser::Kept;
    }

    void makeOfRow()
    {
        QFETCH(const HeadShape, shape);
        QFETCH(const Normaliser, normaliser);
        make(shape, normaliser);
    }

private slots:
    void row_isWhatItReads_data() { addShapes(); }
    void row_isWhatItReads()
    {
        makeOfRow();
        const BlockGrid& grid = m_head.shape.grid;
        for (std::uint32_t row = 0; row < grid.seqLen; ++row) {
            const Profile profile = readRowProfile(m_reading, {0, 0}, row);
            QVERIFY(!profile.failure && profile.token == row);
            const TokenRow* const recorded = m_head.recordedRow(row);
            QCOMPARE(profile.ofTokens(), recorded != nullptr);
            QCOMPARE(profile.block, recorded ? 1u : grid.blockQ);
            const RowShade shade(profile);
            std::vector<double> expected(grid.seqLen); // of each token
            std::size_t bars = 0;
            if (recorded) {
                for (const std::uint32_t key : recorded->keys)
                    expected[key] = static_cast<double>(m_head.at(row, key));
                bars = recorded->keys.size();
            } else {
                for (std::uint32_t block = 0; block < grid.numKeyBlocks(); ++block) {
                    if (!m_head.kept.contains({row / grid.blockQ, block}))
                        continue;
                    ++bars;
                    const std::uint32_t end = std::min((block + 1) * grid.blockK, grid.seqLen);
                    for (std::uint32_t key = block * grid.blockK; key < end; ++key)
                        expected[key] =
                            massOf(m_head, row / grid.blockQ, block) / (end - block * grid.blockK);
                }
            }
            QCOMPARE(profile.bars.size(), bars);
            QCOMPARE(shade.isEmpty(), bars == 0);
            for (std::size_t i = 0; i < bars; ++i) {
                const Profile::Bar& bar = profile.bars[i];
                QVERIFY(i == 0 || profile.bars[i - 1].tokens.end <= bar.tokens.begin);
                QVERIFY(bar.at >= bar.tokens.begin && bar.at < bar.tokens.end);
            }
            for (std::uint32_t token = 0; token < grid.seqLen; ++token)
                QVERIFY2(recorded ? shade.of(token) == expected[token]
                                  : isStoredOf(static_cast<float>(shade.of(token)), expected[token]),
                         qPrintable(QStringLiteral("row %1, token %2").arg(row).arg(token)));
        }
    }

    void column_isWhoReadsIt_data() { addShapes(); }
    void column_isWhoReadsIt()
    {
        makeOfRow();
        const BlockGrid& grid = m_head.shape.grid;
        for (std::uint32_t key = 0; key < grid.seqLen; ++key) {
            const Profile profile = readColumnProfile(m_reading, {0, 0}, key);
            QVERIFY(!profile.failure && profile.token == key && !profile.ofTokens());
            QCOMPARE(profile.block, grid.blockK);
            std::size_t at = 0;
            for (std::uint32_t block = 0; block < grid.numQueryBlocks(); ++block) {
                if (!m_head.kept.contains({block, key / grid.blockK}))
                    continue;
                QVERIFY(at < profile.bars.size());
                const Profile::Bar& bar = profile.bars[at++];
                QCOMPARE(bar.tokens, (TokenRange{grid.firstRow(block), grid.endRow(block)}));
                QVERIFY(isStoredOf(bar.value, massOf(m_head, block, key / grid.blockK)));
                // The row with the largest pair, or one that binary16 does not tell from it.
                float largest = 0;
                float ofRow = 0;
                for (std::uint32_t row = bar.tokens.begin; row < bar.tokens.end; ++row) {
                    for (std::uint32_t other = key / grid.blockK * grid.blockK;
                         other < std::min((key / grid.blockK + 1) * grid.blockK, grid.seqLen); ++other) {
                        largest = std::max(largest, m_head.maskedAt(row, other));
                        if (row == bar.at)
                            ofRow = std::max(ofRow, m_head.maskedAt(row, other));
                    }
                }
                QCOMPARE(ofRow, largest);
            }
            QCOMPARE(at, profile.bars.size());
        }
    }

    /// Once a session has given a key's whole column it is that, row by row; a part of it is no column.
    void columnOfASession_isEveryRowOfIt_data() { addShapes(); }
    void columnOfASession_isEveryRowOfIt()
    {
        makeOfRow();
        const HeadShape& shape = m_head.shape;
        const std::uint32_t tokens = shape.grid.seqLen;
        const auto give = [&](std::uint32_t key, TokenRange rows, bool isExact) {
            ExactWindow window{0, 0, rows, {key, key + 1}, {}, false, isExact};
            for (std::uint32_t row = rows.begin; row < rows.end; ++row)
                window.p.push_back(m_head.at(row, key));
            m_reading.exact->add(std::make_shared<const ExactWindow>(std::move(window)));
        };
        for (const std::uint32_t key : {0u, 40u, tokens - 1}) {
            const std::uint32_t end =
                shape.window == 0 ? tokens : std::min(tokens, key + shape.window); // of those who may read it
            if (end > key + 1) {
                give(key, {key, end - 1}, true);
                QVERIFY(!readColumnProfile(m_reading, {0, 0}, key).ofTokens());
            }
            give(key, {key, tokens}, false);
            QCOMPARE(readColumnProfile(m_reading, {0, 0}, key).source, RowSource::Rounded);
            give(key, {key, tokens}, true);
            const Profile profile = readColumnProfile(m_reading, {0, 0}, key);
            QCOMPARE(profile.source, RowSource::Exact);
            QVERIFY(profile.isWhole && !profile.failure && profile.token == key);
            QCOMPARE(profile.bars.size(), std::size_t{end - key});
            for (std::uint32_t row = key; row < end; ++row) {
                const Profile::Bar& bar = profile.bars[row - key];
                QCOMPARE(bar.tokens, (TokenRange{row, row + 1}));
                QCOMPARE(bar.at, row);
                QCOMPARE(bar.value, m_head.at(row, key));
            }
        }
        QVERIFY(!readColumnProfile(m_reading, {0, 0}, 39).ofTokens());
    }

    void histogram_countsWhatTheHeadHolds_data() { addShapes(); }
    void histogram_countsWhatTheHeadHolds()
    {
        makeOfRow();
        std::array<std::uint64_t, 256> peaks{};
        const BlockGrid& grid = m_head.shape.grid;
        for (const auto& [queryBlock, keyBlock] : m_head.kept) {
            float largest = 0;
            for (std::uint32_t row = grid.firstRow(queryBlock); row < grid.endRow(queryBlock); ++row)
                for (std::uint32_t key = keyBlock * grid.blockK;
                     key < std::min((keyBlock + 1) * grid.blockK, grid.seqLen); ++key)
                    largest = std::max(largest, m_head.maskedAt(row, key));
            ++peaks[probabilityCode(stored(largest))];
        }
        const CodeHistogram ofPeaks = readHistogram(m_reading, {0, 0}, false);
        QVERIFY(!ofPeaks.failure && !ofPeaks.isEmpty());
        QVERIFY(ofPeaks.ofCode == peaks);
        std::array<std::uint64_t, 256> missed{};
        for (std::uint32_t row = 0; row < grid.seqLen; ++row)
            ++missed[missedMassCode(stored(missedOf(m_head, row)))];
        const CodeHistogram ofMissed = readHistogram(m_reading, {0, 0}, true);
        QVERIFY(!ofMissed.failure && ofMissed.missed);
        QVERIFY(ofMissed.ofCode == missed);
    }

    void headThatIsNotThere_isAFailureOrNothing()
    {
        make({{150, 16, 16}, HeadKind::Global, 0}, Normaliser::Exact);
        QVERIFY(readRowProfile(m_reading, {0, 7}, 3).bars.empty());
        QVERIFY(readColumnProfile(m_reading, {0, 7}, 3).bars.empty());
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(readColumnProfile(m_reading, {0, 0}, 3, stop.get_token()).failure->code,
                 ErrorCode::Cancelled);
    }
};

QTEST_APPLESS_MAIN(TestProfile)
#include "tst_profile.moc"
