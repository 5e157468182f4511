// SPDX-License-Identifier: Apache-2.0
// What global heads keep together: the same numbers for the report of a run and for the verdict on its trace.
#include "core/record/global_heads.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace headwater;

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

HeadStatistics statisticsOf(Interval kept, double content = 0.5, std::uint32_t probeRows = 0)
{
    HeadStatistics statistics;
    statistics.keptMass = kept;
    statistics.contentMass = content;
    statistics.probeRows = probeRows;
    return statistics;
}

PairCounts pairsOf(std::uint64_t usable, std::uint64_t kept)
{
    PairCounts pairs;
    pairs.usable = usable;
    pairs.kept = kept;
    return pairs;
}

} // namespace

class TestGlobalHeads : public QObject {
    Q_OBJECT

private slots:
    void wholeRows_areWeightedAndExact()
    {
        GlobalHeads heads;
        heads.add(100, Normaliser::Exact, statisticsOf({0.9, 0.9, 0.9}, 0.2), pairsOf(1000, 250));
        heads.add(300, Normaliser::Exact, statisticsOf({0.5, 0.5, 0.5}, 0.4), pairsOf(3000, 750));
        QCOMPARE(heads.count(), 2);
        QCOMPARE(heads.keptMass().mean, 0.6);
        QCOMPARE(heads.keptMass().lo, heads.keptMass().mean);
        QCOMPARE(heads.keptMass().hi, heads.keptMass().mean);
        QCOMPARE(heads.contentMass(), 0.35);
        QVERIFY(!heads.isSampled() && !heads.probeRows());
        QCOMPARE(heads.keptFraction(), 0.25);
        QCOMPARE(heads.usablePairs(), std::uint64_t{4000});
        QCOMPARE(heads.keptPairs(), std::uint64_t{1000});
    }

    void sampledHeads_addTheirWidthsAsSquares()
    {
        GlobalHeads heads;
        heads.add(100, Normaliser::Kept, statisticsOf({0.5, 0.47, 0.53}, 0.5, 64), {});
        heads.add(100, Normaliser::Kept, statisticsOf({0.7, 0.66, 0.74}, 0.5, 48), {});
        const Interval kept = heads.keptMass();
        QCOMPARE(kept.mean, 0.6);
        QCOMPARE(kept.hi - kept.mean, 0.025); // sqrt(0.03² + 0.04²) / 2
        QCOMPARE(kept.mean - kept.lo, 0.025);
        QVERIFY(heads.isSampled());
        QCOMPARE(heads.probeRows().value(), std::uint32_t{48});
    }

    /// A head's interval is cut at all and at nothing: what is cut off is no certainty.
    void cutInterval_keepsItsWholeHalfWidth()
    {
        GlobalHeads heads;
        heads.add(10, Normaliser::Kept, statisticsOf({0.99, 0.95, 1.0}), {});
        QCOMPARE(heads.keptMass().lo, 0.95);
        QCOMPARE(heads.keptMass().hi, 1.0);
        GlobalHeads few;
        few.add(10, Normaliser::Kept, statisticsOf({0.01, 0.0, 0.05}), {});
        QCOMPARE(few.keptMass().hi, 0.05);
        QCOMPARE(few.keptMass().lo, 0.0);
    }

    void unknown_isNeitherNothingNorAll()
    {
        const GlobalHeads none;
        QVERIFY(std::isnan(none.keptMass().mean) && std::isnan(none.keptMass().lo));
        QVERIFY(std::isnan(none.contentMass()) && std::isnan(none.keptFraction()));
        GlobalHeads heads;
        heads.add(10, Normaliser::Kept, statisticsOf({0.9, 0.8, 1.0}), pairsOf(10, 5));
        heads.add(10, Normaliser::Kept, statisticsOf({kUnknown, kUnknown, kUnknown}), pairsOf(10, 5));
        QCOMPARE(heads.unknown(), 1);
        QVERIFY(std::isnan(heads.keptMass().mean) && std::isnan(heads.keptMass().hi));
        QVERIFY(std::isnan(heads.contentMass()));
        QCOMPARE(heads.keptFraction(), 0.5);
        GlobalHeads width;
        width.add(10, Normaliser::Kept, statisticsOf({0.9, kUnknown, kUnknown}), {});
        QCOMPARE(width.keptMass().mean, 0.9);
        QVERIFY(std::isnan(width.keptMass().lo) && std::isnan(width.keptMass().hi));
        QVERIFY(width.isSampled());
    }
};

QTEST_APPLESS_MAIN(TestGlobalHeads)
#include "tst_global_heads.moc"
