// SPDX-License-Identifier: Apache-2.0
#include "core/backend/cpu/cpu_backend.h"
#include "core/forward/forward_pass.h"
#include "support/reference_data.h"

#include <QTest>
#include <cmath>
#include <random>

using namespace headwater;

namespace {

/// Keeps what a forward pass tells.
class Collector final : public ForwardObserver {
public:
    Result<void> onLayer(int layer, std::vector<HeadObservation>&& heads) override
    {
        if (static_cast<int>(layers.size()) != layer)
            return Error{ErrorCode::Internal, "layers came out of order", ""};
        layers.push_back(std::move(heads));
        return {};
    }
    std::vector<std::vector<HeadObservation>> layers;
};

struct Outcome {
    std::vector<float> logits;
    std::vector<std::vector<HeadObservation>> layers;
};

} // namespace

class TstForwardPass : public QObject {
    Q_OBJECT

private:
    std::shared_ptr<const Model> m_model;
    std::vector<std::int32_t> m_ids;

    Outcome forward(std::size_t threads, std::uint32_t chunkRows, AttentionRequest::Mode mode, Arena::Poison poison,
                    Selection selection = Selection::Exact)
    {
        const auto backend = makeCpuBackend(threads, poison);
        Outcome outcome;
        if (!backend->uploadWeights(m_model))
            return outcome;
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.mode = mode;
        options.select.selection = selection;
        options.select.keepKeys = 96;
        options.select.keepPeak = mode == AttentionRequest::Mode::Observed ? 0.1f : 0.0f;
        options.grid = {static_cast<std::uint32_t>(m_ids.size()), 16, 8};
        options.select.blockQ = 16;
        options.select.blockK = 8;
        options.chunkRows = chunkRows;
        Collector collector;
        if (!pass.prefill(m_ids, options, &collector))
            return outcome;
        const std::uint32_t rows[] = {0, 255, 256, static_cast<std::uint32_t>(m_ids.size()) - 1};
        outcome.logits = pass.logits(rows).value();
        outcome.layers = std::move(collector.layers);
        return outcome;
    }

    static bool sameRecord(const HeadRecord& a, const HeadRecord& b)
    {
        const auto sameFloats = [](const std::vector<float>& x, const std::vector<float>& y) {
            return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
        };
        return a.rowPtr == b.rowPtr && a.keyBlock == b.keyBlock && sameFloats(a.mass, b.mass) && sameFloats(a.peak, b.peak)
            && a.peakAt == b.peakAt && sameFloats(a.lse, b.lse) && sameFloats(a.missed, b.missed)
            && sameFloats(a.missedPeak, b.missedPeak) && a.keptPairs == b.keptPairs && a.usablePairs == b.usablePairs;
    }

private slots:
    void initTestCase()
    {
        const auto loaded = loadModel(test::sourcePath("tests/data/reference/tiny-llama-f32.gguf").string());
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        m_model = *loaded;
        std::mt19937 random(11);
        for (int i = 0; i < 1100; ++i)
            m_ids.push_back(static_cast<std::int32_t>(random() % static_cast<unsigned>(m_model->config.vocabSize)));
    }

