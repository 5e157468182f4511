// SPDX-License-Identifier: Apache-2.0
// A head that is forwarded in two parts, the prompt and the teacher-forced tail, has the statistics of one
// whole pass.
#include "core/base/text.h"
#include "core/engine/layer_recorder.h"
#include "core/forward/forward_pass.h"
#include "core/select/content_tree.h"
#include "core/select/exact_tile.h"
#include "core/select/made_heads.h"
#include "core/select/sparse_tile.h"
#include "core/select/stream_tile.h"
#include "core/select/tree_tile.h"

#include "support/statistics_of.h"

#include <QTest>
#include <nlohmann/json.hpp>

using namespace headwater;
using namespace headwater::test;

namespace {

/// One made head and how it is recorded; every tile as the CPU backend records it.
struct Subject {
    MadeHead head;
    Selection selection = Selection::Exact;
    bool propagated = false;
    std::uint32_t window = 0;
    ContentTree tree; ///< of the prompt's keys, extended by the tail's

    bool isKept() const { return propagated && selection != Selection::Exact && window == 0; }
    HeadShape shape(std::uint32_t tokens) const
    {
        return {{tokens, 16, 8}, window > 0 ? HeadKind::Sliding : HeadKind::Global, window};
    }

    TileRecord tile(const HeadShape& shape, std::uint32_t firstRow) const
    {
        const QueryTile query{head.queries.data() + std::size_t(firstRow) * head.dim, head.dim, firstRow,
                              std::min(kTileRows, shape.grid.seqLen - firstRow)};
        KeyValues keys = head.keyValues();
        keys.length = query.firstRow + query.numRows;
        KeepRule rule{96, propagated ? 0.0f : 0.1f, nullptr};
        BlockMask mask;
        TileRecord record;
        if (window == 0 && selection == Selection::Tree) {
            TreeScratch scratch;
            treeTile(shape, tree, query, rule.keepKeys, {4, 128}, scratch, mask);
            rule.mask = &mask;
        } else if (window == 0 && selection == Selection::Stream) {
            StreamScratch scratch;
            streamTile(shape, keys, query, rule.keepKeys, StreamProbe::First, scratch, mask);
            rule.mask = &mask;
        }
        if (isKept()) {
            SparseScratch scratch;
            sparseTile(shape, keys, query, mask, scratch, {}, &record);
        } else {
            ExactScratch scratch;
            exactTile(shape, keys, query, rule, scratch, {}, record);
        }
        return record;
    }

    HeadRecord emptyRecord(const HeadShape& shape) const
    {
        HeadRecord record;
        record.grid = shape.grid;
        record.kind = shape.kind;
        record.window = shape.window;
        record.selection = selection;
        record.normaliser = isKept() ? Normaliser::Kept : Normaliser::Exact;
        return record;
    }
};

bool equal(double a, double b)
{
    return std::isnan(a) ? std::isnan(b) : std::abs(a - b) <= 1e-12 * (1 + std::abs(b));
}

} // namespace

class TstLayerRecorder : public QObject {
    Q_OBJECT

private slots:
    void joinedHead_hasTheStatisticsOfOnePass_data()
    {
        QTest::addColumn<int>("selection");
        QTest::addColumn<bool>("propagated");
        QTest::addColumn<int>("window");
        QTest::addColumn<int>("promptTokens");
        // A prompt of 256 tokens or fewer is forwarded again as a whole: nothing stands before its tail.
        for (const int prompt : {800, 769, 256, 200, 1}) {
            for (const bool propagated : {false, true}) {
                const char* const how = propagated ? "propagated" : "observed";
                QTest::addRow("exact %s, %d", how, prompt)
                    << int(Selection::Exact) << propagated << 0 << prompt;
                QTest::addRow("tree %s, %d", how, prompt)
                    << int(Selection::Tree) << propagated << 0 << prompt;
                QTest::addRow("stream %s, %d", how, prompt)
                    << int(Selection::Stream) << propagated << 0 << prompt;
                QTest::addRow("sliding %s, %d", how, prompt)
                    << int(Selection::Exact) << propagated << 70 << prompt;
            }
        }
    }

