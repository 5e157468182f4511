// SPDX-License-Identifier: Apache-2.0
// A step of the forward pass that fails half-way leaves nothing behind: what follows is what would have
// followed.
#include "core/backend/cpu/cpu_backend.h"
#include "core/forward/forward_pass.h"
#include "core/model/model_loader.h"
#include "support/failing_backend.h"
#include "support/layer_collector.h"
#include "support/random_ids.h"
#include "support/reference_data.h"
#include "support/same_record.h"

#include <QTest>
#include <cstring>

using namespace headwater;

namespace {

struct Outcome {
    std::vector<float> logits;
    std::vector<std::vector<HeadObservation>> layers;
};

static std::vector<std::int32_t> longerBy(std::vector<std::int32_t> ids,
                                          std::initializer_list<std::int32_t> more)
{
    ids.insert(ids.end(), more);
    return ids;
}

} // namespace

class TstFailedSteps : public QObject {
    Q_OBJECT

private:
    std::shared_ptr<const Model> m_model;
    std::vector<std::int32_t> m_ids;

private slots:
    void initTestCase()
    {
        const auto loaded = loadModel(test::sourcePath("tests/data/reference/tiny-llama-f32.gguf").string());
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        m_model = *loaded;
        m_ids = test::randomIds(*m_model, 600);
    }

    void afterAnError_thePassGoesOn_data()
    {
        QTest::addColumn<QString>("step");
        QTest::addColumn<QString>("operation");
        QTest::addColumn<int>("call");
        for (const char* step : {"decode", "tail"}) {
            for (const char* operation : {"allocate", "embed", "projectKeysValues", "copyRows",
                                          "projectQueries", "attend", "projectOutput", "feedForward"})
                for (const int call :
                     {0, 1}) // a decoded row is kept where it is projected: nothing is copied
                    if ((call == 0 || operation != QStringLiteral("embed"))
                        && (step != QStringLiteral("decode") || operation != QStringLiteral("copyRows")))
                        QTest::addRow("%s, %s %d", step, operation, call) << step << operation << call;
        }
        QTest::newRow("decode, logits") << "decode"
                                        << "logits" << 0;
        QTest::newRow("tail, extendIndex") << "tail"
                                           << "extendIndex" << 1;
    }

    /// What fails half-way leaves no trace: the pass keeps its mode, its cache and its logits.
    void afterAnError_thePassGoesOn()
    {
        QFETCH(QString, step);
        QFETCH(QString, operation);
        QFETCH(int, call);
        const auto cpu = makeCpuBackend(2);
        test::FailingBackend backend(*cpu);
        QVERIFY(backend.uploadWeights(m_model));
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Observed;
        options.select.selection = Selection::Tree;
        options.select.keepKeys = 96;
        options.select.blockQ = 16;
        options.select.blockK = 8;
        const std::vector<std::int32_t>& ids = m_ids;
        options.grid = {600, 16, 8};
        options.newTokens = 4;
        const auto wholeWay = [&](bool fails) {
            Outcome outcome;
            ForwardPass pass(backend, m_model);
            test::LayerCollector tail;
            const std::uint32_t last = 599;
            bool went = bool(pass.prefill(ids, options, nullptr));
            if (fails && step == "decode") {
                backend.failOnce(operation.toStdString(), call);
                went = went && !pass.decode(7) && backend.hasFailed();
            }
            const auto before = pass.logits({&last, 1});
            const auto decoded = pass.decode(7);
            if (fails && step == "tail") {
                backend.failOnce(operation.toStdString(), call);
                test::LayerCollector none;
                went = went && !pass.tail(longerBy(ids, {7, 11, 8}), 512, &none) && backend.hasFailed();
            }
            const std::uint32_t decodedRow = 600;
            const auto decodedAgain = pass.logits({&decodedRow, 1});
            went = went && before && decoded && decodedAgain && pass.tail(longerBy(ids, {7, 9}), 512, &tail);
            const std::uint32_t tailRows[] = {512, 599, 601};
            if (const auto after = went ? pass.logits(tailRows) : Error{}) {
                for (const auto& logits : {*before, *decoded, *decodedAgain, *after})
                    outcome.logits.insert(outcome.logits.end(), logits.begin(), logits.end());
                outcome.layers = std::move(tail.layers);
            }
            return outcome;
        };
        const Outcome expected = wholeWay(false);
        const Outcome seen = wholeWay(true);
        QVERIFY(!expected.logits.empty());
        QCOMPARE(seen.logits.size(), expected.logits.size());
        QVERIFY(std::memcmp(seen.logits.data(), expected.logits.data(), seen.logits.size() * sizeof(float))
                == 0);
        QCOMPARE(seen.layers.size(), std::size_t(m_model->config.numLayers()));
        for (std::size_t layer = 0; layer < seen.layers.size(); ++layer) {
            for (std::size_t head = 0; head < seen.layers[layer].size(); ++head)
                QVERIFY(
                    test::sameRecord(seen.layers[layer][head].record, expected.layers[layer][head].record));
        }
    }

