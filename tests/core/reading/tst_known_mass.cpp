// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/reading/known_mass.h"
#include "core/reading/known_pair.h"
#include "support/dense_attention.h"

#include <array>
#include <random>

using namespace headwater;
using namespace headwater::testing;

namespace {

using State = KnownMass::State;

constexpr double kFloatSum = 1e-6;

/// A dense head as it is read from a trace.
struct ReadHead {
    DenseHead dense;
    RowSlice values;
    std::vector<TokenRow> tokens;

    explicit ReadHead(DenseHead head)
        : dense(std::move(head))
    {
        values.missed = dense.missed;
        values.missedPeak = dense.missedPeak;
        for (const auto& [row, recorded] : dense.recorded)
            tokens.push_back(recorded);
    }
    SpanKnowledge known() const { return {dense.shape, dense.normaliser, &dense.edges, &values, tokens, {}}; }
    double truth(std::uint32_t row, std::uint32_t key, bool ofWholeRow) const
    {
        return static_cast<double>(ofWholeRow ? dense.at(row, key) : dense.maskedAt(row, key));
    }
    bool reads(std::uint32_t row, TokenRange keys) const
    {
        for (std::uint32_t key = keys.begin; key < keys.end; ++key)
            if (dense.isUsable(row, key))
                return true;
        return false;
    }
    double truth(TokenRange rows, TokenRange keys, bool ofWholeRow) const
    {
        double sum = 0;
        std::uint32_t count = 0;
        for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
            if (!reads(row, keys))
                continue;
            ++count;
            for (std::uint32_t key = keys.begin; key < keys.end; ++key)
                sum += dense.isUsable(row, key) ? truth(row, key, ofWholeRow) : 0;
        }
        return count == 0 ? -1 : sum / count;
    }
    KnownPair pair(std::uint32_t row, std::uint32_t key) const
    {
        return knownPair({dense.shape, dense.edges, dense.missedPeak[row], dense.recordedRow(row)}, row, key);
    }
};

TokenRange drawn(std::mt19937& random, std::uint32_t seqLen, std::uint32_t most)
{
    const auto begin = static_cast<std::uint32_t>(random() % seqLen);
    return {begin, std::min(seqLen, begin + 1 + static_cast<std::uint32_t>(random() % most))};
}

void addGrids()
{
    QTest::addColumn<HeadShape>("shape");
    QTest::addColumn<Normaliser>("normaliser");
    const std::array grids{BlockGrid{100, 8, 8}, BlockGrid{150, 16, 16}, BlockGrid{130, 64, 32},
                           BlockGrid{77, 4, 16}, BlockGrid{1, 8, 8}};
    for (const BlockGrid& grid : grids)
        for (const std::uint32_t window : {0U, 37U})
            for (const Normaliser normaliser : {Normaliser::Exact, Normaliser::Kept})
                QTest::addRow("%u tokens, %u/%u, window %u, %s", grid.seqLen, grid.blockQ, grid.blockK,
                              window, normaliser == Normaliser::Kept ? "kept" : "exact")
                    << HeadShape{grid, window == 0 ? HeadKind::Global : HeadKind::Sliding, window}
                    << normaliser;
}

} // namespace

class TestKnownMass : public QObject {
    Q_OBJECT

private slots:
    void span_holdsTheDenseMatrix_data() { addGrids(); }
    void span_holdsTheDenseMatrix();
    void pair_isWhatTheOneRuleSays_data() { addGrids(); }
    void pair_isWhatTheOneRuleSays();
    void rows_areNeverLooserThanTheirPairs_data() { addGrids(); }
    void rows_areNeverLooserThanTheirPairs();
    void wholeBlocks_areExactByTheirMass();
    void window_givesItsPairs();
    void largest_holdsTheDenseRow_data() { addGrids(); }
    void largest_holdsTheDenseRow();
};

