// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/order_text.h"

#include "core/base/half.h"
#include "core/reading/distance_profile.h"
#include "core/reading/head_filter.h"
#include "ui/heads/head_grid_layout.h"
#include "ui/heads/kept_mass_chart.h"
#include "ui/heads/ragged_trace.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using namespace headwater::testing;

namespace {

double statisticOf(const HeadInfo& info, HeadOrder order)
{
    switch (order) {
    case HeadOrder::KeptMass:
        return info.statistics.keptMass.mean;
    case HeadOrder::Entropy:
        return info.statistics.entropy;
    case HeadOrder::SinkShare:
        return info.statistics.sinkShare;
    case HeadOrder::MeanDistance:
        return info.statistics.meanDistance;
    default:
        return info.statistics.density;
    }
}

} // namespace

class TestHeadOrder : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;
    TraceReading m_reading;

private slots:
    void initTestCase()
    {
        auto trace =
            writeRaggedTrace(std::filesystem::path(m_folder.path().toStdString()) / "r.hwt", {5, 1, 3, 4});
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
        m_reading = readingOf(m_trace);
    }

    void everyOrderFollowsItsStatistic_data()
    {
        QTest::addColumn<int>("order");
        QTest::addColumn<bool>("isFalling");
        for (const HeadOrder order : {HeadOrder::KeptMass, HeadOrder::Entropy, HeadOrder::SinkShare,
                                      HeadOrder::MeanDistance, HeadOrder::Density}) {
            for (const bool isFalling : {false, true})
                QTest::addRow("order %d falling %d", static_cast<int>(order), isFalling)
                    << static_cast<int>(order) << isFalling;
        }
    }

    void everyOrderFollowsItsStatistic()
    {
        QFETCH(int, order);
        QFETCH(bool, isFalling);
        const std::vector<HeadId> heads =
            orderedHeads(*m_trace, static_cast<HeadOrder>(order), isFalling, {});
        QCOMPARE(heads.size(), m_trace->heads().size());
        for (std::size_t i = 0; i + 1 < heads.size(); ++i) {
            const double a =
                statisticOf(*m_trace->findHead(heads[i].layer, heads[i].head), static_cast<HeadOrder>(order));
            const double b = statisticOf(*m_trace->findHead(heads[i + 1].layer, heads[i + 1].head),
                                         static_cast<HeadOrder>(order));
            QVERIFY2(isFalling ? a >= b : a <= b, "out of order");
        }
    }

    void layersComeInOrder()
    {
        const std::vector<HeadId> heads = orderedHeads(*m_trace, HeadOrder::Layer, false, {});
        QCOMPARE(heads.size(), 13u);
        QCOMPARE(heads[5], (HeadId{1, 0}));
        QCOMPARE(heads.back(), (HeadId{3, 3}));
        QCOMPARE(orderedHeads(*m_trace, HeadOrder::Layer, true, {}).front(), (HeadId{3, 0}));
    }

    void headsAreRankedByTheRowTable()
    {
        const TokenPair pair{990, 107}; // layer 1's only head reads key 107
        const HeadReads reads = rankHeads(m_reading, pair, {});
        QVERIFY(reads.ofTokens());
        QVERIFY(!reads.failure);
        QCOMPARE(reads.heads.size(), m_trace->heads().size());
        for (const HeadRead& read : reads.heads) {
            const Result<TokenRow> row = m_trace->loadTokenRow(read.head.layer, read.head.head, 990);
            QVERIFY(row.has_value());
            float expected = 0;
            for (std::size_t i = 0; i < row->keys.size(); ++i)
                expected = row->keys[i] == 107 ? row->probability[i] : expected;
            QCOMPARE(read.mass, expected);
            QCOMPARE(read.isHeld, expected > 0);
        }
        QCOMPARE(reads.heads.front().head, (HeadId{1, 0}));
    }

    void withoutAKeyTheHeaviestThatIsNoSinkCounts()
    {
        const HeadReads reads = rankHeads(m_reading, {995, std::nullopt}, {});
        QCOMPARE(reads.heads.size(), m_trace->heads().size());
        for (std::size_t i = 0; i < reads.heads.size(); ++i) {
            const HeadRead& read = reads.heads[i];
            const Result<TokenRow> row = m_trace->loadTokenRow(read.head.layer, read.head.head, 995);
            QCOMPARE(read.key, row->keys[1]); // keys[0] is the sink
            QCOMPARE(read.mass, row->probability[1]);
            QVERIFY(i == 0 || reads.heads[i - 1].mass >= read.mass);
        }
    }

    void aRowOutsideTheTableCountsByItsBlock()
    {
        const TokenPair pair{500, 3};
        const HeadReads reads = rankHeads(m_reading, pair, {});
        QVERIFY(!reads.ofTokens());
        QCOMPARE(reads.blockQ, 16u);
        QCOMPARE(reads.heads.size(), m_trace->heads().size());
        for (const HeadRead& read : reads.heads) {
            const auto edges = m_trace->loadEdges(read.head.layer, read.head.head);
            QVERIFY(edges.has_value());
            float expected = 0;
            for (std::uint64_t e = (*edges)->rowPtr[500 / 16]; e < (*edges)->rowPtr[500 / 16 + 1]; ++e)
                expected = (*edges)->keyBlock[e] == 0 ? floatFromHalf((*edges)->mass[e]) : expected;
            QCOMPARE(read.mass, expected);
        }
    }

    void keptMassOfALayerIsTheMeanOfItsHeads()
    {
        const std::vector<LayerKeptMass> layers = keptMassByLayer(m_trace->heads());
        QCOMPARE(layers.size(), 4u);
        double sum = 0;
        for (int head = 0; head < 5; ++head)
            sum += m_trace->findHead(0, head)->statistics.keptMass.mean;
        QCOMPARE(layers[0].mass.mean, sum / 5);
        QCOMPARE(layers[0].heads, 5);
        // Five independent half-widths of 0.01 below and 0.02 above.
        QVERIFY(std::abs(layers[0].mass.mean - layers[0].mass.lo - 0.01 / std::sqrt(5)) < 1e-6);
        QVERIFY(std::abs(layers[0].mass.hi - layers[0].mass.mean - 0.02 / std::sqrt(5)) < 1e-6);
    }

    void theDistanceCurveKeepsAllMass()
    {
        const auto edges = m_trace->loadEdges(2, 1);
        QVERIFY(edges.has_value());
        const std::vector<DistancePoint> curve = distanceCurve(massByDistance(**edges, 64), (*edges)->grid);
        double expected = 0;
        for (std::uint32_t q = 0; q + 1 < (*edges)->rowPtr.size(); ++q) {
            const std::uint32_t rows = std::min(16u, 1000 - q * 16);
            for (std::uint64_t e = (*edges)->rowPtr[q]; e < (*edges)->rowPtr[q + 1]; ++e)
                expected += static_cast<double>(floatFromHalf((*edges)->mass[e])) * rows;
        }
        double sum = 0;
        for (std::size_t i = 0; i < curve.size(); ++i) {
            sum += curve[i].share;
            // Edges lie half-way between the multiples of a block.
            QCOMPARE(std::fmod(curve[i].to, 16), 8.0);
            QVERIFY(i == 0 || curve[i].from == curve[i - 1].to);
        }
        QVERIFY(std::abs(sum - expected / 1000) < 1e-9);
    }
};

QTEST_MAIN(TestHeadOrder)
#include "tst_head_order.moc"
