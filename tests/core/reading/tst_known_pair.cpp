// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/reading/known_cell.h"
#include "support/dense_attention.h"

#include <array>

using namespace headwater;
using namespace headwater::testing;

namespace {

using State = KnownPair::State;

KnownPair knownOf(const DenseHead& head, std::uint32_t row, std::uint32_t key)
{
    return knownPair({head.shape, head.edges, head.missedPeak[row], head.recordedRow(row)}, row, key);
}

/// Rounding to the nearest binary16 moves a number by no more.
float halfErrorOf(float value)
{
    return std::max(value * 0x1p-11F, 0x1p-25F);
}

} // namespace

class TestKnownPair : public QObject {
    Q_OBJECT

private slots:
    void everyPair_equalsTheDenseMatrix_data();
    void everyPair_equalsTheDenseMatrix();
    void peakOfARecordedRow_isKnownBesideItsKeys();
    void pairOfARowNotRecorded_isBoundedByItsBlockAlone();
    void notKept_unknownMissed_hasNoBound();
    void bound_ofAStoredHalf_holdsForWhatWasRounded();
    void cell_saysMostOfItsPairs();
};

void TestKnownPair::everyPair_equalsTheDenseMatrix_data()
{
    QTest::addColumn<HeadShape>("shape");
    QTest::addColumn<Normaliser>("normaliser");
    const std::array grids{BlockGrid{100, 8, 8}, BlockGrid{150, 16, 16}, BlockGrid{130, 64, 32},
                           BlockGrid{77, 4, 16}, BlockGrid{1, 8, 8}};
    for (const BlockGrid& grid : grids) {
        for (const std::uint32_t window : {0U, 37U}) {
            for (const Normaliser normaliser : {Normaliser::Exact, Normaliser::Kept})
                QTest::addRow("%u tokens, %u/%u, window %u, %s", grid.seqLen, grid.blockQ, grid.blockK,
                              window, normaliser == Normaliser::Kept ? "kept" : "exact")
                    << HeadShape{grid, window == 0 ? HeadKind::Global : HeadKind::Sliding, window}
                    << normaliser;
        }
    }
}

void TestKnownPair::everyPair_equalsTheDenseMatrix()
{
    QFETCH(const HeadShape, shape);
    QFETCH(const Normaliser, normaliser);
    std::array<int, 6> seen{};
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const DenseHead head = makeDenseHead(shape, normaliser, 5, 9, seed);
        for (std::uint32_t row = 0; row < shape.grid.seqLen; ++row) {
            for (std::uint32_t key = 0; key < shape.grid.seqLen; ++key) {
                const KnownPair pair = knownOf(head, row, key);
                ++seen[static_cast<std::size_t>(pair.state)];
                QCOMPARE(pair.row, row);
                QCOMPARE(pair.key, key);
                QCOMPARE(pair.state == State::None, !head.isUsable(row, key));
                if (pair.state == State::None) {
                    QCOMPARE(pair.bound, 0.0F);
                    QVERIFY(std::isnan(pair.value) && !pair.block);
                    continue;
                }
                QCOMPARE(pair.block.has_value(), head.isKept(row, key));
                QCOMPARE(pair.recordedKeys > 0, head.recordedRow(row) != nullptr);
                const bool isOfWholeRow = pair.state == State::Recorded || pair.state == State::BelowRecorded;
                const float truth = isOfWholeRow ? head.at(row, key) : head.maskedAt(row, key);
                QCOMPARE(pair.hasValue(), !std::isnan(pair.value));
                switch (pair.state) {
                case State::Recorded:
                    QCOMPARE(pair.value, truth);
                    QCOMPARE(head.recordedRow(row)->keys[pair.rank - 1], key);
                    break;
                case State::Peak:
                    QVERIFY(std::abs(pair.value - truth) <= halfErrorOf(truth));
                    QVERIFY(pair.block->peakRow == row && pair.block->peakKey == key);
                    break;
                case State::BelowRecorded:
                    QVERIFY(pair.recordedKeys == 9);
                    break;
                case State::InBlock:
                    QVERIFY(pair.block && !head.recordedRow(row));
                    QVERIFY(pair.block->queries.begin <= row && row < pair.block->queries.end
                            && pair.block->keys.begin <= key && key < pair.block->keys.end);
                    break;
                case State::NotKept:
                    QVERIFY(!head.isKept(row, key) && !head.recordedRow(row));
                    break;
                case State::Exact: // no session was asked
                    QFAIL("a number that nobody gave");
                    break;
                case State::None:
                    break;
                }
                if (std::isnan(pair.bound))
                    QVERIFY(pair.state == State::NotKept && normaliser == Normaliser::Kept);
                else
                    QVERIFY2(truth <= pair.bound, qPrintable(QStringLiteral("%1 × %2").arg(row).arg(key)));
            }
        }
    }
    if (shape.grid.seqLen > 1) {
        for (const State state : {State::None, State::Recorded, State::Peak, State::BelowRecorded,
                                  State::InBlock, State::NotKept})
            QVERIFY2(seen[static_cast<std::size_t>(state)] > 0,
                     qPrintable(QString::number(static_cast<int>(state))));
    }
}

