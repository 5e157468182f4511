// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"
#include "core/model/dequantize.h"
#include "core/model/fetch/known_models.h"
#include "core/model/limits.h"
#include "core/model/model_loader.h"
#include "tests/core/model/gguf_builder.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using namespace headwater;

class TestLlamaArchitecture : public QObject {
    Q_OBJECT
private slots:
    void smallFile_becomesTheModelItDescribes()
    {
        const gguf::File file = gguf::smallLlama();
        const auto model = load(file);
        QVERIFY(model);
        const ModelConfig& config = model->config;
        QCOMPARE(config.architecture, std::string("llama"));
        QCOMPARE(config.name, std::string("small"));
        QCOMPARE(config.hiddenSize, 16);
        QCOMPARE(config.vocabSize, 7);
        QCOMPARE(config.contextLength, 128u);
        QCOMPARE(config.normEpsilon, 1e-5f);
        QCOMPARE(config.numLayers(), 2);
        const LayerConfig& layer = config.layers[1];
        QCOMPARE(layer.kind, HeadKind::Global);
        QCOMPARE(layer.numHeads, 4);
        QCOMPARE(layer.numKvHeads, 2);
        QCOMPARE(layer.headDim, 4);
        QCOMPARE(layer.ffnSize, 24);
        QCOMPARE(layer.attentionScale, 0.5f); // 1 / sqrt(4)
        QCOMPARE(layer.rotary.frequencies.size(), std::size_t{2});
        QCOMPARE(layer.rotary.frequencies[0], 1.0);
        QCOMPARE(layer.rotary.frequencies[1], 0.01); // 10000^(-2/4)
        // Row 3 of q: values (3 · 16 + i) / 64.
        std::vector<float> row(16);
        dequantizeRow(model->weights.layers[1].query.matrix, 3, row);
        QCOMPARE(row[0], 0.75f);
        QCOMPARE(row[15], 63.0f / 64.0f);
        QCOMPARE(model->weights.layers[0].down.matrix.rows, 16u);
        QCOMPARE(model->weights.layers[0].down.matrix.cols, 24u);
        QCOMPARE(model->weights.layers[0].attentionNorm[15], 15.0f / 64.0f);
        QCOMPARE(model->weights.unembedding.data.data(), model->weights.embedding.data.data()); // tied
    }

    void identity_isThatOfTheHeader()
    {
        gguf::File file = gguf::smallLlama();
        const auto model = load(file);
        QVERIFY(model);
        const std::string header = file.header();
        QCOMPARE(model->identity.headerSha256, sha256(std::as_bytes(std::span(header))));
        QCOMPARE(model->identity.fileBytes, std::uint64_t{file.bytes().size()});
        QCOMPARE(model->identity.license, std::string("cc0-1.0"));
        std::uint64_t parameters = 0;
        for (const gguf::Tensor& tensor : file.tensors)
            parameters += tensor.data.size() / sizeof(float);
        QCOMPARE(model->identity.parameters, parameters);
        file.tensor("output_norm.weight").data[0] = 'x'; // other weights, same header
        QCOMPARE(load(file)->identity.headerSha256, model->identity.headerSha256);
        file.set(gguf::string("general.name", "smalL"));
        QVERIFY(load(file)->identity.headerSha256 != model->identity.headerSha256);
    }

    void optionalKeys_haveTheirDefaults()
    {
        gguf::File file = gguf::smallLlama();
        for (const char* key :
             {"general.name", "general.license", "llama.attention.head_count_kv", "llama.rope.freq_base"})
            file.remove(key);
        file.tensor("blk.0.attn_k.weight") = gguf::floats("blk.0.attn_k.weight", {16, 16});
        file.tensor("blk.0.attn_v.weight") = gguf::floats("blk.0.attn_v.weight", {16, 16});
        file.tensor("blk.1.attn_k.weight") = gguf::floats("blk.1.attn_k.weight", {16, 16});
        file.tensor("blk.1.attn_v.weight") = gguf::floats("blk.1.attn_v.weight", {16, 16});
        const auto model = load(file);
        QVERIFY(model);
        QCOMPARE(model->config.name, std::string("model")); // the file's name
        QCOMPARE(model->config.layers[0].numKvHeads, 4); // as many as query heads
        QCOMPARE(model->config.layers[0].rotary.frequencies[1], 0.01); // base 10000
        QCOMPARE(model->tokenizer.addBos, false);
        QCOMPARE(model->tokenizer.unknown, -1);
    }

