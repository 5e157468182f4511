// SPDX-License-Identifier: Apache-2.0
// Attention probabilities against transformers' output_attentions (python/reference/make_attention.py): four
// rows of every head, all keys: as a forward records them, as a trace stores them, and as a warm session of a
// run's trace computes them again. One program a model: HEADWATER_PARITY_MODEL is tiny or smollm2.
#include "core/engine/analysis_run.h"
#include "core/forward/forward_pass.h"
#include "core/model/byte_reader.h"
#include "core/select/exact_checks.h"
#include "core/select/model_bench.h"
#include "core/session/warm_session.h"
#include "support/layer_collector.h"
#include "support/packed_reference.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <atomic>

using namespace headwater;
using namespace headwater::test;

namespace {

constexpr bool kTiny = std::string_view(HEADWATER_PARITY_MODEL) == "tiny";
constexpr std::size_t kRows = 4; ///< of every head
constexpr std::uint32_t kTokens = 512;
constexpr float kUnit = 0x1p-24f; ///< of the reference's probabilities, which are rounded to it
constexpr float kTolerance = 1e-5f - kUnit / 2;

} // namespace

class TstParityAttention : public QObject {
    Q_OBJECT

private:
    /// The reference rows of one head. Shape: probabilities [kTokens].
    std::span<const float> reference(std::size_t layer, std::size_t head, std::size_t i) const
    {
        return std::span(m_expected).subspan(((layer * m_heads + head) * kRows + i) * kTokens, kTokens);
    }
    std::uint32_t rowOf(std::size_t layer, std::size_t head, std::size_t i) const
    {
        return static_cast<std::uint32_t>(m_rows[(layer * m_heads + head) * kRows + i]);
    }
    std::string boundToReference(const HeadArrays& head, const HeadRecord& record,
                                 std::span<const float> kept) const;

    ModelBench m_bench;
    std::size_t m_heads = 0;
    std::vector<std::int32_t> m_ids;
    std::vector<std::int32_t> m_rows;
    std::vector<float> m_expected;

private slots:
    void initTestCase();
    void tokenRows_equalTheReference();
    void exactRecord_equalsTheReference();
    void sessionRows_equalTheReference();
};

void TstParityAttention::initTestCase()
{
    if (!kTiny)
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
    const auto loaded = m_bench.load(kTiny ? sourcePath("tests/data/reference/tiny-llama-f32.gguf").string()
                                           : "smollm2-135m");
    QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
    const std::string stem = kTiny ? "attention-tiny" : "attention-smollm2";
    m_ids = referenceValues<std::int32_t>(stem + ".ids.npy", "<i4");
    m_rows = referenceValues<std::int32_t>(stem + ".rows.npy", "<i4");
    const std::string units = unpackedReference(stem + ".p.bin.zst");
    ByteReader reader(std::as_bytes(std::span(units)));
    while (reader.remaining() > 0)
        m_expected.push_back(static_cast<float>(*reader.read<std::uint32_t>()) * kUnit);
    m_heads = static_cast<std::size_t>(m_bench.model()->config.layers[0].numHeads);
    QCOMPARE(m_ids.size(), std::size_t(kTokens));
    QCOMPARE(m_rows.size(), m_bench.numHeads() * kRows);
    QCOMPARE(m_expected.size(), m_rows.size() * kTokens);
}

/// What a locked row shows: the probabilities of single keys.
void TstParityAttention::tokenRows_equalTheReference()
{
    ForwardPass pass(m_bench.backend(), m_bench.model());
    ForwardOptions options;
    options.mode = AttentionRequest::Mode::Observed;
    options.select.selection = Selection::Exact;
    options.grid = {kTokens, 8, 8};
    options.tokenRows = kTokens;
    options.tokenRowKeys = kTokens;
    LayerCollector seen;
    QVERIFY(pass.prefill(m_ids, options, &seen));
    float worst = 0;
    for (std::size_t layer = 0; layer < seen.layers.size(); ++layer) {
        for (std::size_t head = 0; head < m_heads; ++head) {
            for (std::size_t i = 0; i < kRows; ++i) {
                const TokenRow& recorded = seen.layers[layer][head].tokenRows[rowOf(layer, head, i)];
                QCOMPARE(recorded.row, rowOf(layer, head, i));
                std::vector<float> p(kTokens, 0.0f);
                for (std::size_t k = 0; k < recorded.keys.size(); ++k)
                    p[recorded.keys[k]] = recorded.probability[k];
                const std::span<const float> expected = reference(layer, head, i);
                for (std::uint32_t key = 0; key < kTokens; ++key)
                    worst = std::max(worst, std::abs(p[key] - expected[key]));
            }
        }
    }
    qInfo("largest difference of a probability: %.2e", static_cast<double>(worst));
    QVERIFY(worst <= kTolerance);
}

