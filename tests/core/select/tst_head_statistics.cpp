// SPDX-License-Identifier: Apache-2.0
#include "core/base/log_code.h"
#include "core/select/exact_tile.h"
#include "core/select/largest_sum.h"
#include "core/select/sinks.h"
#include "core/select/sparse_tile.h"
#include "core/select/token_row.h"
#include "made_heads.h"
#include "support/statistics_of.h"

#include <QtTest>
#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

using namespace headwater;
using namespace headwater::test;

namespace {

struct Recorded {
    HeadRecord record;
    IncomingMass incoming;
};

/// A head recorded tile by tile; renormalised over the kept blocks of `exact` where `kept`.
Recorded recordHead(const MadeHead& head, const HeadShape& shape, std::uint32_t keepKeys, bool kept)
{
    Recorded recorded{{}, IncomingMass(head.tokens)};
    recorded.record.grid = shape.grid;
    recorded.record.kind = shape.kind;
    recorded.record.window = shape.window;
    recorded.record.normaliser = kept ? Normaliser::Kept : Normaliser::Exact;
    ExactScratch exactScratch;
    SparseScratch sparseScratch;
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows) {
        TileRecord tile;
        exactTile(shape, head.keyValues(), head.tile(first), {keepKeys, 0}, exactScratch, {}, tile);
        if (kept) {
            const BlockMask mask = tile.mask;
            sparseTile(shape, head.keyValues(), head.tile(first), mask, sparseScratch, {}, &tile);
        }
        appendTile(recorded.record, tile);
        recorded.incoming.add(tile);
    }
    return recorded;
}

std::vector<ProbeRow> probeHead(const MadeHead& head, const HeadShape& shape, const ProbePlan& plan,
                                const HeadRecord& record)
{
    std::vector<float> queries(plan.rows.size() * head.dim);
    for (std::uint32_t first = 0; first < head.tokens; first += kTileRows)
        collectProbeRows(plan, head.tile(first), head.dim, queries);
    std::vector<ProbeRow> probes(plan.rows.size());
    for (std::uint32_t group = numProbeGroups(plan); group > 0; --group)
        probeGroup(shape, head.keyValues(), plan, queries, record, group - 1, probes);
    return probes;
}

} // namespace

class HeadStatisticsTest : public QObject {
    Q_OBJECT

private slots:
    void planDrawsEveryStratum();
    void studentQuantiles();
    void largestAreSummedFromTheTop();
    void probeRowsEqualDense();
    void intervalHoldsTheMean();
    void statisticsEqualDirectSums_data();
    void statisticsEqualDirectSums();
    void keptNormaliserTakesItFromTheProbes();
    void sinksOfAHead();
    void tokenRowsAreTheHeaviest();
};

void HeadStatisticsTest::largestAreSummedFromTheTop()
{
    std::mt19937 random(7);
    LargestScratch scratch;
    for (int round = 0; round < 300; ++round) {
        std::vector<float> values(1 + random() % 600);
        for (float& value :
             values) // of many magnitudes; in every third round few differ, in every fifth most are 0
            value = round % 3 == 0 ? static_cast<float>(random() % 4)
                                   : std::exp2(std::uniform_real_distribution<float>(-130, 0)(random));
        for (std::size_t i = 0; round % 5 == 0 && i + 3 < values.size(); ++i)
            values[i] = 0;
        const std::size_t count = random() % (values.size() + 1);
        std::vector<float> sorted = values;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        double expected = 0;
        for (std::size_t i = 0; i < count; ++i)
            expected += double(sorted[i]);
        QCOMPARE(std::bit_cast<std::uint64_t>(sumOfLargest(values, count, scratch)),
                 std::bit_cast<std::uint64_t>(expected));
    }
}

