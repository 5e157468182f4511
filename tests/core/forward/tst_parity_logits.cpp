// SPDX-License-Identifier: Apache-2.0
// Log-probabilities against transformers in float32 on the same dequantised weights
// (python/reference/make_logits.py).
#include "core/backend/cpu/cpu_backend.h"
#include "core/forward/forward_pass.h"
#include "support/fetched_model.h"
#include "support/reference_data.h"

#include <QTest>
#include <algorithm>
#include <cstring>
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
        std::vector<std::int32_t> following(ids.end() - kRows + 1, ids.end());
        following.push_back(-1);
        const auto predictions = forward.predict(rows.front(), following);
        QVERIFY(predictions);
        double worst = 0;
        double worstPredicted = 0;
        int compared = 0;
        for (std::size_t row = 0; row < kRows; ++row) {
            const std::vector<double> logprobs =
                logProbabilities(std::span(*logits).subspan(row * vocab, vocab));
            QCOMPARE(greedyToken(std::span(*logits).subspan(row * vocab, vocab)), topIds[row * top]);
            for (std::size_t k = 0; k < top; ++k) {
                const double expected = static_cast<double>(topLogprobs[row * top + k]);
                worst = std::max(
                    worst, std::abs(logprobs[static_cast<std::size_t>(topIds[row * top + k])] - expected));
                if (topIds[row * top + k] == following[row]) {
                    worstPredicted =
                        std::max(worstPredicted,
                                 std::abs(static_cast<double>((*predictions)[row].following) - expected));
                    ++compared;
                }
            }
            for (std::size_t rank = 0; rank < kLikeliest; ++rank) {
                // Where two log-probabilities lie closer than both may be off, either may come first.
                const float* const here = &topLogprobs[row * top + rank];
                const bool isClear = (rank == 0 || here[-1] - here[0] > 4e-3f) && here[0] - here[1] > 4e-3f;
                const LikelyToken& token = (*predictions)[row].likeliest[rank];
                if (isClear)
                    QCOMPARE(token.id, topIds[row * top + rank]);
                worstPredicted =
                    std::max(worstPredicted,
                             std::abs(static_cast<double>(token.logprob) - static_cast<double>(*here)));
            }
        }
        qInfo("largest difference of a log-probability: %.2e", worst);
        QVERIFY2(worst <= 2e-3, "log-probabilities differ by more than 2e-3");
        qInfo("of predictions: %.2e; %d of the tokens that follow are among transformers' 50", worstPredicted,
              compared);
        QVERIFY2(worstPredicted <= 2e-3, "predictions differ by more than 2e-3");
        QVERIFY(compared >= 25);
    }

    /// Of a vocabulary of many slices, which threads share as they come.
    void predictions_sameBytesForThreads()
    {
        const auto ids = test::referenceValues<std::int32_t>("logits-english-essay.ids.npy", "<i4");
        const std::span<const std::int32_t> prompt = std::span(ids).first(300);
        std::vector<std::vector<RowPrediction>> made;
        for (const std::size_t threads : {1, 2, 3}) {
            const auto backend = makeCpuBackend(threads);
            QVERIFY(backend->uploadWeights(m_model));
            ForwardPass forward(*backend, m_model);
            ForwardOptions options;
            options.grid = defaultGrid(300);
            QVERIFY(forward.prefill(prompt, options, nullptr));
            made.push_back(forward.predict(0, prompt.subspan(1)).value());
        }
        for (const auto& other : made)
            QVERIFY(std::memcmp(made[0].data(), other.data(), other.size() * sizeof(RowPrediction)) == 0);
    }

private:
    std::shared_ptr<const Model> m_model;
    std::unique_ptr<Backend> m_backend;
};

QTEST_APPLESS_MAIN(TstParityLogits)
#include "tst_parity_logits.moc"