/// The reference rows against what exactTile() records of them, and against the float64 rows that the whole
/// record is compared with. The reference has no scores: log-sum-exp is bound by exp(score - lse) = p for
/// every key.
std::string TstParityAttention::boundToReference(const HeadArrays& head, const HeadRecord& record,
                                                 std::span<const float> kept) const
{
    const HeadShape shape = shapeOf(record);
    const DenseHead dense(head, shape);
    DenseBlock block;
    for (std::size_t i = 0; i < kRows; ++i) {
        const auto layer = static_cast<std::size_t>(record.layer);
        const auto headOfLayer = static_cast<std::size_t>(record.head);
        const std::uint32_t row = rowOf(layer, headOfLayer, i);
        const std::uint32_t queryBlock = row / shape.grid.blockQ;
        const std::span<const float> expected = reference(layer, headOfLayer, i);
        dense.queryBlock(queryBlock, block);
        double missed = 0;
        double missedPeak = 0;
        for (std::uint32_t key = 0; key < kTokens; ++key) {
            const double p = double(expected[key]);
            HEADWATER_EXPECT(key <= row || p == 0, "row {}: the reference reads key {}", row, key);
            if (key > row)
                continue;
            HEADWATER_EXPECT(std::abs(block.rowOf(row)[key] - p) <= double(kTolerance),
                             "row {}, key {}: {} in float64, {}", row, key, block.rowOf(row)[key], p);
            const double recorded = std::exp(block.scoresOf(row)[key] - double(record.lse[row]));
            HEADWATER_EXPECT(std::abs(recorded - p) <= double(kTolerance),
                             "row {}, key {}: {} by the recorded lse, {}", row, key, recorded, p);
            if (!isKept(record, queryBlock, key / shape.grid.blockK)) {
                missed += p;
                missedPeak = std::max(missedPeak, p);
            }
        }
        HEADWATER_EXPECT(std::abs(double(record.missed[row]) - missed) <= double(kTolerance),
                         "row {}: missed {}, {}", row, record.missed[row], missed);
        HEADWATER_EXPECT(std::abs(1 - double(kept[row]) - missed) <= double(kTolerance),
                         "row {}: kept {}, missed {}", row, kept[row], missed);
        HEADWATER_EXPECT(std::abs(double(record.missedPeak[row]) - missedPeak) <= double(kTolerance),
                         "row {}: missed peak {}, {}", row, record.missedPeak[row], missedPeak);
    }
    return {};
}

/// What a trace stores: block masses, peaks, missed mass and log-sum-exp, of every row through float64.
void TstParityAttention::exactRecord_equalsTheReference()
{
    SelectParams select = resolvedSelect(Selection::Exact, Propagation::Observed, kTokens, 64);
    std::atomic<std::size_t> heads = 0;
    const auto check = [&](const HeadArrays& head, const HeadObservation& seen) -> std::string {
        const KeepRule rule{select.keepKeys, select.keepPeak};
        const HeadShape shape = shapeOf(seen.record);
        const WholeHead whole = runExact(head, shape, rule, 1);
        HEADWATER_EXPECT(sameRecord(whole.record, seen.record), "the backend recorded something else");
        ExactComparison comparison(head, shape, rule, whole);
        HEADWATER_EXPECT_NONE(comparison.run());
        ++heads;
        return boundToReference(head, seen.record, whole.kept);
    };
    HEADWATER_VERIFY_NONE(m_bench.checkRun(m_ids, select, check));
    QCOMPARE(std::size_t(heads), m_bench.numHeads());
}

/// The whole way of a user: a run of the text that the reference's tokens spell, its trace opened as a
/// session, the rows asked of that.
void TstParityAttention::sessionRows_equalTheReference()
{
    const QTemporaryDir folder;
    RunOptions run;
    run.model = m_bench.loaded().name;
    for (const std::int32_t id : m_ids)
        run.prompt += m_bench.loaded().tokenizer->decode(id, true);
    run.chat = "off";
    run.output = folder.filePath("parity.hwt").toStdString();
    run.generate = 0;
    run.select.selection = Selection::Exact;
    run.select.propagation = Propagation::Observed;
    const auto report = runAnalysis(m_bench.backend(), m_bench.loaded(), run, {}, {});
    QVERIFY2(report, report ? "" : report.error().text().c_str());
    const auto trace = Trace::open(run.output);
    QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
    QCOMPARE(std::vector<std::int32_t>((*trace)->tokenIds().begin(), (*trace)->tokenIds().end()), m_ids);
    const auto session = WarmSession::open(m_bench.backend(), m_bench.model(), *trace, {});
    QVERIFY2(session, session ? "" : session.error().text().c_str());
    QVERIFY((*session)->isExact());
    QCOMPARE(std::string_view((*session)->quantity()), "p_model");
    float worst = 0;
    for (std::size_t layer = 0; layer < m_bench.numHeads() / m_heads; ++layer) {
        for (std::size_t head = 0; head < m_heads; ++head) {
            for (std::size_t i = 0; i < kRows; ++i) {
                const std::uint32_t row = rowOf(layer, head, i);
                const auto exact = (*session)->row(static_cast<int>(layer), {static_cast<int>(head), 1}, row);
                QVERIFY2(exact, exact ? "" : exact.error().text().c_str());
                QCOMPARE(exact->p.size(), std::size_t(row) + 1);
                const std::span<const float> expected = reference(layer, head, i);
                for (std::uint32_t key = 0; key <= row; ++key)
                    worst = std::max(worst, std::abs(exact->p[key] - expected[key]));
            }
        }
    }
    qInfo("largest difference of a probability: %.2e", static_cast<double>(worst));
    QVERIFY(worst <= kTolerance);
}

QTEST_APPLESS_MAIN(TstParityAttention)
#include "tst_parity_attention.moc"