void HeadStatisticsTest::planDrawsEveryStratum()
{
    const ProbePlan plan = drawProbeRows(10000, 3, 4, 1);
    QCOMPARE(plan.rows.size(), std::size_t(1024));
    QVERIFY(std::adjacent_find(plan.rows.begin(), plan.rows.end(), std::greater_equal<>())
            == plan.rows.end());
    for (std::size_t i = 0; i < plan.rows.size(); ++i) {
        QCOMPARE(plan.stratum[i], std::uint32_t(i / 64));
        QVERIFY(plan.rows[i] >= plan.stratumBegin(plan.stratum[i])
                && plan.rows[i] < plan.stratumBegin(plan.stratum[i] + 1));
    }
    QVERIFY(plan.rows == drawProbeRows(10000, 3, 4, 1).rows);
    QVERIFY(plan.rows != drawProbeRows(10000, 4, 3, 1).rows);
    QVERIFY(plan.rows != drawProbeRows(10000, 3, 4, 2).rows);
    QCOMPARE(drawProbeRows(1000, 0, 0, 1).rows.size(), std::size_t(1000));
    QCOMPARE(drawProbeRows(3, 0, 0, 1).rows.size(), std::size_t(3));
}

void HeadStatisticsTest::studentQuantiles()
{
    // Tables: t(0.975).
    const std::pair<double, double> table[] = {{3, 3.182},  {5, 2.571},   {10, 2.228},
                                               {30, 2.042}, {120, 1.980}, {1e6, 1.960}};
    for (const auto& [degrees, t] : table)
        QVERIFY(std::abs(studentQuantile(degrees) - t) < 0.01 * t);
}

void HeadStatisticsTest::probeRowsEqualDense()
{
    const MadeHead head = makeHead("needles", 1500, 32, 12);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const HeadRecord record = recordHead(head, shape, 96, false).record;
    const ProbePlan plan = drawProbeRows(head.tokens, 1, 2, 9);
    const std::vector<ProbeRow> probes = probeHead(head, shape, plan, record);
    for (const ProbeRow& probe : probes) {
        const DenseRow dense = denseRow(head, shape, probe.row);
        const std::uint32_t queryBlock = probe.row / 16;
        const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
        std::vector<double> mass(probe.row / 16 + 1, 0.0);
        double kept = 0;
        double content = 0;
        double missedPeak = 0;
        for (std::uint32_t key = 0; key <= probe.row; ++key) {
            mass[key / 16] += dense.p[key];
            if (!isKept(record, queryBlock, key / 16)) {
                missedPeak = std::max(missedPeak, dense.p[key]);
                continue;
            }
            kept += dense.p[key];
            const bool recent = key / 16 >= always.recent;
            if (!recent && key > 0)
                content += dense.p[key];
        }
        std::sort(mass.rbegin(), mass.rend());
        double best = 0;
        for (std::size_t i = 0; i
             < std::min<std::size_t>(mass.size(), record.rowPtr[queryBlock + 1] - record.rowPtr[queryBlock]);
             ++i)
            best += mass[i];
        QVERIFY(std::abs(double(probe.lse) - dense.lse) < 1e-4);
        QVERIFY(std::abs(double(probe.kept) - kept) < 1e-5);
        QVERIFY(std::abs(double(probe.kept) + double(probe.missed) - 1) < 1e-5);
        QVERIFY(std::abs(double(probe.missedPeak) - missedPeak) < 1e-5);
        QVERIFY(std::abs(double(probe.content) - content) < 1e-5);
        QVERIFY(std::abs(double(probe.best) - best) < 1e-5);
        QVERIFY(std::abs(double(record.missed[probe.row]) - double(probe.missed)) < 1e-5);
    }
}