    void joinedHead_hasTheStatisticsOfOnePass()
    {
        QFETCH(int, selection);
        QFETCH(bool, propagated);
        QFETCH(int, window);
        QFETCH(int, promptTokens);
        const auto numPrompt = static_cast<std::uint32_t>(promptTokens);
        const std::uint32_t numTokens = numPrompt + 107;
        const std::uint32_t tailRow = ForwardPass::tailRowOf(numPrompt);
        Subject subject{makeHead("needles", numTokens, 32, 21),
                        static_cast<Selection>(selection),
                        propagated,
                        static_cast<std::uint32_t>(window),
                        {}};
        KeyValues promptKeys = subject.head.keyValues();
        promptKeys.length = numPrompt;
        subject.tree = ContentTree::build(promptKeys, treeShape(numPrompt, 0), 5, nullptr);

        const HeadShape promptShape = subject.shape(numPrompt);
        HeadObservation prompt;
        prompt.record = subject.emptyRecord(promptShape);
        HeadRecord whole = subject.emptyRecord(subject.shape(numTokens));
        for (std::uint32_t first = 0; first < numPrompt; first += kTileRows) {
            const TileRecord tile = subject.tile(promptShape, first);
            appendTile(prompt.record, tile);
            if (first < tailRow)
                appendTile(whole, tile);
        }
        if (subject.isKept()) {
            prompt.probePlan = drawProbeRows(numPrompt, 0, 0, 3);
            std::vector<float> queries(prompt.probePlan.rows.size() * subject.head.dim);
            for (std::uint32_t first = 0; first < numPrompt; first += kTileRows)
                collectProbeRows(prompt.probePlan, subject.head.tile(first), subject.head.dim, queries);
            prompt.probes.resize(prompt.probePlan.rows.size());
            for (std::uint32_t group = 0; group < numProbeGroups(prompt.probePlan); ++group)
                probeGroup(promptShape, promptKeys, prompt.probePlan, queries, prompt.record, group,
                           prompt.probes);
        }
        subject.tree.extend(subject.head.keyValues());

        HeadObservation tail;
        tail.record = subject.emptyRecord(subject.shape(numTokens));
        for (std::uint32_t first = tailRow; first < numTokens; first += kTileRows) {
            const TileRecord tile = subject.tile(subject.shape(numTokens), first);
            appendTile(tail.record, tile);
            appendTile(whole, tile);
        }
        const HeadStatistics expected = statisticsOf(whole, prompt.probePlan, prompt.probes);
        const HeadSums expectedSums = sumsOf(whole);

        LayerRecorder::Options options;
        options.mostTokens = numTokens;
        options.tailRow = tailRow;
        LayerRecorder recorder(nullptr, options);
        std::vector<HeadObservation> heads;
        heads.push_back(std::move(prompt));
        QVERIFY(recorder.onLayer(0, std::move(heads)));
        recorder.beginTail();
        heads.clear();
        heads.push_back(std::move(tail));
        QVERIFY(recorder.onLayer(0, std::move(heads)));
        const std::vector<TraceWriter::FinishedHead> joined = recorder.takeTail();
        QCOMPARE(joined.size(), std::size_t(1));
        const HeadStatistics& statistics = joined[0].statistics;
        QVERIFY(equal(statistics.keptMass.mean, expected.keptMass.mean));
        QVERIFY(equal(statistics.keptMass.lo, expected.keptMass.lo));
        QVERIFY(equal(statistics.keptMass.hi, expected.keptMass.hi));
        QVERIFY(equal(statistics.keptMassP5, expected.keptMassP5));
        QVERIFY(equal(statistics.keptMassMin, expected.keptMassMin));
        QVERIFY2(
            equal(statistics.contentMass, expected.contentMass),
            qPrintable(
                QStringLiteral("%1, expected %2").arg(statistics.contentMass).arg(expected.contentMass)));
        QVERIFY(equal(statistics.entropy, expected.entropy));
        QVERIFY(equal(statistics.sinkShare, expected.sinkShare));
        QVERIFY(equal(statistics.meanDistance, expected.meanDistance));
        QVERIFY(equal(statistics.density, expected.density));
        QCOMPARE(statistics.probeRows, expected.probeRows);
        const HeadRecord& record = joined[0].record;
        QCOMPARE(int(record.kind), int(whole.kind));
        QCOMPARE(record.window, whole.window);
        QCOMPARE(int(record.normaliser), int(whole.normaliser));
        const PairCounts& pairs = joined[0].pairs;
        const PairCounts& expectedPairs = expectedSums.pairs();
        QCOMPARE(pairs.alwaysKept, expectedPairs.alwaysKept);
        QCOMPARE(pairs.extra, expectedPairs.extra);
        QCOMPARE(pairs.extraEdges, expectedPairs.extraEdges);
        QCOMPARE(pairs.kept, expectedPairs.kept);
        QCOMPARE(pairs.usable, expectedPairs.usable);
        // The picture of its content, too, which becomes coarser in the middle of some of these.
        QVERIFY(joined[0].contentShape == expectedSums.contentShape());
        QCOMPARE(joined[0].contentCodes.size(), expectedSums.contentCodes().size());
        for (std::size_t cell = 0; cell < joined[0].contentCodes.size(); ++cell)
            QVERIFY(std::abs(joined[0].contentCodes[cell] - expectedSums.contentCodes()[cell]) <= 1);
        // The numbers must say something: content is neither nothing nor everything.
        if (window == 0 && numPrompt > 256)
            QVERIFY(expected.contentMass > 0.05 && expected.contentMass < expected.keptMass.mean - 0.05);
    }

