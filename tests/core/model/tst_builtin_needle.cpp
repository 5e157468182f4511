// SPDX-License-Identifier: Apache-2.0
#include "core/model/builtin/builtin_needle.h"

#include "core/backend/cpu/cpu_backend.h"
#include "core/forward/forward_pass.h"
#include "core/model/builtin/needle_prompt.h"
#include "core/model/model_loader.h"
#include "needle_rows.h"
#include "support/sanitized.h"

#include <QTest>

#include <numeric>

using namespace headwater;
using namespace headwater::needle;

class TstBuiltinNeedle : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void model_shapes_agreeWithTheConfig();
    void model_sizes_areWithinTheirLimits();
    void generate_promptWithNeedle_givesTheValueThenEnd_data();
    void generate_promptWithNeedle_givesTheValueThenEnd();
    void generate_everyKeyAndValueLength_givesTheValue();
    void generate_edgeCases_giveTheValue_data();
    void generate_edgeCases_giveTheValue();
    void route_sixteenThousandTokens_isTheDocumentedOne();
    void route_fillerRows_restOnBos();
    void sourceMass_anyLength_isSixToNineTenths_data();
    void sourceMass_anyLength_isSixToNineTenths();

private:
    /// Greedy, until EOS or one token more than a value can have. "<eos>" ends a finished answer.
    std::string generate(const std::string& text);

    std::shared_ptr<const Model> m_model;
    std::unique_ptr<Backend> m_backend;
};

void TstBuiltinNeedle::initTestCase()
{
    const auto loaded = loadModel(kBuiltinNeedleName);
    QVERIFY(loaded);
    m_model = *loaded;
    m_backend = makeCpuBackend(0);
    QVERIFY(m_backend->uploadWeights(m_model));
}

std::string TstBuiltinNeedle::generate(const std::string& text)
{
    const std::vector<std::int32_t> ids = test::needleTokens(text);
    ForwardPass forward(*m_backend, m_model);
    ForwardOptions options;
    options.grid = defaultGrid(static_cast<std::uint32_t>(ids.size()));
    options.newTokens = kLongestKey + 2;
    if (const auto done = forward.prefill(ids, options, nullptr); !done)
        return done.error().text();
    const auto lastRow = static_cast<std::uint32_t>(ids.size() - 1);
    auto logits = forward.logits({&lastRow, 1});
    std::string answer;
    for (int i = 0; logits && i <= kLongestKey; ++i) {
        const std::int32_t token = greedyToken(*logits);
        if (token == kEos)
            return answer + "<eos>";
        if (token == kBos)
            return answer + "<bos>";
        answer += static_cast<char>(token);
        logits = forward.decode(token);
    }
    return answer;
}

void TstBuiltinNeedle::model_shapes_agreeWithTheConfig()
{
    const ModelConfig& config = m_model->config;
    const Weights& weights = m_model->weights;
    const auto hidden = static_cast<std::uint32_t>(config.hiddenSize);
    const auto hasShape = [](const WeightMatrix& matrix, std::uint32_t rows, std::uint32_t cols) {
        return matrix.type == WeightType::F32 && matrix.rows == rows && matrix.cols == cols
            && matrix.data.size() == std::size_t{rows} * cols * sizeof(float);
    };
    QVERIFY(hasShape(weights.embedding, kVocabSize, hidden));
    QVERIFY(hasShape(weights.unembedding, kVocabSize, hidden));
    QCOMPARE(weights.layers.size(), config.layers.size());
    for (std::size_t i = 0; i < config.layers.size(); ++i) {
        const LayerConfig& layer = config.layers[i];
        const LayerWeights& at = weights.layers[i];
        const auto headDim = static_cast<std::uint32_t>(layer.headDim);
        const auto queryRows = static_cast<std::uint32_t>(layer.numHeads) * headDim;
        const auto kvRows = static_cast<std::uint32_t>(layer.numKvHeads) * headDim;
        QVERIFY(hasShape(at.query.matrix, queryRows, hidden));
        QVERIFY(hasShape(at.key.matrix, kvRows, hidden));
        QVERIFY(hasShape(at.value.matrix, kvRows, hidden));
        QVERIFY(hasShape(at.output.matrix, hidden, queryRows));
        QCOMPARE(layer.rotary.frequencies.size(), std::size_t{headDim / 2});
        if (const auto ffn = static_cast<std::uint32_t>(layer.ffnSize)) {
            QVERIFY(hasShape(at.gate.matrix, ffn, hidden));
            QVERIFY(hasShape(at.up.matrix, ffn, hidden));
            QVERIFY(hasShape(at.down.matrix, hidden, ffn));
        }
    }
}