void TestKnownMass::span_holdsTheDenseMatrix()
{
    QFETCH(const HeadShape, shape);
    QFETCH(const Normaliser, normaliser);
    std::array<int, 5> seen{};
    int bounded = 0;
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
        const ReadHead head(makeDenseHead(shape, normaliser, 5, 9, seed));
        std::mt19937 random(seed);
        for (int i = 0; i < 200; ++i) {
            const std::uint32_t most = i % 3 == 0 ? 3 : shape.grid.seqLen;
            const TokenRange rows = drawn(random, shape.grid.seqLen, most);
            const TokenRange keys = drawn(random, shape.grid.seqLen, i % 2 == 0 ? 3 : most);
            const KnownMass mass = knownMass(head.known(), rows, keys);
            ++seen[static_cast<std::size_t>(mass.state)];
            const double truth = head.truth(rows, keys, mass.ofWholeRow);
            QCOMPARE(mass.state == State::None, truth < 0);
            if (truth < 0)
                continue;
            const QByteArray what = QStringLiteral("rows %1:%2, keys %3:%4: %5 in [%6, %7] %8")
                                        .arg(rows.begin)
                                        .arg(rows.end)
                                        .arg(keys.begin)
                                        .arg(keys.end)
                                        .arg(truth)
                                        .arg(mass.lower)
                                        .arg(mass.upper)
                                        .arg(nameOf(mass.state))
                                        .toUtf8();
            QVERIFY2(mass.lower <= truth + kFloatSum, what.constData());
            if (std::isnan(mass.upper)) {
                QVERIFY2(normaliser == Normaliser::Kept && mass.state == State::NotKept, what.constData());
                continue;
            }
            ++bounded;
            QVERIFY2(mass.upper >= truth - kFloatSum, what.constData());
            if (mass.isExact())
                QVERIFY2(mass.upper - mass.lower <= 0x1p-8 * mass.upper + 1e-6, what.constData());
        }
    }
    QVERIFY(bounded > 100 || shape.grid.seqLen == 1);
    if (shape.grid.seqLen > 1)
        for (const State state : {State::Exact, State::BelowRecorded, State::InBlock, State::NotKept})
            QVERIFY2(seen[static_cast<std::size_t>(state)] > 0
                         || (state == State::Exact && normaliser == Normaliser::Kept),
                     nameOf(state));
}

void TestKnownMass::pair_isWhatTheOneRuleSays()
{
    QFETCH(const HeadShape, shape);
    QFETCH(const Normaliser, normaliser);
    const ReadHead head(makeDenseHead(shape, normaliser, 5, 9, 3));
    for (std::uint32_t row = 0; row < shape.grid.seqLen; ++row) {
        for (std::uint32_t key = 0; key < shape.grid.seqLen; ++key) {
            const KnownPair pair = head.pair(row, key);
            const KnownMass mass = knownMass(head.known(), {row, row + 1}, {key, key + 1});
            QCOMPARE(mass.state == State::None, pair.state == KnownPair::State::None);
            QCOMPARE(mass.isExact(), pair.hasValue());
            if (mass.state == State::None)
                continue;
            QCOMPARE(std::isnan(mass.upper), std::isnan(pair.bound));
            if (!std::isnan(mass.upper))
                QCOMPARE(mass.upper, static_cast<double>(pair.bound));
            if (pair.hasValue())
                QVERIFY(mass.lower <= static_cast<double>(pair.value)
                        && static_cast<double>(pair.value) <= mass.upper);
            else
                QCOMPARE(mass.lower, 0.0);
            const double truth = head.truth(row, key, mass.ofWholeRow);
            QVERIFY(mass.lower <= truth && !(mass.upper < truth));
        }
    }
}

/// What is said of a row's keys together is what the one rule says of each, added up, or better.
void TestKnownMass::rows_areNeverLooserThanTheirPairs()
{
    QFETCH(const HeadShape, shape);
    QFETCH(const Normaliser, normaliser);
    int better = 0;
    for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        const ReadHead head(makeDenseHead(shape, normaliser, 5, 9, seed));
        std::mt19937 random(seed);
        for (int i = 0; i < 40; ++i) {
            const TokenRange keys = drawn(random, shape.grid.seqLen, i % 2 == 0 ? 2 : shape.grid.seqLen);
            const TokenRange rows{0, shape.grid.seqLen};
            const std::vector<KnownMass> masses = knownMasses(head.known(), rows, keys);
            QCOMPARE(masses.size(), std::size_t{shape.grid.seqLen});
            for (std::uint32_t row = 0; row < shape.grid.seqLen; ++row) {
                const KnownMass& mass = masses[row];
                QCOMPARE(mass.state == State::None, !head.reads(row, keys));
                if (mass.state == State::None)
                    continue;
                const double truth = head.truth({row, row + 1}, keys, mass.ofWholeRow);
                QVERIFY(mass.lower <= truth + kFloatSum && !(mass.upper < truth - kFloatSum));
                double least = 0;
                double most = 0;
                for (std::uint32_t key = keys.begin; key < keys.end; ++key) {
                    const KnownPair pair = head.pair(row, key);
                    if (pair.state == KnownPair::State::None)
                        continue;
                    // Of the other quantity than the row's.
                    if (pair.state == KnownPair::State::Peak && mass.ofWholeRow
                        && normaliser == Normaliser::Kept) {
                        most += static_cast<double>(
                            pair.recordedKeys > 0 ? head.dense.recordedRow(row)->probability.back() : 1);
                        continue;
                    }
                    least += pair.state == KnownPair::State::Recorded ? static_cast<double>(pair.value)
                        : pair.hasValue() ? static_cast<double>(pair.value) * (1 - 0x1p-10) - 0x1p-24
                                          : 0;
                    most += static_cast<double>(pair.bound);
                }
                QVERIFY(mass.lower >= least - 1e-9);
                if (!std::isnan(most)) {
                    // A block's number of a head normalised over its kept keys bounds its rows too, loosely.
                    const bool isOther = mass.ofWholeRow && normaliser == Normaliser::Kept;
                    QVERIFY2(
                        isOther || mass.upper <= most + kFloatSum,
                        qPrintable(QStringLiteral("row %1: %2 > %3").arg(row).arg(mass.upper).arg(most)));
                    better += mass.upper < most - 1e-3 ? 1 : 0;
                }
            }
        }
    }
    QVERIFY(better > 0 || shape.grid.seqLen == 1);
}

