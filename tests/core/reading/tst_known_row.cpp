// SPDX-License-Identifier: Apache-2.0
#include "core/reading/known_row.h"

#include "core/base/half.h"
#include "core/reading/cell_list.h"
#include "core/reading/head_reads.h"
#include "core/reading/recorded_rows.h"
#include "core/record/cell_levels.h"
#include "core/record/whole_row.h"
#include "core/trace/head_row.h"
#include "core/trace/made_trace.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <numeric>

using namespace headwater;

namespace {

constexpr std::size_t kAll = 1u << 30;

/// A probability as binary16, a positive one staying positive.
float stored(float value)
{
    const std::uint16_t half = halfFromFloat(value);
    return floatFromHalf(half == 0 && value > 0 ? 1 : half);
}

} // namespace

/// Rows, cells and pairs of a made trace against the records it was made from.
class TestKnownRow : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    made::Shape m_shape;
    TraceReading m_reading;

private slots:
    void initTestCase()
    {
        const std::filesystem::path path = m_folder.filePath("rows.hwt").toStdString();
        VERIFY_RESULT(made::write(path, m_shape));
        auto trace = Trace::open(path);
        VERIFY_RESULT(trace);
        m_reading = readingOf(*trace);
    }

    void wholeRow_listsItsHeaviestKeys()
    {
        const std::vector<float> p{0.125f, 0.25f, 0.0f, 0.25f, 0.375f};
        const KnownRow some = heaviestOf(p, 10, 3);
        QVERIFY(some.ofKeys);
        QCOMPARE(some.keys, (std::vector<std::uint32_t>{14, 11, 13})); // of equal ones the first
        QCOMPARE(some.probability, (std::vector<float>{0.375f, 0.25f, 0.25f}));
        QCOMPARE(some.held, p.size());
        QCOMPARE(some.bound, 0.125f); // the next one's own
        QCOMPARE(some.rest, 0.125f);
        const KnownRow all = heaviestOf(p, 0, kAll);
        QCOMPARE(all.keys, (std::vector<std::uint32_t>{4, 1, 3, 0, 2}));
        QCOMPARE(all.bound, 0.0f);
        QCOMPARE(all.rest, 0.0f);
        const KnownRow none = heaviestOf(p, 0, 0);
        QVERIFY(none.keys.empty());
        QCOMPARE(none.bound, 0.375f);
        QCOMPARE(none.rest, 1.0f);
    }

    void recordedRow_isTheRowsOwn()
    {
        for (const HeadInfo& info : m_reading.trace->heads()) {
            const std::uint32_t row = m_shape.tokens - 2;
            const TokenRow made = made::tokenRow(m_shape, info.layer, info.head, row);
            const auto known = knownRow(m_reading, {info.layer, info.head}, row, kAll);
            VERIFY_RESULT(known);
            QVERIFY(known->exact && known->blocks.empty());
            QCOMPARE(QByteArray(known->quantity), QByteArray("p_model")); // whatever the blocks are of
            QCOMPARE(known->keys, made.keys);
            QCOMPARE(known->probability, made.probability);
            QCOMPARE(known->held, made.keys.size());
            QCOMPARE(known->bound, made.probability.back());
            const double listed = std::accumulate(made.probability.begin(), made.probability.end(), 0.0);
            QCOMPARE(known->rest, static_cast<float>(std::max(0.0, 1 - listed)));
            QCOMPARE(std::isnan(known->lse), info.normaliser == Normaliser::Kept);
            const auto top = knownRow(m_reading, {info.layer, info.head}, row, 3);
            VERIFY_RESULT(top);
            QCOMPARE(top->keys.size(), std::size_t{3});
            QCOMPARE(top->held, made.keys.size());
            QCOMPARE(top->bound, made.probability[3]);
            // What is left out of the list has not less than was recorded of it.
            const double left = std::accumulate(made.probability.begin() + 3, made.probability.end(), 0.0);
            QCOMPARE(top->rest, static_cast<float>(left + std::max(0.0, 1 - listed)));
        }
    }

    /// A sliding head's row reads no more keys than its window has, however many come before it.
    void slidingRow_listedWhole_givesNothingToOthers()
    {
        made::Shape shape;
        shape.window = 8;
        const std::filesystem::path path = m_folder.filePath("sliding.hwt").toStdString();
        VERIFY_RESULT(made::write(path, shape));
        const auto trace = Trace::open(path);
        VERIFY_RESULT(trace);
        const TraceReading reading = readingOf(*trace);
        const std::uint32_t row = shape.tokens - 2;
        for (const HeadInfo& info : (*trace)->heads()) {
            const bool isSliding = info.kind == HeadKind::Sliding;
            const TokenRow made = made::tokenRow(shape, info.layer, info.head, row);
            QCOMPARE(isListedWhole(made, shapeOf(info)), isSliding);
            const auto known = knownRow(reading, {info.layer, info.head}, row, kAll);
            VERIFY_RESULT(known);
            QCOMPARE(known->bound, isSliding ? 0.0F : made.probability.back());
            const auto rows = recordedRows(*reading.heads, info.layer, info.head, {row, row + 1});
            VERIFY_RESULT(rows);
            QCOMPARE(boundOf(*rows, shapeOf(info)).most, known->bound);
            QCOMPARE(boundOf(*rows, shapeOf(info)).keys, 8u);
        }
        const HeadReads reads = rankHeads(reading, {row, 0u}, {});
        QVERIFY(!reads.failure && reads.heads.size() == (*trace)->heads().size());
        for (const HeadRead& read : reads.heads) {
            const TokenRow made = made::tokenRow(shape, read.head.layer, read.head.head, row);
            const bool isListed = std::ranges::find(made.keys, 0u) != made.keys.end();
            QCOMPARE(read.isHeld, isListed || read.head.head == 1); // exactly nothing is a number
            QCOMPARE(read.recorded, 8u);
        }
    }

    /// Of a row at the text's beginning every key is listed.
    void keysThatARowMayRead()
    {
        const HeadShape global{{100, 8, 8}, HeadKind::Global, 0};
        const HeadShape sliding{{100, 8, 8}, HeadKind::Sliding, 4};
        QCOMPARE(numUsableKeys(global, 0), 1u);
        QCOMPARE(numUsableKeys(global, 99), 100u);
        QCOMPARE(numUsableKeys(sliding, 2), 3u);
        QCOMPARE(numUsableKeys(sliding, 3), 4u);
        QCOMPARE(numUsableKeys(sliding, 99), 4u);
    }

    void otherRow_isItsBlocks()
    {
        for (const HeadInfo& info : m_reading.trace->heads()) {
            const HeadRecord record = made::record(m_shape, info.layer, info.head);
            for (const std::uint32_t row : {0u, 7u, 255u, 256u, 400u}) {
                const auto known = knownRow(m_reading, {info.layer, info.head}, row, kAll);
                VERIFY_RESULT(known);
                QVERIFY(!known->exact && known->keys.empty() && known->probability.empty());
                const std::uint32_t block = row / m_shape.blockQ;
                QCOMPARE(known->blocks.size(), std::size_t{record.rowPtr[block + 1] - record.rowPtr[block]});
                for (const BlockEntry& entry : known->blocks) {
                    const auto begin = record.keyBlock.begin() + record.rowPtr[block];
                    const auto found =
                        std::find(begin, record.keyBlock.begin() + record.rowPtr[block + 1], entry.keyBlock);
                    const auto edge = static_cast<std::size_t>(found - record.keyBlock.begin());
                    QCOMPARE(entry.mass, stored(record.mass[edge]));
                    QCOMPARE(entry.peak, stored(record.peak[edge]));
                }
                const bool isKept = info.normaliser == Normaliser::Kept;
                QCOMPARE(QByteArray(known->quantity), QByteArray(isKept ? "p_masked" : "p_model"));
                QCOMPARE(std::isnan(known->bound), isKept);
                QCOMPARE(std::isnan(known->rest), isKept);
                QCOMPARE(std::isnan(known->lse), isKept);
                if (isKept)
                    continue;
                QCOMPARE(known->lse, record.lse[row]);
                QVERIFY(known->bound >= record.missedPeak[row]
                        && known->bound <= record.missedPeak[row] * 1.01F);
                QCOMPARE(known->rest, stored(record.missed[row]));
                // A key of a block that is left out may have as much as that block's largest.
                const auto top = knownRow(m_reading, {info.layer, info.head}, row, 1);
                VERIFY_RESULT(top);
                QCOMPARE(top->blocks.size(), std::size_t{1});
                for (std::size_t left = 1; left < known->blocks.size(); ++left)
                    QVERIFY(top->bound >= known->blocks[left].peak);
                QVERIFY(known->blocks.size() == 1 || std::isnan(top->rest));
            }
        }
    }

    void whatIsNotThere_isRefused()
    {
        QCOMPARE(knownRow(m_reading, {0, 0}, m_shape.tokens, kAll).error().code, ErrorCode::InvalidArgument);
        QCOMPARE(knownRow(m_reading, {5, 0}, 1, kAll).error().code, ErrorCode::NotFound);
    }

    void cells_holdTheirBlocks()
    {
        const HeadRecord record = made::record(m_shape, 1, 0);
        for (const std::uint32_t level : {4u, 5u, 7u}) {
            const TokenRange queries{100, 420};
            const TokenRange keys{30, 300};
            const auto list = readCells(m_reading, {1, 0}, level, queries, keys);
            VERIFY_RESULT(list);
            std::size_t found = 0;
            for (std::uint32_t row = queries.begin >> level; row <= (queries.end - 1) >> level; ++row) {
                for (std::uint32_t column = keys.begin >> level; column <= (keys.end - 1) >> level;
                     ++column) {
                    float largest = 0;
                    double mass = 0;
                    std::uint64_t blocks = 0;
                    const std::uint32_t endRow = std::min(m_shape.tokens, (row + 1) << level);
                    for (std::uint32_t block = 0; block < record.grid.numQueryBlocks(); ++block) {
                        if (record.grid.firstRow(block) >> level != row)
                            continue;
                        for (std::uint32_t edge = record.rowPtr[block]; edge < record.rowPtr[block + 1];
                             ++edge) {
                            if (record.keyBlock[edge] * m_shape.blockK >> level != column)
                                continue;
                            ++blocks;
                            largest = std::max(largest, stored(record.peak[edge]));
                            mass += static_cast<double>(stored(record.mass[edge]))
                                * (record.grid.endRow(block) - record.grid.firstRow(block));
                        }
                    }
                    if (blocks == 0)
                        continue;
                    QVERIFY(found < list->cells.size());
                    const MapCellEntry& cell = list->cells[found++];
                    QCOMPARE(cell.queries, (TokenRange{row << level, endRow}));
                    QCOMPARE(cell.keys.begin, column << level);
                    QCOMPARE(cell.blocks, blocks);
                    QCOMPARE(cell.largest, largest);
                    QVERIFY(cell.query >> level == row && cell.key >> level == column
                            && cell.key <= cell.query);
                    QVERIFY(std::abs(cell.mass - mass / (endRow - (row << level))) < 1e-12);
                }
            }
            QCOMPARE(found, list->cells.size());
            float missed = 0;
            for (std::uint32_t row = 100 >> level << level; row < 420; ++row)
                missed = std::max(missed, record.missedPeak[row]);
            QVERIFY(list->bound >= missed);
        }
        // Below the blocks a cell would show a pair's number for others.
        QCOMPARE(readCells(m_reading, {1, 0}, 3, {0, 8}, {0, 8}).error().code, ErrorCode::InvalidArgument);
        QCOMPARE(readCells(m_reading, {1, 0}, kMaxLevel + 1, {0, 8}, {0, 8}).error().code,
                 ErrorCode::InvalidArgument);
    }

    void pairs_haveANumberOnlyWhereTheTraceHasOne()
    {
        const HeadRecord record = made::record(m_shape, 0, 0);
        const TokenRange queries{590, 600};
        const auto pairs = readPairs(m_reading, {0, 0}, queries, {0, 600});
        VERIFY_RESULT(pairs);
        std::size_t expected = 0;
        for (std::uint32_t row = queries.begin; row < queries.end; ++row)
            expected += row + 1;
        QCOMPARE(pairs->size(), expected);
        std::size_t recorded = 0;
        for (const KnownPair& pair : *pairs) {
            QVERIFY(pair.key <= pair.row);
            const bool isRecordedRow = pair.row >= m_shape.tokens - 3;
            QCOMPARE(pair.recordedKeys > 0, isRecordedRow);
            recorded += pair.state == KnownPair::State::Recorded ? 1 : 0;
            QVERIFY(!pair.hasValue() || pair.bound >= pair.value);
            QCOMPARE(pair.hasValue(), !std::isnan(pair.value));
        }
        QCOMPARE(recorded, std::size_t{3 * 8});
        QCOMPARE(readPairs(m_reading, {0, 0}, {0, 600}, {0, 600}).has_value(), true);
    }
};

QTEST_APPLESS_MAIN(TestKnownRow)
#include "tst_known_row.moc"