void HeadStatisticsTest::intervalHoldsTheMean()
{
    // 600 made heads of 8 192 rows with kept masses as heads have them: high and skewed, drifting with the
    // position, with spells of bad rows. The interval must hold the mean of all rows in at least 93 % of
    // them.
    int held = 0;
    const int heads = 600;
    for (int head = 0; head < heads; ++head) {
        std::mt19937 random(static_cast<unsigned>(1000 + head));
        std::uniform_real_distribution<double> uniform(0, 1);
        const double drift = uniform(random);
        const double shape = 1 + 6 * uniform(random);
        const std::uint32_t tokens = 8192;
        std::vector<double> kept(tokens);
        bool bad = false;
        double mean = 0;
        for (std::uint32_t row = 0; row < tokens; ++row) {
            if (random() % 97 == 0)
                bad = random() % 4 == 0;
            kept[row] =
                std::pow(uniform(random), 1 / shape) * (1 - 0.4 * drift * row / tokens) * (bad ? 0.3 : 1.0);
            mean += kept[row] / tokens;
        }
        const ProbePlan plan =
            drawProbeRows(tokens, head / 9, head % 9, static_cast<std::uint64_t>(head % 3));
        std::vector<double> values;
        for (const std::uint32_t row : plan.rows)
            values.push_back(kept[row]);
        const Interval interval = stratifiedInterval(plan, values);
        held += mean >= interval.lo && mean <= interval.hi;
        QVERIFY(interval.hi - interval.lo < 0.08);
    }
    QVERIFY2(held >= 0.93 * heads, qPrintable(QString::number(held)));
    // Where every row is drawn there is nothing to estimate.
    const ProbePlan all = drawProbeRows(777, 0, 0, 1);
    std::vector<double> values(all.rows.begin(), all.rows.end());
    const Interval exact = stratifiedInterval(all, values);
    QCOMPARE(exact.lo, exact.hi);
    QVERIFY(std::abs(exact.mean - 388) < 1e-9);
}

void HeadStatisticsTest::statisticsEqualDirectSums_data()
{
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("blockQ");
    QTest::addColumn<int>("blockK");
    QTest::addColumn<int>("window");
    QTest::newRow("16x16") << 900 << 16 << 16 << 0;
    QTest::newRow("64x32") << 1000 << 64 << 32 << 0;
    QTest::newRow("8x8 window") << 500 << 8 << 8 << 60;
}