    void summary_knowsWhatItDoesNotKnow_data()
    {
        QTest::addColumn<QString>(
            "heads"); // e exact, p with a probed row in eight, u kept without probe rows, s sliding
        QTest::addColumn<bool>("known");
        QTest::addColumn<QString>("says");
        QTest::newRow("exact") << "ee" << true << " % of attention (exact); content only ";
        QTest::newRow("exact and sliding") << "es" << true << " % of attention (exact); content only ";
        QTest::newRow("probed") << "pp" << true
                                << " % of attention (± 0.00, 16 rows a head measured); content only ";
        QTest::newRow("one of two unknown")
            << "pu" << false << "unknown of attention (no row was measured); content only unknown";
        QTest::newRow("unknown") << "u" << false
                                 << "unknown of attention (no row was measured); content only unknown";
        QTest::newRow("sliding alone")
            << "ss" << false << "unknown of attention (no head reads the whole past); content only unknown";
    }

    void summary_knowsWhatItDoesNotKnow()
    {
        QFETCH(QString, heads);
        QFETCH(bool, known);
        QFETCH(QString, says);
        constexpr std::uint32_t kTokens = 128;
        LayerRecorder::Options options;
        options.mostTokens = kTokens;
        LayerRecorder recorder(nullptr, options);
        std::vector<HeadObservation> observations;
        for (const QChar kind : heads) {
            const bool kept = kind == 'p' || kind == 'u';
            Subject subject{makeHead("topics", kTokens, 16, 3),
                            kept ? Selection::Stream : Selection::Exact,
                            kept,
                            kind == 's' ? 20u : 0u,
                            {}};
            const HeadShape shape = subject.shape(kTokens);
            HeadObservation& observation = observations.emplace_back();
            observation.record = subject.emptyRecord(shape);
            observation.record.head = static_cast<int>(observations.size()) - 1;
            appendTile(observation.record, subject.tile(shape, 0));
            // Equal values: the interval has no width, and is no proof all the same.
            for (std::uint32_t row = 0; kind == 'p' && row < kTokens; row += 8) {
                observation.probePlan.rows.push_back(row);
                observation.probePlan.stratum.push_back(row / 8);
                observation.probes.push_back({row, 0, 0.75f, 0.25f, 0, 0.5f, 1});
            }
            observation.probePlan.seqLen = kTokens;
        }
        QVERIFY(recorder.onLayer(0, std::move(observations)));
        RunReport report;
        report.promptTokens = kTokens;
        recorder.summarise(report);
        const nlohmann::json json = toJson(report);
        for (const char* key : {"mean", "lo", "hi", "p5", "min", "content"})
            QCOMPARE(json.at("kept_mass").at(key).is_number(), known);
        QCOMPARE(json.at("kept_fraction_global").is_number(), heads.count('s') < heads.size());
        if (known) {
            QVERIFY(report.keptMassMin <= report.keptMassP5 && report.keptMassP5 <= 1);
            QVERIFY(report.keptMassMin < report.keptMass.mean || heads.contains('p'));
        }
        const QString text = QString::fromStdString(toText(report));
        QVERIFY2(text.contains(says), qPrintable(text));
        QCOMPARE(text.contains("pruned:      nothing"), heads.count('s') == heads.size());
    }

    void report_saysWhichRowsWereMeasured()
    {
        RunReport report;
        report.usablePairsGlobal = 1000;
        report.normaliser = Normaliser::Kept;
        report.keptMass = {0.5, 0.5, 0.5};
        report.promptTokens = report.tokens = report.probeRows = 700;
        QVERIFY(toText(report).find("50.00 % of attention (exact);") != std::string::npos);
        report.tokens = 716; // generated rows are not probed
        QVERIFY(toText(report).find("50.00 % of attention (exact over the prompt's rows);")
                != std::string::npos);
        report.promptTokens = report.tokens = 2000;
        report.probeRows = 1024;
        const std::string rows = withThousands(1024);
        QVERIFY(toText(report).find("50.00 % of attention (± 0.00, " + rows + " rows a head measured);")
                != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TstLayerRecorder)
#include "tst_layer_recorder.moc"
