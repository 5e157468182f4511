// SPDX-License-Identifier: Apache-2.0
// Attention probabilities against transformers' output_attentions (python/reference/make_attention.py).
#include "core/backend/cpu/cpu_backend.h"
#include "core/forward/forward_pass.h"
#include "support/reference_data.h"

#include <QTest>
#include <algorithm>

using namespace headwater;

namespace {

class Collector final : public ForwardObserver {
public:
    Result<void> onLayer(int, std::vector<HeadObservation>&& heads) override
    {
        layers.push_back(std::move(heads));
        return {};
    }
    std::vector<std::vector<HeadObservation>> layers;
};

} // namespace

class TstParityAttention : public QObject {
    Q_OBJECT

private:
    static void compare(const std::string& modelPath, const std::string& stem,
                        const std::vector<float>& expected)
    {
        const auto model = loadModel(modelPath);
        QVERIFY2(model, model ? "" : model.error().text().c_str());
        const auto ids = test::referenceValues<std::int32_t>(stem + ".ids.npy", "<i4");
        const auto rows = test::referenceValues<std::int32_t>(stem + ".rows.npy", "<i4");
        const auto tokens = static_cast<std::uint32_t>(ids.size());
        QCOMPARE(tokens, 512u);
        const auto backend = makeCpuBackend(0);
        QVERIFY(backend->uploadWeights(*model));
        ForwardPass pass(*backend, *model);
        ForwardOptions options;
        options.mode = AttentionRequest::Mode::Observed;
        options.select.selection = Selection::Exact;
        options.grid = {tokens, 8, 8};
        options.tokenRows = tokens;
        options.tokenRowKeys = tokens;
        Collector seen;
        QVERIFY(pass.prefill(ids, options, &seen));
        const std::size_t heads = seen.layers[0].size();
        constexpr std::size_t kRows = 4;
        QCOMPARE(rows.size(), seen.layers.size() * heads * kRows);
        QCOMPARE(expected.size(), rows.size() * tokens);
        float worst = 0;
        for (std::size_t layer = 0; layer < seen.layers.size(); ++layer) {
            for (std::size_t head = 0; head < heads; ++head) {
                const HeadObservation& observation = seen.layers[layer][head];
                for (std::size_t i = 0; i < kRows; ++i) {
                    const std::size_t at = (layer * heads + head) * kRows + i;
                    const auto row = static_cast<std::uint32_t>(rows[at]);
                    std::vector<float> p(tokens, 0.0f);
                    const TokenRow& recorded = observation.tokenRows[row];
                    QCOMPARE(recorded.row, row);
                    for (std::size_t k = 0; k < recorded.keys.size(); ++k)
                        p[recorded.keys[k]] = recorded.probability[k];
                    for (std::uint32_t key = 0; key < tokens; ++key)
                        worst = std::max(worst, std::abs(p[key] - expected[at * tokens + key]));
                }
            }
        }
        qInfo("largest difference of a probability: %.2e", static_cast<double>(worst));
        QVERIFY(worst <= 1e-5f);
    }

private slots:
    void tinyModel_everyHead()
    {
        compare(test::sourcePath("tests/data/reference/tiny-llama-f32.gguf").string(), "attention-tiny",
                test::referenceValues<float>("attention-tiny.p.npy", "<f4"));
    }

    void smolLm2_everyHead()
    {
        const std::string path = test::fetchedSmolLm2();
        if (path.empty())
            QSKIP("SmolLM2 is not fetched (headwater fetch smollm2-135m)");
        std::vector<float> expected = test::referenceValues<float>("attention-smollm2.p-00-14.npy", "<f4");
        const std::vector<float> rest = test::referenceValues<float>("attention-smollm2.p-15-29.npy", "<f4");
        expected.insert(expected.end(), rest.begin(), rest.end());
        compare(path, "attention-smollm2", expected);
    }
};

QTEST_APPLESS_MAIN(TstParityAttention)
#include "tst_parity_attention.moc"