    void partialRotaryWindowAndScaling_areTaken()
    {
        gguf::File file = gguf::smallLlama();
        file.set(gguf::u32("llama.rope.dimension_count", 2));
        file.set(gguf::u32("llama.attention.sliding_window", 64));
        file.set(gguf::f32("llama.attention.scale", 0.25f));
        file.set(gguf::string("llama.rope.scaling.type", "linear"));
        file.set(gguf::f32("llama.rope.scaling.factor", 4.0f));
        const auto model = load(file);
        QVERIFY(model);
        const LayerConfig& layer = model->config.layers[0];
        QCOMPARE(layer.kind, HeadKind::Sliding);
        QCOMPARE(layer.window, 64u);
        QCOMPARE(layer.attentionScale, 0.25f);
        QCOMPARE(layer.rotary.frequencies, (std::vector<double>{0.25}));
    }

    void windowsBeyondEveryPrompt_areGlobal_data()
    {
        QTest::addColumn<quint32>("window");
        QTest::addColumn<bool>("sliding");
        QTest::newRow("the longest that slides") << quint32(limits::kPromptTokens - 1) << true;
        QTest::newRow("the longest prompt") << quint32(limits::kPromptTokens) << false;
        QTest::newRow("the largest number") << quint32(0xFFFFFFFF) << false;
    }

    void windowsBeyondEveryPrompt_areGlobal()
    {
        QFETCH(quint32, window);
        QFETCH(bool, sliding);
        gguf::File file = gguf::smallLlama();
        file.set(gguf::u32("llama.attention.sliding_window", window));
        const auto model = load(file);
        QVERIFY(model);
        QCOMPARE(model->config.layers[0].kind, sliding ? HeadKind::Sliding : HeadKind::Global);
        QCOMPARE(model->config.layers[0].window, sliding ? window : 0u);
    }

    void frequencyFactors_divide()
    {
        gguf::File file = gguf::smallLlama();
        gguf::Tensor factors = gguf::floats("rope_freqs.weight", {2});
        factors.data = gguf::raw(1.0f) + gguf::raw(8.0f);
        file.tensors.push_back(factors);
        const auto model = load(file);
        QVERIFY(model);
        QCOMPARE(model->config.layers[0].rotary.frequencies, (std::vector<double>{1.0, 0.01 / 8.0}));
    }

    void halfNorms_areWidened()
    {
        gguf::File file = gguf::smallLlama();
        gguf::Tensor& norm = file.tensor("blk.1.ffn_norm.weight");
        norm.type = 1; // F16
        norm.data.clear();
        for (int i = 0; i < 16; ++i)
            norm.data += gguf::raw(static_cast<std::uint16_t>(0x3C00 + i)); // 1 + i / 1024
        const auto model = load(file);
        QVERIFY(model);
        QCOMPARE(model->weights.layers[1].ffnNorm[15], 1.0f + 15.0f / 1024.0f);
    }

    void biases_areTakenWhereTheyAre()
    {
        gguf::File file = gguf::smallLlama();
        file.tensors.push_back(gguf::floats("blk.1.attn_output.bias", {16}));
        const auto model = load(file);
        QVERIFY(model);
        QVERIFY(model->weights.layers[0].output.bias.empty());
        QCOMPARE(model->weights.layers[1].output.bias[3], 3.0f / 64.0f);
    }