/// The largest pair of a block may lie in a recorded row without being among its heaviest keys: its number is
/// known all the same.
void TestKnownPair::peakOfARecordedRow_isKnownBesideItsKeys()
{
    const HeadShape shape{{32, 8, 8}, HeadKind::Global, 0};
    HeadEdges edges;
    edges.grid = shape.grid;
    edges.rowPtr = {0, 0, 0, 0, 1};
    edges.keyBlock = {1};
    edges.mass = {halfFromFloat(0.01F)};
    edges.peak = {halfFromFloat(0.02F)};
    edges.peakAt = {5 << 8 | 3}; // row 29, key 11
    const TokenRow row{0, 0, 29, {29, 0}, {0.6F, 0.3F}};
    const KnownPair peak = knownPair({shape, edges, 0.05F, &row}, 29, 11);
    QCOMPARE(peak.state, State::Peak);
    QCOMPARE(peak.value, floatFromHalf(halfFromFloat(0.02F)));
    const KnownPair beside = knownPair({shape, edges, 0.05F, &row}, 29, 12);
    QCOMPARE(beside.state, State::BelowRecorded);
    QVERIFY(beside.bound >= 0.02F && beside.bound < 0.0201F); // its block's, which is less than the row's 0.3
    const KnownPair outside = knownPair({shape, edges, 0.05F, &row}, 29, 20);
    QCOMPARE(outside.state, State::BelowRecorded);
    QCOMPARE(outside.bound, 0.05F); // what the row misses
}

/// The screen of window.md F02: the block's largest pair is of another row and key.
void TestKnownPair::pairOfARowNotRecorded_isBoundedByItsBlockAlone()
{
    const HeadShape shape{{32, 8, 8}, HeadKind::Global, 0};
    HeadEdges edges;
    edges.grid = shape.grid;
    edges.rowPtr = {0, 0, 0, 0, 1};
    edges.keyBlock = {1};
    edges.mass = {halfFromFloat(0.2F)};
    edges.peak = {halfFromFloat(0.976F)};
    edges.peakAt = {5 << 8 | 3};
    const KnownPair pair = knownPair({shape, edges, 0.001F, nullptr}, 28, 8);
    QCOMPARE(pair.state, State::InBlock);
    QVERIFY(!pair.hasValue() && std::isnan(pair.value));
    QVERIFY(pair.bound >= 0.976F && pair.bound < 0.978F);
    QCOMPARE(pair.block->queries, (TokenRange{24, 32}));
    QCOMPARE(pair.block->keys, (TokenRange{8, 16}));
    QCOMPARE(pair.block->peakRow, 29U);
    QCOMPARE(pair.block->peakKey, 11U);
}

void TestKnownPair::notKept_unknownMissed_hasNoBound()
{
    const HeadShape shape{{32, 8, 8}, HeadKind::Global, 0};
    HeadEdges edges;
    edges.grid = shape.grid;
    edges.rowPtr = {0, 0, 0, 0, 0};
    QCOMPARE(knownPair({shape, edges, 0.25F, nullptr}, 20, 3).bound, 0.25F);
    const KnownPair unknown = knownPair({shape, edges, std::nanf(""), nullptr}, 20, 3);
    QCOMPARE(unknown.state, State::NotKept);
    QVERIFY(std::isnan(unknown.bound));
    // A row that is recorded bounds what its kept blocks do not.
    const TokenRow row{0, 0, 20, {20}, {0.6F}};
    QCOMPARE(knownPair({shape, edges, std::nanf(""), &row}, 20, 3).bound, 0.6F);
}

