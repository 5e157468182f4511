// SPDX-License-Identifier: Apache-2.0
// Log-probabilities against transformers in float32 on the same dequantised weights
// (python/reference/make_logits.py).
#include "core/backend/cpu/cpu_backend.h"
#include "core/forward/forward_pass.h"
#include "support/fetched_model.h"
#include "support/reference_data.h"

#include <QTest>
#include <algorithm>
#include <numeric>

using namespace headwater;

class TstParityLogits : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        const auto loaded = loadModel("smollm2-135m");
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        m_model = *loaded;
        m_backend = makeCpuBackend(0);
        QVERIFY(m_backend->uploadWeights(m_model));
    }

    void logits_matchTransformers_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text :
             {"english-essay", "english-licence", "english-survey", "source-code", "multilingual"})
            QTest::newRow(text) << QString(text);
    }

    void logits_matchTransformers()
    {
        QFETCH(QString, text);
        const std::string stem = "logits-" + text.toStdString();
        const auto ids = test::referenceValues<std::int32_t>(stem + ".ids.npy", "<i4");
        const auto topIds = test::referenceValues<std::int32_t>(stem + ".top_ids.npy", "<i4");
        const auto topLogprobs = test::referenceValues<float>(stem + ".top_logprobs.npy", "<f4");
        QVERIFY(ids.size() >= 1000 && topIds.size() == topLogprobs.size());
        constexpr std::uint32_t kRows = 64;
        const std::size_t top = topIds.size() / kRows;
        QCOMPARE(top, std::size_t{50});

        ForwardPass forward(*m_backend, m_model);
        ForwardOptions options;
        options.grid = defaultGrid(static_cast<std::uint32_t>(ids.size()));
        QVERIFY(forward.prefill(ids, options, nullptr));
        std::vector<std::uint32_t> rows(kRows);
        std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(ids.size()) - kRows);
        const auto logits = forward.logits(rows);
        QVERIFY(logits);
        const auto vocab = static_cast<std::size_t>(m_model->config.vocabSize);
        double worst = 0;
        for (std::size_t row = 0; row < kRows; ++row) {
            const std::vector<double> logprobs =
                logProbabilities(std::span(*logits).subspan(row * vocab, vocab));
            QCOMPARE(greedyToken(std::span(*logits).subspan(row * vocab, vocab)), topIds[row * top]);
            for (std::size_t k = 0; k < top; ++k) {
                const double expected = static_cast<double>(topLogprobs[row * top + k]);
                worst = std::max(
                    worst, std::abs(logprobs[static_cast<std::size_t>(topIds[row * top + k])] - expected));
            }
        }
        qInfo("largest difference of a log-probability: %.2e", worst);
        QVERIFY2(worst <= 2e-3, "log-probabilities differ by more than 2e-3");
    }

private:
    std::shared_ptr<const Model> m_model;
    std::unique_ptr<Backend> m_backend;
};

QTEST_APPLESS_MAIN(TstParityLogits)
#include "tst_parity_logits.moc"