void HeadStatisticsTest::statisticsEqualDirectSums()
{
    QFETCH(int, tokens);
    QFETCH(int, blockQ);
    QFETCH(int, blockK);
    QFETCH(int, window);
    const MadeHead head = makeHead("needles", std::uint32_t(tokens), 32, 12);
    HeadShape shape{{head.tokens, std::uint32_t(blockQ), std::uint32_t(blockK)}, HeadKind::Global, 0};
    if (window > 0)
        shape = {shape.grid, HeadKind::Sliding, std::uint32_t(window)};
    const HeadRecord record = recordHead(head, shape, 160, false).record;
    const HeadStatistics statistics = statisticsOf(record);
    const HeadSums sums = sumsOf(record);
    const OverviewShape plane = sums.contentShape();
    std::vector<double> cells(std::size_t(plane.side) * plane.side, 0.0);
    double kept = 0;
    double content = 0;
    double sink = 0;
    double distance = 0;
    double least = 1;
    double entropy = 0;
    for (std::uint32_t queryBlock = 0; queryBlock < shape.grid.numQueryBlocks(); ++queryBlock) {
        const AlwaysKept always = alwaysKept(shape.grid, queryBlock);
        const std::uint32_t rows = shape.grid.endRow(queryBlock) - shape.grid.firstRow(queryBlock);
        std::vector<double> mass(shape.grid.numCausalKeyBlocks(queryBlock) + 1, 0.0);
        std::vector<double> pairs(mass);
        std::vector<double> distances(mass);
        for (std::uint32_t row = shape.grid.firstRow(queryBlock); row < shape.grid.endRow(queryBlock);
             ++row) {
            const DenseRow dense = denseRow(head, shape, row);
            double keptOfRow = 0;
            for (std::uint32_t key = shape.firstKey(row); key <= row; ++key) {
                const std::uint32_t block = key / shape.grid.blockK;
                if (!isKept(record, queryBlock, block)) {
                    mass.back() += dense.p[key] / rows;
                    continue;
                }
                keptOfRow += dense.p[key];
                mass[block] += dense.p[key] / rows;
                pairs[block] += 1;
                distances[block] += row - key;
                if (block == 0)
                    sink += dense.p[key];
                if (block < always.recent && key > 0) {
                    content += dense.p[key];
                    cells[(row >> plane.level) * plane.side + (key >> plane.level)] += dense.p[key];
                }
            }
            kept += keptOfRow;
            least = std::min(least, keptOfRow);
        }
        for (std::size_t block = 0; block < mass.size(); ++block) {
            if (mass[block] > 0)
                entropy -= rows * mass[block] * std::log(mass[block]);
            if (pairs[block] > 0)
                distance += rows * mass[block] * distances[block] / pairs[block];
        }
    }
    const auto close = [&](double a, double b) {
        return std::abs(a - b) < 2e-5 * std::max(1.0, std::abs(b));
    };
    QVERIFY(close(statistics.keptMass.mean, kept / tokens));
    QCOMPARE(statistics.keptMass.lo, statistics.keptMass.hi);
    QVERIFY(close(statistics.keptMassMin, least));
    QVERIFY(statistics.keptMassP5 >= statistics.keptMassMin && statistics.keptMassP5 <= 1);
    QVERIFY(close(statistics.contentMass, window > 0 ? 0 : content / tokens));
    QVERIFY(close(statistics.sinkShare, sink / tokens));
    QVERIFY(close(statistics.entropy, entropy / tokens));
    QVERIFY(close(statistics.meanDistance, distance / tokens));
    const PairCounts counted = sums.pairs();
    QVERIFY(close(statistics.density, double(counted.kept) / double(counted.usable)));
    // The picture of the content: a code is 6.8 % wide.
    const std::vector<std::uint8_t> codes = sums.contentCodes();
    QCOMPARE(codes.size(), cells.size());
    int seen = 0;
    for (std::uint32_t cell = 0; cell < cells.size(); ++cell) {
        const std::uint32_t first = cell / plane.side << plane.level;
        const std::uint32_t rows = std::min(std::uint32_t(tokens), first + (1u << plane.level))
            - std::min(std::uint32_t(tokens), first);
        const float mean = rows > 0 ? float(cells[cell] / rows) : 0.0f;
        QVERIFY(std::abs(int(codes[cell]) - int(probabilityCode(mean))) <= 1 || mean < 1e-6f);
        seen += codes[cell] > 0;
    }
    QVERIFY(seen > 10);
}

void HeadStatisticsTest::keptNormaliserTakesItFromTheProbes()
{
    const MadeHead head = makeHead("topics", 1400, 32, 13);
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    const HeadRecord exact = recordHead(head, shape, 128, false).record;
    const HeadRecord kept = recordHead(head, shape, 128, true).record;
    const HeadStatistics truth = statisticsOf(exact);
    const ProbePlan plan = drawProbeRows(head.tokens, 0, 1, 4);
    const HeadStatistics probed = statisticsOf(kept, plan, probeHead(head, shape, plan, kept));
    QCOMPARE(probed.probeRows, 1024u);
    QVERIFY(probed.keptMass.lo < probed.keptMass.hi);
    QVERIFY(std::abs(probed.keptMass.mean - truth.keptMass.mean) < 0.01);
    QVERIFY(std::abs(probed.contentMass - truth.contentMass) < 0.01);
    QVERIFY(probed.keptMassMin >= truth.keptMassMin - 1e-5);
    QVERIFY(std::abs(probed.density - truth.density) < 1e-12);
    // Floats of rows that keep all may add up to more than one: the share stays one, without a width.
    const ProbeRow all{.kept = std::nextafter(1.0f, 2.0f)};
    const Interval whole = statisticsOf(kept, plan, std::vector<ProbeRow>(plan.rows.size(), all)).keptMass;
    QVERIFY(whole.mean == 1 && whole.lo == 1 && whole.hi == 1);
    const HeadStatistics unknown = statisticsOf(kept);
    QVERIFY(std::isnan(unknown.keptMass.mean) && std::isnan(unknown.contentMass));
}