void TestKnownPair::bound_ofAStoredHalf_holdsForWhatWasRounded()
{
    const HeadShape shape{{8, 8, 8}, HeadKind::Global, 0};
    HeadEdges edges;
    edges.grid = shape.grid;
    edges.rowPtr = {0, 1};
    edges.keyBlock = {0};
    edges.mass = {0};
    edges.peakAt = {0};
    for (std::uint16_t half = 1; half < 0x3C00; ++half) {
        edges.peak = {half};
        // The largest float that rounds to this half lies midway to the next.
        const float most = (floatFromHalf(half) + floatFromHalf(static_cast<std::uint16_t>(half + 1))) / 2;
        QVERIFY(knownPair({shape, edges, 0, nullptr}, 5, 2).bound >= most);
    }
    edges.peak = {0x3C00};
    QCOMPARE(knownPair({shape, edges, 0, nullptr}, 5, 2).bound, 1.0F);
}

/// The pair that stands for a cell: a number before a block before nothing, and a bound that holds for all.
void TestKnownPair::cell_saysMostOfItsPairs()
{
    const HeadShape shape{{150, 16, 16}, HeadKind::Sliding, 61};
    std::array<int, 6> seen{};
    for (const Normaliser normaliser : {Normaliser::Exact, Normaliser::Kept}) {
        const DenseHead head = makeDenseHead(shape, normaliser, 20, 9, 5);
        std::vector<TokenRow> recorded;
        for (const auto& [row, tokenRow] : head.recorded)
            recorded.push_back(tokenRow);
        RowSlice rows{0, {}, {}, head.missedPeak};
        for (const std::uint32_t side : {1U, 2U, 8U}) {
            for (std::uint32_t query = 0; query < 150; query += side) {
                for (std::uint32_t key = 0; key < 150; key += side) {
                    const TokenRange queries{query, std::min(query + side, 150U)};
                    const TokenRange keys{key, std::min(key + side, 150U)};
                    const KnownPair most = mostKnownPair({shape, head.edges, &rows, recorded}, queries, keys);
                    ++seen[static_cast<std::size_t>(most.state)];
                    QVERIFY(most.row >= queries.begin && most.row < queries.end && most.key >= keys.begin
                            && most.key < keys.end);
                    float value = -1;
                    bool isInBlock = false;
                    for (std::uint32_t q = queries.begin; q < queries.end; ++q) {
                        for (std::uint32_t k = keys.begin; k < keys.end; ++k) {
                            const KnownPair pair = knownOf(head, q, k);
                            value = pair.hasValue() ? std::max(value, pair.value) : value;
                            isInBlock = isInBlock || pair.state == State::InBlock;
                            if (pair.state == most.state && !most.hasValue())
                                QVERIFY(std::isnan(most.bound) || pair.bound <= most.bound);
                        }
                    }
                    QCOMPARE(most.hasValue(), value >= 0);
                    if (value >= 0)
                        QCOMPARE(most.value, value);
                    else
                        QCOMPARE(most.state == State::InBlock, isInBlock);
                }
            }
        }
    }
    for (const int times : seen)
        QVERIFY(times > 0);
    // Nothing known of the rows: no bound.
    const DenseHead head = makeDenseHead(shape, Normaliser::Exact, 0, 9, 5);
    int unbounded = 0;
    for (std::uint32_t key = 100; key < 120; ++key) {
        const KnownPair pair = mostKnownPair({shape, head.edges}, {149, 150}, {key, key + 1});
        QCOMPARE(pair.state == State::NotKept, std::isnan(pair.bound));
        unbounded += pair.state == State::NotKept;
    }
    QVERIFY(unbounded > 0);
}

QTEST_APPLESS_MAIN(TestKnownPair)
#include "tst_known_pair.moc"