    void perLayerHeads_areTaken()
    {
        gguf::File file = gguf::smallLlama();
        file.set(gguf::array<std::int32_t>("llama.attention.head_count_kv", gguf::I32, {2, 4}));
        file.tensor("blk.1.attn_k.weight") = gguf::floats("blk.1.attn_k.weight", {16, 16});
        file.tensor("blk.1.attn_v.weight") = gguf::floats("blk.1.attn_v.weight", {16, 16});
        const auto model = load(file);
        QVERIFY(model);
        QCOMPARE(model->config.layers[0].numKvHeads, 2);
        QCOMPARE(model->config.layers[1].numKvHeads, 4);
    }

    void untiedOutput_isItsOwnMatrix()
    {
        gguf::File file = gguf::smallLlama();
        file.tensors.push_back(gguf::floats("output.weight", {16, 7}));
        const auto model = load(file);
        QVERIFY(model);
        QVERIFY(model->weights.unembedding.data.data() != model->weights.embedding.data.data());
        QCOMPARE(model->weights.unembedding.rows, 7u);
    }

    void tokenizerData_isTheFiles()
    {
        const auto model = load(gguf::smallLlama());
        QVERIFY(model);
        const auto& bpe = std::get<ByteBpe>(model->tokenizer.kind);
        QCOMPARE(bpe.splitName, std::string("smollm"));
        QCOMPARE(model->tokenizer.tokens[5], std::string("abc"));
        QVERIFY(model->tokenizer.types[0] == TokenType::Control);
        QCOMPARE(bpe.merges[1].left + '+' + bpe.merges[1].right, std::string("ab+c"));
        QCOMPARE(model->tokenizer.eos, 0);
    }

    void otherInputs_areRefused()
    {
        const auto code = [](const std::string& name) { return loadModel(name).error().code; };
        const QTemporaryDir empty;
        QCOMPARE(code(empty.path().toStdString()), ErrorCode::NotFound); // a directory without a model
        QCOMPARE(code(m_folder.filePath("none.gguf").toStdString()), ErrorCode::NotFound);
        const std::string text = m_folder.filePath("named.gguf").toStdString();
        gguf::write(text, "not a model");
        QCOMPARE(code(text), ErrorCode::BadFormat);
    }

    void fetchedName_needsTheWholeFile()
    {
        qputenv("XDG_DATA_HOME", m_folder.path().toUtf8());
        QCOMPARE(loadModel("smollm2-135m").error().code, ErrorCode::NotFound);
        QVERIFY(loadModel("smollm2-135m").error().message.find("headwater fetch smollm2-135m")
                != std::string::npos);
        for (const KnownModel& known : knownModels())
            QCOMPARE(known.present, known.path.empty()); // only what is built in
        const QString folder = m_folder.filePath("headwater/models");
        QVERIFY(QDir().mkpath(folder));
        gguf::write((folder + "/SmolLM2-135M-Instruct.Q4_1.gguf").toStdString(), gguf::smallLlama().bytes());
        QCOMPARE(loadModel("smollm2-135m").error().code, ErrorCode::BadFormat);
        QVERIFY(loadModel("smollm2-135m").error().message.find("98362432") != std::string::npos);
        qunsetenv("XDG_DATA_HOME");
    }

    /// By magic, not by name.
    void anyFileName_isRead()
    {
        const std::string path = m_folder.filePath("model.bin").toStdString();
        gguf::write(path, gguf::smallLlama().bytes());
        QVERIFY(loadModel(path).has_value());
    }

private:
    std::shared_ptr<const Model> load(const gguf::File& file)
    {
        const std::string path = m_folder.filePath("model.gguf").toStdString();
        std::remove(path.c_str()); // models of this test may still be mapped
        gguf::write(path, file.bytes());
        auto model = loadModel(path);
        if (!model)
            qWarning("%s", model.error().text().c_str());
        return model ? *model : nullptr;
    }

    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestLlamaArchitecture)
#include "tst_llama_architecture.moc"