void HeadStatisticsTest::sinksOfAHead()
{
    // Token 0 takes most of every row, token 100 most of every row from 400 on.
    MadeHead head = makeHead("random", 900, 16, 13);
    for (std::uint32_t row = 0; row < head.tokens; ++row)
        for (std::uint32_t i = 0; i < head.dim; ++i) {
            float& q = head.queries[std::size_t(row) * head.dim + i];
            q *= 0.2f;
            q +=
                head.keys[i] * 0.4f + (row >= 400 ? head.keys[std::size_t(100) * head.dim + i] * 0.5f : 0.0f);
        }
    const HeadShape shape{{head.tokens, 16, 16}, HeadKind::Global, 0};
    for (const bool kept : {false, true}) {
        const Recorded recorded = recordHead(head, shape, 128, kept);
        std::vector<double> columns(head.tokens, 0.0);
        for (std::uint32_t row = 0; row < head.tokens; ++row) {
            DenseRow dense = denseRow(head, shape, row);
            double sum = kept ? 0 : 1;
            for (std::uint32_t key = 0; kept && key <= row; ++key)
                sum += isKept(recorded.record, row / 16, key / 16) ? dense.p[key] : 0;
            for (std::uint32_t key = 0; key <= row; ++key)
                if (!kept || isKept(recorded.record, row / 16, key / 16))
                    columns[key] += dense.p[key] / sum;
        }
        for (const std::uint32_t token : recorded.incoming.sinks()) {
            QVERIFY(token == 0 || columns[token] / (head.tokens - token) > 0.3 - 1e-6);
            QVERIFY(token == 0 || head.tokens - token >= 64); // the last row's self-attention is no sink
        }
        for (std::uint32_t token = 0; token < head.tokens; ++token) {
            const double mean = columns[token] / (head.tokens - token);
            QVERIFY(recorded.incoming.mean(token) < mean + 1e-5);
            QVERIFY(recorded.incoming.mean(token) > mean - 3.0 / 64);
        }
        const std::vector<std::uint32_t> sinks = recorded.incoming.sinks();
        QVERIFY(sinks.front() == 0);
        QVERIFY(std::find(sinks.begin(), sinks.end(), 100u) != sinks.end());
    }
}

void HeadStatisticsTest::tokenRowsAreTheHeaviest()
{
    const MadeHead head = makeHead("needles", 800, 64, 14);
    for (const std::uint32_t window : {0u, 50u}) {
        const HeadShape shape{
            {head.tokens, 16, 16}, window > 0 ? HeadKind::Sliding : HeadKind::Global, window};
        for (const std::uint32_t row : {0u, 5u, 31u, 400u, 799u}) {
            const float* const query = head.queries.data() + std::size_t(row) * head.dim;
            const DenseRow dense = denseRow(head, shape, row);
            const std::vector<float> p = exactRow(shape, head.keyValues(), query, row);
            for (std::uint32_t key = 0; key <= row; ++key)
                QVERIFY(std::abs(double(p[key]) - dense.p[key]) < 1e-5);
            const TokenRow heaviest = tokenRow(2, 3, shape, head.keyValues(), query, row);
            const std::uint32_t readable = row + 1 - shape.firstKey(row);
            QCOMPARE(heaviest.keys.size(), std::size_t(std::min(32u, readable)));
            QCOMPARE(heaviest.row, row);
            double lightest = 1;
            for (std::size_t i = 0; i < heaviest.keys.size(); ++i) {
                QCOMPARE(heaviest.probability[i], p[heaviest.keys[i]]);
                QVERIFY(i == 0 || heaviest.probability[i] <= heaviest.probability[i - 1]);
                lightest = double(heaviest.probability[i]);
            }
            std::size_t above = 0;
            for (std::uint32_t key = 0; key <= row; ++key)
                above += double(p[key]) > lightest;
            QVERIFY(above < heaviest.keys.size());
        }
    }
}

QTEST_GUILESS_MAIN(HeadStatisticsTest)
#include "tst_head_statistics.moc"