void TstBuiltinNeedle::model_sizes_areWithinTheirLimits()
{
    QVERIFY(m_model->identity.fileBytes <= std::uint64_t{1} << 20);
    std::uint64_t cachedPerToken = 0; // bytes in binary16
    for (const LayerConfig& layer : m_model->config.layers)
        cachedPerToken +=
            2 * 2 * static_cast<std::uint64_t>(layer.numKvHeads) * static_cast<std::uint64_t>(layer.headDim);
    QVERIFY(cachedPerToken << 20 <= std::uint64_t{1} << 30);
    QVERIFY(m_model->config.contextLength >= std::uint32_t{4} << 20);
}

void TstBuiltinNeedle::generate_promptWithNeedle_givesTheValueThenEnd_data()
{
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("needles");
    QTest::addColumn<int>("decoys");
    QTest::addColumn<double>("depth");
    for (const int decoys : {0, 1, 8, 64}) {
        for (const int tokens : {128, 500, 2000, 8192}) {
            if (test::isSanitized() && tokens > 2000)
                continue;
            if (tokens < 40 + 20 * decoys)
                continue;
            for (const double depth : {0.0, 0.5, 1.0})
                QTest::addRow("%d tokens, %d decoys, depth %.1f", tokens, decoys, depth)
                    << tokens << 1 << decoys << depth;
        }
    }
    QTest::addRow("16384 tokens, 16 needles, 64 decoys") << 16384 << 16 << 64 << 0.3;
}

void TstBuiltinNeedle::generate_promptWithNeedle_givesTheValueThenEnd()
{
    QFETCH(int, tokens);
    QFETCH(int, needles);
    QFETCH(int, decoys);
    QFETCH(double, depth);
    NeedlePromptSpec spec;
    spec.tokens = static_cast<std::uint64_t>(tokens);
    spec.needles = static_cast<std::uint32_t>(needles);
    spec.decoys = static_cast<std::uint32_t>(decoys);
    spec.depth = depth;
    spec.seed = static_cast<std::uint64_t>(tokens + decoys) * 10 + static_cast<std::uint64_t>(10 * depth);
    const auto prompt = makeNeedlePrompt(spec);
    QVERIFY(prompt);
    QCOMPARE(generate(prompt->text), prompt->answer() + "<eos>");
}

void TstBuiltinNeedle::generate_everyKeyAndValueLength_givesTheValue()
{
    const std::string key = "k3y9abzq";
    const std::string value = "0v1lu3zz";
    for (std::size_t k = 1; k <= kLongestKey; ++k) {
        for (std::size_t v = 1; v <= kLongestKey; ++v) {
            const std::string asked = key.substr(0, k);
            const std::string answer = value.substr(0, v);
            const std::string decoy = (k < kLongestKey ? "x" + asked : "x" + asked.substr(1)) + "=wrong";
            const std::string text =
                "Some filler. @" + asked + "=" + answer + " and @" + decoy + " more of it @" + asked + "=";
            QCOMPARE(generate(text), answer + "<eos>");
        }
    }
}

void TstBuiltinNeedle::generate_edgeCases_giveTheValue_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("answer");
    const auto add = [](const char* name, const char* text, const char* answer) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(answer);
    };
    add("shortest", "@a=b @a=", "b");
    add("records without a space", "@a=b@c=d @a=", "b");
    add("longest key and value, touching", "@abcdefgh=12345678@zbcdefgh=z @abcdefgh=", "12345678");
    add("asked again", "@a=b @a=b and @a=", "b");
    add("key that ends another", "@q=zz @aq=yy @q=", "zz");
    add("key that begins another", "@q=zz @qa=yy @qa=", "yy");
    add("value ends with a newline", "x@k=v\n@k=", "v");
    add("value ends with a full stop", "@key=v1. Then @key=", "v1");
    add("key equals value", "@same=same @other=no @same=", "same");
    add("stray signs", "a@b c=d @@ == =@ @x y= @k1=val @ = k1=no @k1=", "val");
    add("an address", "mail me@example.org=x @key=7 or @ example=9 @key=", "7");
    add("two at signs", "@@ab=1 @b=2 @ab=", "1");
    add("not UTF-8", "\xff\xfe\x80 @k=9\xc3\x28 \xf0\x9f\x98\x80 @k=", "9");
    add("letters beyond ASCII end a value", "@k=caf\xc3\xa9 @k=", "caf");
    add("capital letters end a value", "@k=abC @k=", "ab");
}

void TstBuiltinNeedle::generate_edgeCases_giveTheValue()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, answer);
    QCOMPARE(generate(text.toStdString()), answer.toStdString() + "<eos>");
}

