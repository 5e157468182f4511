// SPDX-License-Identifier: Apache-2.0
// The fetched file, against its header as gguf-py 0.19.0 prints it.
#include "core/base/hash.h"
#include "core/model/dequantize.h"
#include "core/model/fetch/known_models.h"
#include "core/model/model_loader.h"
#include "tests/support/fetched_model.h"

#include <QTest>
#include <cmath>

using namespace headwater;

class TestSmolLm2 : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        HEADWATER_SKIP_WITHOUT("smollm2-135m");
        const auto loaded = loadModel("smollm2-135m");
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
        m_model = *loaded;
    }

    void file_isThePinnedOne()
    {
        const FetchableModel* known = findFetchableModel("smollm2-135m");
        QVERIFY(known);
        QCOMPARE(sha256OfFile(pathOf(*known)).value(), std::string(known->sha256));
    }

    void config_isTheHeaders()
    {
        const ModelConfig& config = m_model->config;
        QCOMPARE(config.architecture, std::string("llama"));
        QCOMPARE(config.name, std::string("Smollm2 135M 8k Lc100K Mix1 Ep2"));
        QCOMPARE(config.numLayers(), 30);
        QCOMPARE(config.hiddenSize, 576);
        QCOMPARE(config.vocabSize, 49152);
        QCOMPARE(config.contextLength, 8192u);
        QCOMPARE(config.normEpsilon, 1e-5f);
        for (const LayerConfig& layer : config.layers) {
            QCOMPARE(layer.kind, HeadKind::Global);
            QCOMPARE(layer.numHeads, 9);
            QCOMPARE(layer.numKvHeads, 3);
            QCOMPARE(layer.headDim, 64);
            QCOMPARE(layer.ffnSize, 1536);
            QCOMPARE(layer.attentionScale, 0.125f);
            QCOMPARE(layer.rotary.frequencies.size(), std::size_t{32});
            QCOMPARE(layer.rotary.frequencies[31], std::pow(100000.0, -62.0 / 64.0));
        }
        QCOMPARE(m_model->identity.parameters, std::uint64_t{134515008});
        QCOMPARE(m_model->identity.license, std::string("apache-2.0"));
        QCOMPARE(m_model->identity.headerSha256,
                 std::string("cd2d87a25589b59f222688858608478fd7ed55b0cefdc3e96076591029713ce4"));
        QVERIFY(m_model->warnings.empty());
    }

    void rows_equalGgufPy()
    {
        const Weights& weights = m_model->weights;
        QCOMPARE(weights.embedding.type, WeightType::Q8_0);
        QCOMPARE(weights.layers[3].query.matrix.type, WeightType::Q4_1);
        QCOMPARE(weights.unembedding.data.data(), weights.embedding.data.data());
        std::vector<float> row(576);
        dequantizeRow(weights.layers[3].query.matrix, 5, row);
        QCOMPARE(std::vector<float>(row.begin(), row.begin() + 4),
                 (std::vector<float>{-0.1549072265625f, 0.0321044921875f, 0.078857421875f, 0.078857421875f}));
        dequantizeRow(weights.embedding, 1234, row);
        QCOMPARE(std::vector<float>(row.begin(), row.begin() + 4),
                 (std::vector<float>{-0.0171661376953125f, -0.0858306884765625f, -0.0457763671875f,
                                     0.011444091796875f}));
    }

    void tokenizerData_isTheHeaders()
    {
        const TokenizerData& data = m_model->tokenizer;
        const auto& bpe = std::get<ByteBpe>(data.kind);
        QCOMPARE(bpe.splitName, std::string("smollm"));
        QVERIFY(!bpe.ignoresMerges);
        QCOMPARE(data.tokens.size(), std::size_t{49152});
        QCOMPARE(bpe.merges.size(), std::size_t{48900});
        QCOMPARE(data.bos, 1);
        QCOMPARE(data.eos, 2);
        QCOMPARE(data.unknown, 0);
        QCOMPARE(data.padding, 2);
        QVERIFY(!data.addBos && !data.addEos);
        QVERIFY(data.chatTemplate.find("<|im_start|>") != std::string::npos);
    }

private:
    std::shared_ptr<const Model> m_model;
};

QTEST_APPLESS_MAIN(TestSmolLm2)
#include "tst_smollm2.moc"