    void aStop_isHeardInsideEveryOperation_data()
    {
        QTest::addColumn<QString>("step");
        QTest::addColumn<QString>("operation");
        for (const char* step : {"prefill", "decode"})
            for (const char* operation :
                 {"projectKeysValues", "projectQueries", "projectOutput", "feedForward"})
                QTest::addRow("%s, %s", step, operation) << step << operation;
    }

    /// What is asked to stop while an operation begins begins no other.
    void aStop_isHeardInsideEveryOperation()
    {
        QFETCH(QString, step);
        QFETCH(QString, operation);
        const auto cpu = makeCpuBackend(2);
        test::FailingBackend backend(*cpu);
        QVERIFY(backend.uploadWeights(m_model));
        ForwardPass pass(backend, m_model);
        ForwardOptions options;
        options.newTokens = 2;
        options.grid = {600, 16, 8};
        if (step == "decode")
            QVERIFY(pass.prefill(m_ids, options, nullptr));
        std::stop_source stop;
        backend.beforeOnce(operation.toStdString(), 0, [&] { stop.request_stop(); });
        const Result<void> stopped = step == "decode"
            ? Result<void>(pass.decode(7, stop.get_token()).error())
            : pass.prefill(m_ids, options, nullptr, {}, stop.get_token());
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        QCOMPARE(QString::fromStdString(backend.lastOperation()), operation);
    }

    /// Weights that are not all ready are made ready when they are asked for again.
    void weights_stopped_areMadeLater()
    {
        const auto cpu = makeCpuBackend(2);
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = cpu->uploadWeights(m_model, WeightForm::Float32, stop.get_token());
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        QCOMPARE(cpu->plan(*m_model, {}).residentBytes, std::uint64_t(0));
        QVERIFY(cpu->uploadWeights(m_model));
        QVERIFY(cpu->plan(*m_model, {}).residentBytes > 0);
    }

    /// One row is a prefill's or a decoded one: neither how many there are nor where they stand tells.
    void everyRow_saysHowItGoes()
    {
        const auto cpu = makeCpuBackend(2);
        test::FailingBackend backend(*cpu);
        QVERIFY(backend.uploadWeights(m_model));
        ForwardPass pass(backend, m_model);
        ForwardOptions options;
        options.newTokens = 2;
        options.grid = {257, 16, 8};
        const std::vector<std::int32_t> ids(m_ids.begin(), m_ids.begin() + 257);
        QVERIFY(pass.prefill(ids, options, nullptr));
        QCOMPARE(backend.takeModes(), std::set{RowMode::Prefill});
        QVERIFY(pass.tail(ids, 256, nullptr));
        QCOMPARE(backend.takeModes(), std::set{RowMode::Prefill});
        QVERIFY(pass.decode(7));
        QCOMPARE(backend.takeModes(), std::set{RowMode::Decode});
    }

    /// A prompt that was not forwarded to its end leaves nothing to go on from.
    void afterAFailedPrefill_nothingIsThere()
    {
        const auto cpu = makeCpuBackend(2);
        test::FailingBackend backend(*cpu);
        QVERIFY(backend.uploadWeights(m_model));
        ForwardPass pass(backend, m_model);
        ForwardOptions options;
        options.newTokens = 2;
        options.grid = {200, 16, 8};
        const std::span<const std::int32_t> ids(m_ids.data(), 200);
        QVERIFY(pass.prefill(ids, options, nullptr));
        backend.failOnce("feedForward", 1);
        QVERIFY(!pass.prefill(ids, options, nullptr));
        QVERIFY(backend.hasFailed());
        const std::uint32_t last = 199;
        QVERIFY(!pass.logits({&last, 1}));
        QVERIFY(!pass.decode(7));
        QVERIFY(!pass.tail(ids, 0, nullptr));
        QVERIFY(pass.prefill(ids, options, nullptr));
        QVERIFY(pass.decode(7));
    }
};

QTEST_APPLESS_MAIN(TstFailedSteps)
#include "tst_failed_steps.moc"