    void prefill_sameBytesForThreadsAndChunks_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<int>("selection");
        using Mode = AttentionRequest::Mode;
        QTest::newRow("observed exact") << int(Mode::Observed) << int(Selection::Exact);
        QTest::newRow("propagated exact") << int(Mode::Propagated) << int(Selection::Exact);
        QTest::newRow("propagated tree") << int(Mode::Propagated) << int(Selection::Tree);
        QTest::newRow("propagated stream") << int(Mode::Propagated) << int(Selection::Stream);
        QTest::newRow("observed tree") << int(Mode::Observed) << int(Selection::Tree);
    }

    void prefill_sameBytesForThreadsAndChunks()
    {
        QFETCH(int, mode);
        QFETCH(int, selection);
        const auto run = [&](std::size_t threads, std::uint32_t chunkRows, Arena::Poison poison) {
            return forward(threads, chunkRows, static_cast<AttentionRequest::Mode>(mode), poison,
                           static_cast<Selection>(selection));
        };
        const Outcome first = run(1, 2048, Arena::Poison::Off);
        QVERIFY(!first.logits.empty());
        QCOMPARE(first.layers.size(), std::size_t(m_model->config.numLayers()));
        for (const float logit : first.logits)
            QVERIFY(std::isfinite(logit));
        // The poisoned backend reads NaN wherever memory is not its own: it must change nothing.
        for (const auto& [threads, chunkRows, poison] :
             {std::tuple {std::size_t {2}, 256u, Arena::Poison::Off}, {std::size_t {2}, 1024u, Arena::Poison::On},
              {std::size_t {1}, 512u, Arena::Poison::On}}) {
            const Outcome other = run(threads, chunkRows, poison);
            QVERIFY(std::memcmp(first.logits.data(), other.logits.data(), first.logits.size() * sizeof(float)) == 0);
            for (std::size_t layer = 0; layer < first.layers.size(); ++layer) {
                for (std::size_t head = 0; head < first.layers[layer].size(); ++head)
                    QVERIFY(sameRecord(first.layers[layer][head].record, other.layers[layer][head].record));
            }
        }
    }

    void decode_equalsALongerPrefill()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardOptions options;
        options.newTokens = 4;
        const std::size_t prompt = m_ids.size() - 4;
        options.grid = defaultGrid(static_cast<std::uint32_t>(prompt));
        ForwardPass pass(*backend, m_model);
        QVERIFY(pass.prefill(std::span(m_ids).first(prompt), options, nullptr));
        std::vector<float> decoded;
        for (std::size_t i = prompt; i < m_ids.size(); ++i)
            decoded = pass.decode(m_ids[i]).value();
        QVERIFY(!pass.decode(0)); // no room is left
        options.newTokens = 0;
        options.grid = defaultGrid(static_cast<std::uint32_t>(m_ids.size()));
        QVERIFY(pass.prefill(m_ids, options, nullptr));
        const std::uint32_t last = static_cast<std::uint32_t>(m_ids.size()) - 1;
        const std::vector<float> expected = pass.logits({&last, 1}).value();
        // The cache holds keys and values as binary16: 11 bits of mantissa.
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY(std::abs(decoded[i] - expected[i]) <= 5e-3f * (1 + std::abs(expected[i])));
    }

    void tail_repeatsThePrefillsRows()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Observed;
        options.select.selection = Selection::Exact;
        options.select.keepKeys = 2048; // everything: the masks cannot differ
        options.grid = {static_cast<std::uint32_t>(m_ids.size()), 16, 8};
        options.newTokens = 8;
        Collector whole;
        ForwardPass pass(*backend, m_model);
        QVERIFY(pass.prefill(m_ids, options, &whole));
        const std::uint32_t last = static_cast<std::uint32_t>(m_ids.size()) - 1;
        const std::vector<float> before = pass.logits({&last, 1}).value();
        std::vector<std::int32_t> longer = m_ids;
        longer.insert(longer.end(), {5, 6, 7});
        const std::uint32_t tailRow = ForwardPass::tailRowOf(static_cast<std::uint32_t>(m_ids.size()));
        Collector tail;
        QVERIFY(pass.tail(longer, tailRow, &tail));
        const std::vector<float> after = pass.logits({&last, 1}).value();
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(std::abs(before[i] - after[i]) <= 5e-3f * (1 + std::abs(before[i])));
        const HeadRecord& record = tail.layers[0][0].record;
        QCOMPARE(record.firstRow, tailRow);
        QCOMPARE(record.firstRow + record.numRows, std::uint32_t(longer.size()));
        QCOMPARE(record.grid.seqLen, std::uint32_t(longer.size()));
        const HeadRecord& full = whole.layers[0][0].record;
        for (std::uint32_t row = 0; row + tailRow < m_ids.size(); ++row)
            QVERIFY(std::abs(record.lse[row] - full.lse[tailRow + row]) < 2e-2f);
    }

    void prefill_badIds_areRefused()
    {
        const auto backend = makeCpuBackend(1);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.grid = {1, 8, 8};
        QCOMPARE(pass.prefill({}, options, nullptr).error().code, ErrorCode::InvalidArgument);
        const std::int32_t outside[] = {m_model->config.vocabSize};
        QCOMPARE(pass.prefill(outside, options, nullptr).error().code, ErrorCode::InvalidArgument);
        const std::int32_t negative[] = {-1};
        QCOMPARE(pass.prefill(negative, options, nullptr).error().code, ErrorCode::InvalidArgument);
    }

    void prefill_stopRequested_isCancelled()
    {
        const auto backend = makeCpuBackend(2);
        QVERIFY(backend->uploadWeights(m_model));
        ForwardPass pass(*backend, m_model);
        ForwardOptions options;
        options.grid = defaultGrid(static_cast<std::uint32_t>(m_ids.size()));
        std::stop_source source;
        const auto stopAfterFirstLayer = [&](const Progress& progress) {
            if (progress.finishedLayer == 0)
                source.request_stop();
        };
        const auto result = pass.prefill(m_ids, options, nullptr, stopAfterFirstLayer, source.get_token());
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::Cancelled);
    }
};

QTEST_APPLESS_MAIN(TstForwardPass)
#include "tst_forward_pass.moc"