void TestKnownMass::wholeBlocks_areExactByTheirMass()
{
    const HeadShape shape{{128, 16, 16}, HeadKind::Global, 0};
    const ReadHead head(makeDenseHead(shape, Normaliser::Exact, 0, 9, 5));
    SpanKnowledge known = head.known();
    known.tokens = {};
    int exact = 0;
    for (std::uint32_t q = 0; q < 8; ++q) {
        for (std::uint32_t k = 0; k <= q; ++k) {
            const TokenRange rows{q * 16, q * 16 + 16};
            const TokenRange keys{k * 16, k * 16 + 16};
            const KnownMass mass = knownMass(known, rows, keys);
            QCOMPARE(mass.isExact(), head.dense.kept.contains({q, k}));
            exact += mass.isExact() ? 1 : 0;
            if (!mass.isExact())
                continue;
            const double truth = head.truth(rows, keys, true);
            QVERIFY(std::abs(mass.lower - truth) <= 0x1p-9 * truth + 1e-6);
            QVERIFY(std::abs(mass.upper - truth) <= 0x1p-9 * truth + 1e-6);
            // A row less, and the mass alone does not tell.
            QVERIFY(!knownMass(known, {rows.begin + 1, rows.end}, keys).isExact());
        }
    }
    QVERIFY(exact >= 8);
}

void TestKnownMass::window_givesItsPairs()
{
    const HeadShape shape{{64, 8, 8}, HeadKind::Global, 0};
    const ReadHead head(makeDenseHead(shape, Normaliser::Exact, 0, 4, 7));
    ExactWindow window;
    window.rows = {40, 50};
    window.keys = {3, 30};
    for (std::uint32_t row = 40; row < 50; ++row)
        for (std::uint32_t key = 3; key < 30; ++key)
            window.p.push_back(head.dense.at(row, key));
    const auto shared = std::make_shared<const ExactWindow>(window);
    SpanKnowledge known = head.known();
    const std::array windows{shared};
    known.windows = windows;
    const KnownMass inside = knownMass(known, {41, 48}, {5, 28});
    QVERIFY(inside.isExact());
    QVERIFY(std::abs(inside.lower - head.truth({41, 48}, {5, 28}, true)) < 1e-9);
    QVERIFY(std::abs(inside.upper - inside.lower) < 1e-12);
    QVERIFY(!knownMass(known, {38, 48}, {5, 28}).isExact()); // rows that it does not hold
    window.relativeError = 0.01F;
    const std::array rough{std::make_shared<const ExactWindow>(window)};
    known.windows = rough;
    const KnownMass near = knownMass(known, {41, 48}, {5, 28});
    QVERIFY(near.lower < inside.lower * 0.995 && near.upper > inside.upper * 1.005);
    const KnownMass pair = knownMass(known, {41, 42}, {5, 6});
    QVERIFY(pair.lower < static_cast<double>(head.dense.at(41, 5))
            && pair.upper > static_cast<double>(head.dense.at(41, 5)));
}

void TestKnownMass::largest_holdsTheDenseRow()
{
    QFETCH(const HeadShape, shape);
    QFETCH(const Normaliser, normaliser);
    const std::array<std::uint32_t, 2> sinks{0, 9};
    std::array<int, 5> seen{};
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        const ReadHead head(makeDenseHead(shape, normaliser, 5, 9, seed));
        for (std::uint32_t row = 0; row < shape.grid.seqLen; ++row) {
            const KnownLargest largest = knownLargest(head.known(), row, sinks);
            ++seen[static_cast<std::size_t>(largest.p.state)];
            double truth = 0;
            for (std::uint32_t key = 0; key <= row; ++key)
                if (key != 0 && key != 9 && head.dense.isUsable(row, key))
                    truth = std::max(truth, head.truth(row, key, largest.p.ofWholeRow));
            QVERIFY(largest.p.lower <= truth + 1e-9 && !(largest.p.upper < truth - 1e-9));
            if (largest.p.lower > 0)
                QVERIFY(head.truth(row, largest.key, largest.p.ofWholeRow) >= largest.p.lower - 1e-9);
            if (largest.p.isExact())
                QVERIFY(largest.p.upper - largest.p.lower <= 0x1p-8 * largest.p.upper + 1e-7);
        }
    }
    if (shape.grid.seqLen > 1)
        QVERIFY(seen[static_cast<std::size_t>(State::Exact)] > 0
                && seen[static_cast<std::size_t>(State::InBlock)]
                        + seen[static_cast<std::size_t>(State::NotKept)]
                    > 0);
}

QTEST_GUILESS_MAIN(TestKnownMass)
#include "tst_known_mass.moc"