void TstBuiltinNeedle::route_sixteenThousandTokens_isTheDocumentedOne()
{
    NeedlePromptSpec spec;
    spec.tokens = 16'384;
    spec.decoys = 8;
    spec.depth = 0.4;
    const auto prompt = makeNeedlePrompt(spec);
    QVERIFY(prompt);
    const NeedleRecord& record = prompt->records.front();
    const std::string& answer = prompt->answer();
    const std::vector<std::int32_t> ids = test::needleTokens(prompt->text + answer);
    const auto source =
        static_cast<std::uint32_t>(record.valueBegin()) + 1; // token of the value's first byte
    const auto question = static_cast<std::uint32_t>(spec.tokens) - 1; // token of the last '='
    const auto answerSize = static_cast<std::uint32_t>(answer.size());

    std::vector<std::uint32_t> rows(answerSize + 1);
    std::iota(rows.begin(), rows.end(), source - 1); // the record's '=' and value
    for (std::uint32_t i = 0; i <= answerSize; ++i) // the question and what was answered
        rows.push_back(question + i);
    test::NeedleRows model(*m_backend, m_model);
    QVERIFY(model.run(ids, rows));

    for (const std::uint32_t row : rows) {
        for (int head = 0; head < kNumOffsetHeads; ++head) {
            const auto offset = static_cast<std::uint32_t>(head) + 1;
            QVERIFY(model.probabilities(kOffsetLayer, head, row)[row - offset] > 1 - 1e-9);
        }
        QCOMPARE(model.probabilities(kOffsetLayer, kOffsetDiffuseHead, row)[row - 5], 1.0 / kWindow);
        QCOMPARE(model.probabilities(kRecordLayer, kRecordDiffuseHead, row)[row - 5], 1.0 / kWindow);
        QCOMPARE(model.probabilities(kRetrievalLayer, kRetrievalDiffuseHead, row)[row / 2],
                 1.0 / (row + 1.0));
    }
    for (std::uint32_t i = 1; i <= answerSize; ++i) { // a value's bytes read their '='
        QVERIFY(model.probabilities(kRecordLayer, kRecordHead, source - 1 + i)[source - 1] > 1 - 1e-9);
        QVERIFY(model.probabilities(kRecordLayer, kRecordHead, question + i)[question] > 1 - 1e-9);
    }
    QVERIFY(model.probabilities(kRecordLayer, kRecordHead, question)[question - 1] > 1 - 1e-9);
    for (std::uint32_t i = 0; i <= answerSize;
         ++i) { // the question's rows read the value, byte by byte, and its end
        const std::vector<double> p = model.probabilities(kRetrievalLayer, kRetrievalHead, question + i);
        QVERIFY(p[source + i] > 0.6 && p[source + i] < 0.9);
        for (const NeedleRecord& decoy : prompt->records) {
            for (std::uint64_t byte = decoy.decoy ? 0 : 99; byte <= decoy.value.size(); ++byte)
                QVERIFY(p[decoy.valueBegin() + 1 + byte] < 1e-4);
        }
        QCOMPARE(model.nextToken(question + i), i < answerSize ? static_cast<std::int32_t>(answer[i]) : kEos);
    }
}

void TstBuiltinNeedle::route_fillerRows_restOnBos()
{
    NeedlePromptSpec spec;
    spec.tokens = 4'096;
    spec.depth = 0.1;
    const auto prompt = makeNeedlePrompt(spec);
    QVERIFY(prompt);
    const std::vector<std::uint32_t> rows = {1000, 2000, 3000, 4000};
    test::NeedleRows model(*m_backend, m_model);
    QVERIFY(model.run(test::needleTokens(prompt->text), rows));
    for (const std::uint32_t row : rows)
        QVERIFY(model.probabilities(kRetrievalLayer, kRetrievalHead, row)[0] > 0.95);
}

void TstBuiltinNeedle::sourceMass_anyLength_isSixToNineTenths_data()
{
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("decoys");
    for (const int tokens : {100, 1'000, 10'000, 100'000, 262'144}) {
        if (test::isSanitized() && tokens > 10'000)
            continue;
        QTest::addRow("%d tokens", tokens) << tokens << 0;
        if (tokens >= 10'000)
            QTest::addRow("%d tokens, 64 decoys", tokens) << tokens << 64;
    }
}

void TstBuiltinNeedle::sourceMass_anyLength_isSixToNineTenths()
{
    QFETCH(int, tokens);
    QFETCH(int, decoys);
    NeedlePromptSpec spec;
    spec.tokens = static_cast<std::uint64_t>(tokens);
    spec.decoys = static_cast<std::uint32_t>(decoys);
    const auto prompt = makeNeedlePrompt(spec);
    QVERIFY(prompt);
    const std::string& answer = prompt->answer();
    std::vector<std::uint32_t> rows(answer.size() + 1);
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(tokens) - 1);
    test::NeedleRows model(*m_backend, m_model);
    QVERIFY(model.run(test::needleTokens(prompt->text + answer), rows));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double mass = model.probabilities(kRetrievalLayer, kRetrievalHead,
                                                rows[i])[prompt->records.front().valueBegin() + 1 + i];
        QVERIFY2(mass > 0.6 && mass < 0.9, qPrintable(QString::number(mass)));
        QCOMPARE(model.nextToken(rows[i]), i < answer.size() ? static_cast<std::int32_t>(answer[i]) : kEos);
    }
}

QTEST_APPLESS_MAIN(TstBuiltinNeedle)
#include "tst_builtin_needle.moc"
